"""Targets that are no good: each is a listener, or the words of a command."""

import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc

EXITS = (sys.executable, "-c", "import sys; print('no database'); sys.exit(3)")
GARBAGE = (
    sys.executable,
    "-c",
    "import sys, time; sys.stdout.buffer.write(bytes(range(256)) * 4); sys.stdout.flush(); time.sleep(60)",
)
SILENT = (sys.executable, "-c", "import time; time.sleep(60)")


@contextmanager
def listener() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def serves_nothing() -> Iterator[str]:
    """A gRPC server without a service: every call is UNIMPLEMENTED."""
    with ThreadPoolExecutor(1) as pool:
        server = grpc.server(pool)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait()


def nobody() -> str:
    """An address where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"
