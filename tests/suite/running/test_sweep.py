"""What runs leave on a sidecar that serves already is removed, as far as it lets go of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import grpc.aio

from dwconf.suite.running.exclusive import ROUNDS, Left, sweep
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.tolerances import FOREIGN
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB, handlers
from dwconf.wire.values import GetInstanceResponse, ListInstanceIDsResponse

Context = grpc.aio.ServicerContext[bytes, bytes]


class Keeping:
    """A task hub that agrees to everything, and keeps its instances; so many are new whenever it is asked."""

    def __init__(self, new: int) -> None:
        self.lists = 0
        self._new = new

    async def ListInstanceIDs(self, request: bytes, context: Context) -> bytes:  # noqa: ARG002, N802
        self.lists += 1
        ids = ("dwrun-1", *(f"dwrun-{self.lists}-{number}" for number in range(self._new)))
        return codec.encode(ListInstanceIDsResponse(instance_ids=(*ids, "somebody-elses")))

    async def PurgeInstances(self, request: bytes, context: Context) -> bytes:  # noqa: ARG002, N802
        return b""

    async def TerminateInstance(self, request: bytes, context: Context) -> bytes:  # noqa: ARG002, N802
        return b""

    async def GetInstance(self, request: bytes, context: Context) -> bytes:  # noqa: ARG002, N802
        return codec.encode(GetInstanceResponse(exists=True))

    async def GetWorkItems(self, request: bytes, context: Context) -> AsyncIterator[bytes]:  # noqa: ARG002, N802
        await context.send_initial_metadata(())
        await context.read()
        yield b""


def swept(hub: Keeping) -> Left:
    async def run() -> Left:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((handlers(TASK_HUB, hub, raw=True),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        sidecar = Sidecar(Endpoint("127.0.0.1", port), FOREIGN)
        try:
            return await sweep(sidecar, ("run",))
        finally:
            await sidecar.stop()
            await server.stop(grace=0)

    return asyncio.run(run())


def test_what_is_not_let_go_of_is_not_asked_for_again_and_again() -> None:
    hub = Keeping(new=0)
    left = swept(hub)
    assert left == Left(("dwrun-1",))
    assert not left.clean
    assert hub.lists == 2


def test_what_is_new_is_removed_too_but_not_for_ever() -> None:
    hub = Keeping(new=1)
    assert swept(hub).instances == ("dwrun-1", f"dwrun-{ROUNDS + 1}-0")
    assert hub.lists == ROUNDS + 1


def test_what_is_left_is_told_with_the_reason_and_what_helps() -> None:
    (notice,) = Left(tuple(f"dwrun-{number}" for number in range(7))).notices()
    assert notice.level == "warning"
    assert notice.title == "7 workflow instances of dwconf are left in the sidecar"
    assert "dwrun-0, dwrun-1, dwrun-2, dwrun-3, dwrun-4 and 2 more" in notice.message
    assert "neither ended nor purged" in notice.message
    assert "purge" in notice.hint
    (notice,) = Left(("dwrun-0",)).notices()
    assert notice.title == "1 workflow instance of dwconf is left in the sidecar"


def test_where_nothing_can_be_listed_that_is_told() -> None:
    (notice,) = Left(None).notices()
    assert notice.level == "info"
    assert "does not list" in notice.title
    assert not Left(None).clean
    assert Left().clean
    assert not list(Left().notices())
