"""What code asked for against what history recorded (WRK-B)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from dwconf.wire import values as v
from dwconf.worker.core import ledger
from dwconf.worker.core.context import Context
from dwconf.worker.core.decisions import REFERENCE
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.tasks import Workflow
from tests.worker import history as h

NON_DETERMINISM = ("FAILED", "NonDeterminismError")


def two_in_a_row(ctx: Context, _value: Json) -> Workflow[Json]:
    first = yield from ctx.activity("a")
    second = yield from ctx.activity("b")
    return [first, second]


def fan_out(ctx: Context, _value: Json) -> Workflow[Json]:
    first, second = ctx.activity("a"), ctx.activity("b")
    return (yield from ctx.all([first, second]))


def nothing(_ctx: Context, _value: Json) -> Workflow[Json]:
    yield from ()
    return "done"


def sends(ctx: Context, _value: Json) -> Workflow[Json]:
    ctx.send_event("other", "go")
    ctx.detach("free")
    yield from ctx.activity("a")


BEGIN = (h.turn(), h.start())


@pytest.mark.parametrize(
    ("code", "past"),
    [
        pytest.param(two_in_a_row, [h.timer_created(0)], id="another kind (B-13)"),
        pytest.param(two_in_a_row, [h.event(v.ChildWorkflowInstanceCreated(name="a"), 0)], id="a child (B-13)"),
        pytest.param(two_in_a_row, [h.scheduled(0, "other")], id="another name (B-14)"),
        pytest.param(two_in_a_row, [h.scheduled(0, "a"), h.scheduled(1, "b")], id="never issued (B-15)"),
        pytest.param(two_in_a_row, [h.scheduled(0, "a"), h.scheduled(0, "a")], id="recorded twice"),
        pytest.param(nothing, [h.scheduled(0, "a"), h.completed(0)], id="code ends early (B-16)"),
        pytest.param(sends, [h.event(v.EventSent(name="stop"), 0)], id="another event sent"),
        pytest.param(sends, [h.event(v.DetachedWorkflowInstanceCreated(instance_id="x"), 1)], id="another detached"),
        pytest.param(sends, [h.event(v.EventSent(name="go"), 2)], id="a message where work is"),
    ],
)
def test_a_contradiction_fails_the_workflow(code: h.Code, past: Sequence[v.HistoryEvent]) -> None:
    response = h.run(code, [h.turn(1)], past=[*BEGIN, *past])
    assert h.outcome(response) == NON_DETERMINISM
    assert len(response.actions) == 1


@pytest.mark.parametrize(
    "stray",
    [
        h.completed(77),
        h.failed(77),
        h.timer_fired(77),
        h.timer_fired(0),
        h.event(v.ChildWorkflowInstanceCompleted(task_scheduled_id=0)),
        h.event(v.ExecutionStalled(reason=v.StalledReason.PATCH_MISMATCH)),
        h.event(v.WorkflowCompleted()),
        h.event(v.EventSent(instance_id="x", name="y"), 77),
        h.event(v.DetachedWorkflowInstanceCreated(instance_id="x"), 77),
        h.event(v.ExecutionCompleted()),
        h.event(v.ContinueAsNew()),
        v.HistoryEvent(event_id=5),
        h.RESUMED,
    ],
    ids=lambda event: type(event.body).__name__,
)
@pytest.mark.parametrize("where", ["past", "new"])
def test_a_stray_event_changes_nothing(stray: v.HistoryEvent, where: str) -> None:
    past = [*BEGIN, h.scheduled(0, "a"), *([stray] if where == "past" else [])]
    new = [h.turn(1), *([stray] if where == "new" else []), h.completed(0, "1")]
    assert h.scheduled_names(h.run(two_in_a_row, new, past=past)) == [(1, "b")]


def test_recorded_actions_are_not_sent_again() -> None:
    past = [*BEGIN, h.scheduled(0, "a"), h.scheduled(1, "b")]
    assert h.run(fan_out, [h.turn(1), h.completed(0, "1")], past=past).actions == ()


def test_the_first_completion_wins() -> None:
    past = [*BEGIN, h.scheduled(0, "a"), h.scheduled(1, "b")]
    new = [h.turn(1), h.completed(0, "1"), h.completed(0, "2"), h.failed(0), h.completed(1, "3")]
    assert h.outcome(h.run(fan_out, new, past=past)) == ("COMPLETED", "[1,3]")


def test_an_early_completion_is_kept_and_its_action_not_sent() -> None:
    past = [*BEGIN, h.scheduled(0, "a")]
    response = h.run(two_in_a_row, [h.turn(1), h.completed(1, "2"), h.completed(0, "1")], past=past)
    assert h.outcome(response) == ("COMPLETED", "[1,2]")
    assert len(response.actions) == 1


def test_an_early_completion_of_another_kind_is_not_taken() -> None:
    past = [*BEGIN, h.scheduled(0, "a")]
    response = h.run(two_in_a_row, [h.turn(1), h.timer_fired(1), h.completed(0, "1")], past=past)
    assert h.scheduled_names(response) == [(1, "b")]


def test_ids_can_start_at_one() -> None:
    response = h.run(fan_out, BEGIN, decisions=replace(REFERENCE, first_id=ledger.first_id_one))
    assert h.scheduled_names(response) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize("new", [[], [h.turn(1)]], ids=["empty", "only a start of turn"])
def test_a_turn_without_news_is_answered(new: Sequence[v.HistoryEvent]) -> None:
    past = [*BEGIN, h.scheduled(0, "a")]
    assert h.run(two_in_a_row, new, past=past).actions == ()


def test_a_task_execution_id_is_a_uuid_and_the_same_on_replay() -> None:
    once, again = h.run(fan_out, BEGIN), h.run(fan_out, BEGIN)
    assert once == again
    ids = [body.task_execution_id for body in h.bodies(once) if isinstance(body, v.ScheduleTask)]
    assert len(set(ids)) == 2
    assert all(len(one) == 36 and one[14] == "5" for one in ids)
