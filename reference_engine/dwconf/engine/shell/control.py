"""A service of our own beside the protocol: whoever started the engine moves its virtual clock."""

from __future__ import annotations

import grpc

from dwconf.engine.shell.clocks import VirtualClock

SERVICE = "dwconf.Control"


def control_handlers(clock: VirtualClock) -> grpc.GenericRpcHandler:
    """`Advance`: 8 bytes, a big-endian number of nanoseconds; answers the time it is then, likewise.

    It answers when everything that became due has been handed to streams and inboxes.
    """

    async def advance(request: bytes, context: object) -> bytes:
        del context
        return (await clock.advance(int.from_bytes(request, "big"))).to_bytes(8, "big")

    methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]] = {"Advance": grpc.unary_unary_rpc_method_handler(advance)}
    return grpc.method_handlers_generic_handler(SERVICE, methods)
