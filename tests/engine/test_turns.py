from __future__ import annotations

import pytest

from dwconf.engine.core.messages import Code
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ActionBody,
    ChildWorkflowInstanceCreated,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventBody,
    EventRaised,
    EventSent,
    HistoryEvent,
    HistoryPropagationScope,
    OrchestrationStatus,
    RetryParentInstanceInfo,
    ScheduleTask,
    SendEvent,
    TaskFailureDetails,
    TaskRouter,
    TaskScheduled,
    TerminateWorkflow,
    TimerCreated,
    TimerOriginActivityRetry,
    WorkflowAction,
    WorkflowInstance,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
)
from tests.engine.rig import COMPLETED, FAILED, SECOND, Rig, complete, kinds, started

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


def test_what_was_sent_is_what_is_committed() -> None:
    rig = started()
    rig.raise_event("E1")
    first = rig.answer(ScheduleTask(name="a"))
    rig.perform("1")
    second = rig.answer()
    sent = [*first.new_events, *second.new_events]
    committed = [event for event in rig.history() if not isinstance(event.body, TaskScheduled)]
    assert [encode(event) for event in committed] == [encode(event) for event in sent]


def test_each_turns_past_is_the_committed_history() -> None:
    rig = started()
    for number in range(4):
        committed = rig.history() if number else ()
        request = rig.answer(ScheduleTask(name="a"), first=number)
        assert request.past_events == committed
        rig.perform()


def test_events_from_outside_have_no_id() -> None:
    rig = started()
    rig.raise_event()
    rig.answer(ScheduleTask(name="a"), CreateTimer(fire_at=rig.now))
    rig.perform()
    while rig.items:
        rig.answer()
    recorded = {kind: event.event_id for kind, event in zip(kinds(rig.history()), rig.history(), strict=True)}
    outside = {"WorkflowStarted", "ExecutionStarted", "EventRaised", "TaskCompleted", "TimerFired"}
    assert {kind: number for kind, number in recorded.items() if number == -1} == dict.fromkeys(outside, -1)


def test_late_events_form_a_later_turn_in_order() -> None:
    rig = started()
    rig.answer()
    rig.raise_event("E1")
    for name in ("E2", "E3"):
        rig.raise_event(name)
    assert len(rig.items) == 1
    first, second = rig.answer(), rig.answer()
    names = [[e.body.name for e in r.new_events if isinstance(e.body, EventRaised)] for r in (first, second)]
    assert names == [["E1"], ["E2", "E3"]]


def test_an_empty_answer_commits_the_turn() -> None:
    rig = started()
    rig.answer()
    assert kinds(rig.history()) == ["WorkflowStarted", "ExecutionStarted"]
    assert rig.state().workflow_status == OrchestrationStatus.RUNNING


def test_the_first_completion_counts_and_other_actions_are_applied() -> None:
    rig = started()
    rig.answer(complete(result="1"), complete(FAILED), ScheduleTask(name="a"), CreateTimer(fire_at=FAR))
    assert kinds(rig.history())[2:] == ["ExecutionCompleted", "TaskScheduled", "TimerCreated"]
    assert (rig.state().workflow_status, rig.state().output) == (COMPLETED, "1")
    rig.perform()
    rig.advance(FAR)
    assert rig.items == []
    assert len(rig.history()) == 5


@pytest.mark.parametrize(
    "bad",
    [
        WorkflowAction(id=5),
        WorkflowAction(id=5, body=CreateDetachedWorkflow(name="n")),
        WorkflowAction(id=5, body=complete(OrchestrationStatus.RUNNING)),
        WorkflowAction(id=5, body=complete(OrchestrationStatus(77))),
    ],
    ids=["no-type", "detached-without-id", "odd-status", "unknown-status"],
)
def test_an_answer_that_cannot_be_applied_changes_nothing_and_the_turn_returns(bad: WorkflowAction) -> None:
    rig = started()
    request, token = rig.turn()
    good = WorkflowAction(id=1, body=ScheduleTask(name="a"))
    assert rig.respond(WorkflowResponse(instance_id="i", actions=(good, bad), completion_token=token)) is None
    assert rig.history() == ()
    again, fresh = rig.turn()
    assert [encode(e) for e in again.new_events[1:]] == [encode(e) for e in request.new_events[1:]]
    assert fresh != token
    assert rig.items == []


def test_an_action_id_of_an_earlier_turn_is_refused() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"))
    rig.perform()
    before = rig.history()
    rig.answer(ScheduleTask(name="b"))
    assert rig.history() == before
    rig.answer(ScheduleTask(name="b"), first=1)
    assert isinstance(rig.history()[-1].body, TaskScheduled)


def test_a_turn_that_is_rejected_again_and_again_is_paused() -> None:
    rig = started()
    rejected = 0
    while rig.items:
        _, token = rig.turn()
        rig.respond(WorkflowResponse(instance_id="i", actions=(WorkflowAction(id=0),), completion_token=token))
        rejected += 1
        assert rejected < 100
    assert rejected > 1
    rig.advance(2 * SECOND)
    rig.answer(complete())
    assert rig.state().workflow_status == COMPLETED


def test_nothing_is_sent_or_recorded_after_the_end() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"), complete())
    before = rig.history()
    rig.perform()
    rig.raise_event()
    assert (rig.items, rig.history()) == ([], before)


@pytest.mark.parametrize(
    ("rules", "second", "kept"),
    [("daprd", ("p1", "p2"), ("p2",)), ("durabletask-go", ("p1", "p2"), ("p1", "p2"))],
)
def test_versions_are_recorded_as_the_profile_says(rules: str, second: tuple[str, ...], kept: tuple[str, ...]) -> None:
    rig = started(DURABLETASK_GO) if rules == "durabletask-go" else started()
    rig.answer(ScheduleTask(name="a"), version=WorkflowVersion(patches=("p1",), name="v1"))
    rig.perform()
    rig.answer(version=WorkflowVersion(patches=second))
    openings = [event.body for event in rig.history() if isinstance(event.body, WorkflowStarted)]
    assert openings[0].version == WorkflowVersion(patches=("p1",), name="v1")
    assert openings[1].version == WorkflowVersion(patches=kept)


@pytest.mark.parametrize(("profile", "kept"), [("daprd", None), ("durabletask-go", "A")])
def test_an_unset_custom_status_does_as_the_profile_says(profile: str, kept: str | None) -> None:
    rig = started(DURABLETASK_GO) if profile == "durabletask-go" else started()
    rig.answer(custom_status="A")
    assert rig.state().custom_status == "A"
    rig.raise_event()
    rig.answer()
    assert rig.state().custom_status == kept
    rig.raise_event()
    rig.answer(custom_status="")
    assert rig.state().custom_status == ""


@pytest.mark.parametrize(
    "status",
    [COMPLETED, FAILED, OrchestrationStatus.TERMINATED, OrchestrationStatus.CANCELED],
    ids=lambda status: status.name,
)
def test_a_bare_completion_of_any_terminal_status_ends_the_instance(status: OrchestrationStatus) -> None:
    rig = started()
    rig.answer(complete(status))
    state = rig.state()
    assert (state.workflow_status, state.output, state.failure_details) == (status, None, None)


def test_a_failure_is_shown_as_given() -> None:
    details = TaskFailureDetails(error_type="T", error_message="M", is_non_retriable=True)
    rig = started()
    body = complete(FAILED)
    rig.answer(type(body)(workflow_status=FAILED, failure_details=details))
    assert rig.state().failure_details == details
    assert rig.state(payloads=False).failure_details is None


def test_a_terminate_action_reaches_its_target_and_leaves_no_event() -> None:
    rig = started()
    rig.start("other")
    rig.answer(TerminateWorkflow(instance_id="other", reason="why"))
    assert kinds(rig.history()) == ["WorkflowStarted", "ExecutionStarted"]
    rig.answer()
    request, _ = rig.turn()
    assert kinds(request.new_events) == ["WorkflowStarted", "ExecutionTerminated"]


def test_timestamps_never_go_backwards() -> None:
    rig = started()
    rig.now -= 10 * SECOND
    rig.answer(ScheduleTask(name="a"))
    stamps = [event.timestamp for event in rig.history()]
    assert all(stamp is not None for stamp in stamps)
    assert stamps == sorted(stamps, key=lambda stamp: stamp or 0)


def test_a_history_of_nobody_is_refused() -> None:
    outcome = Rig().hub.history("nobody")
    assert getattr(outcome, "code", None) is Code.NOT_FOUND


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
