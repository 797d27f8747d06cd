from __future__ import annotations

import pytest

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.values import (
    ActivityRequest,
    CompleteWorkflow,
    CreateTimer,
    EventBody,
    EventRaised,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    OrchestrationStatus,
    PurgeInstanceFilter,
    PurgeInstancesRequest,
    ScheduleTask,
    TaskCompleted,
    TaskRouter,
)
from tests.engine.rig import COMPLETED, CONTINUED, DAWN, SECOND, Rig, complete, kinds, started, value

RUNNING, SUSPENDED = OrchestrationStatus.RUNNING, OrchestrationStatus.SUSPENDED
TERMINATED = OrchestrationStatus.TERMINATED


def told(*bodies: EventBody) -> Rig:
    """An instance that has been told things since its first turn, one turn for each."""
    rig = started()
    rig.answer()
    for body in bodies:
        rig.tell(body)
        rig.answer()
    return rig


# Termination.


def test_a_termination_is_enforced() -> None:
    rig = started()
    rig.answer()
    rig.tell(ExecutionTerminated(input='"why"'))
    rig.answer(ScheduleTask(name="a"), CreateTimer(fire_at=DAWN + SECOND))
    state = rig.state()
    assert (state.workflow_status, state.output) == (TERMINATED, '"why"')
    assert kinds(rig.history())[2:] == [
        "WorkflowStarted",
        "ExecutionTerminated",
        "TaskScheduled",
        "TimerCreated",
        "ExecutionCompleted",
    ]
    assert rig.history()[-1].event_id == -1
    assert (rig.items, rig.hub.next_deadline()) == ([], None)


def test_a_workers_own_completion_stands() -> None:
    rig = started()
    rig.answer()
    rig.tell(ExecutionTerminated(input='"why"'))
    rig.answer(complete(result='"mine"'), first=4)
    assert (rig.state().workflow_status, rig.state().output) == (COMPLETED, '"mine"')
    assert rig.history()[-1].event_id == 4


def test_a_termination_is_not_escaped_by_continuing() -> None:
    rig = started()
    rig.answer()
    rig.tell(ExecutionTerminated(input='"why"'))
    rig.answer(complete(CONTINUED, '"next"'))
    assert (rig.state().workflow_status, rig.state().output) == (TERMINATED, '"why"')
    assert rig.items == []


def test_a_termination_after_the_end_changes_nothing() -> None:
    rig = started()
    rig.answer(complete(result="1"))
    before = rig.inside()
    rig.tell(ExecutionTerminated(input="2"))
    assert rig.inside() == before


@pytest.mark.parametrize(
    "body",
    [ExecutionTerminated(), ExecutionSuspended(), ExecutionResumed(), EventRaised(name="E")],
    ids=lambda body: type(body).__name__,
)
def test_nobody_cannot_be_told_anything(body: EventBody) -> None:
    rig = Rig()
    outcome = rig.tell(body, "nobody")
    assert isinstance(outcome, Refusal)
    assert outcome.code is Code.NOT_FOUND
    rig.connect()
    rig.start("nobody")
    assert kinds(rig.turn()[0].new_events) == ["WorkflowStarted", "ExecutionStarted"]


# Suspension.


@pytest.mark.parametrize(
    ("bodies", "status"),
    [
        ((ExecutionSuspended(),), SUSPENDED),
        ((ExecutionSuspended(), ExecutionResumed()), RUNNING),
        ((ExecutionSuspended(), ExecutionSuspended(), ExecutionResumed()), RUNNING),
        ((ExecutionResumed(),), RUNNING),
        ((ExecutionSuspended(), EventRaised(name="E")), SUSPENDED),
        ((ExecutionSuspended(), ExecutionTerminated()), TERMINATED),
    ],
    ids=["suspend", "resume", "repeated", "resume-running", "event", "terminate"],
)
def test_status_follows_the_control_events(bodies: tuple[EventBody, ...], status: OrchestrationStatus) -> None:
    rig = told(*bodies)
    assert rig.state().workflow_status == status
    recorded = [event.body for event in rig.history() if type(event.body) in {type(body) for body in bodies}]
    assert recorded == list(bodies)


def test_a_suspended_instance_still_works() -> None:
    rig = started()
    rig.tell(ExecutionSuspended())
    rig.answer(ScheduleTask(name="a"))
    request = rig.take()
    assert isinstance(request.request, ActivityRequest)
    rig.done(request.request, request.completion_token)
    assert kinds(rig.answer().new_events)[1:] == ["ExecutionSuspended"]
    assert kinds(rig.answer().new_events)[1:] == ["TaskCompleted"]


# Generations.


def test_a_new_generation_starts_over() -> None:
    rig = started()
    first = rig.inside()
    carried = HistoryEvent(event_id=9, body=EventRaised(name="kept", input="1"))
    completion = CompleteWorkflow(workflow_status=CONTINUED, result='"next"', carryover_events=(carried,))
    turn = rig.items[0]
    rig.raise_event("late")
    rig.items[:] = [turn]
    rig.answer(ScheduleTask(name="before"), completion, ScheduleTask(name="after"))
    assert rig.state().workflow_status == RUNNING
    request = rig.answer()
    assert request.past_events == ()
    assert kinds(request.new_events) == ["WorkflowStarted", "ExecutionStarted", "EventRaised", "EventRaised"]
    opening, start, kept, late = request.new_events
    assert opening.router == start.router == TaskRouter(source_app_id="dwconf")
    assert isinstance(start.body, ExecutionStarted)
    assert (start.body.name, start.body.input) == ("wf", '"next"')
    assert start.body.workflow_instance is not None
    assert start.body.workflow_instance.execution_id not in (None, first.execution_id)
    assert request.execution_id == start.body.workflow_instance.execution_id
    assert kept == carried
    assert late.body == EventRaised(name="late")
    assert rig.history() == request.new_events
    assert rig.items == []
    assert rig.state().started_at == opening.timestamp


def carrying(rules: Decisions = REFERENCE) -> Rig:
    """A generation to which the result of a task was carried over, before its first turn is answered."""
    rig = started(rules)
    result = HistoryEvent(event_id=-1, timestamp=rig.now, body=TaskCompleted(task_scheduled_id=0))
    rig.answer(CompleteWorkflow(workflow_status=CONTINUED, carryover_events=(result,)))
    return rig


def test_an_early_result_spares_the_activity() -> None:
    rig = carrying()
    assert kinds(rig.answer(ScheduleTask(name="a")).new_events)[2:] == ["TaskCompleted"]
    assert kinds(rig.history())[2:] == ["TaskCompleted", "TaskScheduled"]
    assert rig.items == []


def test_a_result_of_nothing_is_seen_and_left_out_of_history() -> None:
    rig = carrying()
    assert kinds(rig.answer().new_events)[2:] == ["TaskCompleted"]
    assert kinds(rig.history()) == ["WorkflowStarted", "ExecutionStarted"]
    rig.raise_event()
    rig.answer(ScheduleTask(name="a"))
    assert rig.activity()[0].name == "a"


def test_a_profile_keeps_a_result_of_nothing() -> None:
    rig = carrying(DURABLETASK_GO)
    rig.answer()
    assert kinds(rig.history())[2:] == ["TaskCompleted"]


def test_thirty_generations_lose_no_event() -> None:
    rig = started()
    seen = []
    for number in range(30):
        rig.raise_event(f"E{number}")
        request = rig.answer(complete(CONTINUED, str(number)))
        seen += [event.body.name for event in request.new_events if isinstance(event.body, EventRaised)]
        assert rig.state().workflow_status in (RUNNING, OrchestrationStatus.PENDING)
    request = rig.answer(complete(result='"done"'))
    seen += [event.body.name for event in request.new_events if isinstance(event.body, EventRaised)]
    assert seen == [f"E{number}" for number in range(30)]
    assert rig.state().output == '"done"'


# Purge.


def test_only_what_has_ended_is_purged() -> None:
    rig = started()
    refused = rig.purge(PurgeInstancesRequest(instance_id="i"))
    assert isinstance(refused, Refusal)
    assert "orchestration has not yet completed" in refused.message
    rig.answer(complete())
    purged = rig.purge(PurgeInstancesRequest(instance_id="i"))
    assert not isinstance(purged, Refusal)
    assert (purged.deleted_instance_count, purged.is_complete) == (1, None)
    again = rig.purge(PurgeInstancesRequest(instance_id="i"))
    assert isinstance(again, Refusal)
    assert "no such instance exists" in again.message
    assert not rig.exists()


def test_force_purges_anything() -> None:
    rig = started()
    _, token = rig.turn()
    assert not isinstance(rig.purge(PurgeInstancesRequest(instance_id="i", force=True)), Refusal)
    assert not rig.exists()
    rig.start()
    request, fresh = rig.turn()
    assert fresh != token
    assert kinds(request.new_events) == ["WorkflowStarted", "ExecutionStarted"]
    other = started(DURABLETASK_GO)
    assert isinstance(other.purge(PurgeInstancesRequest(instance_id="i", force=True)), Refusal)


def test_a_filter_purges_what_it_selects() -> None:
    rig = Rig()
    rig.connect()
    for number, status in enumerate([COMPLETED, OrchestrationStatus.FAILED, COMPLETED, RUNNING]):
        rig.start(f"i{number}")
        rig.answer(*(() if status == RUNNING else (complete(status),)))
        rig.now += SECOND
    wanted = PurgeInstanceFilter(runtime_status=(COMPLETED,), created_time_to=DAWN + SECOND)
    purged = rig.purge(PurgeInstancesRequest(purge_instance_filter=wanted))
    assert not isinstance(purged, Refusal)
    assert purged.deleted_instance_count == 1
    assert [number for number in range(4) if rig.exists(f"i{number}")] == [1, 2, 3]


# Queries.


def test_a_pending_instance_shows_what_it_is() -> None:
    rig = Rig()
    rig.start()
    state = rig.state()
    assert (state.name, state.workflow_status) == ("wf", OrchestrationStatus.PENDING)
    assert (state.created_timestamp, state.started_at) == (DAWN, None)


def test_what_is_unset_stays_unset() -> None:
    rig = started()
    rig.answer(complete())
    state = rig.state()
    assert (state.input, state.output, state.custom_status, state.failure_details) == (None, None, None, None)


def test_times_are_those_of_history() -> None:
    rig = Rig()
    rig.start()
    rig.now += SECOND
    rig.connect()
    rig.now += SECOND
    rig.answer()
    state, events = rig.state(), rig.history()
    assert (state.started_at, state.created_timestamp) == (events[0].timestamp, events[1].timestamp)
    assert state.last_updated_timestamp == DAWN + 2 * SECOND


def test_lists_come_in_pages() -> None:
    rig = Rig()
    names = [f"i{number:02}" for number in range(7)]
    for name in reversed(names):
        rig.start(name)
    listed: list[str] = []
    token = None
    while True:
        outcome = rig.hub.list_ids(ListInstanceIDsRequest(page_size=3, continuation_token=token))
        response = value(outcome, ListInstanceIDsResponse)
        assert len(response.instance_ids) <= 3
        listed += response.instance_ids
        token = response.continuation_token
        if token is None:
            break
    assert listed == names


def test_an_empty_list_is_empty() -> None:
    assert value(Rig().hub.list_ids(ListInstanceIDsRequest()), ListInstanceIDsResponse).instance_ids == ()


def test_the_canonical_chain() -> None:
    rig = started()
    for number in range(3):
        rig.answer(ScheduleTask(name="a"), first=number)
        rig.perform()
    rig.answer(complete(), first=3)
    assert kinds(rig.history()) == [
        "WorkflowStarted",
        "ExecutionStarted",
        "TaskScheduled",
        *["WorkflowStarted", "TaskCompleted", "TaskScheduled"] * 2,
        "WorkflowStarted",
        "TaskCompleted",
        "ExecutionCompleted",
    ]
    assert isinstance(rig.history()[-1].body, ExecutionCompleted)
