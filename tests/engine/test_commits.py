from __future__ import annotations

import pytest

from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    CreateDetachedWorkflow,
    OrchestrationStatus,
    ScheduleTask,
    TaskFailureDetails,
    TaskScheduled,
    WorkflowAction,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
)
from tests.engine.rig import COMPLETED, FAILED, SECOND, complete, kinds, started


def test_what_was_sent_is_what_is_committed() -> None:
    rig = started()
    rig.raise_event("E1")
    first = rig.answer(ScheduleTask(name="a"))
    rig.perform("1")
    second = rig.answer()
    sent = [*first.new_events, *second.new_events]
    committed = [event for event in rig.history() if not isinstance(event.body, TaskScheduled)]
    assert [encode(event) for event in committed] == [encode(event) for event in sent]


def test_an_empty_answer_commits_the_turn() -> None:
    rig = started()
    rig.answer()
    assert kinds(rig.history()) == ["WorkflowStarted", "ExecutionStarted"]
    assert rig.state().workflow_status == OrchestrationStatus.RUNNING


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


def test_timestamps_never_go_backwards() -> None:
    rig = started()
    rig.now -= 10 * SECOND
    rig.answer(ScheduleTask(name="a"))
    stamps = [event.timestamp for event in rig.history()]
    assert all(stamp is not None for stamp in stamps)
    assert stamps == sorted(stamps, key=lambda stamp: stamp or 0)
