"""Joins a hub to its store, its clock, and whoever waits for it, on one event loop.

Requests that arrive in the same round of the loop are one batch. At the end of the round the batch is saved; then, and
not before, its replies are given and its items are put on their streams. So many turns share a transaction when many
are answered at once. While many items are out at workers and answers come together, a round lasts a little longer,
because more are about to come; an answer that comes alone, or while few items are out, waits for none.

Whoever waits for a condition is judged in that same moment, and at no other: between two rounds an instance may satisfy
it by what is not durable yet.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dwconf.engine.core.decisions import Decisions
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Refusal
from dwconf.engine.core.outcome import Outcome, Reply, Until
from dwconf.engine.core.store import Change, Store
from dwconf.engine.shell.clocks import Clock
from dwconf.engine.shell.faults import NO_FAULTS, Faults
from dwconf.wire.codec import encode
from dwconf.wire.values import Nanos, WorkerCapability

COMPANY = 8
"""With so many items out at workers, a round waits for more of their answers, while these come together."""
LINGER = 0.002
"""Seconds that it waits."""


class RefusedError(Exception):
    """A request was refused; the service turns this into a gRPC status."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal

    def __str__(self) -> str:
        return f"{self.refusal.code.value}: {self.refusal.message}"


@dataclass(slots=True)
class Outlet:
    """Items that wait to be written on one stream."""

    items: deque[bytes] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    closing: bool = False
    used_at: Nanos = 0


@dataclass(slots=True, eq=False)
class Waiter:
    """Somebody who waits for an instance to satisfy a condition."""

    until: Until
    answer: asyncio.Future[bytes]

    def told(self, state: Instance | None, rules: Decisions) -> bool:
        """Give the answer if the instance, as it is durable now, satisfies the condition; whether it was given."""
        met = self.until.gone if state is None else self.until.condition(state, rules)
        if met and not self.answer.done():
            self.answer.set_result(encode(self.until.answer(state)))
        return self.answer.done()


class Runtime:
    """One running engine, without its sockets."""

    def __init__(self, *, hub: Hub, store: Store, clock: Clock, faults: Faults = NO_FAULTS) -> None:
        self.hub = hub
        self.clock = clock
        self.faults = faults
        self._store = store
        self._loop = asyncio.get_running_loop()
        self._outlets: dict[int, Outlet] = {}
        self._end_of_round: asyncio.Handle | None = None
        self._given = 0
        """How often the hub was given something in this round."""
        self._together = False
        """Whether that was more than once in the round before."""
        self._round: list[asyncio.Future[None]] = []
        self._arrived: list[Waiter] = []
        self._waiting: dict[str, list[Waiter]] = {}
        self._failure: Exception | None = None
        self._leave_clock = clock.subscribe(self)

    @property
    def now(self) -> Nanos:
        """The clock's time."""
        return self.clock.now()

    # Replies.

    async def reply(self, outcome: Outcome) -> bytes:
        """The encoded reply of an outcome, once it is durable. Raises RefusedError."""
        match outcome:
            case Refusal():
                raise RefusedError(outcome)
            case Reply(value):
                await self.durable()
                return value if isinstance(value, bytes) else encode(value)
            case Until():
                return await self._when(outcome)

    async def durable(self) -> None:
        """Everything that was handed to the hub so far is durable."""
        self.touched()
        saved: asyncio.Future[None] = self._loop.create_future()
        self._round.append(saved)
        await saved

    async def _when(self, until: Until) -> bytes:
        """The answer that waits for a condition; only what is durable can satisfy it."""
        self.touched()
        waiter = Waiter(until, self._loop.create_future())
        self._arrived.append(waiter)
        try:
            return await waiter.answer
        finally:
            self._forget(waiter)

    def _forget(self, waiter: Waiter) -> None:
        waiting = self._waiting.get(waiter.until.instance_id, [])
        if waiter in waiting:
            waiting.remove(waiter)
            if not waiting:
                del self._waiting[waiter.until.instance_id]

    def touched(self) -> None:
        """The hub has been given something: save it at the end of this round."""
        if self._failure is not None:
            raise self._failure
        self._given += 1
        if self._end_of_round is None:
            company = self._together and self.hub.dispatcher.out >= COMPANY
            self._end_of_round = (
                self._loop.call_later(LINGER, self.flush) if company else self._loop.call_soon(self.flush)
            )

    # Rounds.

    def flush(self) -> None:
        """End the round: save its batch, give its replies, send its items."""
        if self._end_of_round is not None:
            self._end_of_round.cancel()
            self._end_of_round = None
        self._together, self._given = self._given > 1, 0
        batch = self.hub.drain(self.clock.now())
        if batch.durable:
            try:
                self._store.save(self.faults.saved(batch))
            except Exception as error:  # noqa: BLE001  (whatever the store raises, nothing more may be acknowledged)
                self._fail(error)
                return
        self._answer(batch.instances)
        self.hub.saved()
        for stream_id, item in batch.items:
            outlet = self._outlets.get(stream_id)
            if outlet is not None and not self._asleep(outlet):
                outlet.items.append(item)
                outlet.wake.set()
        self.clock.changed(self)

    def _answer(self, changes: Mapping[str, Change]) -> None:
        """Let go of those for whom it is enough that the round is saved, and of those whose condition holds now."""
        finished, self._round = self._round, []
        for saved in finished:
            if not saved.done():
                saved.set_result(None)
        if self._waiting:
            self._wake(changes)
        arrived, self._arrived = self._arrived, []
        for waiter in arrived:
            if not waiter.told(self.hub.find(waiter.until.instance_id), self.hub.rules):
                self._waiting.setdefault(waiter.until.instance_id, []).append(waiter)

    def _asleep(self, outlet: Outlet) -> bool:
        """Whether a stream was idle for too long; none ever is (ENG-A-05)."""
        limit = self.faults.longest_idle
        if limit is None:
            return False
        idle, outlet.used_at = self.now - outlet.used_at, self.now
        return idle > limit

    def _fail(self, error: Exception) -> None:
        self._failure = error
        unanswered: list[asyncio.Future[Any]] = [*self._round, *[waiter.answer for waiter in self._arrived]]
        for future in unanswered:
            if not future.done():
                future.set_exception(error)

    def _wake(self, changes: Mapping[str, Change]) -> None:
        for instance_id, change in changes.items():
            for waiter in self._waiting.get(instance_id, ()):
                waiter.told(change.after, self.hub.rules)

    # Time.

    def next_deadline(self) -> Nanos | None:
        """When the hub has something to do by itself."""
        return self.hub.next_deadline()

    def ring(self) -> None:
        """It is time: fire what is due, and hand it on at once."""
        if self._failure is None:
            self.hub.tick(self.clock.now())
            self.flush()

    # Streams.

    def open_stream(self, capabilities: Iterable[WorkerCapability]) -> tuple[int, Outlet]:
        """A worker connects."""
        stream_id = self.hub.open_stream(capabilities)
        outlet = self._outlets[stream_id] = Outlet(used_at=self.now)
        self.touched()
        return stream_id, outlet

    def written(self, stream_id: int) -> None:
        """An item has been handed to the network."""
        self.hub.written(stream_id)
        if self.hub.dispatcher.waiting:
            self.touched()

    def close_stream(self, stream_id: int) -> None:
        """A stream has ended."""
        self._outlets.pop(stream_id, None)
        self.hub.close_stream(stream_id, self.now)
        if self._failure is None:
            self.touched()

    def close(self) -> None:
        """End the round that is open and all streams, and take no more time."""
        self._leave_clock()
        if self._end_of_round is not None:
            self.flush()
        for outlet in self._outlets.values():
            outlet.closing = True
            outlet.wake.set()
