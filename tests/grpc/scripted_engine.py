"""A tiny engine for tests of the worker's client: it sends what the test puts in, and keeps what comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import grpc.aio

from dwconf.wire import values as v
from dwconf.wire.codec import decode, encode
from dwconf.wire.rpc import TASK_HUB, handlers

Context = grpc.aio.ServicerContext[Any, Any]


class EndStream:
    """Put among the items: end the stream, with a status or well."""

    def __init__(self, status: grpc.StatusCode | None = None) -> None:
        self.status = status


class ScriptedEngine:
    """One port. `send` items, `answers` come back in order; `refusals` are statuses for the next completions."""

    def __init__(self) -> None:
        self.to_send: asyncio.Queue[bytes | EndStream] = asyncio.Queue()
        self.answers: asyncio.Queue[v.WorkflowResponse | v.ActivityResponse] = asyncio.Queue()
        self.calls: Counter[str] = Counter()
        self.metadata: dict[str, dict[str, str | bytes]] = {}
        self.capabilities: tuple[v.WorkerCapability, ...] = ()
        self.refusals: list[grpc.StatusCode] = []
        self.refuse_streams: grpc.StatusCode | None = None
        self.history: dict[str, tuple[v.HistoryEvent, ...]] = {}
        self.stream_opened = asyncio.Event()
        self.port = 0
        self._server = grpc.aio.server()

    async def start(self, port: int = 0, credentials: grpc.ServerCredentials | None = None) -> ScriptedEngine:
        self._server.add_generic_rpc_handlers((handlers(TASK_HUB, self, raw=True),))
        address = f"127.0.0.1:{port}"
        if credentials is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, credentials)
        await self._server.start()
        return self

    async def stop(self) -> None:
        await self._server.stop(0)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def send(self, request: v.WorkflowRequest | v.ActivityRequest | v.HealthPing | None, token: str = "t") -> None:
        self.to_send.put_nowait(encode(v.WorkItem(request=request, completion_token=token)))

    def end_stream(self, status: grpc.StatusCode | None = None) -> None:
        self.to_send.put_nowait(EndStream(status))

    async def answer(self) -> v.WorkflowResponse | v.ActivityResponse:
        return await asyncio.wait_for(self.answers.get(), 10)

    async def turn(self) -> v.WorkflowResponse:
        answer = await self.answer()
        assert isinstance(answer, v.WorkflowResponse)
        return answer

    async def activity(self) -> v.ActivityResponse:
        answer = await self.answer()
        assert isinstance(answer, v.ActivityResponse)
        return answer

    def _note(self, method: str, context: Context) -> None:
        self.calls[method] += 1
        self.metadata[method] = dict(context.invocation_metadata() or ())

    async def Hello(self, _request: bytes, context: Context) -> bytes:  # noqa: N802
        self._note("Hello", context)
        return b""

    async def GetWorkItems(self, request: bytes, context: Context) -> AsyncIterator[bytes]:  # noqa: N802
        self._note("GetWorkItems", context)
        self.capabilities = decode(v.GetWorkItemsRequest, request).capabilities
        if self.refuse_streams is not None:
            await context.abort(self.refuse_streams, "scripted")
        await context.send_initial_metadata(())
        self.stream_opened.set()
        while True:
            item = await self.to_send.get()
            if isinstance(item, EndStream):
                if item.status is not None:
                    await context.abort(item.status, "scripted")
                return
            yield item

    async def CompleteWorkflowTask(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._completed("CompleteWorkflowTask", lambda: decode(v.WorkflowResponse, request), context)

    async def CompleteOrchestratorTask(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._completed("CompleteOrchestratorTask", lambda: decode(v.WorkflowResponse, request), context)

    async def CompleteActivityTask(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._completed("CompleteActivityTask", lambda: decode(v.ActivityResponse, request), context)

    async def GetInstanceHistory(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        self._note("GetInstanceHistory", context)
        instance_id = decode(v.GetInstanceHistoryRequest, request).instance_id
        if instance_id not in self.history:
            await context.abort(grpc.StatusCode.NOT_FOUND, "scripted")
        return encode(v.GetInstanceHistoryResponse(events=self.history[instance_id]))

    async def _completed(
        self, method: str, answer: Callable[[], v.WorkflowResponse | v.ActivityResponse], context: Context
    ) -> bytes:
        self._note(method, context)
        self.answers.put_nowait(answer())
        if self.refusals:
            await context.abort(self.refusals.pop(0), "scripted")
        return b""
