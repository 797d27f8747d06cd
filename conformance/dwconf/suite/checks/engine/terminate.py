"""Checks about termination (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.engine.purge import exists
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.facts import body, of_kind
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    ExecutionCompleted,
    ExecutionTerminated,
    OrchestrationStatus,
    TaskScheduled,
    TerminateRequest,
    TimerCreated,
    WorkflowState,
)

TERMINATED = OrchestrationStatus.TERMINATED


def order_in(item: Item) -> ExecutionTerminated:
    """The terminate that a turn brings."""
    return body(item.new(ExecutionTerminated)[0], ExecutionTerminated)


def _ended(e: Evidence, step: str, status: OrchestrationStatus, output: str | None) -> Findings:
    """Whether the instance ended so, as the wait for its end answered; that it ends at all is the rule's demand."""
    e.call(step, due=True)
    state = e.state(step)
    if (state.workflow_status, state.output or None) != (status, output):
        seen = f"{state.workflow_status.name} with output {state.output!r}"
        yield Finding(expected=f"{status.name} with output {output!r}", seen=seen, at=e.call(step).at)


@check(
    "engine/lifecycle/terminate-event",
    "engine/terminate/obeyed",
    "engine/terminate/outrun",
    "engine/families/terminated",
)
def the_turn_brings_the_output_and_the_recursion_flag(e: Evidence) -> Findings:
    order = e.item("order", due=True)
    asked = e.first_call_to("TerminateInstance").request(TerminateRequest)
    told = order_in(order)
    if (told.input, told.recurse) != (asked.output, asked.recursive):
        expected = f"executionTerminated with input {asked.output!r}, recurse {asked.recursive}"
        yield Finding(expected=expected, seen=f"input {told.input!r}, recurse {told.recurse}", at=order.at)


@check("engine/lifecycle/terminate-waits-for-end", "engine/terminate/obeyed")
def the_answer_comes_when_the_instance_has_ended(e: Evidence) -> Findings:
    answered, obeyed = e.call("terminate-answered", due=True), e.call("obeyed")
    if answered.ok and (answered.ended or 0) < obeyed.number:
        seen = "an answer before the terminate's turn was"
        yield Finding(expected="no answer before the instance has ended", seen=seen, at=(*answered.at, obeyed.number))
    if answered.ok and not terminal(e.state("state-then")):
        seen = e.state("state-then").workflow_status.name
        yield Finding(expected="an ended instance", seen=seen, at=e.call("state-then").at)


def terminal(state: WorkflowState) -> bool:
    """Whether a state shows an end."""
    return state.workflow_status in (
        OrchestrationStatus.COMPLETED,
        OrchestrationStatus.FAILED,
        OrchestrationStatus.CANCELED,
        TERMINATED,
    )


@check("engine/lifecycle/terminate-in-a-turn", "engine/terminate/obeyed")
def the_terminate_comes_in_a_turn_after_the_outstanding_one(e: Evidence) -> Findings:
    order, before = e.item("order", due=True), e.call("first-answered")
    if order.number < before.number:
        expected = "the terminate in a turn after the one that was outstanding"
        yield Finding(expected=expected, seen="it came before that one was answered", at=(order.number, before.number))


@check("engine/lifecycle/terminate-deadline", "engine/terminate/given-up")
def the_terminate_comes_after_its_client_has_gone(e: Evidence) -> Findings:
    left, beside = e.call("given-up"), e.call("beside")
    if left.code != "DEADLINE_EXCEEDED" or (beside.ended or 0) > (left.ended or 0):  # else it may never have arrived
        raise NoEvidence("given-up")
    e.item("order", due=True)
    yield from _ended(e, "completed", TERMINATED, '"bye"')


@check("engine/lifecycle/terminate-enforced", "engine/terminate/ignored")
def an_ignored_terminate_ends_the_instance(e: Evidence) -> Findings:
    e.item("order")
    yield from _ended(e, "completed", TERMINATED, '"why"')


@check("engine/lifecycle/terminate-enforced", "engine/terminate/ignored")
def the_enforced_end_has_event_id_minus_one(e: Evidence) -> Findings:
    ends = of_kind(e.history("history"), ExecutionCompleted)
    if [end.event_id for end in ends] != [-1]:
        seen = f"executionCompleted with event ids {[end.event_id for end in ends]}"
        yield Finding(expected="one executionCompleted with event id -1", seen=seen, at=e.call("history").at)


@check("engine/lifecycle/terminate-discards-actions", "engine/terminate/ignored")
def nothing_of_the_ignoring_answer_is_carried_out(e: Evidence) -> Findings:
    ignored = e.item("order").instance_id
    e.moment("window-over")
    for item in e.activities(ignored):
        yield Finding(expected="no activity", seen=f"activity {item.activity.name}", at=item.at)
    if exists(e, "kid"):
        yield Finding(expected="no child", seen="the child was started", at=e.call("kid").at)


@check("engine/lifecycle/terminate-discards-actions", "engine/terminate/ignored")
def what_the_ignoring_answer_asked_for_is_recorded(e: Evidence) -> Findings:
    history = e.history("history")
    for number, kind in ((4, TaskScheduled), (5, ChildWorkflowInstanceCreated), (6, TimerCreated)):
        if number not in [event.event_id for event in of_kind(history, kind)]:
            expected = f"{kind.__name__} {number} in history"
            yield Finding(expected=expected, seen=f"{len(history)} events without it", at=e.call("history").at)


@check("engine/lifecycle/completion-beats-terminate", "engine/terminate/outrun")
def a_completion_in_the_same_turn_stands(e: Evidence) -> Findings:
    e.item("order")
    yield from _ended(e, "completed", OrchestrationStatus.COMPLETED, '"mine"')


@check("engine/lifecycle/completion-beats-terminate", "engine/terminate/obeyed")
def the_workers_own_end_stands(e: Evidence) -> Findings:
    e.item("order")
    yield from _ended(e, "completed", TERMINATED, '"bye"')


@check("engine/lifecycle/continue-as-new-under-terminate", "engine/terminate/continued")
def the_instance_ends_instead_of_continuing(e: Evidence) -> Findings:
    e.item("order")
    e.call("completed", due=True)
    state = e.state("completed")
    if state.workflow_status != TERMINATED:
        yield Finding(expected="TERMINATED", seen=state.workflow_status.name, at=e.call("completed").at)
    continued = e.call("continued").number
    for turn in e.turns(e.item("order").instance_id):
        if turn.number > continued:
            yield Finding(expected="no further turn", seen="a turn of a next generation", at=turn.at)


@check("engine/lifecycle/terminate-ended", "engine/terminate/outrun")
def a_terminate_of_an_ended_instance_changes_nothing(e: Evidence) -> Findings:
    again = e.call("terminated-again", due=True)
    if not again.ok:
        yield Finding(expected="OK", seen=again.outcome, at=again.at)
    before, after = e.state("completed"), e.state("state-again")
    if (before.workflow_status, before.output) != (after.workflow_status, after.output):
        seen = f"{after.workflow_status.name} with output {after.output!r}"
        expected = f"{before.workflow_status.name} with output {before.output!r}, as before"
        yield Finding(expected=expected, seen=seen, at=e.call("state-again").at)
    yield from _same_history(e, "history", "history-again")


def _same_history(e: Evidence, first: str, second: str) -> Findings:
    """Whether two queries answered the same events; an engine without the query has only its state to show."""
    calls: tuple[Call, Call] = (e.call(first), e.call(second))
    if calls[0].ok and calls[1].ok and e.history(first) != e.history(second):
        seen = f"{len(e.history(first))} events before, {len(e.history(second))} after"
        yield Finding(expected="the same history as before", seen=seen, at=(*calls[0].at, *calls[1].at))


@check("engine/lifecycle/terminate-unknown", "engine/terminate/unknown")
def a_terminate_of_an_unknown_instance_fails(e: Evidence) -> Findings:
    call = e.call("answered", due=True)
    if call.ok:
        yield Finding(expected="an error", seen="OK", at=call.at)


@check("engine/lifecycle/terminate-default-not-recursive", "engine/terminate/obeyed")
def without_the_flag_it_is_not_recursive(e: Evidence) -> Findings:
    order = e.item("order")
    if order_in(order).recurse:
        yield Finding(expected="recurse false", seen="recurse true", at=order.at)


@check("engine/lifecycle/terminate-while-suspended", "engine/terminate/suspended")
def a_suspended_instance_is_terminated(e: Evidence) -> Findings:
    e.call("suspended")
    e.item("order", due=True)
    yield from _ended(e, "completed", TERMINATED, '"bye"')
