"""Wrong about timers (ENG-E)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance, OpenTimer, Queued
from dwconf.engine.core.messages import Effect, Timer
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.values import (
    CreateTimer,
    EventBody,
    EventRaised,
    HistoryEvent,
    Nanos,
    OrchestrationStatus,
    TaskRouter,
    TimerCreated,
    TimerFired,
    WorkflowAction,
)

SECOND = 1_000_000_000


def _early(fire_at: Nanos | None) -> Nanos:
    """Timers fire half a second early."""
    return REFERENCE.due_time(fire_at) - SECOND // 2


def _rewritten(due: Timer) -> TimerFired:
    """TimerFired tells a time half a second before the one that was asked for."""
    body = REFERENCE.timer_fired(due)
    return replace(body, fire_at=(body.fire_at or 0) - SECOND // 2)


def _at_once(fire_at: Nanos | None) -> Nanos:
    """Timers fire at once."""
    del fire_at
    return 0


def _never(fire_at: Nanos | None) -> Nanos:
    """Timers fire a century late."""
    return REFERENCE.due_time(fire_at) + 100 * 365 * 86_400 * SECOND


def _wrong_id(due: Timer) -> TimerFired:
    """TimerFired names another timer."""
    return replace(REFERENCE.timer_fired(due), timer_id=due.timer_id + 1)


def _no_time(due: Timer) -> TimerFired:
    """TimerFired does not say for which time it was set."""
    return replace(REFERENCE.timer_fired(due), fire_at=None)


def _all_beaten(timers: tuple[OpenTimer, ...], events: tuple[Queued, ...]) -> tuple[OpenTimer, ...]:
    """An external event cancels every timer."""
    return timers if any(isinstance(queued.event.body, EventRaised) for queued in events) else ()


def _outlives_the_end(state: Instance) -> tuple[Effect, ...]:
    """Timers are not dropped with their generation."""
    del state
    return ()


def _fires_always(state: Instance, event: HistoryEvent) -> bool:
    """A timer fires whether or not there is such a timer."""
    return isinstance(event.body, TimerFired) or REFERENCE.accepts(state, event)


def _one_per_instant(state: Instance, event: HistoryEvent) -> bool:
    """Of timers that are due at one time one fires."""
    body = event.body
    if isinstance(body, TimerFired):
        others = (waiting.event.body for waiting in state.inbox)
        if any(isinstance(other, TimerFired) and other.fire_at == body.fire_at for other in others):
            return False
    return REFERENCE.accepts(state, event)


def _wrapped(state: Instance, timer_id: int, action: CreateTimer, rules: Decisions) -> Timer:
    """A delay is counted in milliseconds, in 32 bits with a sign."""
    timer = REFERENCE.timer(state, timer_id, action, rules)
    delay = (timer.due - state.updated_at) // 1_000_000
    return replace(timer, due=state.updated_at + max(0, (delay + 2**31) % 2**32 - 2**31) * 1_000_000)


mutant(
    "delays-in-32-bits",
    "engine/timers/far-future-accepted",
    "delays are counted in 32 bits of milliseconds, so that one of a month is over at once",
    timer=_wrapped,
)
mutant(
    "one-timer-for-each-time",
    "engine/timers/all-due-timers-delivered",
    "of timers that are due at one time only the first fires",
    accepts=_one_per_instant,
)
mutant("timers-early", "engine/timers/never-early", "timers fire half a second early", due_time=_early)
mutant(
    "timers-rewritten-early",
    "engine/timers/never-early",
    "timers fire half a second early, and say that this was their time",
    due_time=_early,
    timer_fired=_rewritten,
)
mutant("timers-at-once", "engine/timers/never-early", "timers do not wait", due_time=_at_once)
mutant("timers-never", "engine/timers/fires", "timers fire a century late", due_time=_never)
mutant(
    "timer-fired-with-wrong-id",
    "engine/timers/fires",
    "timerFired names another timer",
    timer_fired=_wrong_id,
    accepts=lambda _state, _event: True,
)
mutant(
    "timer-fired-without-time",
    "engine/timers/fires",
    "timerFired does not say for which time it was set",
    timer_fired=_no_time,
)
mutant(
    "events-cancel-all-timers",
    "engine/timers/other-timers-not-cancelled",
    "an external event cancels every timer",
    beaten=_all_beaten,
)
mutant(
    "timers-haunt-successors",
    "engine/start/purged-id-reused",
    "a timer of a purged instance fires into the one that has its id now",
    timers_go_too=lambda: False,
    drop_at_end=_outlives_the_end,
    same_generation=lambda _state, _epoch: True,
    accepts=_fires_always,
)
mutant(
    "timers-cross-generations",
    "engine/timers/previous-generation-timer",
    "a timer of an earlier generation fires into a later one",
    drop_at_end=_outlives_the_end,
    same_generation=lambda _state, _epoch: True,
    accepts=_fires_always,
)


# Declared one by one.


def _routed(body: EventBody, moment: Moment, rules: Decisions, router: TaskRouter | None) -> HistoryEvent:
    """TimerFired names the app as its source."""
    given = TaskRouter(source_app_id=moment.site.app_id) if isinstance(body, TimerFired) else router
    return REFERENCE.inbound(body, moment, rules, given)


def _past_waits(state: Instance, timer_id: int, action: CreateTimer, rules: Decisions) -> Timer:
    """A timer in the past fires an hour later."""
    made = REFERENCE.timer(state, timer_id, action, rules)
    return replace(made, due=state.updated_at + 3600 * SECOND) if made.due < state.updated_at else made


def _stamped_early(body: EventBody, moment: Moment) -> Nanos | None:
    """TimerFired is stamped a second before its time."""
    if isinstance(body, TimerFired) and body.fire_at is not None:
        return body.fire_at - SECOND
    return REFERENCE.inbound_timestamp(body, moment)


def _one_of_them(state: Instance, event: HistoryEvent) -> bool:
    """Of timers that are due together only the first fires."""
    waiting = any(isinstance(queued.event.body, TimerFired) for queued in state.inbox)
    return not (waiting and isinstance(event.body, TimerFired)) and REFERENCE.accepts(state, event)


def _silent_while_suspended(state: Instance, event: HistoryEvent) -> bool:
    """A timer that becomes due during a suspension is lost."""
    suspended = state.status == OrchestrationStatus.SUSPENDED
    return not (suspended and isinstance(event.body, TimerFired)) and REFERENCE.accepts(state, event)


def _wants_turn_always(state: Instance, rules: Decisions) -> bool:
    """An ended instance has turns like any other."""
    return bool(state.inbox) and state.due is None


def _takes_always(state: Instance, rules: Decisions) -> bool:
    """Events are queued after the end."""
    return True


def _no_far_future(state: Instance, action: WorkflowAction, rules: Decisions) -> str | None:
    """A time beyond 64 bits of nanoseconds is refused."""
    if isinstance(action.body, CreateTimer) and (action.body.fire_at or 0) >= 2**63:
        return f"timer {action.id} is out of range"
    return REFERENCE.refuse_action(state, action, rules)


def _clamped(action: CreateTimer) -> TimerCreated:
    """A time beyond 64 bits of nanoseconds is recorded as the last that fits."""
    made = REFERENCE.timer_created(action)
    return replace(made, fire_at=min(made.fire_at or 0, 2**63 - 1))


mutant(
    "timer-fired-with-router",
    "engine/timers/fired-without-router",
    "timerFired names the app as its source",
    inbound=_routed,
)
mutant(
    "past-timers-wait",
    "engine/timers/past-fires-at-once",
    "a timer in the past fires an hour later",
    timer=_past_waits,
)
mutant(
    "timer-fired-stamped-early",
    "engine/timers/fired-timestamp",
    "timerFired is stamped a second before its time",
    inbound_timestamp=_stamped_early,
)
mutant(
    "one-due-timer-only",
    "engine/timers/all-due-timers-delivered",
    "of timers that are due together only the first fires",
    accepts=_one_of_them,
)
mutant(
    "stale-timers-fire",
    "engine/timers/stale-event-timer",
    "the timer of a wait that was answered fires, which is not what the profile says",
    beaten=lambda _timers, _events: (),
)
mutant(
    "timers-lost-while-suspended",
    "engine/timers/run-while-suspended",
    "a timer that becomes due during a suspension is lost",
    accepts=_silent_while_suspended,
)
mutant(
    "timers-wake-the-ended",
    "engine/timers/silent-after-end",
    "a pending timer gives an ended instance a turn",
    drop_at_end=_outlives_the_end,
    wants_turn=_wants_turn_always,
    takes_events=_takes_always,
)
mutant(
    "far-timers-refused",
    "engine/timers/far-future-accepted",
    "a time beyond 64 bits of nanoseconds is refused",
    refuse_action=_no_far_future,
)
mutant(
    "far-timers-clamped",
    "engine/timers/far-future-accepted",
    "a time beyond 64 bits of nanoseconds is recorded as another",
    timer_created=_clamped,
)
