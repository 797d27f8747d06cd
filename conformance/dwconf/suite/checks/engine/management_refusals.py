"""Checks about the Dapr API: what it refuses, and in which words (chapter J)."""

from __future__ import annotations

from dwconf.suite.checks.engine.management import NOBODY, VERBS, VERSIONS, told
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, NoEvidence
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    GetInstanceResponse,
    GetWorkflowRequest,
    GetWorkflowResponse,
    StartWorkflowRequest,
)

MALFORMED = "engine/management-refusals/malformed"
APPS = "engine/management-refusals/malformed-apps"
STRANGERS = "engine/management-refusals/strangers"
TAKEN, PURGED = "engine/management/taken", "engine/management/running-purged"
INVALID = "INVALID_ARGUMENT"
NO_ID, NO_NAME = "no instance ID was provided", "workflow name is not configured"
NO_EVENT_NAME = "missing workflow event name"
TOO_LONG = "exceeds the max length of 64 characters"
BAD_ID = "only alphanumeric and underscore characters are allowed"
BAD_IDS = ("dot-id", "space-id", "slash-id", "colon-id", "pipe-id")
BAD_APPS = ("dot", "space", "slash", "colon", "star", "dots")
ORDER = {
    "id-before-name": BAD_ID,
    "id-before-event-name": NO_ID,
    "name-before-app": NO_NAME,
    "event-name-before-app": NO_EVENT_NAME,
    "name-before-time": NO_NAME,
}
FIRST_VERBS = tuple(verb for verb in VERBS if verb != "StartWorkflow")


def _invalid(call: Call, words: str) -> Findings:
    """The call was refused as invalid, in these words."""
    if call.code != INVALID or words not in call.text:
        yield Finding(expected=f'{INVALID}, "{words}"', seen=call.outcome, at=call.at)


@check("engine/management/missing-id-refused", MALFORMED)
def no_verb_but_start_works_without_an_id(e: Evidence) -> Findings:
    for verb in FIRST_VERBS:
        yield from _invalid(e.call(f"no-id-{verb}", due=True), NO_ID)


@check("engine/management/long-id-refused", MALFORMED)
def an_id_of_65_bytes_is_too_long(e: Evidence) -> Findings:
    yield from _invalid(e.call("long-id", due=True), TOO_LONG)


@check("engine/management/bad-id-refused", MALFORMED)
def an_id_with_other_characters_is_refused(e: Evidence) -> Findings:
    for step in BAD_IDS:
        yield from _invalid(e.call(step, due=True), BAD_ID)


@check("engine/management/missing-name-refused", MALFORMED)
def a_start_without_a_name_is_refused(e: Evidence) -> Findings:
    yield from _invalid(e.call("no-name", due=True), NO_NAME)


@check("engine/management/missing-event-name-refused", MALFORMED)
def an_event_without_a_name_is_refused(e: Evidence) -> Findings:
    yield from _invalid(e.call("no-event-name", due=True), NO_EVENT_NAME)


@check("engine/management/bad-app-id-refused", APPS)
def an_app_id_with_other_characters_is_refused(e: Evidence) -> Findings:
    for name in BAD_APPS:
        for verb in VERBS:
            yield from _invalid(e.call(f"{name}-{verb}", due=True), "is invalid")


@check("engine/management/validation-order", MALFORMED)
def of_several_faults_the_first_is_answered(e: Evidence) -> Findings:
    for step, words in ORDER.items():
        yield from _invalid(e.call(step, due=True), words)


@check("engine/management/refused-start-creates-nothing", MALFORMED)
def nothing_is_there_after_a_refused_start(e: Evidence) -> Findings:
    refused = [step for step in ("long-id", *BAD_IDS, "no-name", "id-before-name") if e.call(step).code == INVALID]
    if not refused:
        raise NoEvidence("a refused start")
    for step in refused:
        then = e.call(f"{step}-then")
        if then.response(GetWorkflowResponse).runtime_status:
            at = (*e.call(step).at, *then.at)
            yield Finding(expected="no instance", seen=in_a_line(told(then)), at=at)


@check("engine/management/unknown-not-found", NOBODY)
def nobody_can_be_terminated_or_purged(e: Evidence) -> Findings:
    yield from _refused(e, ("TerminateWorkflow", "PurgeWorkflow"), ("NOT_FOUND",))


@check("engine/management/unknown-refused", NOBODY)
def nobody_can_be_told_anything(e: Evidence) -> Findings:
    verbs = ("RaiseEventWorkflow", "PauseWorkflow", "ResumeWorkflow")
    yield from _refused(e, verbs, ("INTERNAL", "NOT_FOUND"))


def _refused(e: Evidence, verbs: tuple[str, ...], codes: tuple[str, ...]) -> Findings:
    for version in VERSIONS:
        for verb in verbs:
            call = e.call(f"{version}-{verb}", due=True)
            if call.code not in codes:
                yield Finding(expected=" or ".join(codes), seen=call.outcome, at=call.at)


@check("engine/management/refusals-name-their-cause", NOBODY)
def refusals_for_nobody_name_whom_they_are_about(e: Evidence) -> Findings:
    for version in VERSIONS:
        for verb in FIRST_VERBS:
            call = e.call(f"{version}-{verb}")
            if not call.ok:
                yield from _names(call, _whom(call))


@check("engine/management/refusals-name-their-cause", TAKEN)
def the_refusal_of_a_start_names_its_workflow_or_instance(e: Evidence) -> Findings:
    call = e.call("again")
    if call.ok:
        raise NoEvidence("a refused start")
    asked = call.request(StartWorkflowRequest)
    yield from _names(call, asked.workflow_name, asked.instance_id)


@check("engine/management/refusals-name-their-cause", PURGED)
def the_refusal_of_a_purge_names_its_instance(e: Evidence) -> Findings:
    call = e.call("purged")
    if call.ok:
        raise NoEvidence("a refused purge")
    yield from _names(call, _whom(call))


def _whom(call: Call) -> str:
    """The instance that a request is about: field 1 of each of them."""
    return call.request(GetWorkflowRequest).instance_id


def _names(call: Call, *names: str) -> Findings:
    if not any(name in call.text for name in names):
        yield Finding(expected=f"a message that names {' or '.join(map(repr, names))}", seen=call.outcome, at=call.at)


# --- the API token

WITHOUT = ("none", "wrong")
GUARDED = ("Hello", "GetWorkflowBeta1", "StartWorkflowBeta1", "StartInstance")


@check("engine/management/token-admits", STRANGERS)
def calls_with_the_token_are_served(e: Evidence) -> Findings:
    for step in ("Hello", "none-then", "none-hub-then", "RaiseEventWorkflowBeta1", "StartWorkflowBeta1"):
        call = e.call(step, due=True)
        if call.code in ("UNAUTHENTICATED", "PERMISSION_DENIED"):
            yield Finding(expected="a call that is served", seen=call.outcome, at=call.at)
    e.item("GetWorkItems", due=True)


@check("engine/management/token-for-calls", STRANGERS)
def calls_without_the_token_are_refused(e: Evidence) -> Findings:
    for who in WITHOUT:
        for method in GUARDED:
            call = e.call(f"{who}-{method}", due=True)
            if call.code != "UNAUTHENTICATED":
                yield Finding(expected="UNAUTHENTICATED", seen=call.outcome, at=call.at)
    for who in WITHOUT:
        then, hub = e.call(f"{who}-then"), e.call(f"{who}-hub-then")
        if then.response(GetWorkflowResponse).runtime_status or hub.response(GetInstanceResponse).exists:
            yield Finding(expected="no instance of a refused start", seen="one", at=(*then.at, *hub.at))


@check("engine/management/token-for-streams", STRANGERS)
def streams_without_the_token_end(e: Evidence) -> Findings:
    for who in WITHOUT:
        end = e.end(f"{who}-ended", due=True)
        if end.code != "UNAUTHENTICATED":
            yield Finding(expected="UNAUTHENTICATED", seen=f'{end.code} "{end.text}"', at=end.at)
        items = [item for item in e.items.values() if item.stream == end.stream]
        if items:
            yield Finding(expected="nothing on that stream", seen=f"{len(items)} items", at=items[0].at)
