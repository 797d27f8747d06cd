"""The Dapr API on raw bytes: each verb in both of its versions, and GetMetadata."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from dwconf.engine.core import management
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.outcome import Outcome
from dwconf.engine.shell.exchange import Context, Exchange
from dwconf.engine.shell.runtime import Runtime
from dwconf.wire.rpc import DAPR
from dwconf.wire.values import Nanos
from dwconf.wire.values.shape import REGISTRY, Value

VERSIONS = ("Alpha1", "Beta1")
Answering = Callable[[Hub, Any, Nanos], Outcome]
VERBS: dict[str, Answering] = {
    "GetMetadata": management.get_metadata,
    "StartWorkflow": management.start_workflow,
    "GetWorkflow": management.get_workflow,
    "PurgeWorkflow": management.purge_workflow,
    "TerminateWorkflow": management.terminate_workflow,
    "PauseWorkflow": management.pause_workflow,
    "ResumeWorkflow": management.resume_workflow,
    "RaiseEventWorkflow": management.raise_event,
}
"""What answers a method, whatever its version."""


class DaprApi(Exchange):
    """The 15 methods of `dapr.proto.runtime.v1.Dapr` that are about workflows (MG-1)."""

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        for method in DAPR.methods.values():
            request = REGISTRY[method.request.DESCRIPTOR.full_name]
            setattr(self, method.name, partial(self._answer, method.name, request, VERBS[verb_of(method.name)]))

    async def _answer(
        self, method: str, kind: type[Value], answering: Answering, data: bytes, context: Context
    ) -> bytes:
        request = await self._request(kind, data, context, method)
        outcome = self._hub.rules.refuse_method(method) or answering(self._hub, request, self._runtime.now)
        return await self._reply(method, outcome, context)


def verb_of(method: str) -> str:
    """The method's name without its version."""
    for version in VERSIONS:
        method = method.removesuffix(version)
    return method
