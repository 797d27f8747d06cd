"""The whole past of turns, also of those that were sent in part.

A worker that offers stateful history gets, after its first turn of an instance, only what was committed since: the
prefix is what the same stream was sent before (ENG-A-17). Whoever reads pasts needs them whole.
"""

from __future__ import annotations

from dwconf.suite.evidence.facts import Item
from dwconf.wire.values import HistoryEvent

Events = tuple[HistoryEvent, ...]


class Pasts:
    """The pasts of the turns of one case, put together as they arrive."""

    def __init__(self) -> None:
        self._sent: dict[tuple[int, str], Events] = {}

    def of(self, item: Item) -> Events | None:
        """The whole past of a turn; None when it was sent in part and the part before it is not known.

        To be asked once for each turn, in the order of arrival.
        """
        key = (item.stream, item.instance_id)
        past: Events | None = item.turn.past_events
        if item.turn.cached_history is not None:
            prefix = self._sent.get(key, ())[: item.turn.cached_history.event_count]
            known = len(prefix) == item.turn.cached_history.event_count
            past = (*prefix, *item.turn.past_events) if known else None
        if past is not None:
            self._sent[key] = past
        return past


def parts_at(one: Events, other: Events) -> int | None:
    """The first place at which two views of one history hold different events; None where one begins with the other."""
    pairs = zip(one, other, strict=False)
    return next((place for place, (event, same) in enumerate(pairs) if event != same), None)
