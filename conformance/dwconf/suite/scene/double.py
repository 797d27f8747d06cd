"""The engine double: the task hub that a worker under test connects to.

It serves the worker's half of the service on one port and decides nothing: calls and streams are handed to the scene
whose case they belong to, told apart by instance id, and everything is recorded as bytes on that scene's tape. What no
scene claims (an answer to an earlier case) is acknowledged and counted. A method that the protocol does not have is
refused as unimplemented, and overheard.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
import grpc.aio

from dwconf.suite.targets.endpoint import OPTIONS
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.trace.record import Scalar
from dwconf.wire import codec
from dwconf.wire.codec import WireError
from dwconf.wire.rpc import TASK_HUB, handlers
from dwconf.wire.values import ActivityResponse, GetInstanceHistoryRequest, WorkflowResponse

Context = grpc.aio.ServicerContext[Any, Any]
PATHS = {name: method.path for name, method in TASK_HUB.methods.items()}
MOST_OVERHEARD = 100
"""So many methods that we do not have are kept in mind; a worker may think of any number."""


class Audience(Protocol):
    """Who hears what workers do: the scene of the case that runs."""

    def owns(self, instance_id: str) -> bool:
        """Whether an instance, or a token, is of this scene's case."""

    def connected(self, connection: Connection, request: bytes) -> None:
        """A worker opened a stream."""

    def disconnected(self, connection: Connection, *, by_worker: bool, code: str) -> None:
        """A worker's stream is over."""

    async def called(self, method: str, request: bytes, context: Context, shown: Shown) -> bytes:
        """A worker made a call; the answer's bytes, or an abort through the context."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a call or stream shows in its metadata: how its API token compares to ours, and who calls.

    The token itself is a secret, and kept nowhere.
    """

    token: str
    """"right", "wrong" or "absent"; empty when we have none."""
    agent: str

    @property
    def fields(self) -> dict[str, Scalar]:
        """As the fields of a record."""
        told = {"token": self.token, "agent": self.agent}
        return {name: value for name, value in told.items() if value}


class Connection:
    """One open GetWorkItems stream of a worker."""

    def __init__(self, capabilities: bytes, shown: Shown) -> None:
        self.capabilities = capabilities
        self.shown = shown
        self.number = 0
        """The number of the record that tells of its opening, and `ended` of the one that tells of its end."""
        self.ended = 0
        self.open = True
        self._queue: asyncio.Queue[bytes | tuple[grpc.StatusCode, str]] = asyncio.Queue()

    def send(self, data: bytes) -> None:
        """Queue one encoded work item."""
        self._queue.put_nowait(data)

    def end(self, code: grpc.StatusCode = grpc.StatusCode.OK, text: str = "") -> None:
        """End the stream with a status."""
        self._queue.put_nowait((code, text))

    async def next(self) -> bytes | tuple[grpc.StatusCode, str]:
        return await self._queue.get()


class EngineDouble:
    """The server. One audience at a time hears it; connections outlive the cases."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []
        self.audience: Audience | None = None
        self.token = ""
        self.refuse: grpc.StatusCode | None = None
        """A status that every stream is refused with."""
        self.silences = 0
        """How many turns in a row the worker has left unanswered."""
        self.hellos = 0
        self.overheard: set[str] = set()
        """Methods that workers called and the protocol does not have, with their service."""
        self.host = ""
        self.port = 0
        self.news = asyncio.Event()
        self.stopping = False
        self._server: grpc.aio.Server | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen. Raises TargetError when the port is taken."""
        server = grpc.aio.server(options=(*OPTIONS, ("grpc.so_reuseport", 0)))
        server.add_generic_rpc_handlers((handlers(TASK_HUB, _Servicer(self), raw=True), _Overhearing(self)))
        try:
            self.port = server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            hint = "give another one with --listen HOST:PORT, or stop what listens there"
            raise TargetError("the port to listen on is in use", f"{host}:{port}", hint) from error
        self.host = host
        self._server = server
        await server.start()

    async def stop(self) -> None:
        """End every stream and stop listening."""
        self.stopping = True
        if self._server is not None:
            await self._server.stop(grace=0)
            self._server = None

    @property
    def connection(self) -> Connection | None:
        """The open connection that work goes to: the newest."""
        return next((c for c in reversed(self.connections) if c.open), None)

    async def connected(self, within: float) -> Connection:
        """Wait for an open connection. Raises TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while (found := self.connection) is None:
                self.news.clear()
                await self.news.wait()
            return found

    async def overhears(self, method: str, *, within: float) -> bool:
        """Whether a worker calls a method that the protocol does not have, or has called it before."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while method not in self.overheard:
                    self.news.clear()
                    await self.news.wait()
        return method in self.overheard


class _Overhearing(grpc.GenericRpcHandler):
    """Asked last of all handlers: it serves nothing, and notes what was wanted."""

    def __init__(self, double: EngineDouble) -> None:
        self._double = double

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> None:
        if len(self._double.overheard) < MOST_OVERHEARD:
            self._double.overheard.add(handler_call_details.method)
            self._double.news.set()


class _Servicer:
    """The RPCs of the task hub that a worker uses."""

    def __init__(self, double: EngineDouble) -> None:
        self._double = double

    def _shown(self, context: Context) -> Shown:
        """What a call shows. A missing token is noted and not refused, so that everything else can be judged."""
        metadata = dict(context.invocation_metadata() or ())
        wanted, token = self._double.token, metadata.get("dapr-api-token")
        compared = "absent" if token is None else "right" if token == wanted else "wrong"
        return Shown(compared if wanted else "", str(metadata.get("user-agent", "")))

    async def Hello(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        self._double.hellos += 1
        return await self._hear("Hello", request, context)

    async def CompleteWorkflowTask(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._hear("CompleteWorkflowTask", request, context)

    async def CompleteOrchestratorTask(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._hear("CompleteOrchestratorTask", request, context)

    async def CompleteActivityTask(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._hear("CompleteActivityTask", request, context)

    async def GetInstanceHistory(self, request: bytes, context: Context) -> bytes:  # noqa: N802
        return await self._hear("GetInstanceHistory", request, context)

    async def _hear(self, method: str, request: bytes, context: Context) -> bytes:
        audience = self._double.audience
        names = [name for name in named(method, request) if name]
        if audience is None or (names and not any(audience.owns(name) for name in names)):
            return b""
        return await audience.called(method, request, context, self._shown(context))

    async def GetWorkItems(self, request: bytes, context: Context) -> AsyncIterator[bytes]:  # noqa: N802
        double = self._double
        connection = Connection(request, self._shown(context))
        if double.audience is not None:
            double.audience.connected(connection, request)
        if double.refuse is not None:
            connection.open = False
            if double.audience is not None:
                double.audience.disconnected(connection, by_worker=False, code=double.refuse.name)
            await context.abort(double.refuse, "refused by the suite")
        double.connections.append(connection)
        double.news.set()
        by_worker, code = True, "CANCELLED"
        try:
            while True:
                queued = await connection.next()
                if isinstance(queued, bytes):
                    yield queued
                    continue
                by_worker, code = False, queued[0].name
                connection.open = False
                if queued[0] is grpc.StatusCode.OK:
                    return
                await context.abort(*queued)
        finally:
            connection.open = False
            if double.audience is not None:
                double.audience.disconnected(connection, by_worker=by_worker and not double.stopping, code=code)
            double.news.set()


def named(method: str, request: bytes) -> tuple[str, ...]:
    """The instance that a worker's call is about, and its token; nothing when it names none or is malformed."""
    try:
        match method:
            case "CompleteActivityTask":
                done = codec.decode(ActivityResponse, request)
                return done.instance_id, done.completion_token
            case "CompleteWorkflowTask" | "CompleteOrchestratorTask":
                answer = codec.decode(WorkflowResponse, request)
                return answer.instance_id, answer.completion_token
            case "GetInstanceHistory":
                return (codec.decode(GetInstanceHistoryRequest, request).instance_id,)
            case _:
                return ()
    except WireError:
        return ()
