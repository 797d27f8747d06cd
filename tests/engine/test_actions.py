from __future__ import annotations

import pytest

from dwconf.wire.values import (
    ActionBody,
    ChildWorkflowInstanceCreated,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventBody,
    EventSent,
    HistoryEvent,
    HistoryPropagationScope,
    RetryParentInstanceInfo,
    ScheduleTask,
    SendEvent,
    TaskRouter,
    TaskScheduled,
    TerminateWorkflow,
    TimerCreated,
    TimerOriginActivityRetry,
    WorkflowAction,
    WorkflowInstance,
    WorkflowResponse,
)
from tests.engine.rig import COMPLETED, FAILED, SECOND, complete, kinds, started

FAR = 4_000_000_000 * SECOND
RETRY = RetryParentInstanceInfo(instance_id="first")
OWN = HistoryPropagationScope.OWN_HISTORY


@pytest.mark.parametrize(
    ("action", "event"),
    [
        (
            ScheduleTask(name="a", version="v", input="1", task_execution_id="x", history_propagation_scope=OWN),
            TaskScheduled(name="a", version="v", input="1", task_execution_id="x", history_propagation_scope=OWN),
        ),
        (ScheduleTask(name="a"), TaskScheduled(name="a")),
        (
            CreateTimer(fire_at=FAR, name="t", origin=TimerOriginActivityRetry(task_execution_id="x")),
            TimerCreated(fire_at=FAR, name="t", origin=TimerOriginActivityRetry(task_execution_id="x")),
        ),
        (
            CreateChildWorkflow(instance_id="c", name="n", version="v", input="1", retry_parent_instance_info=RETRY),
            ChildWorkflowInstanceCreated(
                instance_id="c", name="n", version="v", input="1", retry_parent_instance_info=RETRY
            ),
        ),
        (
            CreateDetachedWorkflow(instance_id="d", name="n", input="1"),
            DetachedWorkflowInstanceCreated(instance_id="d"),
        ),
        (
            SendEvent(instance=WorkflowInstance(instance_id="o"), name="E", data="1"),
            EventSent(instance_id="o", name="E", input="1"),
        ),
    ],
    ids=["task", "bare-task", "timer", "child", "detached", "event"],
)
def test_an_action_becomes_its_event(action: ActionBody, event: EventBody) -> None:
    rig = started()
    rig.answer(action, first=7)
    recorded = rig.history()[-1]
    assert (recorded.event_id, recorded.body) == (7, event)
    assert recorded.router == TaskRouter(source_app_id="dwconf")


@pytest.mark.parametrize("number", [0, 1, -7, 2**31 - 1])
def test_action_ids_are_kept(number: int) -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"), first=number)
    assert rig.history()[-1].event_id == number
    request, _ = rig.activity()
    assert request.task_id == number


def test_an_actions_router_keeps_its_target_and_gets_its_source() -> None:
    rig = started()
    request, token = rig.turn()
    router = TaskRouter(source_app_id="liar", target_app_id="other", target_app_namespace="ns")
    action = WorkflowAction(id=0, body=ScheduleTask(name="a"), router=router)
    rig.respond(WorkflowResponse(instance_id="i", actions=(action,), completion_token=token))
    stamped = TaskRouter(source_app_id="dwconf", target_app_id="other", target_app_namespace="ns")
    assert rig.history()[-1].router == stamped
    assert request.instance_id == "i"


def test_events_are_recorded_in_the_order_of_the_actions() -> None:
    rig = started()
    rig.answer(
        CreateTimer(fire_at=FAR),
        ScheduleTask(name="a"),
        SendEvent(instance=WorkflowInstance(instance_id="o"), name="E"),
        CreateChildWorkflow(name="n"),
    )
    recorded: list[HistoryEvent] = [*rig.history()[2:]]
    assert kinds(recorded) == ["TimerCreated", "TaskScheduled", "EventSent", "ChildWorkflowInstanceCreated"]
    assert [event.event_id for event in recorded] == [0, 1, 2, 3]


def test_the_first_completion_counts_and_other_actions_are_applied() -> None:
    rig = started()
    rig.answer(complete(result="1"), complete(FAILED), ScheduleTask(name="a"), CreateTimer(fire_at=FAR))
    assert kinds(rig.history())[2:] == ["ExecutionCompleted", "TaskScheduled", "TimerCreated"]
    assert (rig.state().workflow_status, rig.state().output) == (COMPLETED, "1")
    rig.perform()
    rig.advance(FAR)
    assert rig.items == []
    assert len(rig.history()) == 5


def test_a_terminate_action_reaches_its_target_and_leaves_no_event() -> None:
    rig = started()
    rig.start("other")
    rig.answer(TerminateWorkflow(instance_id="other", reason="why"))
    assert kinds(rig.history()) == ["WorkflowStarted", "ExecutionStarted"]
    rig.answer()
    request, _ = rig.turn()
    assert kinds(request.new_events) == ["WorkflowStarted", "ExecutionTerminated"]


def test_an_action_id_of_an_earlier_turn_is_refused() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"))
    rig.perform()
    before = rig.history()
    rig.answer(ScheduleTask(name="b"))
    assert rig.history() == before
    rig.answer(ScheduleTask(name="b"), first=1)
    assert isinstance(rig.history()[-1].body, TaskScheduled)
