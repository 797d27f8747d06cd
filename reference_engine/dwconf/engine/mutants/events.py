"""Wrong about external events (ENG-F)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dwconf.engine.core.actions import Recorded
from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Code, Create, Deliver, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    EventBody,
    EventRaised,
    EventSent,
    HistoryEvent,
    RaiseEventRequest,
    SendEvent,
    WorkflowAction,
)


def _upper_case(request: RaiseEventRequest) -> EventRaised:
    """Names are put into upper case."""
    return replace(REFERENCE.raised(request), name=request.name.upper())


def _lower_case(request: RaiseEventRequest) -> EventRaised:
    """Names are put into lower case."""
    return replace(REFERENCE.raised(request), name=request.name.lower())


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


mutant(
    "event-names-lower-case",
    "engine/events/name-forwarded",
    "an event's name is put into lower case, and becomes that of another one",
    raised=_lower_case,
)
mutant(
    "event-names-upper-case",
    "engine/events/name-forwarded",
    "names of events are put into upper case",
    raised=_upper_case,
)
mutant(
    "event-payload-lost",
    "engine/events/raised-event-delivered",
    "the payload of an event is lost",
    raised=_without_input,
)
mutant(
    "event-payload-always-set",
    "engine/events/raised-event-delivered",
    "an event without a payload gets an empty one",
    raised=_input_always_set,
)
mutant("events-overtake", "engine/events/fifo", "a newer event overtakes older ones", enqueue=_last_in_first_out)
mutant(
    "equal-events-merged",
    "engine/events/identical-events-kept",
    "an event equal to one that waits already is dropped",
    accepts=_same_payload_dropped,
)
mutant(
    "unawaited-events-dropped",
    "engine/events/unawaited-event-delivered",
    "an event that nobody waits for is dropped",
    accepts=_unawaited_dropped,
)
mutant(
    "events-for-nobody-taken",
    "engine/events/to-unknown-instance",
    "an event for an instance that does not exist is taken",
    unknown_instance=_unknown_taken,
)
mutant(
    "events-lost-while-suspended",
    "engine/events/accepted-while-suspended",
    "events for a suspended instance are lost",
    deliver=_sent_nowhere,
)
mutant(
    "sent-event-without-payload",
    "engine/events/send-event-delivered",
    "an event that a workflow sends arrives without its payload",
    sent=_sent_empty,
)


# Declared one by one.


def _when_taken(body: EventBody) -> Callable[[Instance, Decisions], bool] | None:
    """Who raises an event waits until it is consumed."""
    return (lambda state, _rules: not state.inbox) if isinstance(body, EventRaised) else None


def _end_refuses(state: Instance | None, body: EventBody, rules: Decisions) -> Refusal | None:
    """An event to an ended instance fails."""
    if state is not None and isinstance(body, EventRaised) and rules.is_terminal(state.status):
        return Refusal(Code.FAILED_PRECONDITION, "the workflow has ended")
    return REFERENCE.refuse_event(state, body, rules)


def _end_touched(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """An event to an ended instance counts as an update of it."""
    if state is not None and rules.is_terminal(state.status):
        return replace(state, custom_status="touched"), ()
    return REFERENCE.deliver(state, input_, moment, rules)


def _kept_for_later(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """What is sent to an unknown instance is kept for whoever gets its id."""
    if state is not None:
        return REFERENCE.deliver(state, input_, moment, rules)
    never = moment.now + 10**18
    kept = Queued(input_.event, encode(input_.event))
    ghost = Instance(
        id="", epoch="", birth=input_.event, created_at=moment.now, updated_at=moment.now, due=never, inbox=(kept,)
    )
    return ghost, ()


def _haunted(state: Instance | None, input_: Create, moment: Moment, rules: Decisions) -> Stepped:
    """A new instance gets what was sent before it existed."""
    if state is None or state.epoch:
        return REFERENCE.create(state, input_, moment, rules)
    born, effects = REFERENCE.create(None, input_, moment, rules)
    return (replace(born, inbox=(*born.inbox, *state.inbox)) if born is not None else None), effects


def _sent_unrecorded(state: Instance, action: WorkflowAction, moment: Moment, rules: Decisions) -> Recorded | None:
    """A sent event leaves another target in history."""
    made = REFERENCE.record(state, action, moment, rules)
    return replace(made, instance_id=state.id) if isinstance(made, EventSent) else made


mutant(
    "raise-waits",
    "engine/events/raise-does-not-wait",
    "who raises an event waits until it is consumed",
    told_when=_when_taken,
)
mutant(
    "event-to-ended-fails",
    "engine/events/to-ended-instance",
    "an event to an ended instance fails",
    refuse_event=_end_refuses,
)
mutant(
    "event-to-ended-shows",
    "engine/events/to-ended-instance",
    "an event to an ended instance changes what queries show",
    deliver=_end_touched,
)
mutant(
    "unknown-instance-haunted",
    "engine/events/unknown-instance-not-haunted",
    "what is sent to an unknown instance reaches whoever gets its id",
    unknown_instance=lambda _body: None,
    deliver=_kept_for_later,
    create=_haunted,
)
mutant(
    "sent-event-with-wrong-target",
    "engine/events/send-event-recorded",
    "a sent event is recorded with another target",
    record=_sent_unrecorded,
)


def _doubled(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """An event is delivered twice."""
    return (*inbox, event, event) if isinstance(event.event.body, EventRaised) else (*inbox, event)


mutant(
    "events-doubled",
    "engine/events/raised-event-delivered",
    "a raised event is delivered twice",
    enqueue=_doubled,
)
