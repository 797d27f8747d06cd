"""Delays and ends of retries (WRK-H); the conversations stand in the vectors."""

from __future__ import annotations

import pytest

from dwconf.worker.core import retries
from dwconf.worker.core.clock import SECOND
from dwconf.worker.core.context import Context
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.ledger import FOREVER
from dwconf.worker.core.retries import RetryPolicy
from dwconf.worker.core.tasks import Workflow
from tests.worker import history as h


@pytest.mark.parametrize(
    ("policy", "delays"),
    [
        (RetryPolicy(max_attempts=9, first=SECOND), [1, 1, 1, 1]),
        (RetryPolicy(max_attempts=9, first=SECOND, coefficient=2), [1, 2, 4, 8]),
        (RetryPolicy(max_attempts=9, first=SECOND, coefficient=2, max_interval=3 * SECOND), [1, 2, 3, 3]),
        (RetryPolicy(max_attempts=9, first=0, coefficient=2), [0, 0, 0, 0]),
    ],
    ids=["constant", "doubling", "capped", "none"],
)
def test_delays(policy: RetryPolicy, delays: list[int]) -> None:
    assert [retries.delay(policy, retry) for retry in (1, 2, 3, 4)] == [delay * SECOND for delay in delays]


@pytest.mark.parametrize("retry", [200, 2000], ids=["beyond all time", "beyond floats"])
def test_a_delay_never_leaves_the_calendar(retry: int) -> None:
    assert retries.delay(RetryPolicy(max_attempts=9999, first=SECOND, coefficient=2), retry) == FOREVER


def test_two_retrying_tasks_do_not_wait_for_each_other() -> None:
    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        policy = RetryPolicy(max_attempts=2, first=SECOND)
        tasks = [ctx.activity("a", retry=policy), ctx.activity("b", retry=policy)]
        return (yield from ctx.all(tasks))

    past = [h.turn(), h.start(), h.scheduled(0, "a"), h.scheduled(1, "b"), h.turn(1), h.failed(1), h.timer_created(2)]
    response = h.run(code, [h.turn(2), h.timer_fired(2), h.failed(0)], past=past)
    assert h.scheduled_names(response) == [(3, "b")]
    assert [action.id for action in response.actions] == [3, 4]
