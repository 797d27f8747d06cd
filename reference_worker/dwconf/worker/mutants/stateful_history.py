"""Workers that break rules of the chapter stateful history."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.stateful import Events
from dwconf.worker.mutants.registry import mutant


def whenever_there_is_a_past(request: v.WorkflowRequest) -> bool:
    """Takes every past for a delta."""
    return bool(request.past_events)


def if_there_is_something(cached: Events | None, announced: int) -> bool:
    """Continues what the cache holds, if it holds anything."""
    return bool(cached)


def whatever_is_there(cached: Events | None, announced: int) -> bool:
    """Continues whatever the cache holds, or nothing."""
    return True


def no_fewer(cached: Events | None, announced: int) -> bool:
    """Is content with more events than the engine counts on."""
    return cached is not None and len(cached) >= announced


def delta_alone(cached: Events, delta: Events) -> Events:
    """Forgets what it kept."""
    return delta


def delta_first(cached: Events, delta: Events) -> Events:
    """Puts what was sent before what was kept."""
    return delta + cached


def delta_twice(fetched: Events, delta: Events) -> Events:
    """Adds to what it fetched what that holds already."""
    return fetched + delta


def new_events_too(past: Events, new: Events) -> Events:
    """Keeps events that are not committed."""
    return past + new


def keeps_what_ended(response: v.WorkflowResponse) -> bool:
    """Keeps the history of an execution that it has ended."""
    return False


def remembers() -> bool:
    """Keeps the cache over the end of the stream."""
    return False


def makes_do() -> bool:
    """Answers without the history that it could not have."""
    return True


def stays() -> bool:
    """Stays on its stream with an item that it does not answer."""
    return False


def anyone(latest_token: str | None, own_token: str) -> bool:
    """Lets an overtaken turn write the cache."""
    return True


def pings_alone() -> tuple[v.WorkerCapability, ...]:
    """Does not tell that it keeps histories."""
    return (v.WorkerCapability.HEALTH_PING,)


FULL = "worker/stateful-history/full-send-used"
mutant(
    "takes-full-for-delta",
    FULL,
    "adds a history that was sent in full to the one that it kept",
    is_delta=whenever_there_is_a_past,
    cache_fits=if_there_is_something,
)
DELTA = "worker/stateful-history/delta-extends-cache"
mutant("uses-delta-alone", DELTA, "replays a delta without what it kept", prepend_cached=delta_alone)
mutant("puts-delta-first", DELTA, "replays a delta before what it kept", prepend_cached=delta_first)
MISS = "worker/stateful-history/cache-miss-fetches"
mutant("never-fetches", MISS, "applies a delta to whatever it has", cache_fits=whatever_is_there)
mutant("takes-longer-cache", MISS, "applies a delta to more events than announced", cache_fits=no_fewer)
mutant("adds-delta-to-fetched", MISS, "adds a delta to the history that it fetched", past_after_fetch=delta_twice)
FETCH = "worker/stateful-history/failed-fetch"
mutant("answers-without-history", FETCH, "answers when the fetch fails", answers_without_history=makes_do)
mutant("keeps-stream-without-history", FETCH, "stays on its stream when the fetch fails", gives_back=stays)
COMMITTED = "worker/stateful-history/only-past-cached"
mutant("caches-new-events", COMMITTED, "keeps new events as if they were committed", kept_past=new_events_too)
mutant("caches-ended-executions", COMMITTED, "keeps the history of what has ended", drops_cached=keeps_what_ended)
mutant(
    "cache-outlives-stream",
    "worker/stateful-history/cache-dies-with-stream",
    "keeps its cache when the stream ends",
    forgets_with_stream=remembers,
)
mutant(
    "overtaken-turn-caches",
    "worker/stateful-history/superseded-turn-does-not-cache",
    "lets an overtaken turn write the cache",
    may_write_cache=anyone,
)
mutant(
    "hides-its-cache",
    "worker/stateful-history/advertises-before-deltas",
    "does not tell that it keeps histories",
    capabilities=pings_alone,
)
