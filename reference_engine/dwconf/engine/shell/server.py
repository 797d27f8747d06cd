"""The engine as a gRPC server.

One server is one engine; nothing is shared between two of them but what the caller hands to both (a store, a clock), so
hundreds of them can live in one process and one event loop.
"""

from __future__ import annotations

import os
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import grpc
import grpc.aio
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.moment import Site
from dwconf.engine.core.store import Store
from dwconf.engine.shell.clocks import Clock, RealClock, VirtualClock
from dwconf.engine.shell.control import control_handlers
from dwconf.engine.shell.faults import NO_FAULTS, Faults
from dwconf.engine.shell.management import DaprApi
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.runtime import Runtime
from dwconf.engine.shell.service import TaskHub
from dwconf.engine.shell.tokens import RequireToken
from dwconf.wire.pool import POOL
from dwconf.wire.rpc import DAPR, TASK_HUB, handlers

MAX_MESSAGE_BYTES = 4 * 1024 * 1024
SEND_TIMEOUT = 10.0
"""Seconds for which a worker may leave an item unread (ENG-A-29)."""

FAREWELL = 3.0
"""Seconds that a graceful stop gives the streams to end by themselves; a busy machine needs more than an instant."""


class BindError(Exception):
    """The address cannot be listened on."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(address, reason)
        self.address, self.reason = address, reason

    def __str__(self) -> str:
        return f"cannot listen on {self.address}: {self.reason}; is the port in use?"


class EngineServer:
    """A running engine. Made by `start`, ended by `stop`, or used as an async context manager."""

    def __init__(
        self, *, server: grpc.aio.Server, runtime: Runtime, task_hub: TaskHub, store: Store, host: str, port: int
    ) -> None:
        self._server = server
        self._runtime = runtime
        self._task_hub = task_hub
        self._store = store
        self.host = host
        self.port = port

    @classmethod
    async def start(
        cls,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        store: Store | None = None,
        clock: Clock | None = None,
        decisions: Decisions = REFERENCE,
        faults: Faults = NO_FAULTS,
        site: Site | None = None,
        api_token: str | None = None,
        max_message_bytes: int = MAX_MESSAGE_BYTES,
        send_timeout: float = SEND_TIMEOUT,
        credentials: grpc.ServerCredentials | None = None,
        control: bool = False,
        seed: bytes | None = None,
    ) -> Self:
        """Serve. With port 0 the system chooses one; `control` adds the method that moves a virtual clock.

        Raises BindError when the address cannot be listened on.
        """
        kept: Store = store if store is not None else MemoryStore()
        time: Clock = clock if clock is not None else RealClock()
        place = replace(site or Site(), max_message_bytes=max_message_bytes)
        hub = Hub(store=kept, seed=seed or os.urandom(16), rules=decisions, site=place, now=time.now())
        runtime = Runtime(hub=hub, store=kept, clock=time, faults=faults)
        server = grpc.aio.server(
            interceptors=[RequireToken(api_token, faults)] if api_token else [],
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", faults.largest or max_message_bytes),
                ("grpc.max_send_message_length", -1),
            ],
        )
        task_hub = TaskHub(runtime, send_timeout=send_timeout)
        await _register(server, task_hub, DaprApi(runtime))
        if control and isinstance(time, VirtualClock):
            server.add_generic_rpc_handlers((control_handlers(time),))
        bound = _bind(server, f"{host}:{port}", credentials)
        await server.start()
        return cls(server=server, runtime=runtime, task_hub=task_hub, store=kept, host=host, port=bound)

    @property
    def address(self) -> str:
        """Where clients and workers connect: host:port."""
        return f"{self.host}:{self.port}"

    @property
    def clock(self) -> Clock:
        """The engine's clock."""
        return self._runtime.clock

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self._store

    @property
    def hub(self) -> Hub:
        """The engine's core, for whoever wants to look."""
        return self._runtime.hub

    async def stop(self, grace: float = 0) -> None:
        """ENG-A-28: end the streams, give calls in flight `grace` seconds, and stop. The store stays open.

        The streams get to say their own end first: of a call that gRPC cuts off it says UNAVAILABLE.
        """
        self._runtime.close()
        if grace:
            await self._task_hub.streams_ended(within=max(grace, FAREWELL))
        await self._server.stop(grace)

    async def wait(self) -> None:
        """Until the server has stopped."""
        await self._server.wait_for_termination()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def _register(server: grpc.aio.Server, task_hub: TaskHub, api: DaprApi) -> None:
    server.add_generic_rpc_handlers((handlers(TASK_HUB, task_hub, raw=True), handlers(DAPR, api, raw=True)))
    health: Any = HealthServicer()
    add_HealthServicer_to_server(health, server)
    for name in ("", TASK_HUB.name, DAPR.name):
        await health.set(name, health_pb2.HealthCheckResponse.SERVING)
    reflection.enable_server_reflection((TASK_HUB.name, DAPR.name, reflection.SERVICE_NAME), server, pool=POOL)


def _bind(server: grpc.aio.Server, address: str, credentials: grpc.ServerCredentials | None) -> int:
    try:
        bound = (
            server.add_insecure_port(address) if credentials is None else server.add_secure_port(address, credentials)
        )
    except RuntimeError as error:
        raise BindError(address, str(error)) from error
    if bound == 0:
        raise BindError(address, "the system refused")
    return bound
