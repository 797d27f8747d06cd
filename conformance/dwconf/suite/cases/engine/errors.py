"""Requests that are refused (chapter J)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import complete
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import raised, started, turn_with
from dwconf.wire.values import TraceContext


@case(depth=Depth.FULL)
async def refusals(s: SidecarScene) -> None:
    """Requests for instances that do not exist, or that are not in the state for it; then the instances go on."""
    s.connect()
    nobody = s.new_id("nobody")
    await s.settle(s.raise_event(nobody, "ghost"), step="raise-unknown")
    for verb, step in ((s.terminate, "terminate"), (s.suspend, "suspend"), (s.resume, "resume")):
        await s.settle(verb(nobody), step=f"{step}-unknown")
    await s.purge(nobody, step="purge-unknown")
    await s.state(nobody, step="unknown-then")
    wf = await started(s)
    await s.history(wf, step="history-before")
    await s.purge(wf, step="purge-running")
    _, again = s.start(wf, input='"again"', timeout=s.tolerances.dispatch)
    await s.settle(again, step="start-taken", own_deadline=True)
    traced, start = s.start(parent_trace_context=TraceContext(trace_parent="garbage"), timeout=s.tolerances.dispatch)
    await s.settle(start, step="start-badly-traced", own_deadline=True)
    await s.state(traced, step="badly-traced-then")
    await s.state(wf, step="running-then")
    await s.history(wf, step="history-after")
    await s.settle(s.raise_event(wf, "go"))
    await s.answer(await turn_with(s, wf, raised("go"), step="last"), complete(0))
    await s.completed(wf, step="completed")


@case()
async def refused_then_started(s: SidecarScene) -> None:
    """An id is terminated, suspended and told things before it exists; then it is started."""
    s.connect()
    wf = s.new_id("ghost")
    await s.settle(s.suspend(wf), step="suspended")
    await s.settle(s.terminate(wf), step="terminated")
    await s.settle(s.raise_event(wf, "ghost"), step="raised")
    wf, starting = s.start(wf, step="started")
    turn = await s.turn(wf, step="first")
    await s.answer(turn)
    await s.settle(starting, step="start-answered")
    await s.settle(s.raise_event(wf, "go"))
    await s.answer(await turn_with(s, wf, raised("go"), step="last"), complete(0, '"alive"'))
    await s.completed(wf, step="completed")
