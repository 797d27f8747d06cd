"""Workers that break rules of the chapter timers."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.clock import SECOND
from dwconf.worker.mutants.registry import mutant


def a_second_late(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """Lets timers fire a second later than asked for."""
    return now + delay + SECOND


mutant(
    "timers-a-second-late",
    "worker/timers/fire-time",
    "asks for timers a second later than the code did",
    fire_at=a_second_late,
)
