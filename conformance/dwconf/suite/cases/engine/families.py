"""Termination of parents and their children (chapter G)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import child, complete
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, turn_after, turn_with
from dwconf.wire.values import ExecutionTerminated, OrchestrationStatus

ORDER = event(ExecutionTerminated)
OUTPUT = '"all of you"'
OBEY = complete(9, OUTPUT, status=OrchestrationStatus.TERMINATED)


async def grown(s: SidecarScene, *, grandchild: bool = False) -> tuple[str, str, str]:
    """A parent, its child, and (if wanted) the child's child, all of whose first turns are committed."""
    kid, grand = s.new_id("kid"), s.new_id("grandchild")
    wf, starting = s.start(name="parent")
    await s.turn_and_answer(wf, child(0, instance_id=kid), step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, *([child(0, instance_id=grand)] if grandchild else []), step="kid")
    if grandchild:
        await s.turn_and_answer(grand, step="grandchild")
        await s.answer(await turn_after(s, grand, "ready", step="grandchild-ready"))
    await s.answer(await turn_after(s, kid, "ready", step="kid-ready"))
    return wf, kid, grand


@case()
async def terminated(s: SidecarScene) -> None:
    """A tree of four is terminated recursively; each member obeys when it is told."""
    s.connect()
    wf, kid, grand = await grown(s, grandchild=True)
    sibling = s.new_id("sibling")
    await s.answer(await turn_after(s, wf, "grow", step="grow"), child(1, instance_id=sibling))
    await s.turn_and_answer(sibling, step="sibling")
    await s.answer(await turn_after(s, sibling, "ready", step="sibling-ready"))
    ending = s.terminate(wf, OUTPUT, recursive=True)
    await s.answer(await turn_with(s, wf, ORDER, step="order"), OBEY, step="obeyed")
    await s.settle(ending, step="answered", expects="an answer to TerminateInstance")
    await s.answer(await turn_with(s, kid, ORDER, step="kid-order"), OBEY)
    await s.completed(kid, step="kid-ended")
    await s.answer(await turn_with(s, grand, ORDER, step="grandchild-order"), OBEY)
    await s.completed(grand, step="grandchild-ended")
    await s.answer(await turn_with(s, sibling, ORDER, step="sibling-order"), OBEY)
    await s.completed(sibling, step="sibling-ended")


@case()
async def terminated_late(s: SidecarScene) -> None:
    """A parent that has ended is terminated recursively while its child runs."""
    s.connect()
    wf, kid, _ = await grown(s)
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(1, '"done"'))
    await s.completed(wf, step="ended")
    await s.settle(s.terminate(wf, OUTPUT, recursive=True), step="answered", expects="an answer to TerminateInstance")
    await s.answer(await turn_with(s, kid, ORDER, step="kid-order"), OBEY)
    await s.completed(kid, step="kid-ended")


@case(depth=Depth.FULL)
async def terminated_alone(s: SidecarScene) -> None:
    """A parent is terminated, not recursively."""
    s.connect()
    wf, kid, _ = await grown(s)
    ending = s.terminate(wf, OUTPUT)
    await s.answer(await turn_with(s, wf, ORDER, step="order"), OBEY)
    await s.settle(ending, step="answered", expects="an answer to TerminateInstance")
    await s.quiet(opens="window", closes="window-over")
    fence = await turn_after(s, kid, "fence", step="fence")
    await s.answer(fence, complete(0, '"by itself"'))
    await s.completed(kid, step="kid-ended")
