from __future__ import annotations

import pytest

from dwconf.wire.values import (
    ActivityRequest,
    EventBody,
    PurgeInstancesRequest,
    ScheduleTask,
    TaskCompleted,
    TaskFailed,
    TaskFailureDetails,
)
from tests.engine.rig import CONTINUED, complete, kinds, started

BOOM = TaskFailureDetails(error_type="T", error_message="M", stack_trace="S")


def outcome(events: tuple[object, ...]) -> EventBody | None:
    return getattr(events[-1], "body", None)


def test_a_request_is_what_was_scheduled() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a", version="v", input='"x"', task_execution_id="t"), first=4)
    request, _ = rig.activity()
    assert (request.name, request.version, request.input) == ("a", "v", '"x"')
    assert (request.task_id, request.task_execution_id) == (4, "t")
    assert request.workflow_instance is not None
    assert request.workflow_instance.instance_id == "i"
    assert request.parent_trace_context is None


@pytest.mark.parametrize("result", [None, "", '"x"'], ids=["unset", "empty", "set"])
def test_a_result_arrives_as_given(result: str | None) -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a", task_execution_id="t"), first=4)
    rig.perform(result)
    event = rig.answer().new_events[-1]
    assert event.body == TaskCompleted(task_scheduled_id=4, result=result, task_execution_id="t")
    scheduled = next(e for e in rig.history() if e.event_id == 4)
    assert (event.event_id, event.router) == (-1, scheduled.router)


def test_a_failure_beats_a_result_and_is_not_tried_again() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a", task_execution_id="t"))
    rig.perform("1", failure=BOOM)
    request = rig.answer()
    assert outcome(request.new_events) == TaskFailed(failure_details=BOOM, task_execution_id="t")
    assert rig.items == []


def test_a_task_is_resolved_once() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"))
    request, token = rig.activity()
    rig.done(request, token, result="1")
    rig.done(request, token, result="2")
    rig.done(request, "", failure=BOOM)
    rig.answer()
    assert rig.items == []
    assert kinds(rig.history()).count("TaskCompleted") == 1


def test_a_result_of_an_earlier_generation_resolves_nothing() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="old"))
    old, token = rig.activity()
    rig.raise_event()
    rig.answer(complete(CONTINUED), first=1)
    rig.answer(ScheduleTask(name="new"))
    rig.done(old, token, result='"old"')
    assert [item.request.name for _, item in rig.items if isinstance(item.request, ActivityRequest)] == ["new"]
    rig.perform('"new"')
    assert outcome(rig.answer().new_events) == TaskCompleted(result='"new"')


def test_a_result_that_waits_while_the_workflow_continues_as_new_is_dropped() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="old"))
    rig.raise_event()
    old = rig.items.pop(0)[1]
    turn, token = rig.turn()
    assert isinstance(old.request, ActivityRequest)
    rig.done(old.request, old.completion_token, result="1")
    rig.raise_event("late")
    rig.items.insert(0, (1, type(old)(request=turn, completion_token=token)))
    rig.answer(complete(CONTINUED), first=1)
    assert kinds(rig.turn()[0].new_events) == ["WorkflowStarted", "ExecutionStarted", "EventRaised"]


def test_purge_forgets_activities() -> None:
    rig = started()
    stream = rig.items[0][0]
    rig.answer(ScheduleTask(name="a"), complete())
    old, token = rig.activity()
    rig.disconnect(stream)
    rig.purge(PurgeInstancesRequest(instance_id="i"))
    rig.connect()
    assert rig.items == []
    rig.start()
    rig.answer(ScheduleTask(name="a"))
    assert rig.done(old, token, result='"old"') is None
    rig.perform('"new"')
    assert outcome(rig.answer().new_events) == TaskCompleted(result='"new"')
