"""What checks of stalled instances take for a breach, what for latitude, and when they say that they cannot tell."""

from __future__ import annotations

import pytest

from dwconf.suite.checks.engine import stalling as told, stalling_recovery as recovery
from dwconf.suite.probes.engine_stalling import a_missing_version_stalls, a_turn_above_the_limit_stalls
from dwconf.suite.probes.registry import Probe, look
from dwconf.wire.values import (
    EventBody,
    ExecutionStalled,
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    StalledReason,
    TaskScheduled,
    WorkflowStarted,
    WorkflowState,
)
from tests.suite.checks.talk import Talk, kept

STALLED, RUNNING = OrchestrationStatus.STALLED, OrchestrationStatus.RUNNING
UNAVAILABLE, MISMATCH = StalledReason.VERSION_NOT_AVAILABLE, StalledReason.PATCH_MISMATCH
PATCHES = "Patch mismatch. History patches: [a], current patches: [b]. "


def event(body: EventBody, event_id: int = -1) -> HistoryEvent:
    return HistoryEvent(event_id=event_id, timestamp=1, body=body)


BEFORE = (event(WorkflowStarted()),)


def shown(talk: Talk, step: str, status: OrchestrationStatus = STALLED) -> Talk:
    """GetInstance shows this status."""
    state = WorkflowState(instance_id="x", workflow_status=status)
    return talk.call(step, "GetInstance", answer=GetInstanceResponse(exists=True, workflow_state=state))


def history(talk: Talk, step: str, *events: HistoryEvent) -> Talk:
    return talk.call(step, "GetInstanceHistory", answer=GetInstanceHistoryResponse(events=events))


def stalled(status: OrchestrationStatus = STALLED) -> Talk:
    return shown(Talk(), "stalled", status)


def recorded(*new: HistoryEvent) -> Talk:
    return history(history(stalled(), "history-before", *BEFORE), "history", *BEFORE, *new)


@pytest.mark.parametrize("description", ["Version not available: v1", "the worker has no v1", "v1"])
def test_a_description_may_say_it_in_its_own_words(description: str) -> None:
    stall = event(ExecutionStalled(reason=UNAVAILABLE, description=description))
    assert kept(recorded(stall).said(told.a_missing_version_is_recorded))


@pytest.mark.parametrize(
    "new",
    [
        (),
        (event(ExecutionStalled(reason=UNAVAILABLE, description="v10")),),
        (event(ExecutionStalled(reason=UNAVAILABLE)),),
        (event(ExecutionStalled(reason=MISMATCH, description="v1")),),
        (event(ExecutionStalled(reason=UNAVAILABLE, description="v1"), 0),),
        (event(WorkflowStarted()), event(ExecutionStalled(reason=UNAVAILABLE, description="v1"))),
        (event(TaskScheduled(name="v1"), 0),),
    ],
    ids=["nothing", "another-version", "no-description", "reason", "id", "the-turn-too", "no-stall"],
)
def test_anything_else_is_no_record_of_it(new: tuple[HistoryEvent, ...]) -> None:
    assert recorded(*new).said(told.a_missing_version_is_recorded).findings


def test_both_lists_of_patches_are_named() -> None:
    stall = ExecutionStalled(reason=MISMATCH, description=PATCHES)
    assert kept(recorded(event(stall)).said(told.another_patch_is_recorded))
    curt = ExecutionStalled(reason=MISMATCH, description="patches [a]")
    assert recorded(event(curt)).said(told.another_patch_is_recorded).findings


def test_an_instance_that_did_not_stall_is_evidence_of_one_rule_only() -> None:
    talk = stalled(RUNNING).call("stalled/answered", "CompleteWorkflowTask")
    talk.call("raised", "RaiseEvent")
    assert talk.said(told.such_an_answer_stalls).findings
    assert talk.said(told.it_is_not_sent_events).untested


@pytest.mark.parametrize(
    ("status", "fine"),
    [
        (("ALREADY_EXISTS", "an active workflow with ID 'x' already exists"), True),
        (("UNKNOWN", "actor is stalled"), True),
        (("UNKNOWN", "no"), False),
        (("OK", ""), False),
    ],
    ids=["taken", "held", "otherwise", "started"],
)
def test_an_id_is_taken_also_where_the_turn_is_held(status: tuple[str, str], *, fine: bool) -> None:
    decision = stalled().call("started-again", "StartInstance", status=status).said(told.its_id_cannot_be_used)
    assert kept(decision) == fine


@pytest.mark.parametrize(
    ("plain", "whole", "fine"),
    [
        (("UNKNOWN", "workflow is stalled"), ("UNKNOWN", "orchestration has not yet completed"), True),
        (("UNKNOWN", "workflow is stalled"), ("UNKNOWN", "workflow is stalled"), True),
        (("UNKNOWN", "orchestration has not yet completed"), ("UNKNOWN", "workflow is stalled"), False),
        (("UNKNOWN", "workflow is stalled"), ("OK", ""), False),
        (("OK", ""), ("NOT_FOUND", "no such instance exists"), False),
    ],
    ids=["whole-says-otherwise", "both-say-so", "plain-does-not-say", "whole-succeeds", "plain-succeeds"],
)
def test_a_recursive_purge_may_say_something_else(
    plain: tuple[str, str], whole: tuple[str, str], *, fine: bool
) -> None:
    talk = shown(stalled(), "state").call("purged", "PurgeInstances", status=plain)
    talk.call("purged-recursively", "PurgeInstances", status=whole)
    assert kept(shown(talk, "state-then").said(told.it_is_not_purged_without_force)) == fine


@pytest.mark.parametrize(("word", "fine"), [("UNKNOWN", True), ("STALLED", True), ("RUNNING", False), ("", False)])
def test_the_dapr_api_may_have_no_word_for_it(word: str, *, fine: bool) -> None:
    talk = stalled().get("shown-Alpha1", runtime_status="UNKNOWN").get("shown-Beta1", runtime_status=word)
    assert kept(talk.said(told.the_dapr_api_shows_a_stall)) == fine


def test_a_limit_that_was_not_learned_leaves_sizes_untested() -> None:
    talk = Talk().step("limit", missed=True, expects="a limit")
    for judge in (
        told.a_turn_that_fits_is_sent,
        told.a_turn_above_the_limit_stalls,
        told.an_activity_above_the_limit_stalls,
    ):
        assert talk.said(judge).untested


def test_a_large_turn_needs_no_history_to_be_judged() -> None:
    talk = shown(Talk().call("filled", "CompleteActivityTask"), "turn-sent-or-stalled")
    talk.call("history", "GetInstanceHistory", status=("RESOURCE_EXHAUSTED", "too large"))
    assert kept(talk.said(told.a_turn_above_the_limit_stalls))


@pytest.mark.parametrize(("status", "there"), [(STALLED, True), (RUNNING, False)])
def test_a_probe_reads_the_status(status: OrchestrationStatus, *, there: bool) -> None:
    assert look(Probe("engine/stalled", (), a_missing_version_stalls), stalled(status).evidence) is there
    sent = shown(Talk(), "turn-sent-or-stalled", status)
    assert look(Probe("engine/payload-stall", (), a_turn_above_the_limit_stalls), sent.evidence) is there


def test_a_probe_that_saw_nothing_says_nothing() -> None:
    assert look(Probe("engine/stalled", (), a_missing_version_stalls), Talk().evidence) is None


@pytest.mark.parametrize(
    ("after", "fine"),
    [((), False), (("v1",), False), (("v1", "patches [a, c]"), True)],
    ids=["none", "the-first-alone", "both"],
)
def test_another_stall_is_one_more_record(after: tuple[str, ...], *, fine: bool) -> None:
    stalls = [event(ExecutionStalled(reason=MISMATCH, description=text)) for text in after]
    talk = history(stalled(), "history-third", *stalls[:1]).call("third/answered", "CompleteWorkflowTask")
    decision = history(talk, "other", *stalls).said(recovery.another_stall_is_recorded_too)
    assert (kept(decision), bool(decision.findings)) == (fine, not fine)
