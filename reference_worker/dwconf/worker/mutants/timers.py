"""Workers that break rules of the chapter timers."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.clock import SECOND
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.ledger import settles
from dwconf.worker.core.settlement import Settlement
from dwconf.worker.core.tasks import Task
from dwconf.worker.mutants.registry import mutant


def a_second_late(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """Lets timers fire a second later than asked for."""
    return now + delay + SECOND


def no_origin(at: v.Nanos) -> v.CreateTimer:
    """Does not say what a timer is for."""
    return v.CreateTimer(fire_at=at)


def retry_origin(at: v.Nanos) -> v.CreateTimer:
    """Says that a timer of the code is one of a retry."""
    return v.CreateTimer(fire_at=at, origin=v.TimerOriginActivityRetry(task_execution_id="none"))


def a_second_at_least(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """Lets no timer fire before a second has passed."""
    return now + max(delay, SECOND)


def whole_seconds(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """Drops what a delay is longer than whole seconds."""
    return now + delay // SECOND * SECOND


def without_days(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """Drops the days of a delay."""
    return now + delay % (86_400 * SECOND)


def from_the_epoch(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """Takes a delay for a time."""
    return delay


def timers_settle_nothing(action: v.ActionBody, settlement: Settlement) -> bool:
    """Overlooks that a timer has fired."""
    return settles(action, settlement) and not isinstance(settlement, v.TimerFired)


def trips_over_old_timers(wait: Task[Json]) -> bool:
    """Takes the timer of an answered wait for a contradiction."""
    raise NonDeterminismError("the timer of a wait that is over")


mutant(
    "timers-a-second-late",
    "worker/timers/fire-time",
    "asks for timers a second later than the code did",
    fire_at=a_second_late,
)
mutant(
    "timers-without-origin",
    "worker/timers/origin-create-timer",
    "does not say what its timers are for",
    user_timer=no_origin,
)
mutant(
    "timers-of-another-origin",
    "worker/timers/origin-create-timer",
    "says that the code's timers are those of retries",
    user_timer=retry_origin,
)
mutant(
    "timers-a-second-at-least",
    "worker/timers/zero-delay",
    "lets no timer fire before a second has passed",
    fire_at=a_second_at_least,
)
mutant(
    "timers-of-whole-seconds",
    "worker/timers/fire-time",
    "lets timers fire after whole seconds only",
    fire_at=whole_seconds,
)
mutant(
    "timers-without-days",
    "worker/timers/fire-time",
    "drops the days of a delay",
    fire_at=without_days,
)
mutant(
    "timers-from-the-epoch",
    "worker/timers/fire-time",
    "takes the delay of a timer for its fire time",
    fire_at=from_the_epoch,
)
mutant(
    "overlooks-fired-timers",
    "worker/timers/fired-resumes",
    "does not go on when a timer fires",
    settles=timers_settle_nothing,
)
mutant(
    "trips-over-old-timers",
    "worker/timers/abandoned-timer-ignored",
    "fails when the timer of an answered wait fires",
    ends_answered_wait=trips_over_old_timers,
)
