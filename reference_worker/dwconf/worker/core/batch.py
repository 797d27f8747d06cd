"""The new events of one turn."""

from __future__ import annotations

from collections.abc import Sequence

from dwconf.wire import values as v


def taken_of_turn(events: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """WRK-B-03, OL-2: new events are taken one after the other, all of them, as they will stand in history."""
    return events
