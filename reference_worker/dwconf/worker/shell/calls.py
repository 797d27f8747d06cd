"""The calls that a worker makes, as values: encoded here, each with its metadata (WRK-A-14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc
import grpc.aio

from dwconf.wire import values as v
from dwconf.wire.codec import decode, encode
from dwconf.wire.rpc import TASK_HUB, raw_stub
from dwconf.worker.core.decisions import Decisions

HELLO_TIMEOUT = 10.0
OK = "OK"


class Calls:
    """The worker's side of the task hub service."""

    def __init__(self, channel: grpc.aio.Channel, decisions: Decisions, api_token: str | None) -> None:
        self._stub = raw_stub(channel, TASK_HUB)
        self._decisions = decisions
        self._api_token = api_token

    async def hello(self) -> str:
        """Say hello; gives the name of the status."""
        try:
            await self._stub.Hello(b"", metadata=self._metadata("Hello"), timeout=HELLO_TIMEOUT)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return OK

    def work_items(self) -> grpc.aio.UnaryStreamCall[bytes, bytes]:
        """Open the stream (WRK-A-01, WRK-A-07)."""
        request = v.GetWorkItemsRequest(capabilities=self._decisions.capabilities())
        return self._stub.GetWorkItems(encode(request), metadata=self._metadata("GetWorkItems"))

    async def history(self, instance_id: str) -> tuple[v.HistoryEvent, ...] | None:
        """The committed history of an instance, or None when it cannot be had (WRK-M-03, WRK-M-04)."""
        request = encode(v.GetInstanceHistoryRequest(instance_id=instance_id))
        try:
            data = await self._stub.GetInstanceHistory(request, metadata=self._metadata("GetInstanceHistory"))
        except grpc.aio.AioRpcError:
            return None
        return decode(v.GetInstanceHistoryResponse, data).events

    async def complete(self, method: str, answer: bytes) -> str:
        """Send an encoded answer; gives the name of the status."""
        try:
            await getattr(self._stub, method)(answer, metadata=self._metadata(method))
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return OK

    def _metadata(self, method: str) -> tuple[tuple[str, str], ...]:
        return self._decisions.metadata(method, self._api_token)


async def items(call: grpc.aio.UnaryStreamCall[bytes, bytes]) -> AsyncIterator[bytes]:
    """The encoded items of a stream until it ends, in whichever way; `ending` then says how."""
    try:
        async for data in call:
            yield data
    except grpc.aio.AioRpcError:
        return
    except asyncio.CancelledError:
        # Cancelling a call raises this in its reader; only when the reader's own task is cancelled does it go on.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise


async def ending(call: grpc.aio.UnaryStreamCall[bytes, bytes]) -> str:
    """The name of the status with which a stream ended."""
    return "CANCELLED" if call.cancelled() else (await call.code()).name
