"""The check of reconnect rates: a short window convicts or clears only where it can tell."""

from __future__ import annotations

import pytest

from dwconf.suite.checks.worker.connection import a_refused_worker_does_not_try_in_a_hot_loop
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.trace.record import Actor, Kind, Record
from dwconf.wire.rpc import TASK_HUB

STREAM = TASK_HUB.methods["GetWorkItems"].path
SECOND = 1_000_000_000


def window(seconds: int, *tries: float) -> Evidence:
    """A window of so many seconds, with a stream opened at each of these moments."""
    made: list[Record] = []

    def add(at: float, kind: Kind, actor: Actor, text: str = "", **fields: int) -> None:
        number, method = len(made) + 1, STREAM if kind is Kind.OPEN else ""
        nanos = round(at * SECOND)
        record = Record(number, nanos, nanos, "case", actor, kind, method=method, text=text, fields=dict(fields))
        made.append(record)

    add(0, Kind.STEP, Actor.HARNESS, "opens")
    for at in tries:
        add(at, Kind.OPEN, Actor.TARGET)
    add(seconds, Kind.STEP, Actor.HARNESS, "closes", seconds=seconds)
    return Evidence(made)


def test_half_a_minutes_number_in_a_moment_is_a_hot_loop() -> None:
    e = window(3, *(number * 0.03 for number in range(60)))
    assert [f.seen for f in a_refused_worker_does_not_try_in_a_hot_loop(e)] == ["60 attempts in 3.0 s"]


def test_who_slows_down_passes() -> None:
    assert not list(a_refused_worker_does_not_try_in_a_hot_loop(window(3, 0.1, 0.3, 0.7, 1.5)))


@pytest.mark.parametrize("tries", [(), tuple(number / 4 for number in range(12))], ids=["no attempt", "a fast rate"])
def test_a_short_window_cannot_tell(tries: tuple[float, ...]) -> None:
    with pytest.raises(NoEvidence):
        list(a_refused_worker_does_not_try_in_a_hot_loop(window(3, *tries)))


def test_a_long_window_can() -> None:
    assert not list(a_refused_worker_does_not_try_in_a_hot_loop(window(30, *(number * 0.6 for number in range(50)))))
    assert list(a_refused_worker_does_not_try_in_a_hot_loop(window(30, *(number * 0.4 for number in range(75)))))
