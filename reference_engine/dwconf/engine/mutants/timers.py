"""Wrong about timers (ENG-E)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.instance import Instance, OpenTimer, Queued
from dwconf.engine.core.messages import Effect, Timer
from dwconf.engine.mutants.mutant import Mutant
from dwconf.wire.values import EventRaised, Nanos, TimerFired

SECOND = 1_000_000_000


def _early(fire_at: Nanos | None) -> Nanos:
    """Timers fire half a second early."""
    return REFERENCE.due_time(fire_at) - SECOND // 2


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


MUTANTS = (
    Mutant(
        name="timers-early",
        breaks="engine/timers/never-early",
        title="timers fire half a second early",
        decisions=replace(REFERENCE, due_time=_early),
    ),
    Mutant(
        name="timers-at-once",
        breaks="engine/timers/never-early",
        title="timers do not wait",
        decisions=replace(REFERENCE, due_time=_at_once),
    ),
    Mutant(
        name="timers-never",
        breaks="engine/timers/fires",
        title="timers fire a century late",
        decisions=replace(REFERENCE, due_time=_never),
    ),
    Mutant(
        name="timer-fired-with-wrong-id",
        breaks="engine/timers/fires",
        title="timerFired names another timer",
        decisions=replace(REFERENCE, timer_fired=_wrong_id, accepts=lambda _state, _event: True),
    ),
    Mutant(
        name="timer-fired-without-time",
        breaks="engine/timers/fires",
        title="timerFired does not say for which time it was set",
        decisions=replace(REFERENCE, timer_fired=_no_time),
    ),
    Mutant(
        name="events-cancel-all-timers",
        breaks="engine/timers/other-timers-not-cancelled",
        title="an external event cancels every timer",
        decisions=replace(REFERENCE, beaten=_all_beaten),
    ),
    Mutant(
        name="timers-cross-generations",
        breaks="engine/timers/previous-generation-timer",
        title="a timer of an earlier generation fires into a later one",
        decisions=replace(
            REFERENCE,
            drop_at_end=_outlives_the_end,
            same_generation=lambda _state, _epoch: True,
            accepts=lambda _state, _event: True,
        ),
    ),
)
