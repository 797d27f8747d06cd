"""Suspend, resume, terminate (WRK-I), alone and together with the rest."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dwconf.wire import values as v
from dwconf.worker.core.context import Context
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.tasks import Workflow
from tests.worker import history as h

BEGIN = (h.turn(), h.start())
PAST = (*BEGIN, h.scheduled(0, "a"))


def chain(ctx: Context, _value: Json) -> Workflow[Json]:
    ctx.set_status("running")
    got = [(yield from ctx.activity("a"))]
    got.append((yield from ctx.activity("b")))
    return got


def collects(ctx: Context, _value: Json) -> Workflow[Json]:
    first = yield from ctx.event("e")
    second = yield from ctx.event("e")
    return [first, second]


def goes_on(ctx: Context, _value: Json) -> Workflow[Json]:
    yield from ctx.activity("a")
    ctx.continue_as_new(1, keep_events=True)


def test_a_suspended_turn_is_answered_without_actions_and_with_its_status() -> None:
    response = h.run(chain, [h.turn(1), h.SUSPENDED, h.completed(0, "1")], past=PAST)
    assert response.actions == ()
    assert response.custom_status == "running"


def test_what_was_asked_for_before_a_suspend_comes_after_the_resume() -> None:
    first = [*BEGIN, h.SUSPENDED]
    assert h.run(chain, first).actions == ()
    assert h.scheduled_names(h.run(chain, [h.turn(1), h.RESUMED], past=first)) == [(0, "a")]


def test_what_was_held_is_taken_in_order() -> None:
    past = [*BEGIN, h.SUSPENDED, h.turn(1), h.raised("e", "1")]
    new = [h.turn(2), h.raised("e", "2"), h.RESUMED]
    assert h.outcome(h.run(collects, new, past=past)) == ("COMPLETED", "[1,2]")


def test_records_of_actions_are_taken_while_suspended() -> None:
    past = [*BEGIN, h.SUSPENDED, h.scheduled(0, "a")]
    assert h.run(chain, [h.turn(1), h.RESUMED], past=past).actions == ()


def test_a_start_that_comes_suspended_waits_too() -> None:
    past = [h.turn(), h.SUSPENDED, h.start()]
    assert h.run(chain, [h.turn(1)], past=past).actions == ()
    assert h.scheduled_names(h.run(chain, [h.turn(1), h.RESUMED], past=past)) == [(0, "a")]


@pytest.mark.parametrize(
    "new",
    [
        pytest.param([h.terminated('"bye"')], id="alone"),
        pytest.param([h.terminated('"bye"'), h.completed(0, "1")], id="before a completion"),
        pytest.param([h.completed(0, "1"), h.terminated('"bye"'), h.completed(1, "2")], id="between"),
        pytest.param([h.SUSPENDED, h.completed(0, "1"), h.terminated('"bye"')], id="suspended"),
        pytest.param([h.terminated('"bye"'), h.SUSPENDED], id="then suspended"),
        pytest.param([h.terminated('"bye"'), h.scheduled(9, "x")], id="before a contradiction"),
        pytest.param([h.terminated('"bye"'), h.terminated('"again"')], id="twice"),
    ],
)
def test_a_terminate_ends_with_its_output_and_nothing_else(new: Sequence[v.HistoryEvent]) -> None:
    response = h.run(chain, [h.turn(1), *new], past=PAST)
    assert h.outcome(response) == ("TERMINATED", '"bye"')
    assert len(response.actions) == 1


def test_a_terminate_before_the_start_runs_no_code() -> None:
    def code(_ctx: Context, _value: Json) -> Workflow[Json]:
        yield from ()
        raise AssertionError

    assert h.outcome(h.run(code, [h.turn(), h.terminated(), h.start()])) == ("TERMINATED", None)


def test_a_completion_reached_before_wins() -> None:
    past = [*PAST, h.turn(1), h.completed(0, "1"), h.scheduled(1, "b")]
    response = h.run(chain, [h.turn(2), h.completed(1, "2"), h.terminated()], past=past)
    assert h.outcome(response) == ("COMPLETED", "[1,2]")


def test_a_terminate_beats_continue_as_new() -> None:
    response = h.run(goes_on, [h.turn(1), h.completed(0), h.terminated('"bye"')], past=PAST)
    assert h.outcome(response) == ("TERMINATED", '"bye"')


def test_events_held_at_the_end_are_carried_over() -> None:
    held = h.raised("e", "1")
    new = [h.turn(1), h.completed(0), h.SUSPENDED, held, h.RESUMED]
    assert h.completion(h.run(goes_on, new, past=PAST)).carryover_events == (held,)
