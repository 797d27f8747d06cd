"""Events that come from outside: raised by clients, sent by workflows, and the control events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance, Queued, queued
from dwconf.engine.core.messages import Code, Deliver, Effect, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.wire.values import (
    EventBody,
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    RaiseEventRequest,
    ResumeRequest,
    SendEvent,
    SuspendRequest,
    TaskRouter,
    TerminateRequest,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


def inbound(body: EventBody, moment: Moment, rules: Decisions, router: TaskRouter | None) -> HistoryEvent:
    """An event that the engine makes and delivers, at the time at which it does (ENG-C-06, ENG-C-08)."""
    return HistoryEvent(
        event_id=rules.inbound_id(), timestamp=rules.inbound_timestamp(body, moment), body=body, router=router
    )


def inbound_timestamp(body: EventBody, moment: Moment) -> int | None:  # noqa: ARG001  (others look at the body)
    """ENG-C-08: the time at which the engine took the event in."""
    return moment.now


def raised(request: RaiseEventRequest) -> EventRaised:
    """ENG-F-01, ENG-F-02: name and input as given, byte for byte; an unset input stays unset."""
    return EventRaised(name=request.name, input=request.input)


def sent(action: SendEvent) -> EventRaised:
    """ENG-F-11: what the target of a sendEvent action sees."""
    return EventRaised(name=action.name, input=action.data)


def terminated(request: TerminateRequest) -> ExecutionTerminated:
    """ENG-H-01, ENG-H-07: output and recursion as the request says; without a word, not recursive."""
    return ExecutionTerminated(input=request.output, recurse=request.recursive)


def suspended(request: SuspendRequest) -> ExecutionSuspended:
    """ENG-H-08: the reason, unset if there is none."""
    return ExecutionSuspended(input=request.reason or None)


def resumed(request: ResumeRequest) -> ExecutionResumed:
    """ENG-H-08: the reason, unset if there is none."""
    return ExecutionResumed(input=request.reason or None)


def refuse_event(state: Instance | None, body: EventBody, rules: Decisions) -> Refusal | None:
    """ENG-F-07, ENG-H-06: who does not exist cannot be told anything; who has ended takes it in silence."""
    return rules.unknown_instance(body) if state is None else rules.refuse_stalled(state, body)


def unknown_instance(body: EventBody) -> Refusal | None:  # noqa: ARG001  (another contract looks at the body)
    """ENG-F-07, ENG-H-06, ENG-J-01."""
    return Refusal(Code.NOT_FOUND, "no such instance exists")


def told_when(body: EventBody) -> Callable[[Instance, Decisions], bool] | None:
    """ENG-F-01, ENG-K-05: who raises an event is answered when it is queued, and does not wait for any turn."""
    del body
    return None


def enqueue(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """ENG-F-03, ENG-I-09: events queue in the order in which they arrive."""
    return (*inbox, event)


def deliver(
    state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """Queue an event, unless nobody waits for it any more."""
    if state is None or not rules.same_generation(state, input_.epoch):
        return state, ()
    if input_.parent is not None and not rules.is_child_of(state, input_.parent):
        return state, ()
    if not rules.takes_events(state, rules):
        return state, rules.after_the_end(state, input_.event, moment, rules)
    if not rules.accepts(state, input_.event):
        return state, ()
    return rules.receive(state, rules.enqueue(state.inbox, queued(input_.event)), input_.event.body), ()


def takes_events(state: Instance, rules: Decisions) -> bool:
    """ENG-C-25, ENG-F-06: what arrives after the end is dropped."""
    return not rules.is_terminal(state.status)
