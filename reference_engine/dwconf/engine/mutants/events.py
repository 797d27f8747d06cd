"""Wrong about external events (ENG-F)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Deliver
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.mutant import Mutant
from dwconf.wire.values import EventBody, EventRaised, HistoryEvent, RaiseEventRequest, SendEvent


def _upper_case(request: RaiseEventRequest) -> EventRaised:
    """Names are put into upper case."""
    return replace(REFERENCE.raised(request), name=request.name.upper())


def _without_input(request: RaiseEventRequest) -> EventRaised:
    """The payload of an event is lost."""
    return replace(REFERENCE.raised(request), input=None)


def _input_always_set(request: RaiseEventRequest) -> EventRaised:
    """An event without a payload gets an empty one."""
    return replace(REFERENCE.raised(request), input=request.input or "")


def _last_in_first_out(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """A newer event overtakes older ones, though not the start."""
    return (*inbox[:1], event, *inbox[1:]) if inbox else (event,)


def _same_payload_dropped(state: Instance, event: HistoryEvent) -> bool:
    """An event equal to one that waits already is dropped."""
    waiting = any(
        isinstance(queued.event.body, EventRaised) and queued.event.body == event.body for queued in state.inbox
    )
    return REFERENCE.accepts(state, event) and not waiting


def _unawaited_dropped(state: Instance, event: HistoryEvent) -> bool:
    """An event for which no timer waits is dropped."""
    body = event.body
    if isinstance(body, EventRaised):
        return any(timer.event == body.name.upper() for timer in state.open_timers)
    return REFERENCE.accepts(state, event)


def _unknown_taken(body: EventBody) -> None:
    """An event for an instance that does not exist is taken."""
    del body


def _sent_nowhere(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """Nothing is delivered while an instance is suspended."""
    held = state is not None and state.status.name == "SUSPENDED" and isinstance(input_.event.body, EventRaised)
    return (state, ()) if held else REFERENCE.deliver(state, input_, moment, rules)


def _sent_empty(action: SendEvent) -> EventRaised:
    """An event that a workflow sends arrives without its payload."""
    return EventRaised(name=action.name)


MUTANTS = (
    Mutant(
        name="event-names-upper-case",
        breaks="engine/events/name-forwarded",
        title="names of events are put into upper case",
        decisions=replace(REFERENCE, raised=_upper_case),
    ),
    Mutant(
        name="event-payload-lost",
        breaks="engine/events/raised-event-delivered",
        title="the payload of an event is lost",
        decisions=replace(REFERENCE, raised=_without_input),
    ),
    Mutant(
        name="event-payload-always-set",
        breaks="engine/events/raised-event-delivered",
        title="an event without a payload gets an empty one",
        decisions=replace(REFERENCE, raised=_input_always_set),
    ),
    Mutant(
        name="events-overtake",
        breaks="engine/events/fifo",
        title="a newer event overtakes older ones",
        decisions=replace(REFERENCE, enqueue=_last_in_first_out),
    ),
    Mutant(
        name="equal-events-merged",
        breaks="engine/events/identical-events-kept",
        title="an event equal to one that waits already is dropped",
        decisions=replace(REFERENCE, accepts=_same_payload_dropped),
    ),
    Mutant(
        name="unawaited-events-dropped",
        breaks="engine/events/unawaited-event-delivered",
        title="an event that nobody waits for is dropped",
        decisions=replace(REFERENCE, accepts=_unawaited_dropped),
    ),
    Mutant(
        name="events-for-nobody-taken",
        breaks="engine/events/to-unknown-instance",
        title="an event for an instance that does not exist is taken",
        decisions=replace(REFERENCE, unknown_instance=_unknown_taken),
    ),
    Mutant(
        name="events-lost-while-suspended",
        breaks="engine/events/accepted-while-suspended",
        title="events for a suspended instance are lost",
        decisions=replace(REFERENCE, deliver=_sent_nowhere),
    ),
    Mutant(
        name="sent-event-without-payload",
        breaks="engine/events/send-event-delivered",
        title="an event that a workflow sends arrives without its payload",
        decisions=replace(REFERENCE, sent=_sent_empty),
    ),
)
