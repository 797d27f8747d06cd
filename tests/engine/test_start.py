from __future__ import annotations

import pytest

from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.outcome import Reply, Until
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.values import (
    CreateInstanceRequest,
    EventRaised,
    ExecutionStarted,
    OrchestrationStatus,
    ScheduleTask,
    TraceContext,
    WorkflowInstance,
)
from tests.engine.rig import DAWN, SECOND, Rig, complete, holds, kinds, started

TRACE = TraceContext(trace_parent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


def start_body(rig: Rig) -> ExecutionStarted:
    request, _ = rig.turn()
    body = request.new_events[1].body
    assert isinstance(body, ExecutionStarted)
    return body


def test_everything_a_client_gives_reaches_the_first_turn() -> None:
    rig = Rig()
    rig.connect()
    rig.start(
        request=CreateInstanceRequest(
            instance_id="i",
            name="wf",
            version="v1",
            input='"x"',
            execution_id="e1",
            tags=(("a", "b"),),
            parent_trace_context=TRACE,
        )
    )
    body = start_body(rig)
    assert (body.name, body.version, body.input, body.tags) == ("wf", "v1", '"x"', (("a", "b"),))
    assert body.workflow_instance == WorkflowInstance(instance_id="i", execution_id="e1")
    assert body.parent_trace_context == TRACE
    assert body.workflow_span_id is not None
    assert len(body.workflow_span_id) == 16


def test_what_a_client_leaves_unset_stays_unset() -> None:
    rig = started()
    body = start_body(rig)
    assert (body.input, body.version, body.parent_trace_context, body.workflow_span_id) == (None, None, None, None)
    assert body.workflow_instance is not None
    assert body.workflow_instance.execution_id


def test_a_start_waits_for_the_commit_of_the_first_turn() -> None:
    rig = Rig()
    rig.connect()
    outcome = rig.start()
    assert isinstance(outcome, Until)
    assert not holds(outcome, rig)
    rig.answer()
    assert holds(outcome, rig)


@pytest.mark.parametrize("delay", [5 * SECOND, -5 * SECOND], ids=["future", "past"])
def test_a_start_with_a_time_does_not_wait(delay: int) -> None:
    rig = Rig()
    rig.connect()
    outcome = rig.start(
        request=CreateInstanceRequest(instance_id="i", name="wf", scheduled_start_timestamp=DAWN + delay)
    )
    assert isinstance(outcome, Reply)
    assert bool(rig.items) == (delay < 0)


def test_a_delayed_start_keeps_what_comes_before_it() -> None:
    rig = Rig()
    rig.connect()
    rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", scheduled_start_timestamp=DAWN + 5 * SECOND))
    rig.raise_event()
    rig.advance(5 * SECOND - 1)
    assert rig.items == []
    assert rig.state().workflow_status == OrchestrationStatus.PENDING
    rig.advance(1)
    request, _ = rig.turn()
    assert kinds(request.new_events) == ["WorkflowStarted", "ExecutionStarted", "EventRaised"]


@pytest.mark.parametrize("answered", [False, True], ids=["pending", "running"])
def test_an_active_id_is_refused(answered: bool) -> None:  # noqa: FBT001
    rig = started()
    if answered:
        rig.answer()
    before = rig.inside()
    outcome = rig.start()
    assert isinstance(outcome, Refusal)
    assert outcome.code is Code.ALREADY_EXISTS
    assert rig.inside() is before


def finished() -> Rig:
    rig = started()
    rig.answer(complete())
    return rig


def test_a_finished_id_is_used_again() -> None:
    rig = finished()
    first = rig.inside()
    assert isinstance(rig.start(), Until)
    assert rig.inside().execution_id != first.execution_id
    assert rig.history() == ()
    request, _ = rig.turn()
    assert (request.past_events, kinds(request.new_events)) == ((), ["WorkflowStarted", "ExecutionStarted"])


def test_a_finished_id_is_not_used_again_if_it_must_be_unique() -> None:
    outcome = finished().start(
        request=CreateInstanceRequest(instance_id="i", name="wf", enforce_unique_instance_id=True)
    )
    assert isinstance(outcome, Refusal)
    assert outcome.code is Code.ALREADY_EXISTS


def test_a_finished_id_is_not_used_again_while_an_activity_is_awaited() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"), complete())
    assert isinstance(rig.start(), Refusal)
    rig.perform()
    assert isinstance(rig.start(), Until)


def test_the_other_profile_never_uses_an_id_again() -> None:
    rig = started(DURABLETASK_GO)
    rig.answer(complete())
    assert isinstance(rig.start(), Refusal)


@pytest.mark.parametrize(
    "trace_parent",
    [
        "",
        "hello",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ],
)
def test_a_malformed_trace_parent_is_refused(trace_parent: str) -> None:
    rig = Rig()
    context = TraceContext(trace_parent=trace_parent)
    outcome = rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", parent_trace_context=context))
    assert isinstance(outcome, Refusal)
    assert not rig.exists()


def test_a_traced_workflow_traces_what_it_schedules() -> None:
    rig = Rig()
    rig.connect()
    rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", parent_trace_context=TRACE))
    rig.answer(ScheduleTask(name="a"))
    request, _ = rig.activity()
    context = request.parent_trace_context
    assert context is not None
    assert context.trace_parent.split("-")[1] == TRACE.trace_parent.split("-")[1]
    assert context.trace_parent != TRACE.trace_parent


def test_accepted_work_waits_for_a_worker() -> None:
    rig = Rig()
    rig.start()
    rig.raise_event()
    assert rig.items == []
    rig.connect()
    request, _ = rig.turn()
    assert isinstance(request.new_events[-1].body, EventRaised)
