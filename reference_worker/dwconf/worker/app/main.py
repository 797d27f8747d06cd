"""The conformance app as a process: `dwconf app`."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from dwconf.worker.app.conformance import registry
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.shell.client import WorkerClient

STOPS = (signal.SIGTERM, signal.SIGINT)


@dataclass(eq=False)
class UnknownMutantError(Exception):
    """There is no mutant of this name."""

    name: str

    def __str__(self) -> str:
        return f"no mutant of the reference worker is called {self.name!r}; `dwconf list` names them all"


def serve(*, environment: Mapping[str, str], mutant: str | None = None, address: str | None = None) -> None:
    """Serve the conformance app until SIGTERM or SIGINT.

    Args:
        environment: DAPR_GRPC_ENDPOINT or DAPR_GRPC_PORT (WRK-A-13), and DAPR_API_TOKEN (WRK-A-14).
        mutant: the name of a worker that is wrong on purpose.
        address: instead of the environment's.

    Raises:
        UnknownMutantError: there is no such mutant.
        ValueError: the address is not one.
    """
    rules = decisions(mutant)
    client = WorkerClient(
        address or rules.endpoint_address(environment),
        registry(),
        decisions=rules,
        api_token=rules.api_token(environment),
    )
    asyncio.run(_run(client))


def decisions(mutant: str | None) -> Decisions:
    """The reference's decisions, or those of a mutant. Raises UnknownMutantError."""
    if mutant is None:
        return REFERENCE
    from dwconf.worker.mutants import MUTANTS  # noqa: PLC0415  (a worker that is right starts sooner without them)

    if mutant not in MUTANTS:
        raise UnknownMutantError(mutant)
    return MUTANTS[mutant].decisions


async def _run(client: WorkerClient) -> None:
    told = asyncio.Event()
    for stop in STOPS:
        asyncio.get_running_loop().add_signal_handler(stop, told.set)
    serving = asyncio.create_task(client.run())
    waiting = asyncio.create_task(told.wait())
    await asyncio.wait((serving, waiting), return_when=asyncio.FIRST_COMPLETED)
    await client.stop()
    waiting.cancel()
    await serving
