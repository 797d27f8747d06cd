"""What is to happen later: timers of instances, and turns that are tried again after a pause.

Timers are durable, pauses are not: a restarted engine tries at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

from dwconf.engine.core.messages import Alarm, Timer
from dwconf.wire.values import Nanos

FEW = 64
"""So many places of a heap are not worth a look."""


@dataclass(frozen=True, slots=True)
class Retry:
    """A rejected turn may be dispatched again."""

    instance_id: str


class Agenda:
    """Timers by due time, and among equals by the order in which they were set (ENG-E-04)."""

    def __init__(self) -> None:
        self._heap: list[tuple[Nanos, int, Timer | Retry]] = []
        self._count = 0
        self._swept = FEW
        self._timers: dict[str, dict[tuple[Alarm, int], Timer]] = {}
        self._paused: set[str] = set()

    def add(self, timer: Timer) -> None:
        """Set a timer."""
        self._timers.setdefault(timer.instance_id, {})[timer.alarm, timer.timer_id] = timer
        self._push(timer.due, timer)

    def retry(self, instance_id: str, due: Nanos) -> None:
        """Pause an instance's turns."""
        self._paused.add(instance_id)
        self._push(due, Retry(instance_id))

    def is_paused(self, instance_id: str) -> bool:
        """Whether an instance's turns are paused."""
        return instance_id in self._paused

    def drop(self, instance_id: str, timer_id: int) -> tuple[Timer, ...]:
        """Remove one timer of a workflow; what was removed."""
        timer = self._timers.get(instance_id, {}).get((Alarm.TIMER, timer_id))
        return (timer,) if timer is not None and self._remove(timer) else ()

    def drop_all(self, instance_id: str) -> tuple[Timer, ...]:
        """Remove all timers of an instance; what was removed."""
        self._paused.discard(instance_id)
        return tuple(self._timers.pop(instance_id, {}).values())

    def next(self) -> Nanos | None:
        """The next due time."""
        while self._heap and not self._is_valid(self._heap[0][2]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def due(self, now: Nanos) -> Iterator[Timer | Retry]:
        """Take out what is due, one by one: what one of them sets or drops counts for the next."""
        while (at := self.next()) is not None and at <= now:
            entry = heapq.heappop(self._heap)[2]
            match entry:
                case Timer():
                    self._remove(entry)
                case Retry(instance_id):
                    self._paused.discard(instance_id)
            yield entry

    def _push(self, due: Nanos, entry: Timer | Retry) -> None:
        if len(self._heap) > self._swept * 2:
            self._sweep()
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, entry))

    def _sweep(self) -> None:
        """A timer that is dropped leaves its place in the heap, perhaps for years: let go of such places."""
        self._heap = [place for place in self._heap if self._is_valid(place[2])]
        heapq.heapify(self._heap)
        self._swept = max(FEW, len(self._heap))

    def _is_valid(self, entry: Timer | Retry) -> bool:
        match entry:
            case Timer():
                return self._timers.get(entry.instance_id, {}).get((entry.alarm, entry.timer_id)) is entry
            case Retry(instance_id):
                return instance_id in self._paused

    def _remove(self, timer: Timer) -> bool:
        mine = self._timers.get(timer.instance_id, {})
        if mine.get((timer.alarm, timer.timer_id)) is not timer:
            return False
        del mine[timer.alarm, timer.timer_id]
        if not mine:
            del self._timers[timer.instance_id]
        return True
