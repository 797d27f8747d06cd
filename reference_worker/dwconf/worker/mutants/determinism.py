"""Workers that break rules of the chapter determinism."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.guid import uuid5
from dwconf.worker.mutants.registry import mutant


def always_the_same(instance_id: str, now: v.Nanos, number: int) -> str:
    """Gives the same id at every call."""
    return uuid5(instance_id)


mutant(
    "one-guid-for-all",
    "worker/determinism/guid-distinct",
    "gives the same guid at every call",
    new_guid=always_the_same,
)
