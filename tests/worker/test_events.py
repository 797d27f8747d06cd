"""External events, and the timers of waits (WRK-F)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dwconf.wire import values as v
from dwconf.worker.core import events
from dwconf.worker.core.clock import SECOND
from dwconf.worker.core.context import Context
from dwconf.worker.core.decisions import REFERENCE
from dwconf.worker.core.failures import WaitTimedOutError
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.ledger import FOREVER
from dwconf.worker.core.tasks import Workflow
from tests.worker import history as h

BEGIN = (h.turn(), h.start())
OPTIONAL = v.TimerOriginExternalEvent(name="go")


def waits(ctx: Context, _value: Json) -> Workflow[Json]:
    got = yield from ctx.event("go")
    yield from ctx.activity("a", got)


def waits_twice(ctx: Context, _value: Json) -> Workflow[Json]:
    first, second = ctx.event("go"), ctx.event("GO")
    return (yield from ctx.all([first, second]))


def gives_up(ctx: Context, _value: Json) -> Workflow[Json]:
    try:
        return (yield from ctx.event("go", timeout=5 * SECOND))
    except WaitTimedOutError:
        return [(yield from ctx.event("go"))]


def busy_first(ctx: Context, timeout: int | None) -> Workflow[Json]:
    yield from ctx.activity("a")
    return (yield from ctx.event("go", timeout))


def test_a_wait_without_timeout_has_a_timer_that_never_fires() -> None:
    assert h.bodies(h.run(waits, BEGIN)) == [v.CreateTimer(fire_at=FOREVER, origin=OPTIONAL)]


def test_a_wait_with_a_timeout_has_a_timer_that_says_why() -> None:
    expected = v.CreateTimer(fire_at=h.T0 + 5 * SECOND, origin=OPTIONAL)
    assert h.bodies(h.run(gives_up, BEGIN)) == [expected]


def test_without_optional_timers_only_limited_waits_have_one() -> None:
    sparing = replace(REFERENCE, wait_timer=events.wait_timer_if_limited)
    assert h.run(waits, BEGIN, decisions=sparing).actions == ()
    assert len(h.run(gives_up, BEGIN, decisions=sparing).actions) == 1


@pytest.mark.parametrize("names", [("go", "Go"), ("GO", "gO")])
def test_events_end_waits_in_order_without_regard_to_case(names: tuple[str, str]) -> None:
    new = [*BEGIN, h.raised(names[0], "1"), h.raised(names[1], "2")]
    assert h.outcome(h.run(waits_twice, new)) == ("COMPLETED", "[1,2]")


@pytest.mark.parametrize(
    ("payload", "expected"), [(None, None), ("", None), ("0", "0"), ('""', '""'), ("false", "false")]
)
def test_payloads_are_decoded(payload: str | None, expected: str | None) -> None:
    past = [*BEGIN, h.scheduled(0, "a")]
    new = [h.turn(1), h.raised("GO", payload), h.completed(0)]
    assert h.outcome(h.run(busy_first, new, past=past)) == ("COMPLETED", expected)


def test_a_payload_that_is_not_json_fails() -> None:
    assert h.outcome(h.run(waits, [*BEGIN, h.raised("go", "{bad")])) == ("FAILED", "PayloadError")


def test_a_buffered_event_needs_no_timer() -> None:
    past = [h.turn(), h.start(payload="10000000000"), h.scheduled(0, "a")]
    response = h.run(busy_first, [h.turn(1), h.raised("go", "1"), h.completed(0)], past=past)
    assert h.outcome(response) == ("COMPLETED", "1")
    assert len(response.actions) == 1


def test_a_wait_of_no_time_ends_at_once() -> None:
    past = [h.turn(), h.start(payload="0"), h.scheduled(0, "a")]
    assert h.outcome(h.run(busy_first, [h.turn(1), h.completed(0)], past=past)) == ("FAILED", "WaitTimedOutError")


def test_a_late_event_is_left_for_the_next_wait() -> None:
    past = [*BEGIN, h.timer_created(0, OPTIONAL)]
    new = [h.turn(5), h.timer_fired(0), h.raised("go", "1")]
    assert h.outcome(h.run(gives_up, new, past=past)) == ("COMPLETED", "[1]")


def test_the_timer_of_a_wait_that_was_satisfied_changes_nothing() -> None:
    past = [*BEGIN, h.timer_created(0, OPTIONAL)]
    new = [h.turn(5), h.raised("go", "1"), h.timer_fired(0)]
    assert h.outcome(h.run(gives_up, new, past=past)) == ("COMPLETED", "1")


def test_a_history_without_the_optional_timer_replays() -> None:
    past = [*BEGIN, h.turn(1), h.raised("go", "1"), h.scheduled(0, "a")]
    assert h.outcome(h.run(waits, [h.turn(2), h.completed(0)], past=past)) == ("COMPLETED", None)


def test_a_limited_wait_is_not_optional() -> None:
    past = [*BEGIN, h.turn(1), h.scheduled(0, "a")]
    assert h.outcome(h.run(gives_up, [h.turn(2)], past=past)) == ("FAILED", "NonDeterminismError")


def test_an_event_after_the_end_is_carried_over_although_a_wait_was_open() -> None:
    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        ctx.event("go")
        yield from ()
        ctx.continue_as_new(1, keep_events=True)

    late = h.raised("go", "1")
    response = h.run(code, [*BEGIN, late])
    assert h.completion(response).carryover_events == (late,)
