"""The whole past of turns, also of those that were sent in part.

A worker that offers stateful history gets, after its first turn of an instance, only what was committed since: the
prefix is what the same stream was sent before (ENG-A-17). Whoever reads pasts needs them whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from dwconf.suite.evidence.facts import Item
from dwconf.wire.values import HistoryEvent

Events = tuple[HistoryEvent, ...]
S = TypeVar("S")
"""What a past comes to; never None."""


class Pasts:
    """The pasts of the turns of one case, put together as they arrive."""

    def __init__(self) -> None:
        self._sent: dict[str, dict[int, Events]] = {}

    def of(self, item: Item) -> Events | None:
        """The whole past of a turn; None when it was sent in part and the part before it is not known.

        To be asked once for each turn, in the order of arrival.
        """
        sent = self._sent.setdefault(item.instance_id, {})
        past: Events | None = item.turn.past_events
        if item.turn.cached_history is not None:
            prefix = sent.get(item.stream, ())[: item.turn.cached_history.event_count]
            known = len(prefix) == item.turn.cached_history.event_count
            past = (*prefix, *item.turn.past_events) if known else None
        if past is not None:
            sent[item.stream] = past
        return past

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        self._sent.pop(instance_id, None)


class Fold(Generic[S]):
    """What the pasts of instances come to, event by event.

    A past that goes on where the one before it ended is read from there; any other is read from its beginning.
    """

    def __init__(self, empty: Callable[[], S], take: Callable[[S, HistoryEvent], S]) -> None:
        self._empty = empty
        self._take = take
        self._read: dict[str, tuple[Events, S]] = {}

    def of(self, instance_id: str, past: Events, *, begins: Events | None = None) -> S:
        """What a past of an instance comes to; `begins` is what it is known to begin with."""
        read, state = self._read.get(instance_id, ((), None))
        if state is None or (read is not begins and past[: len(read)] != read):
            read, state = (), self._empty()
        for event in past[len(read) :]:
            state = self._take(state, event)
        self._read[instance_id] = (past, state)
        return state

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        self._read.pop(instance_id, None)


def parts_at(one: Events, other: Events) -> int | None:
    """The first place at which two views of one history hold different events; None where one begins with the other."""
    shared = min(len(one), len(other))
    if one[:shared] == other[:shared]:
        return None
    pairs = zip(one, other, strict=False)
    return next((place for place, (event, same) in enumerate(pairs) if event != same), None)
