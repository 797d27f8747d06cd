"""Starting with an id that is taken, or was (chapter B)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.actions import child, complete, timer
from dwconf.suite.scene.calls import Pending
from dwconf.suite.scene.client import SECOND
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import raised as brings, started, turn_after, turn_with
from dwconf.wire.values import ExecutionResumed, ExecutionSuspended, OrchestrationStatus, WorkflowRequest

AGAIN = '"again"'


async def refused(s: SidecarScene, instance_id: str, step: str, **more: object) -> Call:
    """Start with an id that is taken: the call fails at once, or waits in vain until a deadline of ours."""
    _, again = s.start(instance_id, input=AGAIN, timeout=s.tolerances.dispatch, **more)  # type: ignore[arg-type]
    return await s.settle(again, step=step, own_deadline=True)


@case()
async def active(s: SidecarScene) -> None:
    """The id of an instance is asked for again while it is pending, running, and suspended."""
    s.connect()
    wf, first = s.start(input='"original"', step="started")
    turn = await s.turn(wf, step="first")
    await refused(s, wf, "while-pending")
    await s.answer(turn, custom_status='"mine"')
    await s.settle(first)
    await s.state(wf, step="state-before")
    await refused(s, wf, "while-running")
    await s.state(wf, step="state-after")
    suspending = s.suspend(wf)
    turn = await turn_with(s, wf, lambda item: bool(item.new(ExecutionSuspended)), step="suspended")
    await s.answer(turn)
    await s.in_status(wf, OrchestrationStatus.SUSPENDED, step="is-suspended")
    await s.settle(suspending)
    await refused(s, wf, "while-suspended")
    resuming = s.resume(wf)
    await s.answer(await turn_with(s, wf, lambda item: bool(item.new(ExecutionResumed)), step="resumed"))
    await s.settle(resuming)
    await s.settle(s.raise_event(wf, "go"))
    turn = await turn_with(s, wf, brings("go"), step="last")
    await s.answer(turn, complete(0, '"of the first"'))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL, slow=True)
async def with_timer(s: SidecarScene) -> None:
    """An instance ends before its timers are due and is purged; its id is used again, and one timer's id too."""
    s.connect()
    wf, first = s.start(input='"first"', step="started")
    at = s.after(2.5)
    await s.answer(await s.turn(wf, step="first"), timer(0, at), timer(1, at), step="answered")
    await s.settle(first)
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(2))
    await s.completed(wf, step="completed")
    await s.purge(wf, step="purged")
    _, again = s.start(wf, input='"second"', step="again")
    await s.answer(await s.turn(wf, step="second"), timer(0, s.after(3600)))
    await s.settle(again)
    await s.pass_time(max(0.0, (at - s.now()) / SECOND) + 0.1, step="due")
    await s.answer(await turn_after(s, wf, "fence", step="fence"), complete(1))
    await s.completed(wf, step="completed-again")


@case()
async def ended(s: SidecarScene) -> None:
    """The id of an instance is asked for again after it has ended, and after it was purged."""
    s.connect()
    wf, first = s.start(input='"first"', step="started")
    turn = await s.turn(wf, step="first")
    await s.answer(turn, complete(0, '"one"'), custom_status='"of the first"')
    await s.settle(first)
    await s.completed(wf, step="completed")
    _, second = s.start(wf, input='"second"', step="again")
    item = await turn_or_answer(s, wf, second)
    if item is not None:
        s.reached("second", item.number)
        await s.state(wf, step="state-of-second")
        await s.answer(item, complete(0, '"two"'))
    await s.settle(second, step="again-answered")
    await s.completed(wf, step="completed-again")
    await s.history(wf, step="history-again")
    await s.purge(wf, step="purged")
    _, third = s.start(wf, input='"third"', step="third-started")
    item = await s.turn(wf, step="third")
    await s.answer(item, complete(0, '"three"'))
    await s.settle(third, step="third-answered")
    await s.completed(wf, step="third-completed")
    await s.history(wf, step="third-history")


async def turn_or_answer(s: SidecarScene, instance_id: str, start: Pending) -> Item | None:
    """The next turn of an instance, or None when its start is answered before one comes."""
    known = len(s.items)

    def look() -> tuple[Item | None] | None:
        for item in s.items[known:]:
            if item.instance_id == instance_id and isinstance(item.item.request, WorkflowRequest):
                return (item,)
        return (None,) if start.done else None

    item = (await s.until(look, step="either", expects="a first turn, or an answer to StartInstance"))[0]
    return None if item is None else await s.turn(instance_id)


@case()
async def unique(s: SidecarScene) -> None:
    """An ended instance's id is asked for again, and has to be unique."""
    s.connect()
    wf = await started(s)
    await refused(s, wf, "while-active", enforce_unique_instance_id=True)
    await s.settle(s.raise_event(wf, "go"))
    turn = await turn_with(s, wf, brings("go"), step="last")
    await s.answer(turn, complete(0, '"one"'))
    await s.completed(wf, step="completed")
    await refused(s, wf, "after-its-end", enforce_unique_instance_id=True)
    await s.state(wf, step="state-after")


@case(depth=Depth.FULL, needs=("reuse-terminal-id", "subtree-guard"))
async def with_descendants(s: SidecarScene) -> None:
    """The id of an ended parent is asked for again while its child runs, and after that."""
    s.connect()
    wf, first = s.start(step="started")
    turn = await s.turn(wf)
    kid = f"{wf}-kid"
    await s.answer(turn, child(0, instance_id=kid), complete(1, '"parent"'))
    await s.settle(first)
    await s.completed(wf, step="parent-completed")
    held = await s.turn(kid, step="child-first")
    await refused(s, wf, "while-child-runs")
    await s.answer(held, complete(0))
    await s.completed(kid, step="child-completed")
    _, again = s.start(wf, input=AGAIN)
    item = await turn_or_answer(s, wf, again)
    if item is not None:
        s.reached("again", item.number)
        await s.answer(item, complete(0))
    await s.settle(again, step="again-answered")
