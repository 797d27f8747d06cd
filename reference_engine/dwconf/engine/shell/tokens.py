"""The API token: who does not bring it is not served."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

HEADER = "dapr-api-token"
OPEN = "/grpc.health.v1.Health/"
"""Health is answered to anybody."""


class RequireToken(grpc.aio.ServerInterceptor):
    """Refuses calls without the token, unary and streaming ones alike."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Look at the token before the method is looked up."""
        handler = await continuation(handler_call_details)
        given = dict(handler_call_details.invocation_metadata or ()).get(HEADER)
        if handler is None or handler_call_details.method.startswith(OPEN) or self._is_right(given):
            return handler
        return _refusing(handler, "missing api token" if given is None else "api token mismatch")

    def _is_right(self, given: str | bytes | None) -> bool:
        raw = given.encode() if isinstance(given, str) else given
        return raw is not None and hmac.compare_digest(raw, self._token)


def _refusing(handler: grpc.RpcMethodHandler[Any, Any], reason: str) -> grpc.RpcMethodHandler[Any, Any]:
    async def refuse(request: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        del request
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, reason)

    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler(refuse)
    return grpc.unary_unary_rpc_method_handler(refuse)
