"""Workers that break rules of the chapter stateful history."""

from __future__ import annotations

from dwconf.worker.core.stateful import Events
from dwconf.worker.mutants.registry import mutant


def whatever_is_there(cached: Events | None, announced: int) -> bool:
    """Continues whatever the cache holds, or nothing."""
    return True


def new_events_too(past: Events, new: Events) -> Events:
    """Keeps events that are not committed."""
    return past + new


mutant(
    "never-fetches",
    "worker/stateful-history/cache-miss-fetches",
    "applies a delta to whatever it has",
    cache_fits=whatever_is_there,
)
mutant(
    "caches-new-events",
    "worker/stateful-history/only-past-cached",
    "keeps new events as if they were committed",
    kept_past=new_events_too,
)
