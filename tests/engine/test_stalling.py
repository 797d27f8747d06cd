from __future__ import annotations

import pytest

from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.outcome import Reply
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.values import (
    ActionBody,
    CreateInstanceRequest,
    CreateTimer,
    EventBody,
    EventRaised,
    ExecutionResumed,
    ExecutionStalled,
    ExecutionSuspended,
    ExecutionTerminated,
    OrchestrationStatus,
    PurgeInstancesRequest,
    PurgeInstancesResponse,
    ScheduleTask,
    StalledReason,
    TaskCompleted,
    WorkerCapability,
    WorkflowStarted,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)
from tests.engine.rig import COMPLETED, CONTINUED, DAWN, SECOND, Rig, complete, holds, kinds, started

STALLED, RUNNING, SUSPENDED = OrchestrationStatus.STALLED, OrchestrationStatus.RUNNING, OrchestrationStatus.SUSPENDED
MISSING = WorkflowVersionNotAvailable()
LIMIT = 10_000


def patches(*names: str) -> WorkflowVersion:
    return WorkflowVersion(patches=names)


def running(version: WorkflowVersion | None = None, *bodies: ActionBody) -> Rig:
    """A rig whose instance has committed a first turn with this version, and has an event to tell."""
    rig = started()
    rig.answer(*bodies, version=version)
    rig.raise_event("go")
    return rig


def stalls(rig: Rig) -> list[ExecutionStalled]:
    return [event.body for event in rig.history() if isinstance(event.body, ExecutionStalled)]


# --- What stalls.


def test_a_version_that_is_not_available_stalls() -> None:
    rig = running(WorkflowVersion(name="v1"))
    before = rig.history()
    rig.answer(MISSING)
    assert rig.state().workflow_status == STALLED
    assert rig.history()[:-1] == before
    last = rig.history()[-1]
    assert last.event_id == -1
    assert last.timestamp == rig.now
    assert last.body == ExecutionStalled(
        reason=StalledReason.VERSION_NOT_AVAILABLE, description="Version not available: v1"
    )


@pytest.mark.parametrize(
    ("recorded", "taken", "fits"),
    [
        ((), (), True),
        ((), ("a",), True),
        (("a",), ("a",), True),
        (("a",), ("a", "b"), True),
        (("a", "a"), ("a", "a"), True),
        (("a",), (), False),
        (("a",), ("b",), False),
        (("a", "b"), ("a",), False),
        (("a", "b"), ("b", "a"), False),
        (("a", "b"), ("a", "c", "b"), False),
    ],
    ids=lambda value: "".join(value) or "none" if isinstance(value, tuple) else str(value),
)
def test_patches_continue_those_of_history(recorded: tuple[str, ...], taken: tuple[str, ...], *, fits: bool) -> None:
    rig = running(patches(*recorded))
    rig.answer(version=patches(*taken) if taken else None)
    assert (rig.state().workflow_status == RUNNING) == fits
    expected = f"Patch mismatch. History patches: [{', '.join(recorded)}], current patches: [{', '.join(taken)}]. "
    assert stalls(rig) == ([] if fits else [ExecutionStalled(description=expected)])


def test_patches_of_several_turns_count_together() -> None:
    rig = running(patches("a"))
    rig.answer(version=patches("a", "b", "a"))
    rig.raise_event("go")
    rig.answer(version=patches("a", "b"))
    assert stalls(rig)[0].description == "Patch mismatch. History patches: [a, b, a], current patches: [a, b]. "


def test_a_patch_is_recorded_as_often_as_it_is_new() -> None:
    rig = running(patches("a", "b"))
    rig.answer(version=patches("a", "b", "a"))
    versions = [event.body.version for event in rig.history() if isinstance(event.body, WorkflowStarted)]
    assert versions == [patches("a", "b"), patches("a")]


def test_who_continues_as_new_leaves_the_patches_behind() -> None:
    rig = running(patches("a"))
    rig.answer(complete(CONTINUED))
    assert rig.state().workflow_status == RUNNING
    rig.answer(complete(), version=patches("b"))
    assert rig.state().workflow_status == COMPLETED


def test_an_answer_that_stalls_has_no_effect() -> None:
    rig = running(patches("a"))
    rig.answer(
        ScheduleTask(name="x"),
        CreateTimer(fire_at=rig.now + SECOND),
        complete(),
        version=patches("b"),
        custom_status="no",
    )
    assert rig.items == []
    assert rig.hub.next_deadline() is None
    state = rig.state()
    assert (state.workflow_status, state.custom_status, state.output) == (STALLED, None, None)
    assert kinds(rig.history()) == ["WorkflowStarted", "ExecutionStarted", "ExecutionStalled"]


def test_a_stall_beats_an_answer_that_could_not_be_applied() -> None:
    rig = running(patches("a"), ScheduleTask(name="x"))
    rig.activity()
    rig.answer(ScheduleTask(name="again"))
    assert rig.state().workflow_status == STALLED


def test_a_termination_that_stalls_is_not_forced() -> None:
    rig = started()
    rig.answer(version=patches("a"))
    rig.tell(ExecutionTerminated())
    rig.answer()
    assert rig.state().workflow_status == STALLED


# --- Sizes.


def grown(*, limit: int | None = LIMIT, size: int) -> Rig:
    """A rig whose instance has an event of this size to tell."""
    rig = Rig(limit=limit)
    rig.connect()
    rig.start()
    rig.answer()
    rig.raise_event("big", "x" * size)
    return rig


def test_a_turn_above_95_percent_is_not_sent() -> None:
    rig = grown(size=9_600)
    assert rig.items == []
    assert rig.state().workflow_status == STALLED
    (stall,) = stalls(rig)
    assert stall.reason == StalledReason.PAYLOAD_SIZE_EXCEEDED
    assert stall.description is not None
    assert "exceeds 95%" in stall.description


@pytest.mark.parametrize(("limit", "size"), [(LIMIT, 9_000), (None, 9_600)], ids=["below", "without-limit"])
def test_a_turn_that_fits_is_sent(limit: int | None, size: int) -> None:
    assert kinds(grown(limit=limit, size=size).turn()[0].new_events) == ["WorkflowStarted", "EventRaised"]


def test_history_counts_also_where_it_is_sent_in_part() -> None:
    rig = Rig(limit=LIMIT)
    rig.connect(WorkerCapability.STATEFUL_HISTORY)
    rig.start()
    rig.answer()
    for _ in range(2):
        rig.raise_event("big", "x" * 4_000)
        rig.answer()
    rig.raise_event("big", "x" * 4_000)
    assert rig.items == []
    assert rig.state().workflow_status == STALLED


def test_a_start_that_is_too_large_stalls_before_its_first_turn() -> None:
    rig = Rig(limit=LIMIT)
    rig.connect()
    outcome = rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", input="x" * 9_600))
    assert rig.state().workflow_status == STALLED
    assert holds(outcome, rig)
    rig = rig.restarted(limit=2 * LIMIT)
    rig.connect()
    rig.answer()
    assert rig.state().workflow_status == RUNNING
    assert rig.state().started_at == rig.history()[1].timestamp


def test_an_activity_above_95_percent_stalls_its_workflow() -> None:
    rig = Rig(limit=LIMIT)
    rig.connect()
    rig.start()
    rig.answer(ScheduleTask(name="small"), ScheduleTask(name="large", input="x" * 9_600))
    assert rig.items == []
    (stall,) = stalls(rig)
    assert stall.reason == StalledReason.PAYLOAD_SIZE_EXCEEDED
    assert stall.description is not None
    assert stall.description.startswith("activity 'large::1' payload")


def test_a_larger_limit_lets_it_go_on() -> None:
    rig = grown(size=9_600)
    rig = rig.restarted()
    rig.connect()
    assert rig.items == []
    assert len(stalls(rig)) == 1
    rig = rig.restarted(limit=2 * LIMIT)
    assert rig.state().workflow_status == STALLED
    rig.connect()
    rig.answer(complete())
    assert rig.state().workflow_status == COMPLETED


# --- While it is stalled.


@pytest.mark.parametrize(
    "body",
    [EventRaised(name="E"), ExecutionSuspended(), ExecutionResumed(), ExecutionTerminated()],
    ids=["raise", "suspend", "resume", "terminate"],
)
def test_nobody_tells_it_anything(body: EventBody) -> None:
    rig = running()
    rig.answer(MISSING)
    assert rig.tell(body) == Refusal(Code.FAILED_PRECONDITION, "workflow is stalled")


@pytest.mark.parametrize("recursive", [False, True], ids=["alone", "recursive"])
def test_it_is_purged_by_force_only(*, recursive: bool) -> None:
    rig = running()
    rig.answer(MISSING)
    refused = rig.purge(PurgeInstancesRequest(instance_id="i", recursive=recursive))
    assert refused == Refusal(Code.FAILED_PRECONDITION, "failed to purge workflow state: workflow is stalled")
    forced = rig.purge(PurgeInstancesRequest(instance_id="i", recursive=recursive, force=True))
    assert forced == PurgeInstancesResponse(deleted_instance_count=1)
    assert not rig.exists()
    rig.start()
    rig.answer(complete())
    assert rig.state().workflow_status == COMPLETED


def test_its_id_is_taken() -> None:
    rig = running()
    rig.answer(MISSING)
    refused = rig.start()
    assert isinstance(refused, Refusal)
    assert refused.code == Code.ALREADY_EXISTS


def test_it_counts_as_started_and_not_as_ended() -> None:
    rig = started()
    rig.answer(MISSING)
    assert rig.rules.has_started(rig.inside(), rig.rules)
    assert not rig.rules.has_ended(rig.inside(), rig.rules)


def test_a_suspended_instance_is_shown_as_stalled_and_then_as_suspended() -> None:
    rig = started()
    rig.answer()
    rig.tell(ExecutionSuspended())
    rig.answer()
    rig.raise_event("go")
    rig.answer(MISSING)
    assert rig.state().workflow_status == STALLED
    rig.connect()
    rig.answer()
    assert rig.state().workflow_status == SUSPENDED


# --- How it goes on.


def test_the_turn_comes_again_to_who_connects_and_to_nobody_else() -> None:
    rig = running(None, ScheduleTask(name="a"))
    activity, token = rig.activity()
    lost = rig.answer(MISSING)
    rig.done(activity, token, result='"kept"')
    assert rig.items == []
    stream = rig.connect()
    (sent,) = rig.items
    assert sent[0] == stream
    again = rig.answer()
    assert again.new_events[1:2] == lost.new_events[1:]
    assert kinds(again.new_events) == ["WorkflowStarted", "EventRaised", "TaskCompleted"]
    assert rig.state().workflow_status == RUNNING


def test_a_turn_whose_new_worker_is_lost_waits_for_the_next_one() -> None:
    rig = running()
    rig.answer(MISSING)
    stream = rig.connect()
    rig.turn()
    rig.disconnect(stream)
    assert rig.items == []
    rig.start("other")
    assert rig.answer(complete()).instance_id == "other"
    last = rig.connect()
    assert [number for number, _ in rig.items] == [last]


def test_the_same_stall_is_not_recorded_twice_in_a_row_and_another_one_is() -> None:
    rig = running(patches("a"))
    for taken in ("b", "b", "c", "b"):
        rig.answer(version=patches(taken))
        rig.connect()
    assert [(stall.description or "")[-6:] for stall in stalls(rig)] == [" [b]. ", " [c]. ", " [b]. "]


def test_a_stall_that_comes_back_after_a_commit_is_recorded_again() -> None:
    rig = running()
    rig.answer(MISSING)
    rig.connect()
    rig.answer()
    rig.raise_event("go")
    rig.answer(MISSING)
    assert len(stalls(rig)) == 2


def test_what_it_waited_for_comes_after_the_stall() -> None:
    rig = running(patches("a"), CreateTimer(fire_at=DAWN + 5 * SECOND))
    rig.answer(version=patches("b"))
    rig.advance(10 * SECOND)
    assert rig.items == []
    rig.connect()
    assert kinds(rig.turn()[0].new_events) == ["WorkflowStarted", "EventRaised", "TimerFired"]


# --- Who does without.


def test_durabletask_go_commits_whatever_comes() -> None:
    rig = Rig(rules=DURABLETASK_GO, limit=LIMIT)
    rig.connect()
    rig.start()
    rig.answer(ScheduleTask(name="x", input="x" * 9_600), version=patches("a"))
    rig.perform("x" * 9_600)
    rig.answer(MISSING, version=patches("b"))
    assert rig.state().workflow_status == RUNNING
    assert TaskCompleted in {type(event.body) for event in rig.history()}
    assert stalls(rig) == []
    assert isinstance(rig.raise_event(), Reply)
