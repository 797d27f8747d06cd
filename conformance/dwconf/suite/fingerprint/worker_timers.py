"""What a worker does about timers where the protocol leaves it free (chapter E)."""

from __future__ import annotations

from dwconf.suite.checks.worker.timers import SECOND, timers, turn_time
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import CreateTimer


@observation("worker/timers/timer-name", "worker/timers/two-timers")
def timer_name(e: Evidence) -> str:
    names = {timer.name for timer in timers(answer(e, "first"))}
    return ", ".join("none" if name is None else f"{name!r}" for name in names)


@observation("worker/timers/long-timer", "worker/timers/long-timer")
def long_timer(e: Evidence) -> str:
    days = [((timer.fire_at or 0) - turn_time(e, "first")) / SECOND / 86_400 for timer in timers(answer(e, "first"))]
    return ", ".join(map(in_days, days))


def in_days(length: float) -> str:
    """A timer's length in words. How far a worker's own clock is behind the workflow's would differ from day to day."""
    return f"an action of {length:.1f} days" if length > 0 else "an action that is due before it was asked for"


@observation("worker/timers/fired-early", "worker/timers/fired-early")
def fired_early(e: Evidence) -> str:
    given = answer(e, "early")
    if given.end is not None:
        return "the code goes on"
    return "another timer is created" if given.of(CreateTimer) else "nothing happens"


@observation("worker/timers/timer-cancellation", "worker/timers/never-awaited")
def unsent_timer(e: Evidence) -> str:
    return "still sent beside the completion" if list(timers(answer(e, "first"))) else "not sent"


@observation("worker/timers/infrastructure-timer", "worker/timers/infrastructure-timer")
def infrastructure_timer(e: Evidence) -> str:
    end = answer(e, "last").end
    return "nothing happens" if end is None else f"ends as {end.workflow_status.name}"
