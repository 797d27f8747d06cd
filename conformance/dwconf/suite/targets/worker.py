"""Workers under test: an app that a command starts, one that a user starts, or the reference app in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from pathlib import Path
from typing import Any

import msgspec

from dwconf.suite.scene.double import EngineDouble
from dwconf.suite.scene.histories import History
from dwconf.suite.scene.worker import Environment, RunningApp
from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.process import Command, Process
from dwconf.suite.tolerances import FOREIGN, OURS, Tolerances


class Manifest(msgspec.Struct, frozen=True):
    """What the app says of itself: its SDK and that's version, the language version, the operations it can express."""

    sdk: str = ""
    version: str = ""
    program: int = 0
    features: tuple[str, ...] = ()
    can: tuple[str, ...] = ()


class Worker:
    """A worker that a run talks to. `access` is "attached", "started" or "embedded"."""

    access = "attached"

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, tolerances: Tolerances = FOREIGN) -> None:
        self.tolerances = tolerances
        self.double = EngineDouble()
        self.manifest = Manifest()
        self.shown: frozenset[str] = frozenset()
        """The capabilities that its answers and its stream have shown, of those that a manifest does not speak of."""
        self.produced: dict[str, tuple[History, ...]] = {}
        self._host = host
        self._port = port

    @property
    def name(self) -> str:
        if self.manifest.sdk:
            return f"{self.manifest.sdk} {self.manifest.version}".strip()
        return f"the worker that connects to {self._host}:{self.double.port}"

    @property
    def can(self) -> frozenset[str]:
        return frozenset(self.manifest.can)

    @property
    def features(self) -> frozenset[str]:
        return frozenset(self.manifest.features)

    def now(self) -> int:
        """A worker has no time of its own: histories say what time it is."""
        return time.time_ns()

    async def start(self) -> None:
        """Listen, and wait for the worker to connect. Raises TargetError."""
        await self.double.start(self._host, self._port)
        await self._connected(None)

    async def _connected(self, app: RunningApp | None) -> None:
        waiting = asyncio.ensure_future(self.double.connected(self.tolerances.ready))
        exiting = asyncio.ensure_future(app.wait()) if app is not None else None
        tasks: set[asyncio.Future[Any]] = {waiting} | ({exiting} if exiting else set())
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if exiting is not None and not exiting.done():
            exiting.cancel()
        if waiting.done() and waiting.exception() is None:
            return
        waiting.cancel()
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            await waiting
        raise self._never_connected(app)

    def _never_connected(self, app: RunningApp | None) -> TargetError:
        where = f"{self._host}:{self.double.port}"
        tail = app.tail() if isinstance(app, Process) else ""
        if isinstance(app, Process) and not app.running:
            what = f"the command exited with code {app.exit_code} before its worker connected"
            return TargetError(what, app.command, "run the command by itself and see what it says", tail)
        hint = "the app must connect to DAPR_GRPC_ENDPOINT (or DAPR_GRPC_PORT) and open GetWorkItems"
        if app is None:
            hint = f"start the conformance app with DAPR_GRPC_ENDPOINT=http://{where}"
        return TargetError("no worker connected", where, hint, tail)

    async def stop(self) -> None:
        """Stop listening."""
        await self.double.stop()

    async def launch(self, port: int, *, token: str = "", environment: Environment | None = None) -> RunningApp:  # noqa: ARG002
        """One more process of the app; only a worker that we start has one."""
        raise TargetError(
            "this case starts the app itself", self.name, "give the app's command: dwconf worker -- COMMAND"
        )


class StartedWorker(Worker):
    """An app that we start by a command."""

    access = "started"

    def __init__(
        self,
        command: Command,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tolerances: Tolerances = FOREIGN,
    ) -> None:
        super().__init__(host=host, port=port, tolerances=tolerances)
        self.command = command
        self.folder = folder
        self.process: Process | None = None
        self._launched = 0

    async def start(self) -> None:
        if self.double.port == 0:
            await self.double.start(self._host, self._port)
        self.process = await self._run(self.double.port, "", {})
        try:
            await self._connected(self.process)
        except BaseException:
            await self.process.stop(kill=True)
            await self.double.stop()
            raise

    async def _run(self, port: int, token: str, environment: Environment) -> Process:
        self._launched += 1
        endpoint = Endpoint(self._host, port, token=token)
        command = Command(self.command.words, {**self.command.environment, **environment})
        return await Process.start(command, endpoint, self.folder / f"app-{self._launched}")

    async def stop(self) -> None:
        if self.process is not None:
            await self.process.stop()
        await super().stop()

    async def launch(self, port: int, *, token: str = "", environment: Environment | None = None) -> RunningApp:
        return await self._run(port, token, environment or {})


class EmbeddedWorker(Worker):
    """The reference worker's app, or a mutant of it, in this process."""

    access = "embedded"

    def __init__(self, *, mutant: str = "", tolerances: Tolerances = OURS) -> None:
        super().__init__(tolerances=tolerances)
        self.mutant = mutant
        self._app: RunningApp | None = None

    async def start(self) -> None:
        await self.double.start(self._host, self._port)
        self._app = await self._start(self.double.port, "", {}, pace=1)
        await self._connected(None)

    async def stop(self) -> None:
        if self._app is not None:
            await self._app.stop(kill=True)
        await super().stop()

    async def launch(self, port: int, *, token: str = "", environment: Environment | None = None) -> RunningApp:
        return await self._start(port, token, environment or {}, pace=self.tolerances.pace)

    async def _start(self, port: int, token: str, environment: Environment, *, pace: float) -> RunningApp:
        from dwconf.suite.targets.references import start_app  # noqa: PLC0415  (only a run with it pays for it)

        endpoint = Endpoint("127.0.0.1", port, token=token)
        return await start_app(Command((), environment).told(endpoint), mutant=self.mutant, pace=pace)


def read_manifest(result: str) -> Manifest:
    """The manifest that the app's `manifest` activity returned. Raises TargetError."""
    try:
        return msgspec.json.decode(result, type=Manifest)
    except msgspec.MsgspecError as error:
        hint = "see docs/conformance-app.md; `dwconf doctor worker` checks an app against the contract"
        if result.startswith('"'):
            hint = "it is a text: return the object itself, the SDK makes JSON of it"
        raise TargetError(
            "the app's manifest is not what the contract says", f"{json.dumps(result[:200])}: {error}", hint
        ) from error
