"""What engines do about history that is passed on, where they are free."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import observation


@observation("engine/propagation/next-generation-told-more", "engine/propagation/generations")
def what_the_next_generation_is_told(e: Evidence) -> str:
    """Of a child that was given its parent's lineage, and continued as new."""
    first, following = e.item("kid-first"), e.item("kid-next")
    handed, kept = first.turn.propagated_history, following.turn.propagated_history
    if kept is None:
        return "nothing"
    more = len(kept.chunks) - (len(handed.chunks) if handed is not None else 0)
    return f"{more} chunks more than the generation before" if more else "as many chunks as the generation before"
