"""Durable timers (WRK-E)."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.ledger import FOREVER

EARLIEST: v.Nanos = -62_135_596_800_000_000_000
"""0001-01-01T00:00:00Z, the first time that the wire can carry; FOREVER is the last."""


def fire_at(now: v.Nanos, delay: v.Nanos) -> v.Nanos:
    """WRK-E-01, WRK-E-05: a timer fires the delay after the workflow's clock, also a delay of nothing or less."""
    return max(EARLIEST, min(now + delay, FOREVER))


def user_timer(at: v.Nanos) -> v.CreateTimer:
    """WRK-E-02, WRK-E-03, WRK-E-04: one action for any length, whose origin says that the code asked for a timer."""
    return v.CreateTimer(fire_at=at, origin=v.TimerOriginCreateTimer())
