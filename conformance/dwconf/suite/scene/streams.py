"""Work-item streams from a sidecar, recorded as bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import grpc
import grpc.aio

from dwconf.suite.evidence import Item
from dwconf.suite.evidence.evidence import read_item
from dwconf.suite.scene.calls import Metadata
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import GetWorkItemsRequest, WorkerCapability, WorkItem

GET_WORK_ITEMS = TASK_HUB.methods["GetWorkItems"]
PREFIX = "dwconf-prefix"
"""How a stream that a router serves says, in its metadata, whose items it takes (see `running.router`)."""


class WorkStream:
    """One open GetWorkItems stream. Items of other users' instances are counted, and neither recorded nor answered."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        tape: Tape,
        *,
        capabilities: tuple[WorkerCapability | int, ...],
        metadata: Metadata,
        mine: Callable[[str], bool],
        arrived: Callable[[Item | None], None],
        reads: bool = True,
    ) -> None:
        data = codec.encode(GetWorkItemsRequest(capabilities=tuple(map(WorkerCapability, capabilities))))
        self._tape = tape
        self._mine = mine
        self._arrived = arrived
        self.number = tape.add(Actor.SUITE, Kind.OPEN, method=GET_WORK_ITEMS.path, payload=data).number
        self.open = True
        self.foreign = 0
        self.end_number = 0
        rpc: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(GET_WORK_ITEMS.path)
        self._call = rpc(data, metadata=metadata)
        self._reads = asyncio.Event()
        if reads:
            self._reads.set()
        self._reader = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        code, text = "OK", ""
        try:
            await self._reads.wait()
            async for data in self._call:
                self._take(data)
        except grpc.aio.AioRpcError as error:
            code, text = error.code().name, error.details() or ""
        except asyncio.CancelledError:
            code, text = "CANCELLED", "dropped by the suite"
        self.open = False
        self.end_number = self._tape.add(
            Actor.TARGET if text != "dropped by the suite" else Actor.SUITE,
            Kind.END,
            call=self.number,
            method=GET_WORK_ITEMS.path,
            code=code,
            text=text,
        ).number
        self._arrived(None)

    def _take(self, data: bytes) -> None:
        try:
            instance_id = Item(0, 0, 0, data, codec.decode(WorkItem, data)).instance_id
        except codec.WireError:
            instance_id = ""
        if instance_id and not self._mine(instance_id):
            self.foreign += 1
            return
        record = self._tape.add(Actor.TARGET, Kind.ITEM, call=self.number, method=GET_WORK_ITEMS.path, payload=data)
        self._arrived(read_item(record))

    def cancel(self) -> None:
        """End the stream from our side, without answering what it delivered, and do not wait."""
        self._call.cancel()
        self._reads.set()

    async def drop(self) -> None:
        """End the stream from our side, without answering what it delivered; returns when it has ended."""
        self.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)

    async def ended(self) -> None:
        """Wait until the stream has ended, whoever ended it."""
        await asyncio.shield(self._reader)
