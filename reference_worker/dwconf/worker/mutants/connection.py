"""Workers that break rules of the chapter connection."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.mutants.registry import mutant

FEW = 100


def no_token_on_stream(method: str, token: str | None) -> tuple[tuple[str, str], ...]:
    """Leaves the token out where the stream is opened."""
    return () if token is None or method == "GetWorkItems" else (("dapr-api-token", token),)


def stays_away_after_end(status: str) -> bool:
    """Takes an orderly end of the stream for a goodbye."""
    return status != "OK"


def never_waits(failures: int) -> float:
    """Tries again at once, for ever."""
    return 0.0


def one_at_a_time(item: v.WorkItem) -> bool:
    """Works on one item after the other."""
    return False


def holds_a_hundred(item: v.WorkItem, in_hand: int) -> bool:
    """Drops what comes while a hundred items are in hand."""
    return in_hand < FEW


mutant(
    "stream-without-token",
    "worker/connection/api-token-sent",
    "opens the stream without the API token",
    metadata=no_token_on_stream,
)
mutant(
    "stays-away-after-end",
    "worker/connection/reconnects-after-end",
    "does not come back after the stream ended well",
    reconnects=stays_away_after_end,
)
mutant(
    "reconnects-in-a-loop",
    "worker/connection/reconnects-gently",
    "reconnects without any delay",
    reconnect_delay=never_waits,
)
mutant(
    "one-item-at-a-time",
    "worker/connection/serves-concurrently",
    "does one item after the other",
    works_at_once=one_at_a_time,
)
mutant(
    "drops-items-beyond-100",
    "worker/connection/drops-no-item",
    "drops items when a hundred are in hand",
    takes_item=holds_a_hundred,
)
