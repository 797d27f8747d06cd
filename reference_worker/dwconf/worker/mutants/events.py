"""Workers that break rules of the chapter events."""

from __future__ import annotations

from collections.abc import Sequence

from dwconf.worker.mutants.registry import mutant


def with_case(name: str) -> str:
    """Compares names letter for letter."""
    return name


def newest_first(keys: Sequence[str], key: str) -> int | None:
    """Takes the newest buffered event first."""
    return next((place for place in reversed(range(len(keys))) if keys[place] == key), None)


mutant(
    "event-names-with-case",
    "worker/events/case-insensitive-names",
    "compares event names letter for letter",
    event_key=with_case,
)
mutant(
    "newest-event-first",
    "worker/events/fifo",
    "gives a wait the newest buffered event",
    next_buffered=newest_first,
)
