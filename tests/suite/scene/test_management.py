"""The Dapr API in a scene: what is asked is recorded, and who shows no token is told apart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dwconf.suite.evidence import Evidence
from dwconf.suite.scene.management import BY_ID, VERSIONS, DaprApi
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.suite.trace.record import Tape
from dwconf.wire.values import GetWorkflowRequest, RaiseEventWorkflowRequest, StartWorkflowRequest


def played(play: Callable[[SidecarScene], Awaitable[object]]) -> Evidence:
    """The evidence of a conversation with the reference."""

    async def conversation() -> Evidence:
        target = EmbeddedSidecar()
        await target.start()
        scene = SidecarScene(target, Tape("case"), "dw-test")
        try:
            await play(scene)
        finally:
            await scene.close()
            await target.stop()
        return Evidence(scene.tape.records)

    return asyncio.run(conversation())


@pytest.mark.parametrize("version", VERSIONS)
def test_each_verb_is_recorded_as_it_was_asked(version: str) -> None:
    async def play(s: SidecarScene) -> None:
        api = DaprApi(s, version)
        for verb in BY_ID:
            await api.by_id(verb, "x", app_id="a", step=verb)
        await api.raise_event("x", "go", b"1", step="RaiseEventWorkflow")
        await api.start(name="wf", input=b"2", component="c", options=(("a", "b"),), step="StartWorkflow")

    e = played(play)
    for verb, kind in BY_ID.items():
        call = e.call(verb)
        assert call.name == f"{verb}{version}"
        assert call.request(kind) == kind(instance_id="x", workflow_component="dapr", app_id="a")  # type: ignore[call-arg]
    event = RaiseEventWorkflowRequest(instance_id="x", workflow_component="dapr", event_name="go", event_data=b"1")
    assert e.call("RaiseEventWorkflow").request(RaiseEventWorkflowRequest) == event
    started = e.call("StartWorkflow").request(StartWorkflowRequest)
    assert (started.workflow_name, started.input, started.workflow_component) == ("wf", b"2", "c")
    assert started.options == (("a", "b"),)
    assert started.instance_id.startswith("dw-test-")


def test_a_status_is_awaited() -> None:
    async def play(s: SidecarScene) -> None:
        wf, _ = await DaprApi(s).start()
        await DaprApi(s).in_status(wf, "PENDING", step="pending")

    assert played(play).call("pending").ok


def test_whoever_shows_no_token_is_refused_and_nobody_else_is() -> None:
    async def play(s: SidecarScene) -> None:
        request = GetWorkflowRequest(instance_id="x")
        await s.settle(s.begin("GetWorkflowBeta1", request), step="known")
        await s.settle(s.begin("GetWorkflowBeta1", request, metadata=()), step="unknown")
        stream = s.connect(metadata=())
        await stream.ended()
        s.reached("ended", stream.end_number)

    e = played(play)
    assert [e.call("known").code, e.call("unknown").code, e.end("ended").code] == ["OK", *["UNAUTHENTICATED"] * 2]
