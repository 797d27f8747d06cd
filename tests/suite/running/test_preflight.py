"""Preflight says once what is wrong with a target as a whole."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import grpc.aio
import pytest

from dwconf.suite.running.preflight import ENTITY_DONE, NOBODYS, SIBLING, prepare
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.targets.worker import Worker
from dwconf.suite.tolerances import FOREIGN, Tolerances
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB, handlers
from dwconf.wire.values import ActivityRequest, ActivityResponse, WorkItem

Context = grpc.aio.ServicerContext[bytes, bytes]
HASTY = replace(FOREIGN, reply=5, quiet=0.05)
REFUSED = replace(FOREIGN, reply=1, quiet=1)
"""A stream that is refused ends at once, but on a busy machine not within a twentieth of a second."""


class Hub:
    """A task hub that says hello and keeps its streams open."""

    refusals = 0

    async def Hello(self, request: bytes, context: Context) -> bytes:  # noqa: ARG002, N802
        return b""

    async def GetWorkItems(self, request: bytes, context: Context) -> AsyncIterator[bytes]:  # noqa: ARG002, N802
        self.refusals -= 1
        if self.refusals >= 0:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
        await context.send_initial_metadata(())
        await context.read()
        yield b""


class Refusing(Hub):
    refusals = 10_000


class RefusingOnce(Hub):
    refusals = 1


def answering(*methods: str) -> grpc.GenericRpcHandler:
    async def answer(request: bytes, context: Context) -> bytes:
        return b""

    names = {method.rsplit("/", 1)[-1] for method in methods}
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(answer)
    return grpc.method_handlers_generic_handler(TASK_HUB.name, dict.fromkeys(names, handler))


async def looked_at(*served: grpc.GenericRpcHandler, tolerances: Tolerances) -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(served)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sidecar = Sidecar(Endpoint("127.0.0.1", port), tolerances)
    try:
        await prepare(sidecar)
    finally:
        await sidecar.stop()
        await server.stop(grace=0)


def run(*served: grpc.GenericRpcHandler, tolerances: Tolerances = HASTY) -> None:
    asyncio.run(looked_at(*served, tolerances=tolerances))


@pytest.mark.parametrize("hub", [Hub, RefusingOnce])
def test_a_sidecar_that_takes_workers_in_the_end_passes(hub: type[Hub]) -> None:
    run(handlers(TASK_HUB, hub(), raw=True))


def test_a_sidecar_that_takes_no_worker_is_one_cause() -> None:
    with pytest.raises(TargetError, match=r"takes no worker: GetWorkItems ends with UNAVAILABLE \(not now\)"):
        run(handlers(TASK_HUB, Refusing(), raw=True), tolerances=REFUSED)


def test_the_sibling_dialect_is_named() -> None:
    with pytest.raises(TargetError, match="Microsoft dialect"):
        run(handlers(TASK_HUB, Hub(), raw=True), answering(SIBLING))


def test_who_answers_everything_is_not_taken_for_the_sibling() -> None:
    run(handlers(TASK_HUB, Hub(), raw=True), answering(SIBLING, NOBODYS))


# --- workers

NOTHING_RESERVED = b""
CONCURRENCY = b"\x08\x64\x10\x64"
"""Fields 1 and 2 of a stream request, which Dapr has reserved: how much the worker takes at once."""


class Scripted:
    """A worker that gives every activity the same manifest, and knows the sibling dialect's entities or does not."""

    def __init__(self, request: bytes, *, entities: bool) -> None:
        self.request = request
        self.entities = entities
        self.strange = 0

    async def serve(self, channel: grpc.aio.Channel) -> None:
        stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes]
        stream = channel.unary_stream(TASK_HUB.methods["GetWorkItems"].path)
        async for data in stream(self.request):
            item = codec.decode(WorkItem, data)
            if isinstance(item.request, ActivityRequest):
                await self._call(channel, TASK_HUB.methods["CompleteActivityTask"].path, done(item.request, item))
            elif item.unknown:
                self.strange += 1
                if self.entities:
                    await self._call(channel, ENTITY_DONE, b"")

    async def _call(self, channel: grpc.aio.Channel, method: str, request: bytes) -> None:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
        with contextlib.suppress(grpc.aio.AioRpcError):
            await call(request)


def done(request: ActivityRequest, item: WorkItem) -> bytes:
    instance = request.workflow_instance.instance_id if request.workflow_instance else ""
    manifest = '{"sdk": "scripted", "program": 1}'
    return codec.encode(
        ActivityResponse(
            instance_id=instance, task_id=request.task_id, result=manifest, completion_token=item.completion_token
        )
    )


async def introduced(scripted: Scripted) -> Worker:
    worker = Worker(tolerances=HASTY)
    worker.access = "embedded"  # its capabilities are not what is looked at here
    await worker.double.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{worker.double.port}") as channel:
        serving = asyncio.ensure_future(scripted.serve(channel))
        try:
            await prepare(worker)
        finally:
            serving.cancel()
            await worker.stop()
            await asyncio.gather(serving, return_exceptions=True)
    return worker


def test_a_worker_of_the_sibling_dialect_is_named() -> None:
    with pytest.raises(TargetError, match="the app speaks the Microsoft dialect"):
        asyncio.run(introduced(Scripted(CONCURRENCY, entities=True)))


def test_what_older_dapr_sdks_ask_for_is_no_proof() -> None:
    scripted = Scripted(CONCURRENCY, entities=False)
    assert asyncio.run(introduced(scripted)).manifest.sdk == "scripted"
    assert scripted.strange == 1


def test_a_worker_that_asks_for_nothing_reserved_is_not_tried() -> None:
    scripted = Scripted(NOTHING_RESERVED, entities=True)
    assert asyncio.run(introduced(scripted)).manifest.sdk == "scripted"
    assert scripted.strange == 0
