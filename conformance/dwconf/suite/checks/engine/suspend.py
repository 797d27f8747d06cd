"""Checks about suspension and resumption (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.facts import body
from dwconf.wire.values import (
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    OrchestrationStatus,
    ResumeRequest,
    SuspendRequest,
    TaskCompleted,
)

RUNNING, SUSPENDED = OrchestrationStatus.RUNNING, OrchestrationStatus.SUSPENDED


def _shows(e: Evidence, step: str, status: OrchestrationStatus) -> Findings:
    """Whether a query showed this status."""
    seen = e.state(step).workflow_status
    if seen != status:
        yield Finding(expected=f"status {status.name}", seen=seen.name, at=e.call(step).at)


@check("engine/lifecycle/suspend-event", "engine/suspend/there-and-back", "engine/suspend/without-reason")
def the_turn_brings_the_reason_of_the_suspension(e: Evidence) -> Findings:
    turn = e.item("pausing", due=True)
    reason = e.first_call_to("SuspendInstance").request(SuspendRequest).reason
    told = body(turn.new(ExecutionSuspended)[0], ExecutionSuspended).input
    if told != reason:
        yield Finding(expected=f"executionSuspended with input {reason!r}", seen=f"input {told!r}", at=turn.at)


@check("engine/lifecycle/resume-event", "engine/suspend/there-and-back", "engine/suspend/without-reason")
def the_turn_brings_the_reason_of_the_resumption(e: Evidence) -> Findings:
    e.call("suspend-answered")
    turn = e.item("resuming", due=True)
    reason = e.first_call_to("ResumeInstance").request(ResumeRequest).reason
    told = body(turn.new(ExecutionResumed)[0], ExecutionResumed).input
    if told != reason:
        yield Finding(expected=f"executionResumed with input {reason!r}", seen=f"input {told!r}", at=turn.at)


def _waited(e: Evidence, answer: str, turn: str) -> Findings:
    """Whether a call answered only after its turn was."""
    called, answered = e.call(answer, due=True), e.call(turn)
    if not called.ok:
        yield Finding(expected="OK", seen=called.outcome, at=called.at)
    if called.ok and (called.ended or 0) < answered.number:
        seen = "an answer before its turn was"
        yield Finding(expected="no answer before the turn is committed", seen=seen, at=(*called.at, answered.number))


@check("engine/lifecycle/suspend-returns-suspended", "engine/suspend/there-and-back")
def a_suspend_is_answered_when_the_instance_is_suspended(e: Evidence) -> Findings:
    yield from _waited(e, "suspend-answered", "pausing-answered")
    yield from _shows(e, "state-suspended", SUSPENDED)


@check("engine/lifecycle/resume-returns-running", "engine/suspend/there-and-back")
def a_resume_is_answered_when_the_instance_runs(e: Evidence) -> Findings:
    e.call("resuming-answered")
    yield from _waited(e, "resume-answered", "resuming-answered")
    yield from _shows(e, "state-resumed", RUNNING)


@check("engine/lifecycle/suspend-is-a-turn", "engine/suspend/there-and-back")
def the_status_changes_with_the_turns_commit(e: Evidence) -> Findings:
    e.item("pausing", due=True)
    yield from _shows(e, "state-before-suspension", RUNNING)
    e.item("resuming", due=True)
    yield from _shows(e, "state-before-resumption", SUSPENDED)


@check("engine/lifecycle/repeated-suspend-recorded", "engine/suspend/again")
def each_suspend_and_each_resume_comes(e: Evidence) -> Findings:
    e.call("suspended")
    e.item("pausing-again", due=True)
    e.item("resuming")
    e.item("resuming-again", due=True)
    for step in ("suspend-again-answered", "resuming-again-answered"):
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/lifecycle/resume-while-suspended", "engine/suspend/there-and-back")
def a_resumed_instance_goes_on(e: Evidence) -> Findings:
    e.call("suspend-answered")
    e.item("resuming", due=True)
    yield from _shows(e, "state-resumed", RUNNING)
    e.item("on", due=True)
    e.call("completed", due=True)
    yield from _shows(e, "completed", OrchestrationStatus.COMPLETED)


@check("engine/lifecycle/suspended-still-dispatched", "engine/suspend/busy")
def a_suspended_instance_still_gets_its_turns(e: Evidence) -> Findings:
    e.call("suspended")
    for step in ("event-turn", "task-turn", "timer-turn", "fence"):
        if step != "timer-turn" or e.reached(step) or e.missed(step):  # a slow case sees its timer fire too early
            e.item(step, due=True)
    e.call("still-suspended", due=True)
    yield from ()


@check("engine/lifecycle/suspension-loses-nothing", "engine/suspend/nothing-lost")
def what_came_during_the_suspension_has_come_in_order(e: Evidence) -> Findings:
    e.call("suspended")
    last = e.item("fence", due=True)
    turns = list(e.turns(last.instance_id))
    events = [event.body for turn in turns if turn.number <= last.number for event in turn.turn.new_events]
    names = [event.name for event in events if isinstance(event, EventRaised) and event.name != "fence"]
    if list(dict.fromkeys(names)) != ["one", "two", "three"]:
        yield Finding(expected="the events one, two, three before the fence", seen=f"{names}", at=last.at)
    if not any(turn.new(TaskCompleted) for turn in turns):
        e.item("result", due=True)


@check("engine/lifecycle/status-precedence", "engine/suspend/precedence")
def the_status_follows_the_life_of_the_instance(e: Evidence) -> Findings:
    yield from _shows(e, "pending", OrchestrationStatus.PENDING)
    yield from _shows(e, "running", RUNNING)
    e.call("suspended", due=True)
    e.call("ended", due=True)
