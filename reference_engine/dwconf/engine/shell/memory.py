"""A store in memory: the instances themselves. It ends with the process."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import TypeVar

from dwconf.engine.core.dispatch import ActivityWork
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Timer
from dwconf.engine.core.store import Batch, TimerKey

K = TypeVar("K")
V = TypeVar("V")


class MemoryStore:
    """Keeps what it is given. One store may outlive several engines, which is how restarts are tried in memory."""

    def __init__(self) -> None:
        self._instances: dict[str, Instance] = {}
        self._ids: list[str] = []
        self._activities: dict[ActivityWork, ActivityTask] = {}
        self._timers: dict[TimerKey, Timer] = {}

    def load(self, instance_id: str) -> Instance | None:
        """An instance, or None."""
        return self._instances.get(instance_id)

    def ids(self, after: str | None, limit: int | None) -> Sequence[str]:
        """Ids in order."""
        first = 0 if after is None else bisect_right(self._ids, after)
        return self._ids[first:] if limit is None else self._ids[first : first + limit]

    def save(self, batch: Batch) -> None:
        """Keep a batch."""
        for instance_id, change in batch.instances.items():
            if change.after is None:
                if self._instances.pop(instance_id, None) is not None:
                    del self._ids[bisect_right(self._ids, instance_id) - 1]
            else:
                if instance_id not in self._instances:
                    insort(self._ids, instance_id)
                self._instances[instance_id] = change.after
        _keep(self._activities, batch.activities.items())
        _keep(self._timers, batch.timers.items())

    def open_instances(self) -> Iterable[str]:
        """Ids of the instances that have events queued."""
        return [state.id for state in self._instances.values() if state.inbox]

    def activities(self) -> Iterable[ActivityTask]:
        """Activities without an outcome."""
        return list(self._activities.values())

    def timers(self) -> Iterable[Timer]:
        """Timers that have not fired."""
        return list(self._timers.values())

    def close(self) -> None:
        """Nothing to let go of."""


def _keep(kept: dict[K, V], changes: Iterable[tuple[K, V | None]]) -> None:
    for key, value in changes:
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value
