"""Workers that break rules of the chapter determinism."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from dwconf.wire import values as v
from dwconf.worker.core.guid import uuid5
from dwconf.worker.mutants.registry import mutant


def always_the_same(instance_id: str, now: v.Nanos, number: int) -> str:
    """Gives the same id at every call."""
    return uuid5(instance_id)


def counted() -> Callable[[str, v.Nanos, int], str]:
    """Gives an id that no other call gets, on replay neither."""
    calls = count()
    return lambda instance_id, _now, _number: uuid5(f"{instance_id}_{next(calls)}")


def without_instance(instance_id: str, now: v.Nanos, number: int) -> str:
    """Gives every instance the same ids."""
    return uuid5(f"{now}_{number}")


mutant(
    "one-guid-for-all",
    "worker/determinism/guid-distinct",
    "gives the same guid at every call",
    new_guid=always_the_same,
)
mutant(
    "guid-by-count",
    "worker/determinism/guid-deterministic",
    "gives another guid on each replay",
    new_guid=counted(),
)
mutant(
    "guid-without-instance",
    "worker/determinism/guid-distinct",
    "gives every instance the same guids",
    new_guid=without_instance,
)
