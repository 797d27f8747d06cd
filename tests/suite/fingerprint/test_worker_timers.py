"""What is observed of timers says the same on every day."""

import pytest

from dwconf.suite.fingerprint.worker_timers import in_days


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (10.0, "an action of 10.0 days"),
        (-1118.2, "an action that is due before it was asked for"),
        (-1119.2, "an action that is due before it was asked for"),
    ],
)
def test_a_timer_by_the_clock_of_the_machine_has_no_length(length: float, told: str) -> None:
    assert in_days(length) == told
