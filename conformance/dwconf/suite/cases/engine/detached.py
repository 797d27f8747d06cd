"""Detached workflows (chapter G)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import complete, detached, schedule
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, started, turn_after, turn_with
from dwconf.wire.values import CreateDetachedWorkflow, ExecutionTerminated, WorkflowAction

NEEDS = ("detached",)
TAGS = (("colour", "red"), ("size", "small"))


async def caller_of(s: SidecarScene, *actions: WorkflowAction) -> str:
    """Start an instance that answers its first turn with these actions; its id."""
    wf, starting = s.start(name="caller")
    await s.turn_and_answer(wf, *actions, step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    return wf


@case()
async def fields(s: SidecarScene) -> None:
    """Two workflows are detached: one with tags and an execution id, one without."""
    s.connect()
    full, bare = s.new_id("full"), s.new_id("bare")
    body = CreateDetachedWorkflow(
        instance_id=full, name="free", input='"in"', execution_id="33333333-3333-4333-8333-333333333333", tags=TAGS
    )
    wf = await caller_of(s, WorkflowAction(id=0, body=body), detached(1, "free", instance_id=bare))
    await s.turn_and_answer(full, complete(0), step="full")
    await s.turn_and_answer(bare, complete(0), step="bare")
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(2))


@case(depth=Depth.FULL, needs=NEEDS)
async def independent(s: SidecarScene) -> None:
    """One detached workflow ends; then its caller is terminated and purged recursively, while another one runs."""
    s.connect()
    ending, living = s.new_id("ending"), s.new_id("living")
    wf = await caller_of(s, detached(0, instance_id=ending), detached(1, instance_id=living))
    await s.turn_and_answer(living, step="living")
    await s.turn_and_answer(ending, complete(0), step="ending")
    await s.completed(ending, step="ended")
    await s.quiet(opens="window", closes="window-over")
    await s.answer(await turn_after(s, wf, "fence", step="fence"))
    order = s.terminate(wf, recursive=True)
    await s.answer(await turn_with(s, wf, event(ExecutionTerminated), step="order"), complete(2))
    await s.settle(order, expects="an answer to TerminateInstance")
    await s.quiet(opens="second-window", closes="second-window-over")
    await s.answer(await turn_after(s, living, "fence", step="living-fence"))
    await s.purge(wf, recursive=True, step="purged")
    await s.state(ending, step="ending-state")
    await s.state(living, step="living-state")
    await s.answer(await turn_after(s, living, "end", step="end"), complete(0))


@case(depth=Depth.FULL, needs=NEEDS)
async def nameless(s: SidecarScene) -> None:
    """A detached start without an instance id stands beside an activity."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="first")
    await s.answer(turn, schedule(0, "beside"), detached(1, instance_id=""), step="refused")
    again = await s.turn(wf, step="again")
    await s.quiet(opens="window", closes="window-over")
    await s.answer(again, complete(0), step="answered")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.completed(wf)
    await s.history(wf, step="history")


@case(needs=NEEDS)
async def scheduled(s: SidecarScene) -> None:
    """A workflow is detached to start a second later."""
    s.connect()
    late = s.new_id("late")
    at = s.after(1)
    body = CreateDetachedWorkflow(instance_id=late, name="free", scheduled_start_timestamp=at)
    wf = await caller_of(s, WorkflowAction(id=0, body=body))
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(1))
    await s.state(late, step="meanwhile")
    s.reached("due", at=at)
    await s.pass_time(1.1)
    await s.turn_and_answer(late, complete(0), step="late")


@case(depth=Depth.FULL, needs=NEEDS)
async def taken(s: SidecarScene) -> None:
    """A workflow is detached onto the id of a running instance."""
    s.connect()
    occupant = await started(s, step="occupant")
    await s.history(occupant, step="occupant-history")
    wf = await caller_of(s, detached(0, "usurper", instance_id=occupant, input='"usurped"'))
    await s.quiet(opens="window", closes="window-over")
    await s.answer(await turn_after(s, occupant, "ping", step="ping"))
    await s.answer(await turn_after(s, occupant, "end", step="end"), complete(0))
    await s.completed(occupant, step="occupant-ended")
    await s.history(occupant, step="occupant-history-then")
    await s.answer(await turn_after(s, wf, "fence", step="fence"), complete(1))
    await s.completed(wf, step="caller-ended")
