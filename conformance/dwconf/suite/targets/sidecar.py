"""Sidecars under test: attached, started, or embedded in this process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import grpc
import grpc.aio

from dwconf.suite.targets.endpoint import Endpoint, free_port
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.process import Command, Process
from dwconf.suite.tolerances import FOREIGN, OURS, TOLD, Tolerances
from dwconf.wire.rpc import TASK_HUB

HELLO = TASK_HUB.methods["Hello"].path
ADVANCE = "/dwconf.Control/Advance"
SECOND = 1_000_000_000
TIME_BYTES = 8
GRACE = 1.0
"""Seconds that a reference engine gives the calls in flight when it is asked to stop."""
EMBEDDED_TOKEN = "embedded"  # noqa: S105  (no secret: it guards an engine in this process)
"""The API token of a reference in this process."""
Metadata = tuple[tuple[str, str], ...]


class RealTime:
    """The clock of a target that is not ours: the wall clock, and waiting."""

    def now(self) -> int:
        return time.time_ns()

    async def pass_time(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ToldTime:
    """The clock of a started reference: it stands still until we tell it to move."""

    def __init__(self, channel: grpc.aio.Channel, now: int, metadata: Metadata) -> None:
        self._channel = channel
        self._now = now
        self._metadata = metadata

    def now(self) -> int:
        return self._now

    async def pass_time(self, seconds: float) -> None:
        await self._advance(round(seconds * SECOND))

    async def reach(self, now: int) -> None:
        """Move on to a time; stay where that is past already."""
        await self._advance(max(0, now - self._now))

    async def _advance(self, nanos: int) -> None:
        self._now += nanos  # what comes while the call is under way comes at the new time already
        self._now = await advance(self._channel, nanos, self._metadata) or self._now


class EmbeddedClock(Protocol):
    """The virtual clock of an engine in this process."""

    def now(self) -> int: ...

    async def advance(self, nanos: int) -> None: ...


class EmbeddedTime:
    """The clock of a reference in this process."""

    def __init__(self, clock: EmbeddedClock) -> None:
        self._clock = clock

    def now(self) -> int:
        return self._clock.now()

    async def pass_time(self, seconds: float) -> None:
        await self._clock.advance(round(seconds * SECOND))


Time = RealTime | ToldTime | EmbeddedTime


async def advance(channel: grpc.aio.Channel, nanos: int, metadata: Metadata) -> int | None:
    """Move a started reference's clock; its new time, in nanoseconds since the epoch.

    None when the answer is no time: whoever answers so is no reference of ours.
    """
    rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(ADVANCE)
    answer = await rpc(nanos.to_bytes(8, "big", signed=True), timeout=OURS.reply, metadata=metadata)
    now = int.from_bytes(answer, "big", signed=True)
    return now if len(answer) == TIME_BYTES and now > 0 else None


class Sidecar:
    """A sidecar that a run talks to. `access` is "attached", "started" or "embedded"."""

    access = "attached"
    leaves_traces = True

    def __init__(self, endpoint: Endpoint, tolerances: Tolerances = FOREIGN) -> None:
        self.endpoint = endpoint
        self.tolerances = tolerances
        self.metadata = endpoint.metadata
        self.time: Time = RealTime()
        self._channel: grpc.aio.Channel | None = None
        self._routed: grpc.aio.Channel | None = None

    @property
    def name(self) -> str:
        return self.endpoint.address

    @property
    def shares(self) -> bool:
        """Whether cases may be under way at the same time: not where one moves the clock of all."""
        return isinstance(self.time, RealTime)

    @property
    def channel(self) -> grpc.aio.Channel:
        """The shared connection."""
        if self._channel is None:
            self._channel = self.new_channel()
        return self._channel

    @property
    def routed(self) -> grpc.aio.Channel | None:
        """The connection to the router that hands out this sidecar's work; None where cases have their own streams."""
        return self._routed

    async def route(self, router: str) -> None:
        """Take work from the router at an address from now on, or, without one, from the sidecar itself."""
        if self._routed is not None:
            await self._routed.close()
        self._routed = Endpoint.parse(router).channel() if router else None

    def new_channel(self) -> grpc.aio.Channel:
        return self.endpoint.channel()

    def now(self) -> int:
        return self.time.now()

    async def pass_time(self, seconds: float) -> None:
        await self.time.pass_time(seconds)

    async def start(self) -> None:
        """Make it reachable: Hello answers when this returns. Raises TargetError."""
        await self._ready(None)

    async def restart(self, *, kill: bool) -> None:
        """Stop it (or kill it) and start it again. Raises TargetError when it is not ours."""
        del kill
        raise TargetError("an attached sidecar cannot be restarted", self.endpoint.address, "let dwconf start it")

    async def stop(self) -> None:
        """Let go of it."""
        await self.route("")
        if self._channel is not None:
            await self._channel.close()
            self._channel = None

    async def _ready(self, process: Process | None) -> None:
        """Wait for Hello to answer, in vain not longer than `ready` seconds."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + (self.tolerances.ready if process else self.tolerances.reply / 3)
        while True:
            code = await self._hello()
            if code is None:
                return
            if process is not None and not process.running:
                raise _exited(process)
            if code not in _NOT_YET:
                raise refused(self.endpoint, code)
            if loop.time() > limit:
                raise self._unreachable(code, process)
            await asyncio.sleep(0.05)

    async def _hello(self) -> grpc.StatusCode | None:
        rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(HELLO)
        try:
            await rpc(b"", timeout=2, metadata=self.metadata)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return None

    def _unreachable(self, code: grpc.StatusCode, process: Process | None) -> TargetError:
        if process is not None:
            what, hint = "the command started, but never became ready", HINT_READY
        elif code is grpc.StatusCode.DEADLINE_EXCEEDED:
            what, hint = "something accepts connections but does not answer gRPC", HINT_SILENT
        else:
            what, hint = "nothing answers at the address", HINT_TLS if self.endpoint.tls else HINT_ADDRESS
        return TargetError(what, self.endpoint.address, hint, process.tail() if process else "")


_NOT_YET = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
HINT_ADDRESS = "is the sidecar running, and is this its gRPC port (DAPR_GRPC_PORT), not its HTTP port?"
HINT_TLS = (
    "is the sidecar running, and does it serve TLS there? A certificate that the system does not trust "
    "is named by GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, and must be one for this host"
)
HINT_SILENT = "give the sidecar's plain-text gRPC port; a port that wants TLS is written https://HOST:PORT"
HINT_READY = (
    "the command must listen where {host}:{port} (or DWCONF_HOST, DWCONF_PORT) say; "
    "name the address with --address if it chooses its own"
)


def refused(endpoint: Endpoint, code: grpc.StatusCode) -> TargetError:
    """Hello was answered, but not with OK."""
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return TargetError("the sidecar refuses us", endpoint.address, "set DAPR_API_TOKEN to the sidecar's API token")
    what = f"Hello was answered with {code.name}"
    hint = "the address serves gRPC, but not TaskHubSidecarService; is it the sidecar's own gRPC port?"
    return TargetError(what, endpoint.address, hint)


def _exited(process: Process) -> TargetError:
    return TargetError(
        f"the command exited with code {process.exit_code} before it was ready",
        process.command,
        "run the command by itself and see what it says",
        process.tail(),
    )


class SharedSidecar(Sidecar):
    """A sidecar that another process of this run has started or reached, and whose router hands us our work."""

    def __init__(
        self, endpoint: Endpoint, *, router: str, leaves_traces: bool, tolerances: Tolerances = FOREIGN
    ) -> None:
        super().__init__(endpoint, tolerances)
        self.leaves_traces = leaves_traces
        self._router = router

    async def start(self) -> None:
        await super().start()
        await self.route(self._router)


class StartedSidecar(Sidecar):
    """A sidecar that we start by a command; `folder` outlives its restarts."""

    access = "started"
    leaves_traces = False

    def __init__(
        self,
        command: Command,
        folder: Path,
        *,
        endpoint: Endpoint | None = None,
        token: str = "",
        tolerances: Tolerances = FOREIGN,
    ) -> None:
        chosen = endpoint or Endpoint("127.0.0.1", free_port(), token=token)
        super().__init__(chosen, tolerances)
        self.command = command
        self.folder = folder
        self.process: Process | None = None

    @property
    def name(self) -> str:
        return str(self.command)

    async def start(self) -> None:
        if await self._hello() is None:
            raise TargetError("the port is in use", self.endpoint.address, "another sidecar answers there: stop it")
        variables = {"DWCONF_CLOCK": "virtual", **self.command.environment}
        command = Command(self.command.words, variables)
        self.process = await Process.start(command, self.endpoint, self.folder)
        try:
            await self._ready(self.process)
        except BaseException:
            await self.process.stop(kill=True)
            raise
        await self._take_clock()

    async def _take_clock(self) -> None:
        with contextlib.suppress(grpc.aio.AioRpcError):
            now = await advance(self.channel, 0, self.metadata)
            if now is not None:
                self.time = ToldTime(self.channel, now, self.metadata)
                self.tolerances = TOLD if self.tolerances is FOREIGN else self.tolerances

    async def stop(self, *, kill: bool = False) -> None:
        await super().stop()
        if self.process is not None:
            await self.process.stop(kill=kill)
            self.process = None

    async def restart(self, *, kill: bool) -> None:
        """Stop it (or kill it) and start it again on the same folder and address."""
        before = self.time
        await self.stop(kill=kill)
        await self.start()
        if isinstance(before, ToldTime) and isinstance(self.time, ToldTime):
            await self.time.reach(before.now())


class EmbeddedSidecar(Sidecar):
    """The reference engine, or a mutant of it, in this process and on a clock of ours."""

    access = "embedded"
    leaves_traces = False

    def __init__(self, *, mutant: str = "", tolerances: Tolerances = OURS) -> None:
        super().__init__(Endpoint("127.0.0.1", 0, token=EMBEDDED_TOKEN), tolerances)
        self.mutant = mutant
        self._server: Any = None

    @property
    def name(self) -> str:
        return f"reference engine, mutant {self.mutant}" if self.mutant else "reference engine"

    async def start(self) -> None:
        from dwconf.suite.targets.references import start_engine  # noqa: PLC0415  (only a run with it pays for it)

        self._serve(await start_engine(self.mutant, token=self.endpoint.token))

    def _serve(self, server: Any) -> None:  # noqa: ANN401  (an EngineServer, which only `references` may name)
        self._server = server
        self.endpoint = replace(self.endpoint, port=server.port)
        self.time = EmbeddedTime(server.clock)

    async def restart(self, *, kill: bool) -> None:
        """Stop it, and start another one on its store and clock. What is only in memory is lost, killed or not."""
        from dwconf.suite.targets.references import start_engine  # noqa: PLC0415

        before = self._server
        await self.stop(grace=0 if kill else GRACE)
        self._serve(await start_engine(self.mutant, token=self.endpoint.token, after=before))

    async def stop(self, *, grace: float = 0) -> None:
        """End it; with `grace`, in seconds, its streams and the calls in flight end in order."""
        await super().stop()
        if self._server is not None:
            await self._server.stop(grace)
            self._server = None
