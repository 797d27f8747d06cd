"""Unary calls to a sidecar, recorded as bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import grpc
import grpc.aio

from dwconf.suite.evidence import Call
from dwconf.suite.evidence.evidence import answered
from dwconf.suite.trace.record import Actor, Kind, Record, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import Method
from dwconf.wire.values import Value

NEARLY = 0.9
"""From which part of our own deadline on a server that watches it too may be the first to reset the call."""
Metadata = tuple[tuple[str, str], ...]


@dataclass
class Pending:
    """A call under way: its request's record, and the task that ends with the answered call."""

    number: int
    task: asyncio.Task[Call]

    @property
    def done(self) -> bool:
        return self.task.done()


class Caller:
    """Makes calls over one channel and records them on a tape."""

    def __init__(
        self, channel: grpc.aio.Channel, tape: Tape, *, metadata: Metadata = (), wake: Callable[[], None]
    ) -> None:
        self.channel = channel
        self.metadata = metadata
        self._tape = tape
        self._wake = wake

    def begin(
        self, method: Method, request: Value | bytes, *, timeout: float, metadata: Metadata | None = None
    ) -> Pending:
        """Send a request; the answer, a status, or the local deadline (seconds) ends the task.

        `metadata` stands in for what calls carry otherwise.
        """
        data = request if isinstance(request, bytes) else codec.encode(request)
        record = self._tape.add(Actor.SUITE, Kind.REQUEST, method=method.path, payload=data)
        call = Call(record.number, method.path, data, record.clock)
        shown = self.metadata if metadata is None else metadata
        return Pending(record.number, asyncio.ensure_future(self._finish(call, data, timeout, shown)))

    async def _finish(self, call: Call, data: bytes, limit: float, metadata: Metadata) -> Call:
        rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self.channel.unary_unary(call.method)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit * NEARLY
        try:
            answer = await rpc(data, timeout=limit, metadata=metadata)
            record = self._ended(call, Kind.RESPONSE, payload=answer, code="OK")
        except grpc.aio.AioRpcError as error:
            code = error.code()
            if code is grpc.StatusCode.CANCELLED and loop.time() >= deadline:
                code = grpc.StatusCode.DEADLINE_EXCEEDED  # the server was first to give up on our deadline
            record = self._ended(call, Kind.STATUS, code=code.name, text=error.details() or "")
        except asyncio.CancelledError:
            record = self._ended(call, Kind.STATUS, code="CANCELLED", text="cancelled by the suite")
        self._wake()
        return answered(call, record)

    def _ended(self, call: Call, kind: Kind, *, payload: bytes = b"", code: str, text: str = "") -> Record:
        return self._tape.add(
            Actor.TARGET, kind, call=call.number, method=call.method, payload=payload, code=code, text=text
        )
