"""Events that say nothing to the code (WRK-B-20, WRK-K-11)."""

from __future__ import annotations

from dwconf.wire import values as v


def ignore(body: v.EventBody) -> None:
    """WRK-B-20: notes about the execution's own life are tolerated wherever they stand in history."""
