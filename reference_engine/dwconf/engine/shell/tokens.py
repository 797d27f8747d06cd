"""The API token: who does not bring it is not served."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import grpc.aio

from dwconf.engine.shell.faults import NO_FAULTS, Faults

HEADER = "dapr-api-token"
OPEN = "/grpc.health.v1.Health/"
"""Health is answered to anybody."""
UNAUTHORIZED = "Unauthorized"
"""What whoever is turned away is told (API-18)."""


class RequireToken(grpc.aio.ServerInterceptor):
    """Refuses calls without the token, unary and streaming ones alike."""

    def __init__(self, token: str, faults: Faults = NO_FAULTS) -> None:
        self._token = token.encode()
        self._faults = faults

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[grpc.RpcMethodHandler[Any, Any] | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Look at the token before the method is looked up."""
        handler = await continuation(handler_call_details)
        path = handler_call_details.method
        given = dict(handler_call_details.invocation_metadata or ()).get(HEADER)
        if handler is None or path.startswith(OPEN) or self._faults.admitted(path, self._is_right(given)):
            return handler
        return _refusing(handler, grpc.StatusCode[self._faults.turned_away])

    def _is_right(self, given: str | bytes | None) -> bool | None:
        """Whether a token is the right one; None when there is none."""
        raw = given.encode() if isinstance(given, str) else given
        return None if raw is None else hmac.compare_digest(raw, self._token)


def _refusing(handler: grpc.RpcMethodHandler[Any, Any], code: grpc.StatusCode) -> grpc.RpcMethodHandler[Any, Any]:
    async def refuse(request: object, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        del request
        await context.abort(code, UNAUTHORIZED)

    if handler.response_streaming:
        return grpc.unary_stream_rpc_method_handler(refuse)
    return grpc.unary_unary_rpc_method_handler(refuse)
