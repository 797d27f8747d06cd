"""`dwconf engine`: the reference engine as a process of its own.

Its address comes from options, or from DWCONF_HOST and DWCONF_PORT; its file from an option, or from DWCONF_DIR. With
DWCONF_CLOCK=virtual its clock stands still until `/dwconf.Control/Advance` moves it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from dwconf.engine.core.decisions import Decisions
from dwconf.engine.core.moment import FOR_EVER, Retention, Site
from dwconf.engine.core.store import Store
from dwconf.engine.mutants import MUTANTS
from dwconf.engine.profiles import PROFILES
from dwconf.engine.shell.clocks import Clock, RealClock, VirtualClock
from dwconf.engine.shell.faults import NO_FAULTS, Faults
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.server import MAX_MESSAGE_BYTES, SEND_TIMEOUT, EngineServer
from dwconf.engine.shell.sqlite import Durability, SqliteStore
from dwconf.engine.shell.tls import credentials

DEFAULT_PORT = 4001
SHORT_SEND_TIMEOUT = 2.0
"""Seconds for which a worker may leave an item unread, where time is told: nobody waits there in real time."""


class UnknownNameError(Exception):
    """No mutant or profile has this name."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        super().__init__(kind, name, known)
        self.kind, self.name, self.known = kind, name, known

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.known, n=3)
        return f"no {self.kind} is named {self.name!r}" + (f"; did you mean {', '.join(near)}?" if near else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How an engine process is to run. What is None is taken from the environment."""

    host: str | None = None
    port: int | None = None
    path: Path | None = None
    memory: bool = False
    durable: Durability = "normal"
    mutant: str | None = None
    profile: str = "reference"
    api_token: str | None = None
    max_message_bytes: int = MAX_MESSAGE_BYTES
    grace: float = 1.0
    certificate: Path | None = None
    key: Path | None = None
    """Served with TLS when there are both."""
    retention: Retention = FOR_EVER


def serve(
    options: Options, *, environment: Mapping[str, str] = os.environ, announce: Callable[[str], None] | None = None
) -> None:
    """Run an engine until SIGTERM or SIGINT; `announce` is called with its address once it listens.

    Raises UnknownNameError, StoreError, CertificateError and BindError, all of which say what to do.
    """
    asyncio.run(_serve(options, environment, announce, behaviour(options)))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is decided, and what goes wrong."""

    decisions: Decisions
    faults: Faults = NO_FAULTS


def behaviour(options: Options) -> Behaviour:
    """What the mutant or the profile of the options does. Raises UnknownNameError."""
    if options.mutant is not None:
        mutant = MUTANTS.get(options.mutant)
        if mutant is None:
            raise UnknownNameError("mutant", options.mutant, tuple(MUTANTS))
        return Behaviour(mutant.decisions, mutant.faults)
    if options.profile not in PROFILES:
        raise UnknownNameError("profile", options.profile, tuple(PROFILES))
    return Behaviour(PROFILES[options.profile])


async def _serve(
    options: Options,
    environment: Mapping[str, str],
    announce: Callable[[str], None] | None,
    behaviour_: Behaviour,
) -> None:
    shown = options.certificate and options.key and credentials(options.certificate, options.key)
    store = open_store(options, environment)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        server = await EngineServer.start(
            host=options.host or environment.get("DWCONF_HOST", "127.0.0.1"),
            port=options.port if options.port is not None else int(environment.get("DWCONF_PORT", DEFAULT_PORT)),
            store=store,
            clock=_clock(environment),
            send_timeout=SHORT_SEND_TIMEOUT if environment.get("DWCONF_CLOCK") == "virtual" else SEND_TIMEOUT,
            decisions=behaviour_.decisions,
            faults=behaviour_.faults,
            api_token=options.api_token or environment.get("DAPR_API_TOKEN") or None,
            max_message_bytes=options.max_message_bytes,
            credentials=shown or None,
            site=Site(retention=options.retention),
            control=True,
        )
        if announce is not None:
            announce(f"https://{server.address}" if shown else server.address)
        await stopping.wait()
        await server.stop(options.grace)
    finally:
        store.close()


def open_store(options: Options, environment: Mapping[str, str]) -> Store:
    """The store that options and environment name: a file, or memory when no place is given for one."""
    folder = environment.get("DWCONF_DIR")
    path = options.path or (Path(folder) / "engine.sqlite" if folder else None)
    if options.memory or path is None:
        return MemoryStore()
    return SqliteStore(path, durable=options.durable)


def _clock(environment: Mapping[str, str]) -> Clock:
    return VirtualClock() if environment.get("DWCONF_CLOCK") == "virtual" else RealClock()
