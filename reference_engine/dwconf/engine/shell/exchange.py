"""Bytes to requests, outcomes to bytes and statuses: what every service does with each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, Protocol, TypeVar

import grpc

from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.outcome import Outcome
from dwconf.engine.shell.runtime import RefusedError, Runtime
from dwconf.wire.codec import WireError, decode
from dwconf.wire.values.shape import Value

V = TypeVar("V", bound=Value)
STATUS = {code: grpc.StatusCode[code.value] for code in Code}


class Context(Protocol):
    """What we need of a gRPC context."""

    async def abort(self, code: grpc.StatusCode, details: str = "") -> NoReturn:
        """End the call with a status."""

    async def send_initial_metadata(self, initial_metadata: Sequence[tuple[str, str]]) -> None:
        """Let the caller know that the stream stands, before there is anything to send on it."""

    def peer(self) -> str:
        """Who is at the other end of the connection."""

    async def write(self, message: bytes) -> None:
        """Send one message of a stream; returns when the network has taken it."""


class Exchange:
    """The calls of one service, by the names of its methods."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._hub = runtime.hub
        self._faults = runtime.faults

    async def _request(self, value_class: type[V], data: bytes, context: Context, method: str) -> V:
        try:
            return decode(value_class, self._faults.incoming(method, data))
        except WireError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))

    async def _reply(self, method: str, outcome: Outcome, context: Context) -> bytes:
        try:
            return self._out(method, await self._runtime.reply(outcome))
        except RefusedError as error:
            return await self._refused(method, error.refusal, context)

    async def _refused(self, method: str, refusal: Refusal, context: Context) -> bytes:
        answer = self._faults.refused(method, refusal)
        if isinstance(answer, Refusal):
            await context.abort(STATUS[answer.code], answer.message)
        return answer

    def _out(self, method: str, data: bytes) -> bytes:
        return self._faults.outgoing(method, data)[0]
