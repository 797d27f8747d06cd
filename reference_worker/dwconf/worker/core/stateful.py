"""Stateful history (WRK-M, OL-1): a worker keeps the past of each instance, and is sent only what is new.

Without `cachedHistory` the past events are the whole committed past, whatever the cache holds. With it they follow upon
as many events as it says, which the worker has, or fetches all anew. Only a past that an engine has committed is kept,
never new events; a turn that ends the execution drops it; a stream's end drops all. When two dispatches of an instance
overlap, only the newer one may write.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dwconf.wire import values as v

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions

Events = tuple[v.HistoryEvent, ...]
LIMIT = 100_000
LIFETIME = 3600.0
"""WRK-M-08: instances kept, and seconds for which an unused one is."""


def is_delta(request: v.WorkflowRequest) -> bool:
    """WRK-M-01: a request is a delta only if it says so."""
    return request.cached_history is not None


def fits(cached: Events | None, announced: int) -> bool:
    """WRK-M-03: the cache serves only if it holds exactly as many events as the engine counts on."""
    return cached is not None and len(cached) == announced


def prepend(cached: Events, delta: Events) -> Events:
    """WRK-M-02: the past is what was kept, then what was sent."""
    return cached + delta


def past_after_fetch(fetched: Events, delta: Events) -> Events:  # noqa: ARG001  (a mutant adds it)
    """WRK-M-03: what was fetched is the whole committed past, delta included."""
    return fetched


def kept(past: Events, new: Events) -> Events:  # noqa: ARG001  (a mutant adds it)
    """WRK-M-05: only the committed past is kept, new events are not committed yet."""
    return past


def drops(response: v.WorkflowResponse) -> bool:
    """WRK-M-05: a turn that ends the execution, in whichever way, drops what was kept."""
    return any(isinstance(action.body, v.CompleteWorkflow) for action in response.actions)


def may_write(latest_token: str | None, own_token: str) -> bool:
    """WRK-M-07: only the latest dispatch of an instance writes."""
    return latest_token == own_token


def forgets_with_stream() -> bool:
    """WRK-M-06: the cache dies with the stream."""
    return True


def answers_without_history() -> bool:
    """WRK-M-04: a turn whose history cannot be fetched is not answered; ending the stream has it sent again."""
    return False


def gives_back() -> bool:
    """WRK-M-04: the stream is ended, so that the engine sends its items again."""
    return True


@dataclass(slots=True)
class Entry:
    """The past of one instance, and when it was last used, in seconds."""

    events: Events
    used: float


class HistoryCache:
    """The pasts that one stream has seen. Time is an argument, in seconds of any steady clock."""

    __slots__ = ("_entries", "_latest", "_rules")

    def __init__(self, rules: Decisions) -> None:
        self._rules = rules
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._latest: dict[str, str] = {}

    def dispatched(self, instance_id: str, token: str) -> None:
        """Note the newest dispatch of an instance."""
        self._latest[instance_id] = token

    def past(self, request: v.WorkflowRequest, now: float) -> Events | None:
        """The whole past of a request, or None when it has to be fetched."""
        if not self._rules.is_delta(request):
            return request.past_events
        announced = request.cached_history.event_count if request.cached_history is not None else 0
        cached = self._get(request.instance_id, now)
        if not self._rules.cache_fits(cached, announced):
            return None
        return self._rules.prepend_cached(cached or (), request.past_events)

    def keep(
        self, request: v.WorkflowRequest, response: v.WorkflowResponse, *, token: str, past: Events, now: float
    ) -> None:
        """Remember the past of a turn that was answered, unless the turn ended the execution or is superseded."""
        instance_id = request.instance_id
        if not self._rules.may_write_cache(self._latest.get(instance_id), token):
            return
        self._latest.pop(instance_id, None)
        self._entries.pop(instance_id, None)
        if not self._rules.drops_cached(response):
            self._entries[instance_id] = Entry(self._rules.kept_past(past, request.new_events), now)
            self._trim(now)

    def clear(self) -> None:
        """The stream has ended."""
        if self._rules.forgets_with_stream():
            self._entries.clear()
            self._latest.clear()

    def _get(self, instance_id: str, now: float) -> Events | None:
        self._trim(now)
        entry = self._entries.get(instance_id)
        if entry is None:
            return None
        entry.used = now
        self._entries.move_to_end(instance_id)
        return entry.events

    def _trim(self, now: float) -> None:
        """WRK-M-08: drop the oldest beyond the limit or the lifetime; the entries are in order of use."""
        while self._entries:
            oldest = next(iter(self._entries.values()))
            if len(self._entries) <= LIMIT and now - oldest.used < LIFETIME:
                return
            self._entries.popitem(last=False)
