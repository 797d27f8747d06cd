"""What the core needs from a store, and what it gives it: whole batches, each of them one transaction.

The store is asked for an instance by id, for what is pending when the engine starts, and for lists. It is told only
what has changed, as pairs of before and after; how it finds the difference is its own business.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dwconf.engine.core.dispatch import ActivityWork
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Alarm, Timer

TimerKey = tuple[str, Alarm, int]
"""Instance, purpose and timer id."""


@dataclass(frozen=True, slots=True)
class Change:
    """An instance before and after a batch; None when it is not there."""

    before: Instance | None
    after: Instance | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one transaction makes durable, and what may be sent once it is."""

    instances: Mapping[str, Change] = field(default_factory=dict)
    activities: Mapping[ActivityWork, ActivityTask | None] = field(default_factory=dict)
    timers: Mapping[TimerKey, Timer | None] = field(default_factory=dict)
    items: Sequence[tuple[int, bytes]] = ()

    @property
    def durable(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.instances or self.activities or self.timers)


class Store(Protocol):
    """Where instances, pending activities and timers are kept."""

    def load(self, instance_id: str) -> Instance | None:
        """An instance, or None."""

    def ids(self, after: str | None, limit: int | None) -> Sequence[str]:
        """Ids in order, from behind `after`, at most `limit` of them (ENG-H-45)."""

    def save(self, batch: Batch) -> None:
        """Make a batch durable, all of it or nothing."""

    def open_instances(self) -> Iterable[str]:
        """Ids of the instances that have events queued, in the order in which they were last written."""

    def activities(self) -> Iterable[ActivityTask]:
        """Activities without an outcome, in the order in which they were scheduled."""

    def timers(self) -> Iterable[Timer]:
        """Timers that have not fired, in the order in which they were set."""

    def close(self) -> None:
        """Let go of files."""
