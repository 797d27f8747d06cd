"""Checks about completing a turn (chapter C)."""

from __future__ import annotations

import json

from dwconf.suite.cases.worker.completion import FALSY
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, as_json, completes, ends, equal
from dwconf.wire.values import EventRaised, HistoryEvent, OrchestrationStatus, TaskFailureDetails

TEXT = "the cable is cut: ü"
STATUS = "on its way"
FAILED = OrchestrationStatus.FAILED
CONTINUED = OrchestrationStatus.CONTINUED_AS_NEW
THROWN = ("thrown", "thrown-later")


def details(given: Answer) -> TaskFailureDetails:
    """The failure details that an answer ends with; without them there is no evidence."""
    if given.end is None or given.end.failure_details is None:
        raise NoEvidence("an end with failure details")
    return given.end.failure_details


def all_messages(failure: TaskFailureDetails | None) -> str:
    """The messages of a failure and of its causes."""
    said = []
    while failure is not None:
        said.append(failure.error_message)
        failure = failure.inner_failure
    return "\n".join(said)


@check("worker/completion/return-completes", "worker/completion/plain-return")
def a_returned_value_completes_the_workflow(e: Evidence) -> Findings:
    yield from completes(answer(e, "returned", due=True), {"a": 1, "b": [True, None, "é"]})


@check("worker/completion/return-completes", "worker/completion/plain-return")
def a_workflow_that_returns_nothing_completes(e: Evidence) -> Findings:
    yield from completes(answer(e, "returned-nothing", due=True), None)


@check("worker/completion/return-completes", "worker/completion/plain-return")
def a_result_that_is_next_to_nothing_is_not_lost(e: Evidence) -> Findings:
    for step, value in FALSY.items():
        yield from completes(answer(e, f"returned-{step}", due=True), value)


@check("worker/completion/instance-id-echoed", "worker/completion/plain-return")
def the_answer_names_the_instance(e: Evidence) -> Findings:
    for step in ("returned", "returned-nothing"):
        given, item = answer(e, step), e.item(f"{step}/sent")
        if given.response.instance_id != item.instance_id:
            seen = f"instanceId {given.response.instance_id!r}"
            yield Finding(expected=f"instanceId {item.instance_id!r}", seen=seen, at=(*item.at, *given.at))


@check("worker/completion/error-fails", "worker/completion/thrown")
def an_error_ends_the_workflow_with_its_details(e: Evidence) -> Findings:
    for step in THROWN:
        given = answer(e, step, due=True)
        yield from ends(given, FAILED, because=" after the code threw")
        if given.end is None or given.end.workflow_status != FAILED:
            continue
        failure = given.end.failure_details
        if failure is None or not failure.error_type:
            yield Finding(expected="failure details with an error type", seen=str(given), at=given.at)
        if as_json(given.end.result) is not None:
            yield Finding(expected="no result beside the failure", seen=repr(given.end.result), at=given.at)


@check("worker/completion/error-message", "worker/completion/thrown")
def the_details_hold_the_thrown_text(e: Evidence) -> Findings:
    for step in THROWN:
        given = answer(e, step)
        if TEXT not in all_messages(details(given)):
            yield Finding(expected=f"an error message with {TEXT!r}", seen=str(given), at=given.at)


@check("worker/completion/stack-trace", "worker/completion/thrown")
def the_details_hold_a_stack_trace(e: Evidence) -> Findings:
    for step in THROWN:
        given = answer(e, step)
        if not details(given).stack_trace:
            yield Finding(expected="failure details with a stack trace", seen=str(given), at=given.at)


@check("worker/completion/retriable-by-default", "worker/completion/thrown")
def an_ordinary_error_is_not_marked_as_non_retriable(e: Evidence) -> Findings:
    for step in THROWN:
        given = answer(e, step)
        if details(given).is_non_retriable:
            yield Finding(expected="isNonRetriable false", seen=str(given), at=given.at)


@check("worker/completion/task-failure-propagates", "worker/completion/failed-task")
def a_failed_activity_that_nobody_handles_fails_the_workflow(e: Evidence) -> Findings:
    yield from _propagates(answer(e, "activity-failed", due=True))


@check("worker/completion/task-failure-propagates", "worker/completion/failed-task")
def a_failed_child_that_nobody_handles_fails_the_workflow(e: Evidence) -> Findings:
    yield from _propagates(answer(e, "child-failed", due=True))


def _propagates(given: Answer) -> Findings:
    yield from ends(given, FAILED, because=", because nobody handles the failure of the task")
    failed = given.end is not None and given.end.workflow_status == FAILED
    if given.end is not None and failed and TEXT not in all_messages(given.end.failure_details):
        yield Finding(expected=f"failure details that contain {TEXT!r}", seen=str(given), at=given.at)


@check("worker/completion/unregistered-workflow-fails", "worker/completion/unregistered")
def a_workflow_that_is_not_registered_fails(e: Evidence) -> Findings:
    yield from ends(answer(e, "answered", due=True), FAILED, because=", because no workflow has this name")


@check("worker/completion/continue-as-new-completes", "worker/completion/continued")
def the_new_input_is_the_result_of_the_completion(e: Evidence) -> Findings:
    yield from _continues(answer(e, "object", due=True), {"n": [1, None]})


@check("worker/completion/continue-as-new-falsy-input", "worker/completion/continued")
def an_input_that_counts_as_nothing_is_kept(e: Evidence) -> Findings:
    for step, value in (("zero", 0), ("false", False), ("empty", "")):
        yield from _continues(answer(e, step, due=True), value)


def _continues(given: Answer, new_input: object) -> Findings:
    yield from ends(given, CONTINUED)
    if given.end is not None and given.end.workflow_status == CONTINUED:
        seen = as_json(given.end.result)
        if not equal(seen, new_input):
            yield Finding(expected=f"the new input {json.dumps(new_input)} as result", seen=str(given), at=given.at)


@check("worker/completion/carryover-events", "worker/completion/buffered-events")
def events_that_nobody_asked_for_are_carried_over(e: Evidence) -> Findings:
    """Names are compared without regard to case, which waits for events disregard as well (WRK-F-03)."""
    given = answer(e, "kept", due=True)
    if given.end is None or given.end.workflow_status != CONTINUED:
        raise NoEvidence("a continue-as-new with kept events")
    wanted: dict[str, list[object]] = {"b": [0, "z", *range(2, 8)], "a": [1], "c": [None]}
    seen: dict[str, list[object]] = {}
    for event in given.end.carryover_events:
        name, payload = _raised(event)
        seen.setdefault(name.casefold(), []).append(payload)
    for name, payloads in wanted.items():
        if not equal(seen.get(name, []), payloads):
            expected = f"carryoverEvents of the name {name!r} with {json.dumps(payloads)}, in this order"
            yield Finding(expected=expected, seen=json.dumps(seen.get(name, [])), at=given.at)
    for name in seen.keys() - wanted.keys():
        yield Finding(expected="no carried event that was never raised", seen=f"one of the name {name!r}", at=given.at)


@check("worker/completion/carryover-events", "worker/completion/events-behind-the-end")
def an_event_behind_the_end_is_carried_over_too(e: Evidence) -> Findings:
    given = answer(e, "kept", due=True)
    if given.end is None or given.end.workflow_status != CONTINUED:
        raise NoEvidence("a continue-as-new with kept events")
    payloads = [payload for _, payload in map(_raised, given.end.carryover_events)]
    if payloads != ["before", "behind"]:
        expected = 'carryoverEvents with "before" and "behind", in this order: both came, and nobody took them'
        yield Finding(expected=expected, seen=json.dumps(payloads), at=given.at)


def _raised(event: HistoryEvent) -> tuple[str, object]:
    if not isinstance(event.body, EventRaised):
        return (f"({type(event.body).__name__})", None)
    return event.body.name, as_json(event.body.input)


@check("worker/completion/bad-value-fails", "worker/completion/bad-value")
def a_value_that_json_cannot_hold_fails_the_workflow(e: Evidence) -> Findings:
    yield from ends(answer(e, "returned", due=True), FAILED, because=", because the value cannot be sent")


@check("worker/completion/panic-fails", "worker/completion/panic")
def a_crash_fails_the_workflow_and_the_worker_goes_on(e: Evidence) -> Findings:
    yield from ends(answer(e, "crashed", due=True), FAILED, because=" after the code crashed")
    e.call("fence", due=True)


@check("worker/completion/custom-status-repeated", "worker/completion/custom-status")
def every_answer_repeats_the_custom_status(e: Evidence) -> Findings:
    if STATUS not in (answer(e, "set").response.custom_status or ""):
        raise NoEvidence("an answer with the custom status")
    for step in ("next", "suspended", "last"):
        given = answer(e, step)
        seen = given.response.custom_status
        if STATUS not in (seen or ""):
            yield Finding(expected=f"the custom status {STATUS!r} again", seen=repr(seen), at=given.at)


@check("worker/completion/custom-status-repeated", "worker/completion/another-status")
def the_custom_status_that_was_set_last_counts(e: Evidence) -> Findings:
    for step in ("set", "last"):
        given = answer(e, step, due=True)
        seen = given.response.custom_status
        if STATUS not in (seen or ""):
            yield Finding(expected=f"the custom status {STATUS!r}, which was set last", seen=repr(seen), at=given.at)
