"""Checks about activities (chapter D)."""

from __future__ import annotations

import json
import uuid

from dwconf.suite.cases.worker.activities import BAD_JSON, TASK_EXECUTION, TEXT, VALUES
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import answer, as_json, equal
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import ActivityRequest, ActivityResponse, ScheduleTask

SIZES = ("zero", "one", "large")
FAILING = ("with-text", "null-message", "empty-message")


def response(call: Call) -> ActivityResponse:
    """What the worker answered to an activity item."""
    return call.request(ActivityResponse)


def fails(call: Call, *, because: str) -> Findings:
    """The answer is a failure, and holds no result."""
    given = response(call)
    if given.failure_details is None:
        yield Finding(expected=f"failure details, because {because}", seen=in_a_line(given), at=call.at)
    elif as_json(given.result) is not None:
        yield Finding(expected="no result beside the failure", seen=in_a_line(given), at=call.at)


def ctx(e: Evidence, step: str) -> dict[str, object]:
    """What the activity `ctx` told; without an object there is no evidence."""
    told = as_json(response(e.call(step)).result)
    if not isinstance(told, dict):
        raise NoEvidence(f"an object from the activity ctx at {step}")
    return told


@check("worker/activities/response-identity", "worker/activities/echoed", "worker/activities/failed")
def an_answer_names_instance_and_task_of_its_item(e: Evidence) -> Findings:
    steps = [step for step in (*SIZES, "with-text") if e.reached(step)]
    if not steps:
        raise NoEvidence("an answer to an activity item")
    for step in steps:
        call, item = e.call(step), e.item(f"{step}/sent")
        given, request = response(call), item.item.request
        task_id = request.task_id if isinstance(request, ActivityRequest) else 0
        if (given.instance_id, given.task_id) != (item.instance_id, task_id):
            expected = f"instanceId {item.instance_id!r} and taskId {task_id}"
            yield Finding(expected=expected, seen=in_a_line(given), at=(*item.at, *call.at))


@check("worker/activities/token-echoed", "worker/activities/echoed", "worker/activities/failed")
def an_answer_carries_the_token_of_its_item(e: Evidence) -> Findings:
    steps = [step for step in (*SIZES, *FAILING) if e.reached(step)]
    if not steps:
        raise NoEvidence("an answer to an activity item")
    for step in steps:
        call, item = e.call(step), e.item(f"{step}/sent")
        if response(call).completion_token != item.token:
            seen = repr(response(call).completion_token)
            yield Finding(expected=f"the completion token {item.token!r}", seen=seen, at=(*item.at, *call.at))


@check("worker/activities/result-is-json", "worker/activities/echoed")
def a_result_is_the_json_of_the_value(e: Evidence) -> Findings:
    for step, sent in {"one": '{"a": [1, null]}', **VALUES}.items():
        call = e.call(step, due=True)
        given = response(call)
        if given.failure_details is not None or not same_json(given.result, sent):
            yield Finding(expected=f"the result {sent}", seen=in_a_line(given), at=call.at)


def same_json(seen: str | None, sent: str) -> bool:
    """Whether two payloads are the same value: nothing and null are, and 1 and 1.0, but not 0 and false."""
    return equal(as_json(seen), as_json(sent))


@check("worker/activities/input-decoded", "worker/activities/echoed")
def an_input_reaches_the_code_as_the_value_that_it_is(e: Evidence) -> Findings:
    for step, sent in VALUES.items():
        call = e.call(step)
        given = response(call)
        if given.failure_details is not None or not same_json(given.result, sent):
            yield Finding(expected=f"activity code sees {sent}, and returns it", seen=in_a_line(given), at=call.at)


@check("worker/activities/input-decoded", "worker/activities/echoed")
def an_absent_input_is_no_error(e: Evidence) -> Findings:
    for step in ("absent", "blank"):
        call = e.call(step, due=True)
        given = response(call)
        if given.failure_details is not None:
            yield Finding(expected="an answer without failure", seen=in_a_line(given), at=call.at)


@check("worker/activities/error-fails", "worker/activities/failed")
def an_error_is_answered_with_its_type_and_message(e: Evidence) -> Findings:
    call = e.call("with-text", due=True)
    yield from fails(call, because="the activity threw")
    failure = response(call).failure_details
    if failure is not None and not (failure.error_type and TEXT in failure.error_message):
        expected = f"failure details with a type and the message {TEXT!r}"
        yield Finding(expected=expected, seen=in_a_line(failure), at=call.at)


@check("worker/activities/error-without-message", "worker/activities/failed")
def an_error_without_a_message_is_answered(e: Evidence) -> Findings:
    for step in ("null-message", "empty-message"):
        yield from fails(e.call(step, due=True), because="the activity threw")


@check("worker/activities/unregistered-activity-fails", "worker/activities/unregistered")
def an_activity_that_is_not_registered_fails(e: Evidence) -> Findings:
    yield from fails(e.call("unknown", due=True), because="no activity has this name")


@check("worker/activities/bad-input-fails", "worker/activities/bad-input")
def an_input_that_is_no_json_fails(e: Evidence) -> Findings:
    for number, text in enumerate(BAD_JSON):
        yield from fails(e.call(f"bad-{number}", due=True), because=f"{text!r} is no JSON")


@check("worker/activities/bad-result-fails", "worker/activities/bad-result")
def a_result_that_json_cannot_hold_fails(e: Evidence) -> Findings:
    yield from fails(e.call("returned", due=True), because="the result cannot be sent")


@check("worker/activities/task-execution-id-exposed", "worker/activities/context")
def activity_code_sees_the_task_execution_id(e: Evidence) -> Findings:
    seen = ctx(e, "told").get("taskExecutionId")
    if seen != TASK_EXECUTION:
        yield Finding(expected=f"taskExecutionId {TASK_EXECUTION!r}", seen=json.dumps(seen), at=e.call("told").at)


@check("worker/activities/identity-exposed", "worker/activities/context")
def activity_code_sees_its_task_and_instance(e: Evidence) -> Findings:
    told, instance_id = ctx(e, "told"), e.item("told/sent").instance_id
    if (told.get("taskId"), told.get("instanceId")) != (4711, instance_id):
        expected = f"taskId 4711 and instanceId {instance_id!r}"
        yield Finding(expected=expected, seen=json.dumps(told), at=e.call("told").at)


@check("worker/activities/falsy-input-sent", "worker/activities/scheduled")
def an_input_that_counts_as_nothing_is_scheduled(e: Evidence) -> Findings:
    given = answer(e, "scheduled", due=True)
    seen = [task.input for _, task in given.of(ScheduleTask)]
    if len(seen) < 4:  # noqa: PLR2004  (the program starts four with an input)
        raise NoEvidence("four scheduled activities")
    for wanted, text in zip(("0", "false", '""', '{"a": [1]}'), seen, strict=False):
        if not text or not same_json(text, wanted):
            yield Finding(expected=f"scheduleTask with the input {wanted}", seen=repr(text), at=given.at)


@check("worker/activities/task-execution-id-set", "worker/activities/scheduled")
def a_scheduled_activity_has_a_uuid(e: Evidence) -> Findings:
    given = answer(e, "scheduled")
    ids = [task.task_execution_id for _, task in given.of(ScheduleTask)]
    if not ids:
        raise NoEvidence("a scheduled activity")
    for one in ids:
        if not is_uuid(one):
            yield Finding(expected="a UUID as taskExecutionId", seen=repr(one), at=given.at)
    if len(set(ids)) < len(ids) and all(ids):
        yield Finding(expected="another taskExecutionId for each activity", seen=", ".join(ids), at=given.at)


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID."""
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False


@check("worker/activities/one-answer-per-item", "worker/activities/echoed")
def each_activity_item_is_answered(e: Evidence) -> Findings:
    for step in (*SIZES, *VALUES):
        e.call(step, due=True)
    yield from ()
