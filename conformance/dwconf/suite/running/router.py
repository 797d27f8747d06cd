"""The router: it owns the work-item stream to a sidecar that several cases share, and hands each item to its case.

An engine may give any item to any stream, so cases that run at the same time cannot each have a stream of their own:
one would get what another awaits. The router holds the only stream. It serves GetWorkItems itself, on a free port of
the loopback, to the scenes of this process and of pytest-xdist: a stream says in its metadata which prefix its
instance ids have, and gets the items whose instances begin with it, as the bytes that came. Everything else a scene
says to the sidecar itself.

What comes for an instance of this run while its scene has no stream open waits for one. What belongs to nobody here is
counted, and never answered; closing the router closes its stream, which gives back whatever was not answered. A scene
cannot give items back by ending its stream, nor ask for capabilities: cases about streams run alone, without a router.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import grpc
import grpc.aio

from dwconf.suite.evidence import Item
from dwconf.suite.scene.streams import GET_WORK_ITEMS, PREFIX
from dwconf.suite.targets.endpoint import OPTIONS
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import WorkItem

Metadata = tuple[tuple[str, str], ...]
Context = grpc.aio.ServicerContext[bytes, bytes]
MOST_WAITING = 20_000
"""A sidecar that sends more items that nobody takes sends them without end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The sidecar ended the stream."""

    code: grpc.StatusCode
    text: str


@dataclass(eq=False, slots=True)
class Subscriber:
    """The stream of one scene: the prefix of its instances, and what is on its way to it."""

    prefix: str
    items: asyncio.Queue[tuple[str, bytes] | Ended] = field(default_factory=asyncio.Queue)


class Routes:
    """Which item goes to whom. `run` begins every instance id of this run."""

    def __init__(self, run: str) -> None:
        self.foreign = 0
        self._run = run
        self._subscribers: dict[str, Subscriber] = {}
        self._waiting: list[tuple[str, bytes]] = []

    def hand(self, instance_id: str, data: bytes) -> None:
        """Hand an item to the scene whose instance it is about; keep it when that has no stream yet."""
        subscriber = next((s for p, s in self._subscribers.items() if instance_id.startswith(p)), None)
        if subscriber is not None:
            subscriber.items.put_nowait((instance_id, data))
        elif instance_id.startswith(self._run) and len(self._waiting) < MOST_WAITING:
            self._waiting.append((instance_id, data))
        else:
            self.foreign += 1

    def join(self, prefix: str) -> Subscriber | None:
        """A new stream for a prefix, with what has waited for it; None when there is one already."""
        if prefix in self._subscribers:
            return None
        self._subscribers[prefix] = subscriber = Subscriber(prefix)
        self._hand_again()
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """A stream is over: what it was not given yet waits for the next one."""
        self._subscribers.pop(subscriber.prefix, None)
        while not subscriber.items.empty():
            left = subscriber.items.get_nowait()
            if not isinstance(left, Ended):
                self.hand(*left)

    def end(self, ended: Ended) -> None:
        """The sidecar has ended the stream: what waits is no longer ours to answer, and everybody is told."""
        self._waiting.clear()
        for subscriber in self._subscribers.values():
            subscriber.items.put_nowait(ended)

    def _hand_again(self) -> None:
        waiting, self._waiting = self._waiting, []
        for instance_id, data in waiting:
            self.hand(instance_id, data)


class Router:
    """One stream to a sidecar, shared by all scenes of a run. `channel` and `metadata` reach the sidecar."""

    def __init__(self, run: str, channel: Callable[[], grpc.aio.Channel], metadata: Metadata) -> None:
        self.routes = Routes(run)
        self.port = 0
        self._new_channel = channel
        self._metadata = metadata
        self._channel: grpc.aio.Channel | None = None
        self._server: grpc.aio.Server | None = None
        self._stream: grpc.aio.UnaryStreamCall[bytes, bytes] | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Serve on a free port, and open the stream to the sidecar."""
        self._channel = self._new_channel()
        self._server = grpc.aio.server(options=OPTIONS)
        handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_stream_rpc_method_handler(self._serve)
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(TASK_HUB.name, {GET_WORK_ITEMS.name: handler}),)
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        await self._server.start()
        self._open()

    async def close(self) -> None:
        """Give back what was not answered, and serve nobody any more."""
        if self._stream is not None:
            self._stream.cancel()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)
        if self._server is not None:
            await self._server.stop(grace=0)
        if self._channel is not None:
            await self._channel.close()

    def _open(self) -> None:
        """Open the stream to the sidecar, unless it is open."""
        if self._channel is None or (self._reader is not None and not self._reader.done()):
            return
        rpc: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = self._channel.unary_stream(GET_WORK_ITEMS.path)
        self._stream = rpc(b"", metadata=self._metadata)
        self._reader = asyncio.ensure_future(self._read(self._stream))

    async def _read(self, stream: grpc.aio.UnaryStreamCall[bytes, bytes]) -> None:
        ended = Ended(grpc.StatusCode.OK, "")
        try:
            async for data in stream:
                self.routes.hand(instance_of(data), data)
        except grpc.aio.AioRpcError as error:
            ended = Ended(error.code(), error.details() or "")
        except asyncio.CancelledError:
            ended = Ended(grpc.StatusCode.CANCELLED, "the router is closed")
        self.routes.end(ended)

    async def _serve(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
        """GetWorkItems of one scene."""
        said = {str(name): str(value) for name, value in context.invocation_metadata() or ()}
        subscriber = self.routes.join(said[PREFIX]) if said.get(PREFIX) and not request else None
        if subscriber is None:
            await context.abort(grpc.StatusCode.FAILED_PRECONDITION, "one plain stream of one scene is routed")
        self._open()
        try:
            await context.send_initial_metadata(())
            while not isinstance(item := await subscriber.items.get(), Ended):
                yield item[1]
            if item.code is not grpc.StatusCode.OK:
                await context.abort(item.code, item.text)
        finally:
            self.routes.leave(subscriber)


def instance_of(data: bytes) -> str:
    """The instance that an item is about; empty for bytes that are no item."""
    with contextlib.suppress(codec.WireError):
        return Item(0, 0, 0, data, codec.decode(WorkItem, data)).instance_id
    return ""
