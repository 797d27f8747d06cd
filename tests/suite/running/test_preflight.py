"""Preflight says once what is wrong with a sidecar as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import grpc.aio
import pytest

from dwconf.suite.running.preflight import NOBODYS, SIBLING, prepare
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.tolerances import FOREIGN, Tolerances
from dwconf.wire.rpc import TASK_HUB, handlers

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
