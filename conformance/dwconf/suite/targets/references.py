"""The references, started in this process. Nothing else of the suite imports them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from dwconf.engine.mutants import MUTANTS as ENGINE_MUTANTS
from dwconf.engine.shell.clocks import VirtualClock
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.server import EngineServer
from dwconf.suite.targets.errors import TargetError
from dwconf.worker.app.conformance import registry
from dwconf.worker.core.decisions import REFERENCE as WORKER_REFERENCE
from dwconf.worker.mutants import MUTANTS as WORKER_MUTANTS
from dwconf.worker.shell.client import WorkerClient

PATIENCE = 2.0
"""Seconds for which an embedded engine lets a worker leave an item unread."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A mutant as others see it: its name, the rule that must catch it, and how it is wrong."""

    side: str
    name: str
    breaks: str
    title: str


def mutants(side: str) -> tuple[Wrong, ...]:
    """All mutants of a side ("engine" or "worker")."""
    known = ENGINE_MUTANTS if side == "engine" else WORKER_MUTANTS
    return tuple(Wrong(side, m.name, m.breaks, m.title) for m in known.values())


async def start_engine(mutant: str = "", *, token: str = "", after: EngineServer | None = None) -> EngineServer:
    """The reference engine in memory, or a mutant of it, on a virtual clock. Raises TargetError for no such mutant.

    With a `token` it asks everybody for it. An engine `after` one that has stopped takes over its store, its clock and
    its port.
    """
    clock = after.clock if after is not None else VirtualClock()
    store = after.store if after is not None else MemoryStore()
    port = after.port if after is not None else 0
    if not mutant:
        return await EngineServer.start(clock=clock, store=store, port=port, api_token=token, send_timeout=PATIENCE)
    if mutant not in ENGINE_MUTANTS:
        raise TargetError("no such mutant of the reference engine", mutant, "`dwconf list --format json` names them")
    chosen = ENGINE_MUTANTS[mutant]
    return await EngineServer.start(
        clock=clock,
        store=store,
        port=port,
        api_token=token,
        decisions=chosen.decisions,
        faults=chosen.faults,
        send_timeout=PATIENCE,
    )


class EmbeddedApp:
    """The reference worker's app in this process."""

    def __init__(self, client: WorkerClient) -> None:
        self._client = client
        self._task = asyncio.ensure_future(client.run())

    @property
    def running(self) -> bool:
        return not self._task.done()

    async def wait(self) -> int:
        await asyncio.gather(self._task, return_exceptions=True)
        return 0

    def terminate(self) -> None:
        """Ask it to stop gracefully, and do not wait."""
        self._stopping = asyncio.ensure_future(self._client.stop())

    async def stop(self, *, kill: bool = False) -> None:
        """Stop it; with `kill`, without finishing what is in flight."""
        if not kill:
            await self._client.stop()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


async def start_app(environment: Mapping[str, str], *, mutant: str = "", pace: float = 1) -> EmbeddedApp:
    """The reference app, or a mutant of it, in this environment. Raises TargetError for no such mutant.

    `pace` is how long a second of its delays takes.
    """
    if mutant and mutant not in WORKER_MUTANTS:
        raise TargetError("no such mutant of the reference worker", mutant, "`dwconf list --format json` names them")
    decisions = WORKER_MUTANTS[mutant].decisions if mutant else WORKER_REFERENCE
    address, token = decisions.endpoint_address(environment), decisions.api_token(environment)
    return EmbeddedApp(WorkerClient(address, registry(), decisions=decisions, api_token=token, pace=pace))
