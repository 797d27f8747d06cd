"""The worker on the wire: one stream of work items, opened again whenever it ends (WRK-A).

A client owns its channel, its cache and its tasks, and nothing outside itself, so many of them live in one process.
The stream's reader only hands items out: each is done in a task of its own (WRK-A-08), which outlives the stream if the
stream is lost (WRK-A-18). A stop takes no more items, lets the tasks finish and deliver, and only then lets go of the
stream, because an engine gives the items of a stream that ends to somebody else (WRK-A-17).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import grpc.aio

from dwconf.wire import values as v
from dwconf.wire.codec import WireError, decode
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.core.registry import Registry
from dwconf.worker.shell import calls
from dwconf.worker.shell.calls import Calls
from dwconf.worker.shell.channel import open_channel
from dwconf.worker.shell.work import Origin, Work

LOG = logging.getLogger(__name__)


class WorkerClient:
    """Serves the functions of a registry to one sidecar.

    Args:
        address: host:port, or a URL; https:// selects TLS. Raises ValueError when it is neither.
        registry: what the worker hosts.
        decisions: how each rule is kept.
        api_token: sent with every call, if given.
        roots: PEM certificates to trust instead of the system's.
        pace: how long a second of the worker's own delays takes, for whoever cannot wait.
    """

    def __init__(
        self,
        address: str,
        registry: Registry,
        *,
        decisions: Decisions = REFERENCE,
        api_token: str | None = None,
        roots: bytes | None = None,
        pace: float = 1.0,
    ) -> None:
        self._endpoint = decisions.endpoint(address)
        self._registry = registry
        self._decisions = decisions
        self._api_token = api_token
        self._roots = roots
        self._pace = pace
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken = 0
        """How many items have come, over all streams."""
        self._stopping = asyncio.Event()
        self._connected = asyncio.Event()
        self._finished = asyncio.Event()
        self._finished.set()

    async def run(self) -> None:
        """Serve until `stop` is called, or the stream ends in a way after which the worker does not come back."""
        self._finished.clear()
        channel = open_channel(self._endpoint, self._decisions, self._roots)
        stub = Calls(channel, self._decisions, self._api_token)
        work = Work(self._registry, self._decisions, stub)
        try:
            await self._serve(stub, work)
        finally:
            self._connected.clear()
            for task in self._tasks:
                task.cancel()
            await channel.close()
            self._finished.set()

    async def connected(self) -> None:
        """Wait until the stream has been asked for. Engines need not say that they have it before they have an item."""
        await self._connected.wait()

    async def stop(self, grace: float = 30.0) -> None:
        """Stop gracefully: no more items, results delivered within `grace` seconds, then the stream ends."""
        if self._decisions.finishes_work() and self._tasks:
            self._stopping.set()
            await asyncio.wait(self._tasks, timeout=grace)
        self._stopping.set()
        for task in self._tasks:
            task.cancel()
        await self._finished.wait()

    async def _serve(self, stub: Calls, work: Work) -> None:
        failures = 0
        while not self._stopping.is_set():
            began, taken = _now(), self._taken
            status = await self._one_stream(stub, work)
            if self._stopping.is_set() or not self._decisions.reconnects(status):
                return
            steady = self._decisions.was_steady((_now() - began) / self._pace, self._taken - taken)
            failures = 0 if steady else failures + 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._decisions.reconnect_delay(failures) * self._pace)

    async def _one_stream(self, stub: Calls, work: Work) -> str:
        if self._decisions.says_hello():
            status = await stub.hello()
            if status != calls.OK:
                return status
        call = stub.work_items()
        self._connected.set()
        keepalive = asyncio.create_task(self._keep_alive(stub, call))
        idling = asyncio.create_task(self._let_go(call))
        reader = asyncio.create_task(self._read(call, work))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((reader, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not reader.done():
                await self._drain()
                return calls.OK
            return await calls.ending(call)
        finally:
            await _cancel(keepalive, idling, reader, stopping)
            call.cancel()
            self._connected.clear()
            work.cache.clear()

    async def _read(self, call: grpc.aio.UnaryStreamCall[bytes, bytes], work: Work) -> None:
        lost = asyncio.Event()
        origin = Origin(
            wanted=lambda: not lost.is_set() or self._decisions.sends_after_loss(),
            give_back=lambda: _cancel_call(call),
        )
        try:
            async for data in calls.items(call):
                if self._stopping.is_set():
                    return
                self._taken += 1
                await self._hand_out(data, work, origin)
        finally:
            lost.set()

    async def _hand_out(self, data: bytes, work: Work, origin: Origin) -> None:
        try:
            item = decode(v.WorkItem, data)
        except WireError as error:
            LOG.warning("an item that cannot be read: %s", error)
            return
        if self._decisions.breaks_off(item):
            origin.give_back()
            return
        if self._decisions.ignores_item(item) or not self._decisions.takes_item(item, len(self._tasks)):
            return
        task = self._start(work.do(item, origin))
        if not self._decisions.works_at_once(item):
            await asyncio.wait((task,))

    def _start(self, doing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            LOG.error("an item could not be done", exc_info=task.exception())

    async def _keep_alive(self, stub: Calls, call: grpc.aio.UnaryStreamCall[bytes, bytes]) -> None:
        interval = self._decisions.hello_interval()
        while interval is not None:
            await asyncio.sleep(interval * self._pace)
            status = await stub.hello()
            if status != calls.OK and not self._decisions.survives_hello(status):
                call.cancel()

    async def _let_go(self, call: grpc.aio.UnaryStreamCall[bytes, bytes]) -> None:
        limit, taken = self._decisions.idle_limit(), -1
        while limit is not None and taken != self._taken:
            taken = self._taken
            await asyncio.sleep(limit * self._pace)
        if limit is not None:
            call.cancel()

    async def _drain(self) -> None:
        """WRK-A-17: keep the stream for as long as its items are in hand."""
        while self._tasks:
            await asyncio.wait(self._tasks)


def _cancel_call(call: grpc.aio.UnaryStreamCall[bytes, bytes]) -> None:
    call.cancel()


async def _cancel(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
