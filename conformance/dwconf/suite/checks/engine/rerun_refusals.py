"""Checks about re-runs that are refused (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.wire.values import GetInstanceResponse

REFUSALS = "engine/rerun/refusals"


def _refused(e: Evidence, code: str, *steps: str) -> Findings:
    """Whether these requests were refused with this code."""
    for step in steps:
        call = e.call(step, due=True)
        if call.code != code:
            yield Finding(expected=f"{code} ({step.replace('-', ' ')})", seen=call.outcome, at=call.at)


@check("engine/rerun/needs-source", REFUSALS)
def a_request_without_a_source_is_refused(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "no-source")


@check("engine/rerun/needs-another-id", REFUSALS)
def an_instance_is_not_run_again_onto_itself(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "same-id")


@check("engine/rerun/source-unknown", REFUSALS)
def a_source_that_does_not_exist_is_not_found(e: Evidence) -> Findings:
    yield from _refused(e, "NOT_FOUND", "source-unknown")


@check("engine/rerun/source-has-ended", REFUSALS)
def an_instance_that_runs_is_not_run_again(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "source-runs")


@check("engine/rerun/source-is-no-child", REFUSALS)
def a_child_is_not_run_again_by_itself(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "source-is-child")


@check("engine/rerun/event-unknown", REFUSALS)
def an_event_that_does_not_exist_is_not_found(e: Evidence) -> Findings:
    yield from _refused(e, "NOT_FOUND", "no-event")


@check("engine/rerun/event-is-operation", REFUSALS)
def an_event_that_is_no_operation_is_not_found(e: Evidence) -> Findings:
    yield from _refused(e, "NOT_FOUND", "no-operation")


@check("engine/rerun/timer-has-no-input", REFUSALS)
def an_input_for_a_timer_is_refused(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "input-for-timer")


@check("engine/rerun/child-id-for-children", REFUSALS)
def a_child_id_for_another_operation_is_refused(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "child-for-timer", "child-for-activity")


@check("engine/rerun/new-id-taken", REFUSALS)
def an_id_that_is_taken_is_refused(e: Evidence) -> Findings:
    yield from _refused(e, "ALREADY_EXISTS", "taken")


@check("engine/rerun/new-id-taken", REFUSALS)
def an_id_of_an_ended_instance_is_refused(e: Evidence) -> Findings:
    e.call("running-ended")
    yield from _refused(e, "ALREADY_EXISTS", "taken-and-ended")


@check("engine/rerun/refusal-makes-nothing", REFUSALS)
def a_refused_request_makes_no_instance(e: Evidence) -> Findings:
    if e.call("no-event").ok:
        raise NoEvidence("a refused request")
    call = e.call("state")
    if call.ok and call.response(GetInstanceResponse).exists:
        yield Finding(expected="no such instance", seen="it exists", at=call.at)


@check("engine/rerun/not-from-detached", "engine/rerun/from-detached")
def a_detached_workflow_is_not_run_again(e: Evidence) -> Findings:
    yield from _refused(e, "INVALID_ARGUMENT", "refused")
