"""Ports below gRPC, on real sockets."""

from __future__ import annotations

import asyncio

import grpc
import grpc.aio

from dwconf.suite.scene.double import EngineDouble
from dwconf.suite.scene.ports import HOST, Listener, Relay
from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB, stub

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
OPAQUE = b"dwconf!!"
PING = bytes([0, 0, 8, 6, 0]) + bytes(4) + OPAQUE


def test_a_listener_keeps_the_first_bytes_and_hangs_up() -> None:
    async def knock() -> tuple[list[bytes], bytes]:
        told = asyncio.Event()
        port = Listener(told.set)
        await port.start()
        reader, writer = await asyncio.open_connection(HOST, port.port)
        writer.write(b"\x16\x03\x01")
        await told.wait()
        rest = await reader.read()
        writer.close()
        await port.stop()
        return port.heard, rest

    assert asyncio.run(knock()) == ([b"\x16\x03\x01"], b"")


def test_calls_pass_a_relay_and_pings_are_counted() -> None:
    async def call() -> tuple[int, int]:
        double = EngineDouble()
        await double.start()
        relay = Relay(double.port)
        await relay.start()
        async with grpc.aio.insecure_channel(f"{HOST}:{relay.port}") as channel:
            await stub(channel, TASK_HUB).Hello(pb.Empty())
        reader, writer = await asyncio.open_connection(HOST, relay.port)
        writer.write(PREFACE + bytes([0, 0, 0, 4, 0]) + bytes(4) + PING)
        await reader.readuntil(OPAQUE)
        writer.close()
        await relay.stop()
        await double.stop()
        return double.hellos, relay.pings

    hellos, pings = asyncio.run(call())
    assert hellos == 1
    assert pings >= 1
