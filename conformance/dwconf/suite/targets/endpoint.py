"""Addresses: what users write, what gRPC dials, and free ports."""

from __future__ import annotations

import contextlib
import random
import socket
from dataclasses import dataclass

import grpc
import grpc.aio

from dwconf.suite.targets.errors import TargetError

HIGHEST_PORT = 65_535
UNBOUNDED = 256 * 1024 * 1024
"""The largest message that we take from a peer, in bytes: histories grow past gRPC's default, nothing is endless."""
OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", UNBOUNDED),
    ("grpc.max_send_message_length", UNBOUNDED),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host and a port, with or without TLS, and the API token to show there."""

    host: str
    port: int
    tls: bool = False
    token: str = ""

    @classmethod
    def parse(cls, text: str, *, token: str = "") -> Endpoint:
        """Read HOST:PORT, http://HOST:PORT, https://HOST:PORT or dns:HOST:PORT[?tls=true]. Raises TargetError."""
        tls = text.startswith("https://") or text.endswith("?tls=true")
        rest = text.removeprefix("http://").removeprefix("https://").removeprefix("dns:").lstrip("/")
        rest = rest.split("?", 1)[0].rstrip("/")
        host, colon, port = rest.rpartition(":")
        if not colon or not host or not port.isdigit() or not 0 < int(port) <= HIGHEST_PORT:
            raise TargetError("not an address", repr(text), "write HOST:PORT, for example 127.0.0.1:50001")
        return cls(host.strip("[]"), int(port), tls, token)

    @property
    def address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}"

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What every call carries (WRK-A-14)."""
        return (("dapr-api-token", self.token),) if self.token else ()

    def channel(self) -> grpc.aio.Channel:
        """A new connection."""
        if self.tls:
            return grpc.aio.secure_channel(self.address, grpc.ssl_channel_credentials(), options=OPTIONS)
        return grpc.aio.insecure_channel(self.address, options=OPTIONS)


PORTS = range(15_000, 32_000)
"""Below those that the system gives away by itself: what is free now is not given to somebody else in a moment."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now, for a process that is about to be started on it."""
    for _ in PORTS:
        port = random.SystemRandom().choice(PORTS)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.bind((host, port))
            return port
    raise TargetError("no port is free", host, f"something listens on all from {PORTS.start} to {PORTS.stop - 1}")
