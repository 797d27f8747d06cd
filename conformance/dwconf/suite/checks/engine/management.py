"""Checks about the Dapr API: starts, and what is told of an instance (chapter J)."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from dwconf.suite.checks.engine.start import is_early
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.trace.words import in_a_line, instant
from dwconf.wire.values import (
    ExecutionStarted,
    GetWorkflowResponse,
    StartWorkflowRequest,
    StartWorkflowResponse,
    WorkflowState,
)

VERSIONS = ("Alpha1", "Beta1")
VERBS = (
    "StartWorkflow",
    "GetWorkflow",
    "PurgeWorkflow",
    "TerminateWorkflow",
    "PauseWorkflow",
    "ResumeWorkflow",
    "RaiseEventWorkflow",
)
NOBODY, LIVES, STARTS = "engine/management/nobody", "engine/management/lives", "engine/management/starts"
ENDINGS, TAKEN, SCHEDULED = "engine/management/endings", "engine/management/taken", "engine/management/scheduled"
UNSERVED = "UNIMPLEMENTED"
RANDOM = 4
"""The version of a random UUID."""
PROPERTY = "dapr.workflow."
FAILURE = f"{PROPERTY}failure."


def told(call: Call) -> GetWorkflowResponse:
    """What GetWorkflow told; no evidence when it failed."""
    if not call.ok:
        raise NoEvidence("an answer of GetWorkflow")
    return call.response(GetWorkflowResponse)


def properties(call: Call) -> dict[str, str]:
    """The properties that GetWorkflow told."""
    return dict(told(call).properties)


def start_of(item: Item) -> ExecutionStarted:
    """The executionStarted that a turn brings."""
    for event in item.new(ExecutionStarted):
        if isinstance(event.body, ExecutionStarted):
            return event.body
    raise NoEvidence("executionStarted")


# --- methods and versions


@check("engine/management/methods-served", NOBODY)
def each_method_is_served_in_both_versions(e: Evidence) -> Findings:
    for version in VERSIONS:
        for verb in VERBS:
            call = e.call(f"{version}-{verb}", due=True)
            if call.code == UNSERVED:
                yield Finding(expected=f"{verb}{version} is served", seen=call.outcome, at=call.at)


@check("engine/management/versions-agree", NOBODY)
def both_versions_say_the_same_of_nobody(e: Evidence) -> Findings:
    for verb in VERBS:
        alpha, beta = (e.call(f"{version}-{verb}") for version in VERSIONS)
        if alpha.code != beta.code:
            at = (*alpha.at, *beta.at)
            yield Finding(expected=f"{beta.outcome}, as Beta1 says", seen=alpha.outcome, at=at)


@check("engine/management/versions-agree", LIVES)
def both_versions_lead_the_same_life(e: Evidence) -> Findings:
    calls = ("started", "paused", "continued", "raised", "terminated", "purged")
    for step in calls:
        alpha, beta = (e.call(f"{version}-{step}") for version in VERSIONS)
        if alpha.code != beta.code:
            yield Finding(expected=beta.outcome, seen=alpha.outcome, at=(*alpha.at, *beta.at))
    for step in ("pending", "running", "suspended", "ended", "ended-then", "gone"):
        alpha, beta = (e.call(f"{version}-{step}") for version in VERSIONS)
        if _essence(alpha) != _essence(beta):
            expected = f"{in_a_line(told(beta))}, as Beta1 says"
            yield Finding(expected=expected, seen=in_a_line(told(alpha)), at=(*alpha.at, *beta.at))
    for step in ("first", "suspending", "resuming", "told"):
        one, other = (e.item(f"{version}-{step}") for version in VERSIONS)
        kinds = [[type(event.body).__name__ for event in item.turn.new_events] for item in (one, other)]
        if kinds[0] != kinds[1]:
            yield Finding(expected=", ".join(kinds[1]), seen=", ".join(kinds[0]), at=(*one.at, *other.at))


def _essence(call: Call) -> object:
    """What must be the same of two instances: all but whose and when."""
    shown = told(call)
    return shown.workflow_name, shown.runtime_status, shown.properties, shown.created_at is None


# --- starts


@check("engine/management/start-answers-id", LIVES)
def the_answer_names_the_instance(e: Evidence) -> Findings:
    for version in VERSIONS:
        call = e.call(f"{version}-started", due=True)
        asked, answer = call.request(StartWorkflowRequest), call.response(StartWorkflowResponse)
        if not call.ok or answer.instance_id != asked.instance_id:
            seen = f"{call.outcome}, {answer.instance_id!r}"
            yield Finding(expected=f"OK, {asked.instance_id!r}", seen=seen, at=call.at)


@check("engine/management/start-makes-id", "engine/management/without-id")
def an_id_is_made(e: Evidence) -> Findings:
    made = {}
    for step in ("one", "two"):
        call = e.call(f"{step}-started", due=True)
        given = call.response(StartWorkflowResponse).instance_id
        if not call.ok or not _is_random(given):
            yield Finding(expected="OK, a random UUID", seen=f"{call.outcome}, {given!r}", at=call.at)
            return
        made[given] = call
    if len(made) == 1:
        at = e.call("two-started").at
        yield Finding(expected="another id than the first start made", seen="the same", at=at)
        return
    for step in ("one", "two"):
        e.item(step, due=True)


def _is_random(text: str) -> bool:
    try:
        return UUID(text).version == RANDOM and len(text) == len(str(UUID(text)))
    except ValueError:
        return False


@check("engine/management/start-does-not-wait", LIVES)
def a_start_is_answered_before_its_first_turn_is(e: Evidence) -> Findings:
    for version in VERSIONS:
        call = e.call(f"{version}-started", due=True)
        if not call.ok:
            yield Finding(expected="OK, before the first turn is answered", seen=call.outcome, at=call.at)


@check("engine/management/start-event", STARTS)
def name_and_input_reach_the_first_turn(e: Evidence) -> Findings:
    for step in ("plain", "no-json"):
        asked = _started(e, step).request(StartWorkflowRequest)
        item = e.item(step, due=True)
        body = start_of(item)
        wanted = (asked.workflow_name, asked.input.decode())
        if (body.name, body.input) != wanted:
            seen = f"name {body.name!r}, input {body.input!r}"
            yield Finding(expected=f"name {wanted[0]!r}, input {wanted[1]!r}", seen=seen, at=item.at)


@check("engine/management/start-input-always-set", STARTS)
def no_input_is_an_empty_one(e: Evidence) -> Findings:
    _started(e, "no-input")
    item = e.item("no-input")
    given = start_of(item).input
    if given != "":
        yield Finding(expected="an input that is set, and empty", seen=repr(given), at=item.at)


def _started(e: Evidence, step: str) -> Call:
    call = e.call(f"{step}-started")
    if not call.ok:
        raise NoEvidence(f"{step}-started")
    return call


def _accepted(e: Evidence, *steps: str) -> Findings:
    for step in steps:
        call = e.call(f"{step}-started", due=True)
        if not call.ok:
            yield Finding(expected=f"OK ({step.replace('-', ' ')})", seen=call.outcome, at=call.at)


@check("engine/management/component-not-looked-at", STARTS)
def any_component_will_do(e: Evidence) -> Findings:
    yield from _accepted(e, "no-component", "odd-component")


@check("engine/management/other-options-ignored", STARTS)
def an_unknown_option_is_no_obstacle(e: Evidence) -> Findings:
    yield from _accepted(e, "odd-option")


@check("engine/management/good-id-accepted", STARTS)
def a_good_id_is_accepted(e: Evidence) -> Findings:
    yield from _accepted(e, "long", "marked")


@check("engine/management/start-time-delays", SCHEDULED)
def the_first_turn_waits_for_its_time(e: Evidence) -> Findings:
    call, at = e.call("started"), e.note("due", "at")
    if not call.ok or not isinstance(at, int):
        raise NoEvidence("started")
    for item in e.turns(call.request(StartWorkflowRequest).instance_id):
        if is_early(item, at):
            yield Finding(expected=f"a turn at {instant(at)} or later", seen=instant(item.clock), at=item.at)
    e.item("first", due=True)


@check("engine/management/start-time-format", SCHEDULED)
def a_time_that_is_none_is_refused(e: Evidence) -> Findings:
    for step in ("word", "date"):
        call = e.call(step, due=True)
        if call.code != "INTERNAL":
            given = dict(call.request(StartWorkflowRequest).options)
            yield Finding(expected=f"INTERNAL for {given}", seen=call.outcome, at=call.at)


@check("engine/management/duplicate-id-refused", TAKEN)
def a_taken_id_is_refused(e: Evidence) -> Findings:
    e.call("running")
    again = e.call("again", due=True)
    if again.code not in ("INTERNAL", "ALREADY_EXISTS"):
        yield Finding(expected="INTERNAL or ALREADY_EXISTS", seen=again.outcome, at=again.at)
    then = e.call("then")
    shown = told(then)
    if (shown.workflow_name, properties(then).get(f"{PROPERTY}input")) != ("wf", '"one"'):
        yield Finding(expected="the instance as it was", seen=in_a_line(shown), at=(*again.at, *then.at))
    e.call("ended", due=True)


# --- queries


@check("engine/management/get-unknown", NOBODY)
def of_nobody_there_is_the_id_alone(e: Evidence) -> Findings:
    for version in VERSIONS:
        call = e.call(f"{version}-GetWorkflow", due=True)
        answer = call.response(GetWorkflowResponse)
        if not call.ok:
            yield Finding(expected="OK, with the instance id alone", seen=call.outcome, at=call.at)
            continue
        extra = (answer.workflow_name, answer.runtime_status, answer.properties)
        if any(extra) or answer.created_at or answer.last_updated_at or not answer.instance_id:
            yield Finding(expected="the instance id alone", seen=in_a_line(answer), at=call.at)


@check("engine/management/get-fields", LIVES)
def an_instance_is_told_of(e: Evidence) -> Findings:
    for version in VERSIONS:
        wf = e.item(f"{version}-first").instance_id
        for step in (f"{version}-running", f"{version}-ended"):
            call = e.call(step, due=True)
            shown = told(call)
            if (shown.instance_id, shown.workflow_name) != (wf, "wf"):
                yield Finding(expected=f"instance {wf!r}, workflow 'wf'", seen=in_a_line(shown), at=call.at)
            if not shown.created_at or not shown.last_updated_at or shown.last_updated_at < shown.created_at:
                expected = "the times of its creation and of its last change, in this order"
                yield Finding(expected=expected, seen=in_a_line(shown), at=call.at)


@check("engine/management/get-agrees", LIVES)
def both_services_say_the_same_of_a_life(e: Evidence) -> Findings:
    for version in VERSIONS:
        yield from _agree(e, f"{version}-hub", f"{version}-ended")


@check("engine/management/get-agrees", ENDINGS)
def both_services_say_the_same_of_endings(e: Evidence) -> Findings:
    for step in ("failed", "canceled", "silent"):
        yield from _agree(e, f"{step}-hub", step)


def _agree(e: Evidence, hub: str, step: str) -> Findings:
    state, call = e.state(hub), e.call(step)
    shown = told(call)
    wanted = {
        "name": (state.name, shown.workflow_name),
        "status": (state.workflow_status.name, shown.runtime_status),
        "creation": (state.created_timestamp, shown.created_at),
        "last change": (state.last_updated_timestamp, shown.last_updated_at),
        **{name: (text, dict(shown.properties).get(name)) for name, text in _texts(state)},
    }
    for name, (theirs, ours) in wanted.items():
        if (theirs or None) != (ours or None):
            at = (*e.call(hub).at, *call.at)
            yield Finding(expected=f"{name} {theirs!r}, as GetInstance tells", seen=repr(ours), at=at)


def _texts(state: WorkflowState) -> Iterator[tuple[str, str | None]]:
    failure = state.failure_details
    yield f"{PROPERTY}input", state.input
    yield f"{PROPERTY}custom_status", state.custom_status
    if failure is None:  # what a failure came with may be left out
        yield f"{PROPERTY}output", state.output
    else:
        yield f"{FAILURE}error_type", failure.error_type
        yield f"{FAILURE}error_message", failure.error_message


@check("engine/management/status-strings", LIVES)
def a_life_goes_through_bare_names(e: Evidence) -> Findings:
    for version in VERSIONS:
        for step, wanted in (("pending", "PENDING"), ("ended-then", "COMPLETED")):
            yield from _in_status(e, f"{version}-{step}", wanted)
        for step in ("running", "suspended"):
            e.call(f"{version}-{step}", due=True)


@check("engine/management/status-strings", ENDINGS)
def each_ending_has_its_bare_name(e: Evidence) -> Findings:
    for step in ("failed", "canceled", "silent"):
        yield from _in_status(e, step, str(e.note(f"{step}-expected", "status")))


def _in_status(e: Evidence, step: str, wanted: str) -> Findings:
    call = e.call(step)
    if told(call).runtime_status != wanted:
        yield Finding(expected=wanted, seen=repr(told(call).runtime_status), at=call.at)


def _holds(e: Evidence, step: str, wanted: dict[str, str | None]) -> Findings:
    """The properties at a step have these values; None means that the property is not there."""
    call = e.call(step)
    shown = properties(call)
    for name, value in wanted.items():
        if shown.get(name) != value:
            expected = f"{name} {value!r}" if value is not None else f"no {name}"
            yield Finding(expected=expected, seen=repr(shown.get(name)), at=call.at)


@check("engine/management/input-output-properties", LIVES)
def input_and_output_are_told_as_they_are(e: Evidence) -> Findings:
    for version in VERSIONS:
        yield from _holds(e, f"{version}-running", {f"{PROPERTY}input": '{"n": 1}', f"{PROPERTY}output": None})
        yield from _holds(e, f"{version}-ended", {f"{PROPERTY}input": '{"n": 1}', f"{PROPERTY}output": '"out"'})


@check("engine/management/custom-status-property", LIVES)
def a_custom_status_is_told_as_it_is(e: Evidence) -> Findings:
    for version in VERSIONS:
        yield from _holds(e, f"{version}-pending", {f"{PROPERTY}custom_status": None})
        yield from _holds(e, f"{version}-running", {f"{PROPERTY}custom_status": '"busy"'})
        yield from _holds(e, f"{version}-ended", {f"{PROPERTY}custom_status": '"ready"'})


@check("engine/management/failure-properties", ENDINGS)
def a_failure_is_told(e: Evidence) -> Findings:
    broken: dict[str, str | None] = {f"{FAILURE}error_type": "Broken", f"{FAILURE}error_message": "went wrong"}
    yield from _holds(e, "failed", {**broken, f"{FAILURE}stack_trace": "line 1\nline 2"})
    yield from _holds(e, "plainly", {**broken, f"{FAILURE}stack_trace": None})
    call = e.call("silent")
    extra = [name for name in properties(call) if name.startswith(FAILURE)]
    if extra:
        yield Finding(expected="no failure of an instance that completed", seen=", ".join(extra), at=call.at)
