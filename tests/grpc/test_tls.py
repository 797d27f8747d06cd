"""The reference engine over TLS, with a certificate that the test makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from dwconf.engine.shell.server import EngineServer
from dwconf.engine.shell.tls import CertificateError, credentials
from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB, stub
from tests.grpc.certificates import make_certificate
from tests.grpc.engine_worker import LIMIT, chain, connected, working

TOKEN = (("dapr-api-token", "secret"),)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@asynccontextmanager
async def secured(server: EngineServer, certificate: bytes) -> AsyncIterator[Any]:
    """A client that trusts this certificate alone."""
    async with grpc.aio.secure_channel(server.address, grpc.ssl_channel_credentials(certificate)) as channel:
        yield stub(channel, TASK_HUB)


def test_a_workflow_runs_over_tls(pair: tuple[Path, Path]) -> None:
    trusted = pair[0].read_bytes()

    async def test() -> str:
        server = await EngineServer.start(credentials=credentials(*pair))
        async with server, secured(server, trusted) as hub, working(hub, chain(2)):
            await hub.StartInstance(pb.CreateInstanceRequest(instanceId="i", name="wf"))
            wanted = pb.GetInstanceRequest(instanceId="i", getInputsAndOutputs=True)
            ended = await hub.WaitForInstanceCompletion(wanted)
            return str(ended.workflowState.output.value)

    assert asyncio.run(asyncio.wait_for(test(), LIMIT)) == '"done"'


def test_who_speaks_plain_text_is_not_served(pair: tuple[Path, Path]) -> None:
    async def test() -> grpc.StatusCode:
        async with await EngineServer.start(credentials=credentials(*pair)) as server, connected(server) as hub:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await hub.Hello(pb.Empty(), timeout=5)
            return refused.value.code()

    assert asyncio.run(asyncio.wait_for(test(), LIMIT)) is grpc.StatusCode.UNAVAILABLE


def test_the_token_and_a_stop_are_over_tls_what_they_are_without(pair: tuple[Path, Path]) -> None:
    trusted = pair[0].read_bytes()

    async def test() -> tuple[grpc.StatusCode, str | None]:
        server = await EngineServer.start(credentials=credentials(*pair), api_token="secret")
        async with secured(server, trusted) as hub:
            for call in (hub.Hello(pb.Empty()), hub.GetWorkItems(pb.GetWorkItemsRequest()).read()):
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await call
                assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
            await hub.Hello(pb.Empty(), metadata=TOKEN)
            stream = hub.GetWorkItems(pb.GetWorkItemsRequest(), metadata=TOKEN)
            reading = asyncio.ensure_future(stream.read())
            await stream.wait_for_connection()
            await server.stop(1.0)
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await reading
            return ended.value.code(), ended.value.details()

    ended = asyncio.run(asyncio.wait_for(test(), LIMIT))
    assert ended == (grpc.StatusCode.CANCELLED, "shutting down")


def test_a_pair_that_cannot_be_served_with_is_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    certificate, key = pair
    _, other = make_certificate(tmp_path / "other")
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate", encoding="utf-8")
    for wrong in ((certificate, other), (key, certificate), (garbage, key), (tmp_path / "missing.pem", key)):
        with pytest.raises(CertificateError, match="PEM") as refused:
            credentials(*wrong)
        assert str(wrong[0]) in str(refused.value)
