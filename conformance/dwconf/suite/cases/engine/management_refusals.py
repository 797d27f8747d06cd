"""The Dapr API: requests with faults, and callers without the token (chapter J)."""

from __future__ import annotations

import asyncio
import contextlib

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import complete
from dwconf.suite.scene.calls import Metadata
from dwconf.suite.scene.management import BY_ID, DaprApi
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.wire.values import (
    CreateInstanceRequest,
    GetWorkflowRequest,
    RaiseEventWorkflowRequest,
    StartWorkflowRequest,
)

NEEDS = ("management-api",)
TOO_LONG = 65
BAD_APPS = {"dot": "a.b", "space": "a b", "slash": "a/b", "colon": "a:b", "star": "*", "dots": ".."}
STRANGERS: dict[str, Metadata] = {"none": (), "wrong": (("dapr-api-token", "not the token"),)}
"""What callers show instead of the token."""


@case(needs=NEEDS)
async def malformed(s: SidecarScene) -> None:
    """Requests with one fault, or several; whatever a start asked for is looked for afterwards."""
    s.connect()
    api = DaprApi(s)
    for verb in BY_ID:
        await api.by_id(verb, "", step=f"no-id-{verb}")
    await api.raise_event("", "go", step="no-id-RaiseEventWorkflow")
    bad = s.new_id("bad")
    ids = {
        "long-id": f"{bad}-".ljust(TOO_LONG, "x"),
        "dot-id": f"{bad}.x",
        "space-id": f"{bad} x",
        "slash-id": f"{bad}/x",
        "colon-id": f"{bad}:0001",
        "pipe-id": f"{bad}||x",
    }
    for step, instance_id in ids.items():
        await _refused_start(api, instance_id, step=step)
    await _refused_start(api, s.new_id("bad"), name="", step="no-name")
    await api.raise_event(s.new_id("bad"), "", step="no-event-name")
    await _refused_start(api, f"{bad}.y", name="", step="id-before-name")
    await api.raise_event("", "", step="id-before-event-name")
    await api.start(s.new_id("bad"), name="", app_id="*", step="name-before-app")
    await api.raise_event(s.new_id("bad"), "", app_id="*", step="event-name-before-app")
    garbled = (("dapr.workflow.start_time", "tomorrow"),)
    await api.start(s.new_id("bad"), name="", options=garbled, step="name-before-time")


async def _refused_start(api: DaprApi, instance_id: str, *, name: str = "wf", step: str) -> None:
    await api.start(instance_id, name=name, step=step)
    await api.get(instance_id, step=f"{step}-then")


@case(depth=Depth.FULL, needs=NEEDS)
async def malformed_apps(s: SidecarScene) -> None:
    """Every verb is called with app ids that are none."""
    s.connect()
    api = DaprApi(s)
    nobody = s.new_id("nobody")
    for name, app_id in BAD_APPS.items():
        for verb in BY_ID:
            await api.by_id(verb, nobody, app_id=app_id, step=f"{name}-{verb}")
        await api.raise_event(nobody, "go", app_id=app_id, step=f"{name}-RaiseEventWorkflow")
        await api.start(app_id=app_id, step=f"{name}-StartWorkflow")


@case(alone=True, needs=NEEDS, token=True)
async def strangers(s: SidecarScene) -> None:
    """Calls and streams of both services without the API token, and with another one; then with it."""
    s.connect()
    made = {}
    for who, shown in STRANGERS.items():
        await s.settle(s.begin("Hello", b"", metadata=shown), step=f"{who}-Hello")
        get = GetWorkflowRequest(instance_id=s.new_id("nobody"))
        await s.settle(s.begin("GetWorkflowBeta1", get, metadata=shown), step=f"{who}-GetWorkflowBeta1")
        wf, hub = s.new_id("stranger"), s.new_id("stranger")
        made[who] = (wf, hub)
        s.instances += [wf, hub]
        start = StartWorkflowRequest(instance_id=wf, workflow_name="wf")
        await s.settle(s.begin("StartWorkflowBeta1", start, metadata=shown), step=f"{who}-StartWorkflowBeta1")
        create = CreateInstanceRequest(instance_id=hub, name="wf")
        waiting = s.begin("StartInstance", create, metadata=shown)
        await s.settle(waiting, step=f"{who}-StartInstance", own_deadline=True)
        stream = s.connect(metadata=shown, step=f"{who}-stream")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stream.ended(), s.tolerances.dispatch)
            s.reached(f"{who}-ended", stream.end_number)
        if stream.open:
            s.missed(f"{who}-ended", "the end of a stream that was opened without the API token")
        await stream.drop()
    await s.call("Hello", b"", step="Hello")
    for who, (wf, hub) in made.items():
        await DaprApi(s).get(wf, step=f"{who}-then")
        await s.state(hub, step=f"{who}-hub-then")
    event = RaiseEventWorkflowRequest(instance_id=s.new_id("nobody"), event_name="go")
    await DaprApi(s).ask("RaiseEventWorkflow", event, step="RaiseEventWorkflowBeta1")
    wf, starting = await DaprApi(s).start(step="StartWorkflowBeta1")
    if starting.ok:
        await s.answer(await s.turn(wf, step="GetWorkItems"), complete(0))
