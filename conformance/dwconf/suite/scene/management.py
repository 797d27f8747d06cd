"""The Dapr API as a client sees it: its verbs, in one of their two versions, on the calls of a sidecar scene."""

from __future__ import annotations

from dwconf.suite.evidence import Call
from dwconf.suite.scene.client import Client
from dwconf.wire.values import (
    GetWorkflowRequest,
    GetWorkflowResponse,
    PauseWorkflowRequest,
    PurgeWorkflowRequest,
    RaiseEventWorkflowRequest,
    ResumeWorkflowRequest,
    StartWorkflowRequest,
    TerminateWorkflowRequest,
    Value,
)

VERSIONS = ("Alpha1", "Beta1")
BY_ID: dict[str, type[Value]] = {
    "GetWorkflow": GetWorkflowRequest,
    "TerminateWorkflow": TerminateWorkflowRequest,
    "PauseWorkflow": PauseWorkflowRequest,
    "ResumeWorkflow": ResumeWorkflowRequest,
    "PurgeWorkflow": PurgeWorkflowRequest,
}
"""The verbs that need an id and nothing else."""


class DaprApi:
    """The workflow verbs of the Dapr API in one version."""

    def __init__(self, scene: Client, version: str = "Beta1") -> None:
        self._scene = scene
        self.version = version

    async def ask(self, verb: str, request: Value, *, step: str = "") -> Call:
        """Call a verb with any request of it."""
        return await self._scene.call(f"{verb}{self.version}", request, step=step)

    async def start(
        self,
        instance_id: str | None = None,
        *,
        name: str = "wf",
        input: bytes = b'"in"',  # noqa: A002  (the protocol's own word)
        component: str = "dapr",
        options: tuple[tuple[str, str], ...] = (),
        app_id: str | None = None,
        step: str = "",
    ) -> tuple[str, Call]:
        """StartWorkflow; the id that it asked for, and the call."""
        made = self._scene.new_id() if instance_id is None else instance_id
        if made:
            self._scene.instances.append(made)
        request = StartWorkflowRequest(
            instance_id=made,
            workflow_component=component,
            workflow_name=name,
            options=options,
            input=input,
            app_id=app_id,
        )
        return made, await self.ask("StartWorkflow", request, step=step)

    async def by_id(self, verb: str, instance_id: str, *, app_id: str | None = None, step: str = "") -> Call:
        """Call a verb that needs an id and nothing else."""
        request = BY_ID[verb](instance_id=instance_id, workflow_component="dapr", app_id=app_id)  # type: ignore[call-arg]
        return await self.ask(verb, request, step=step)

    async def get(self, instance_id: str, *, step: str = "") -> Call:
        """GetWorkflow."""
        return await self.by_id("GetWorkflow", instance_id, step=step)

    async def raise_event(
        self, instance_id: str, name: str, data: bytes = b"", *, app_id: str | None = None, step: str = ""
    ) -> Call:
        """RaiseEventWorkflow."""
        request = RaiseEventWorkflowRequest(
            instance_id=instance_id, workflow_component="dapr", event_name=name, event_data=data, app_id=app_id
        )
        return await self.ask("RaiseEventWorkflow", request, step=step)

    async def in_status(self, instance_id: str, status: str, *, step: str) -> Call:
        """Ask GetWorkflow until it shows a status."""
        return await self._scene.eventually(
            f"GetWorkflow{self.version}",
            GetWorkflowRequest(instance_id=instance_id, workflow_component="dapr"),
            lambda call: call.ok and call.response(GetWorkflowResponse).runtime_status == status,
            step=step,
            expects=f"the status {status}",
        )
