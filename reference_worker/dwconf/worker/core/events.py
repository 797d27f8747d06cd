"""External events (WRK-F): a buffer of what came too soon, and queues of who waits.

Names are compared without case, order is kept within a name, one event ends one wait. Once the code has ended nobody
waits any more: events are only buffered then, so that continue-as-new can carry them over (WRK-C-17).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dwconf.wire import values as v
from dwconf.worker.core import jsontext
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.ledger import FOREVER
from dwconf.worker.core.tasks import Task
from dwconf.worker.core.timers import fire_at

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions
    from dwconf.worker.core.ledger import Ledger


def event_key(name: str) -> str:
    """WRK-F-03: names are equal without regard to case."""
    return name.casefold()


def next_buffered(keys: Sequence[str], key: str) -> int | None:
    """WRK-F-01, WRK-F-02: a wait takes the oldest buffered event of its name; the answer is its place."""
    return next((place for place, buffered in enumerate(keys) if buffered == key), None)


def next_waiter(waiting: Sequence[Task[Json]]) -> int:  # noqa: ARG001  (a mutant looks at it)
    """WRK-F-02: an event ends the oldest wait for its name; the answer is its place."""
    return 0


def keeps_unawaited(event: v.EventRaised, buffered: Sequence[Buffered]) -> bool:  # noqa: ARG001  (for mutants)
    """WRK-F-01, WRK-F-02: an event for which nobody waits is buffered, also one that equals another."""
    return True


def keeps_after_end(event: v.EventRaised) -> bool:  # noqa: ARG001  (a mutant may look at it)
    """WRK-C-17: an event that comes behind the end of the code, in its turn, is one that nobody has taken."""
    return True


def gives_up_at_once(timeout: v.Nanos | None) -> bool:
    """WRK-F-10: a wait of no time takes what is buffered, or ends at once without a timer."""
    return timeout == 0


def wait_timer(name: str, now: v.Nanos, timeout: v.Nanos | None) -> v.CreateTimer | None:
    """WRK-F-05, WRK-F-06: a wait issues a timer that names the event; without timeout one that never fires."""
    at = FOREVER if is_unlimited(timeout) or timeout is None else fire_at(now, timeout)
    return v.CreateTimer(fire_at=at, origin=v.TimerOriginExternalEvent(name=name))


def wait_timer_if_limited(name: str, now: v.Nanos, timeout: v.Nanos | None) -> v.CreateTimer | None:
    """WRK-B-04: the other way that SDKs have, without a timer for a wait without timeout."""
    return None if is_unlimited(timeout) else wait_timer(name, now, timeout)


def is_unlimited(timeout: v.Nanos | None) -> bool:
    """A wait without timeout, or with a negative one, lasts until its event comes."""
    return timeout is None or timeout < 0


def forgets_timed_out(wait: Task[Json]) -> bool:  # noqa: ARG001  (as keeps_unawaited)
    """WRK-F-12: after a timeout the old wait no longer takes an event."""
    return True


def ends_answered_wait(wait: Task[Json]) -> bool:  # noqa: ARG001  (as keeps_unawaited)
    """WRK-E-07: the timer of a wait that has its event changes nothing."""
    return False


def limits_buffered(timeout: v.Nanos | None) -> bool:  # noqa: ARG001  (as keeps_unawaited)
    """WRK-F-09: a wait whose event has come already needs no timer."""
    return False


@dataclass(frozen=True, slots=True)
class Buffered:
    """An event that nobody has taken, under the key of its name."""

    key: str
    event: v.HistoryEvent
    payload: str | None


def carryover(buffered: Sequence[Buffered]) -> tuple[v.HistoryEvent, ...]:
    """WRK-C-17: what nobody took goes along, in order of arrival, with its own name and payload."""
    return tuple(entry.event for entry in buffered)


class Inbox:
    """The events and the waits of one replay."""

    __slots__ = ("_buffer", "_rules", "_waits")

    def __init__(self, rules: Decisions) -> None:
        self._rules = rules
        self._buffer: list[Buffered] = []
        self._waits: dict[str, deque[Task[Json]]] = {}

    def raised(self, event: v.HistoryEvent, body: v.EventRaised) -> None:
        """An event came: it ends a wait, or is buffered."""
        key = self._rules.event_key(body.name)
        waiting = self._waits.get(key)
        if waiting:
            place = self._rules.next_waiter(waiting)
            task = waiting[place]
            del waiting[place]
            self._give(task, body.input)
        else:
            self.keep(event, body)

    def keep(self, event: v.HistoryEvent, body: v.EventRaised) -> None:
        """Buffer an event."""
        if self._rules.keeps_unawaited(body, self._buffer):
            self._buffer.append(Buffered(self._rules.event_key(body.name), event, body.input))

    def wait(self, name: str, *, timeout: v.Nanos | None, now: v.Nanos, ledger: Ledger) -> Task[Json]:
        """A task for the next event of this name; fails with `timed_out` after `timeout` nanoseconds."""
        task: Task[Json] = Task()
        key = self._rules.event_key(name)
        place = self._rules.next_buffered([entry.key for entry in self._buffer], key)
        if place is not None:
            self._give(task, self._buffer.pop(place).payload)
            if self._rules.limits_buffered(timeout):
                self._limit(task, name, timeout=timeout, now=now, ledger=ledger)
        elif self._rules.gives_up_at_once(timeout):
            task.fail(self._rules.timed_out(name))
        else:
            self._waits.setdefault(key, deque()).append(task)
            self._limit(task, name, timeout=timeout, now=now, ledger=ledger)
        return task

    def carryover(self) -> tuple[v.HistoryEvent, ...]:
        """WRK-C-17: the events that go along into the next generation."""
        return self._rules.carryover(self._buffer)

    def _limit(self, task: Task[Json], name: str, *, timeout: v.Nanos | None, now: v.Nanos, ledger: Ledger) -> None:
        """Put an end to a wait. The timer outlives it: no action cancels one (WRK-E-07, WRK-E-08)."""
        action = self._rules.wait_timer(name, now, timeout)
        if action is None:
            return
        timer: Task[None] = Task()
        timer.watch(lambda _: self._time_out(task, name))
        ledger.issue(action, task=timer, optional=is_unlimited(timeout))

    def _time_out(self, task: Task[Json], name: str) -> None:
        if task.done and not self._rules.ends_answered_wait(task):
            return
        waiting = self._waits[self._rules.event_key(name)]
        if self._rules.forgets_timed_out(task):
            waiting.remove(task)
        task.fail(self._rules.timed_out(name))

    def _give(self, task: Task[Json], payload: str | None) -> None:
        try:
            task.succeed(self._rules.read_event(payload))
        except jsontext.PayloadError as error:
            task.fail(error)
