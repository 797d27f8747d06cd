"""Ports below gRPC: one that only notes who knocks, and one that listens in on the frames of a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

HOST = "127.0.0.1"
PREFACE = len(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
HEADER = 9
PING, ACKNOWLEDGED = 6, 1
CHUNK = 65_536
FIRST = 16
"""How many of a connection's first bytes are kept."""


class Port:
    """A TCP port of this machine."""

    def __init__(self) -> None:
        self.port = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raise NotImplementedError


class Listener(Port):
    """Takes connections, keeps the first bytes of each, and hangs up. `tell` hears of each."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__()
        self.heard: list[bytes] = []
        self._tell = tell

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            self.heard.append(await reader.read(FIRST))
            self._tell()
        writer.close()


class Relay(Port):
    """Passes connections on to another port, and counts the HTTP/2 pings that the connecting side sends by itself."""

    def __init__(self, to: int) -> None:
        super().__init__()
        self.pings = 0
        self._to = to
        self._tasks: set[asyncio.Task[None]] = set()

    async def stop(self) -> None:
        await super().stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self._to)
        frames = Frames(self._frame)
        there = asyncio.ensure_future(_pass(reader, far_writer, frames.take))
        back = asyncio.ensure_future(_pass(far_reader, writer, lambda _: None))
        self._tasks |= {there, back}
        await asyncio.gather(there, back, return_exceptions=True)
        self._tasks -= {there, back}

    def _frame(self, kind: int, flags: int) -> None:
        if kind == PING and not flags & ACKNOWLEDGED:
            self.pings += 1


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tell: Callable[[bytes], None]) -> None:
    try:
        while data := await reader.read(CHUNK):
            tell(data)
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


class Frames:
    """Finds the frames in what a client of HTTP/2 sends; `tell` hears the type and the flags of each."""

    def __init__(self, tell: Callable[[int, int], None]) -> None:
        self._tell = tell
        self._skip = PREFACE
        self._buffer = b""

    def take(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        while True:
            skipped = min(self._skip, len(self._buffer))
            self._skip -= skipped
            self._buffer = self._buffer[skipped:]
            if self._skip or len(self._buffer) < HEADER:
                return
            self._tell(self._buffer[3], self._buffer[4])
            self._skip = HEADER + int.from_bytes(self._buffer[:3], "big")
