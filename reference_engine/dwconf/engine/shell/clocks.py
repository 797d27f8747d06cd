"""Clocks: the real one, and one that stands still until it is told to move.

A clock says what time it is, and calls whoever is subscribed when a deadline is reached. Several engines may share one
virtual clock: deadlines then come in order across all of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from dwconf.wire.values import Nanos

VIRTUAL_START: Nanos = 1_767_225_600_000_000_000
"""Where virtual time begins: 2026-01-01T00:00:00Z."""


class Alarm(Protocol):
    """Someone who waits for deadlines."""

    def next_deadline(self) -> Nanos | None:
        """When there is something to do, or None."""

    def ring(self) -> None:
        """It is that time now, or later."""


class Clock(Protocol):
    """Tells the time, and rings alarms."""

    def now(self) -> Nanos:
        """Nanoseconds since 1970; it never goes backwards."""

    def subscribe(self, alarm: Alarm) -> Callable[[], None]:
        """Ring an alarm at its deadlines, until the returned function is called."""

    def changed(self, alarm: Alarm) -> None:
        """The alarm's next deadline may have changed."""


class RealClock:
    """The machine's clock. Rings on the running event loop."""

    def __init__(self) -> None:
        self._latest: Nanos = 0
        self._handles: dict[int, tuple[Nanos, asyncio.TimerHandle]] = {}

    def now(self) -> Nanos:
        """The time, held back from going backwards when the machine's clock is set."""
        self._latest = max(self._latest, time.time_ns())
        return self._latest

    def subscribe(self, alarm: Alarm) -> Callable[[], None]:
        """Ring an alarm at its deadlines."""
        self.changed(alarm)
        return lambda: self._cancel(alarm)

    def changed(self, alarm: Alarm) -> None:
        """Arm the alarm's next deadline."""
        deadline = alarm.next_deadline()
        armed = self._handles.get(id(alarm))
        if armed is not None and armed[0] == deadline:
            return
        self._cancel(alarm)
        if deadline is not None:
            seconds = min(max(0.0, (deadline - self.now()) / 1e9), 86_400.0)
            handle = asyncio.get_running_loop().call_later(seconds, self._ring, alarm)
            self._handles[id(alarm)] = (deadline, handle)

    def _ring(self, alarm: Alarm) -> None:
        self._handles.pop(id(alarm), None)
        alarm.ring()
        self.changed(alarm)

    def _cancel(self, alarm: Alarm) -> None:
        armed = self._handles.pop(id(alarm), None)
        if armed is not None:
            armed[1].cancel()


class VirtualClock:
    """Time that moves only when told, and stops at every deadline on the way."""

    def __init__(self, start: Nanos = VIRTUAL_START) -> None:
        self._now = start
        self._alarms: dict[int, Alarm] = {}

    def now(self) -> Nanos:
        """Virtual time."""
        return self._now

    def subscribe(self, alarm: Alarm) -> Callable[[], None]:
        """Ring an alarm at its deadlines."""
        self._alarms[id(alarm)] = alarm

        def leave() -> None:
            self._alarms.pop(id(alarm), None)

        return leave

    def changed(self, alarm: Alarm) -> None:
        """Nothing to do: deadlines are asked for when time moves."""

    def next_deadline(self) -> Nanos | None:
        """The earliest deadline of all, or None."""
        deadlines = [deadline for alarm in self._alarms.values() if (deadline := alarm.next_deadline()) is not None]
        return min(deadlines, default=None)

    async def advance(self, nanos: Nanos) -> Nanos:
        """Move time forward; what that makes due has been handed on when this returns. The time it is then."""
        target = self._now + nanos
        while (deadline := self.next_deadline()) is not None and deadline <= target:
            self._now = max(self._now, deadline)
            for alarm in tuple(self._alarms.values()):
                due = alarm.next_deadline()
                if due is not None and due <= self._now:
                    alarm.ring()
        self._now = target
        await asyncio.sleep(0)
        return self._now

    async def leap(self) -> bool:
        """Move to the next deadline; False when there is none."""
        deadline = self.next_deadline()
        if deadline is None:
            return False
        await self.advance(max(0, deadline - self._now))
        return True
