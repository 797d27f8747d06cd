"""Checks about the Dapr API: what its verbs do to an instance (chapter J)."""

from __future__ import annotations

from dwconf.suite.checks.engine.management import LIVES, VERSIONS, properties, start_of, told
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, NoEvidence
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    GetWorkflowResponse,
    RaiseEventWorkflowRequest,
    Value,
)

TREE, RAISING, HELD = "engine/management/tree", "engine/management/raising", "engine/management/held"
PURGED = "engine/management/running-purged"


def _accepted(e: Evidence, step: str) -> Call:
    """The call of a step; no evidence of its effect when it was refused."""
    call = e.call(step)
    if not call.ok:
        raise NoEvidence(step)
    return call


def _done(e: Evidence, *steps: str) -> Findings:
    """The calls of these steps were accepted."""
    for step in steps:
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected="OK", seen=call.outcome, at=call.at)


def _raised(e: Evidence, instance_id: str, name: str) -> list[tuple[EventRaised, tuple[int, ...]]]:
    """The external events of a name that turns of an instance brought, each with the record that shows it."""
    return [
        (event.body, item.at)
        for item in e.turns(instance_id)
        for event in item.new(EventRaised)
        if isinstance(event.body, EventRaised) and event.body.name == name
    ]


@check("engine/management/raise-delivers", RAISING)
def an_event_comes_once_as_it_was_raised(e: Evidence) -> Findings:
    for step in ("json", "text"):
        yield from _done(e, f"{step}-raised")
        call = _accepted(e, f"{step}-raised")
        wanted = call.request(RaiseEventWorkflowRequest).event_data.decode()
        fence = e.item("last", due=True)
        came = _raised(e, fence.instance_id, step)
        if [body.input for body, _ in came] != [wanted]:
            at = tuple(number for _, numbers in came for number in numbers)
            seen = f"{len(came)}: {', '.join(repr(body.input) for body, _ in came)}"
            yield Finding(expected=f"one event with the input {wanted!r}", seen=seen, at=(*call.at, *at, *fence.at))


@check("engine/management/raise-without-data", RAISING)
def an_event_without_data_comes_without_input(e: Evidence) -> Findings:
    call, fence = _accepted(e, "bare-raised"), e.item("last")
    came = _raised(e, fence.instance_id, "bare")
    if not came:
        raise NoEvidence("the event without data")
    for body, at in came:
        if body.input is not None:
            yield Finding(expected="no input", seen=repr(body.input), at=(*call.at, *at))


@check("engine/management/pause-and-resume", LIVES)
def an_instance_pauses_and_resumes_without_a_reason(e: Evidence) -> Findings:
    for v in VERSIONS:
        yield from _done(e, f"{v}-paused")
        yield from _bare(e, f"{v}-suspending", ExecutionSuspended)
        e.call(f"{v}-suspended", due=True)
        yield from _done(e, f"{v}-continued")
        yield from _bare(e, f"{v}-resuming", ExecutionResumed)
        e.call(f"{v}-resumed", due=True)


def _bare(e: Evidence, step: str, kind: type[Value]) -> Findings:
    """The turn of a step brings control events of a kind, which carry nothing."""
    item = e.item(step, due=True)
    for event in item.new(kind):
        given = getattr(event.body, "input", None)
        if given:
            yield Finding(expected=f"{kind.__name__} with nothing in it", seen=repr(given), at=item.at)


@check("engine/management/terminate", TREE)
def an_instance_is_terminated_without_output(e: Evidence) -> Findings:
    e.call("running")
    yield from _done(e, "terminated")
    yield from _bare(e, "order", ExecutionTerminated)
    ended = e.call("ended", due=True)
    output = properties(ended).get("dapr.workflow.output")
    if output:
        yield Finding(expected="no output", seen=repr(output), at=ended.at)


@check("engine/management/terminate-reaches-children", TREE)
def the_child_is_terminated_too(e: Evidence) -> Findings:
    e.call("kid-running")
    _accepted(e, "terminated")
    e.item("order")
    e.item("kid-order", due=True)
    e.call("kid-ended", due=True)
    yield from ()


@check("engine/management/terminate-ended", LIVES)
def to_terminate_what_has_ended_changes_nothing(e: Evidence) -> Findings:
    for v in VERSIONS:
        e.call(f"{v}-ended")
        yield from _done(e, f"{v}-terminated")
        before, then = e.call(f"{v}-ended"), e.call(f"{v}-ended-then")
        if told(before) != told(then):
            at = (*before.at, *then.at)
            yield Finding(expected=in_a_line(told(before)), seen=in_a_line(told(then)), at=at)


@check("engine/management/purge", LIVES)
def a_purged_instance_is_gone(e: Evidence) -> Findings:
    for v in VERSIONS:
        yield from _done(e, f"{v}-purged")
        yield from _gone(e, f"{v}-gone")


@check("engine/management/purge-reaches-children", TREE)
def the_child_is_purged_too(e: Evidence) -> Findings:
    e.call("kid-ended")
    yield from _done(e, "purged")
    yield from _gone(e, "kid-gone")


def _gone(e: Evidence, step: str) -> Findings:
    call = e.call(step)
    if told(call).runtime_status:
        yield Finding(expected="no such instance", seen=in_a_line(told(call)), at=call.at)


@check("engine/management/purge-running-refused", PURGED)
def what_runs_is_not_purged(e: Evidence) -> Findings:
    e.call("running")
    call, then = e.call("purged", due=True), e.call("then")
    if call.ok:
        yield Finding(expected="an error", seen=call.outcome, at=call.at)
    if call.undecided:
        raise NoEvidence("purged")
    if not then.ok and then.code != "NOT_FOUND":
        raise NoEvidence("then")
    if then.response(GetWorkflowResponse).runtime_status != "RUNNING":
        shown = in_a_line(then.response(GetWorkflowResponse))
        yield Finding(expected="the instance, still running", seen=shown, at=(*call.at, *then.at))
    e.call("ended", due=True)


@check("engine/management/purged-id-is-free", TREE)
def a_purged_id_starts_anew(e: Evidence) -> Findings:
    if told(e.call("gone")).runtime_status:
        raise NoEvidence("gone")
    yield from _done(e, "again")
    item = e.item("again-first", due=True)
    if item.turn.past_events or start_of(item).input != '"new"':
        seen = f"{len(item.turn.past_events)} past events, input {start_of(item).input!r}"
        yield Finding(expected="a first turn with the new input", seen=seen, at=item.at)


@check("engine/management/verbs-do-not-wait", HELD)
def a_verb_is_answered_while_a_turn_is_held(e: Evidence) -> Findings:
    e.item("first")
    yield from _done(e, "RaiseEventWorkflow", "PauseWorkflow", "ResumeWorkflow", "TerminateWorkflow")
