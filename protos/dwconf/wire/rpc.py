"""Client and server bindings of both services, straight from their descriptors.

No generated gRPC modules: a service is a table of methods, and the bindings are made from it. Either side can work on
messages or on the bytes as they cross the wire: whoever records traffic, or has its answers encoded already, needs the
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, overload

import grpc
import grpc.aio
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from dwconf.wire.generated.services import DaprRawStub, DaprStub, TaskHubRawStub, TaskHubStub
from dwconf.wire.pool import POOL


@dataclass(frozen=True, slots=True)
class Method:
    """One RPC: its path on the wire, its message classes, and its shape (no method streams requests, T-1)."""

    name: str
    path: str
    request: type[Message]
    response: type[Message]
    server_streaming: bool
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One gRPC service and its methods by name."""

    name: str
    methods: Mapping[str, Method]


class TaskHubService(Service):
    """The type that selects the task hub's stubs."""

    __slots__ = ()


class DaprService(Service):
    """The type that selects the Dapr API's stubs."""

    __slots__ = ()


def _methods(service: str) -> Mapping[str, Method]:
    return {
        method.name: Method(
            name=method.name,
            path=f"/{service}/{method.name}",
            request=GetMessageClass(method.input_type),
            response=GetMessageClass(method.output_type),
            server_streaming=method.server_streaming,
            deprecated=method.GetOptions().deprecated,
        )
        for method in POOL.FindServiceByName(service).methods
    }


TASK_HUB = TaskHubService("TaskHubSidecarService", _methods("TaskHubSidecarService"))
DAPR = DaprService("dapr.proto.runtime.v1.Dapr", _methods("dapr.proto.runtime.v1.Dapr"))


@overload
def stub(channel: grpc.aio.Channel, service: TaskHubService) -> TaskHubStub: ...
@overload
def stub(channel: grpc.aio.Channel, service: DaprService) -> DaprStub: ...
def stub(channel: grpc.aio.Channel, service: Service) -> Any:
    """A client whose methods take and return messages."""
    return _stub(channel, service, raw=False)


@overload
def raw_stub(channel: grpc.aio.Channel, service: TaskHubService) -> TaskHubRawStub: ...
@overload
def raw_stub(channel: grpc.aio.Channel, service: DaprService) -> DaprRawStub: ...
def raw_stub(channel: grpc.aio.Channel, service: Service) -> Any:
    """A client whose methods take and return bytes as they cross the wire."""
    return _stub(channel, service, raw=True)


def _stub(channel: grpc.aio.Channel, service: Service, *, raw: bool) -> SimpleNamespace:
    calls = SimpleNamespace()
    for method in service.methods.values():
        kind = channel.unary_stream if method.server_streaming else channel.unary_unary
        serializers = (None, None) if raw else (_bytes, method.response.FromString)
        setattr(calls, method.name, kind(method.path, *serializers))
    return calls


def handlers(service: Service, servicer: object, *, raw: bool = False) -> grpc.GenericRpcHandler:
    """A handler for the methods that `servicer` has; the others stay unimplemented.

    Answers may be messages or bytes. With `raw`, requests arrive as bytes too.
    """
    table = {}
    for method in service.methods.values():
        implementation = getattr(servicer, method.name, None)
        if implementation is not None:
            kind = (
                grpc.unary_stream_rpc_method_handler if method.server_streaming else grpc.unary_unary_rpc_method_handler
            )
            table[method.name] = kind(implementation, None if raw else method.request.FromString, _bytes)
    return grpc.method_handlers_generic_handler(service.name, table)


def _bytes(message: Message | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()
