"""Timers: when they are due, what they fire, and when nobody needs them any more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance, OpenTimer, Queued
from dwconf.engine.core.messages import Alarm, Deliver, DropTimer, Effect, Timer, TimerDue
from dwconf.engine.core.moment import Moment
from dwconf.wire.values import (
    CreateTimer,
    EventRaised,
    Nanos,
    TimerCreated,
    TimerFired,
    TimerOriginExternalEvent,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


def timer_created(action: CreateTimer) -> TimerCreated:
    """ENG-C-11: what of the action is written into history, its origin included (EX-8)."""
    return TimerCreated(fire_at=action.fire_at, name=action.name, origin=action.origin)


def due_time(fire_at: Nanos | None) -> Nanos:
    """ENG-E-01, ENG-E-02: when it fires; a time that is not given is the epoch, and so long past."""
    return fire_at if fire_at is not None else 0


def timer(state: Instance, timer_id: int, action: CreateTimer, rules: Decisions) -> Timer:
    """The timer of a createTimer action."""
    due = rules.due_time(action.fire_at)
    return Timer(state.id, state.epoch, Alarm.TIMER, timer_id, action.fire_at, due)


def timer_fired(due: Timer) -> TimerFired:
    """ENG-E-01: the timer's id, and the time that was asked for."""
    return TimerFired(fire_at=due.fire_at, timer_id=due.timer_id)


def waits_for(action: CreateTimer) -> str | None:
    """ENG-E-05: the event whose waiting the timer bounds, by its origin, or in an older worker by its name alone."""
    match action.origin:
        case TimerOriginExternalEvent(name=name):
            return name.upper()
        case None if action.name:
            return action.name.upper()
        case _:
            return None


def beaten(open_timers: tuple[OpenTimer, ...], events: tuple[Queued, ...]) -> tuple[OpenTimer, ...]:
    """ENG-E-05: the timers whose event has come: the oldest of that name for each event."""
    out: list[OpenTimer] = []
    if not any(timer.event is not None for timer in open_timers):
        return ()
    for queued in events:
        if isinstance(queued.event.body, EventRaised):
            name = queued.event.body.name.upper()
            out.extend([timer for timer in open_timers if timer.event == name and timer not in out][:1])
    return tuple(out)


def fire(
    state: Instance | None, input_: TimerDue, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """A timer's time has come: an instance may start, or one of its timers fires."""
    due = input_.timer
    if state is None or not rules.same_generation(state, due.epoch):
        return state, ()
    match due.alarm:
        case Alarm.START:
            return replace(state, due=None), ()
        case Alarm.TIMER:
            event = rules.inbound(rules.timer_fired(due), moment, rules, None)
            return rules.deliver(state, Deliver(event, due.epoch), moment, rules)
        case Alarm.RETENTION:
            return state, rules.expire(state, rules)


def drop(state: Instance, timers: tuple[OpenTimer, ...]) -> tuple[Effect, ...]:
    """ENG-E-05: timers that are not wanted any more."""
    return tuple(DropTimer(state.id, timer.id) for timer in timers)
