"""What checks of the Dapr API take for a breach, what for latitude, and when they say that they cannot tell."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from dwconf.suite.checks.engine import management as told, management_refusals as refusals, management_verbs as verbs
from dwconf.suite.checks.registry import Decision, Judge
from dwconf.suite.fingerprint.engine_management import connected_workers, the_output_of_a_failure
from dwconf.suite.probes.engine_start import the_dapr_api_is_served
from dwconf.wire.values import (
    GetInstanceResponse,
    GetMetadataResponse,
    GetWorkflowResponse,
    MetadataWorkflows,
    OrchestrationStatus,
    StartWorkflowRequest,
    StartWorkflowResponse,
    TaskFailureDetails,
    WorkflowState,
)
from tests.suite.checks.talk import Talk, kept

VERSIONS = ("Alpha1", "Beta1")
NOT_FOUND, INTERNAL = ("NOT_FOUND", "nobody is called x"), ("INTERNAL", "x does not exist")


def nobody(**statuses: tuple[str, str]) -> Talk:
    """Every verb of both versions, called for nobody; OK, unless a status is given for the verb."""
    talk = Talk()
    for version in VERSIONS:
        for verb in told.VERBS:
            status = statuses.get(f"{verb}{version}", statuses.get(verb, ("OK", "")))
            answer = GetWorkflowResponse(instance_id="x") if verb == "GetWorkflow" and status[0] == "OK" else None
            talk.call(f"{version}-{verb}", f"{verb}{version}", answer=answer, status=status)
    return talk


REFUSED = {
    "TerminateWorkflow": NOT_FOUND,
    "PurgeWorkflow": NOT_FOUND,
    "RaiseEventWorkflow": INTERNAL,
    "PauseWorkflow": INTERNAL,
    "ResumeWorkflow": INTERNAL,
}


# --- a purge of what runs


def purged(refused: tuple[str, str], *, shown: str = "RUNNING", then: tuple[str, str] = ("OK", "")) -> Decision:
    talk = Talk().get("running", instance_id="x", runtime_status="RUNNING")
    talk.call("purged", "PurgeWorkflowBeta1", status=refused)
    answer = GetWorkflowResponse(instance_id="x", runtime_status=shown) if then[0] == "OK" else None
    talk.call("then", "GetWorkflowBeta1", answer=answer, status=then).get("ended", runtime_status="COMPLETED")
    return talk.said(verbs.what_runs_is_not_purged)


def test_a_purge_is_not_to_blame_for_a_query_that_fails() -> None:
    assert kept(purged(INTERNAL))
    assert purged(INTERNAL, shown="").findings
    assert purged(INTERNAL, then=NOT_FOUND).findings
    lost = purged(INTERNAL, then=("UNAVAILABLE", "connection lost"))
    assert not lost.findings
    assert lost.untested
    assert [one.seen for one in purged(("OK", ""), then=("UNAVAILABLE", "connection lost")).findings] == ["OK"]


# --- nobody


def test_both_codes_will_do_for_what_nobody_is_told() -> None:
    assert kept(nobody(**REFUSED).said(refusals.nobody_can_be_told_anything))
    typed = dict.fromkeys(REFUSED, NOT_FOUND)
    assert kept(nobody(**typed).said(refusals.nobody_can_be_told_anything))
    for code in ("OK", "UNKNOWN", "INVALID_ARGUMENT"):
        odd = nobody(**{**REFUSED, "PauseWorkflowAlpha1": (code, "x")})
        assert odd.said(refusals.nobody_can_be_told_anything).findings


@pytest.mark.parametrize("code", ["OK", "INTERNAL", "UNKNOWN"])
def test_nobody_is_terminated_or_purged_by_one_code_only(code: str) -> None:
    assert kept(nobody(**REFUSED).said(refusals.nobody_can_be_terminated_or_purged))
    odd = nobody(**{**REFUSED, "PurgeWorkflow": (code, "x")})
    assert odd.said(refusals.nobody_can_be_terminated_or_purged).findings


def test_a_refusal_names_whom_it_is_about() -> None:
    assert kept(nobody(**REFUSED).said(refusals.refusals_for_nobody_name_whom_they_are_about))
    curt = nobody(**{**REFUSED, "PauseWorkflow": ("INTERNAL", "no")})
    assert curt.said(refusals.refusals_for_nobody_name_whom_they_are_about).findings


def test_a_method_is_served_whatever_it_answers() -> None:
    assert kept(nobody(**REFUSED).said(told.each_method_is_served_in_both_versions))
    gap = nobody(**REFUSED, ResumeWorkflowAlpha1=("UNIMPLEMENTED", ""))
    assert len(gap.said(told.each_method_is_served_in_both_versions).findings) == 1
    assert gap.said(told.both_versions_say_the_same_of_nobody).findings


@pytest.mark.parametrize(
    ("status", "there"),
    [(("OK", ""), True), (("INTERNAL", ""), True), (("UNIMPLEMENTED", ""), False)],
    ids=["OK", "an error", "UNIMPLEMENTED"],
)
def test_the_api_is_there_when_it_answers_anything(status: tuple[str, str], *, there: bool) -> None:
    assert the_dapr_api_is_served(nobody(GetWorkflow=status).evidence) is there


# --- a taken id


def taken(*, status: tuple[str, str], **then: object) -> Talk:
    shown = {"workflow_name": "wf", "properties": (("dapr.workflow.input", '"one"'),), **then}
    asked = StartWorkflowRequest(instance_id="i", workflow_name="other")
    return Talk().get("running").call("again", "StartWorkflowBeta1", asked, status=status).get("then", **shown)


@pytest.mark.parametrize("code", ["INTERNAL", "ALREADY_EXISTS"])
def test_a_taken_id_is_refused_by_either_code(code: str) -> None:
    talk = taken(status=(code, "error starting workflow 'other'")).get("ended")
    assert kept(talk.said(told.a_taken_id_is_refused))
    assert kept(talk.said(refusals.the_refusal_of_a_start_names_its_workflow_or_instance))


def test_a_taken_id_that_is_given_away_is_a_breach() -> None:
    assert taken(status=("OK", "")).get("ended").said(told.a_taken_id_is_refused).findings
    changed = taken(status=("INTERNAL", "i"), workflow_name="other").get("ended")
    assert changed.said(told.a_taken_id_is_refused).findings
    assert Talk().said(told.a_taken_id_is_refused).untested


# --- endings


STATE = WorkflowState(name="wf", workflow_status=OrchestrationStatus.FAILED, created_timestamp=1, input="1", output="2")
DETAILS = TaskFailureDetails(error_type="Broken", error_message="went wrong")
BROKEN = (("dapr.workflow.failure.error_message", "went wrong"), ("dapr.workflow.failure.error_type", "Broken"))


def compared(state: WorkflowState, properties: tuple[tuple[str, str], ...]) -> Decision:
    talk = Talk()
    for step in ("failed", "canceled", "silent"):
        talk.call(f"{step}-hub", "GetInstance", answer=GetInstanceResponse(exists=True, workflow_state=state))
        talk.get(step, workflow_name="wf", runtime_status="FAILED", created_at=1, properties=properties)
    return talk.said(told.both_services_say_the_same_of_endings)


INPUT, OUTPUT = (("dapr.workflow.input", "1"),), (("dapr.workflow.output", "2"),)


def test_a_failure_may_come_with_an_output_or_without() -> None:
    failed = WorkflowState(
        name="wf",
        workflow_status=OrchestrationStatus.FAILED,
        created_timestamp=1,
        input="1",
        output="2",
        failure_details=DETAILS,
    )
    assert kept(compared(failed, INPUT + BROKEN))
    assert kept(compared(failed, INPUT + OUTPUT + BROKEN))
    assert compared(failed, INPUT + OUTPUT).findings
    assert compared(STATE, INPUT).findings
    assert kept(compared(STATE, INPUT + OUTPUT))


@pytest.mark.parametrize(
    ("properties", "words"), [((), "left out"), (OUTPUT, "told: 2")], ids=["without an output", "with one"]
)
def test_what_becomes_of_the_output_of_a_failure_is_recorded(
    properties: tuple[tuple[str, str], ...], words: str
) -> None:
    assert the_output_of_a_failure(Talk().get("partly", properties=properties).evidence) == words


# --- starts


def two_starts(*ids: str) -> Talk:
    talk = Talk()
    for step, made in zip(("one", "two"), ids, strict=True):
        answer = StartWorkflowResponse(instance_id=made)
        talk.call(f"{step}-started", "StartWorkflowBeta1", StartWorkflowRequest(), answer=answer)
    return talk


RANDOM = ("6ba7b810-9dad-41d1-80b4-00c04fd430c8", "0e37df36-f698-41e6-8dd4-7b4f5d2b7c2b")


@pytest.mark.parametrize(
    "ids",
    [("wf-1", "wf-2"), (RANDOM[0], RANDOM[0]), ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", RANDOM[1]), ("", "")],
    ids=["no UUIDs", "one twice", "not random", "empty"],
)
def test_an_id_that_a_start_makes_is_a_fresh_random_uuid(ids: tuple[str, str]) -> None:
    assert two_starts(*ids).said(told.an_id_is_made).findings
    # With good ids all depends on the turns, which this conversation does not have.
    assert not two_starts(*RANDOM).said(told.an_id_is_made).findings


# --- what cannot be told


NEEDS_MORE: Mapping[str, Judge] = {
    "a purge of nothing that ran": verbs.what_runs_is_not_purged,
    "a child that was never there": verbs.the_child_is_terminated_too,
    "no refused start": refusals.nothing_is_there_after_a_refused_start,
    "no stranger": refusals.calls_without_the_token_are_refused,
    "no event": verbs.an_event_without_data_comes_without_input,
    "no life": told.an_instance_is_told_of,
}


@pytest.mark.parametrize("judge", NEEDS_MORE.values(), ids=NEEDS_MORE)
def test_no_evidence_is_never_a_pass(judge: Judge) -> None:
    decision = Talk().said(judge)
    assert decision.untested
    assert not decision.findings


# --- metadata


def metadata(count: int | None) -> GetMetadataResponse:
    return GetMetadataResponse(workflows=None if count is None else MetadataWorkflows(connected_workers=count))


def test_metadata_are_recorded_as_they_are_told() -> None:
    talk = Talk()
    for step, count in (("one", 1), ("two", 2), ("none", None)):
        talk.call(step, "GetMetadata", answer=metadata(count))
    assert connected_workers(talk.evidence) == "one: 1, two: 2, none: not told"
    talk = Talk()
    for step in ("one", "two", "none"):
        talk.call(step, "GetMetadata", status=("UNIMPLEMENTED", ""))
    assert connected_workers(talk.evidence) == "one: UNIMPLEMENTED, two: UNIMPLEMENTED, none: UNIMPLEMENTED"
