"""Child workflows (chapter G): how they start, and what their parents hear."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Item
from dwconf.suite.scene.actions import child, complete, continue_as_new
from dwconf.suite.scene.payloads import AWKWARD, FAILURE
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, started, turn_after, turn_with
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceFailed,
    CreateChildWorkflow,
    GetInstanceRequest,
    OrchestrationStatus,
    RetryParentInstanceInfo,
    WorkflowAction,
)

SUCCESS, FAILED = event(ChildWorkflowInstanceCompleted), event(ChildWorkflowInstanceFailed)


async def parent_of(s: SidecarScene, *actions: WorkflowAction) -> str:
    """Start an instance that answers its first turn (step `first`) with these actions; its id."""
    wf, starting = s.start(name="parent")
    await s.turn_and_answer(wf, *actions, step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    return wf


@case()
async def default_ids(s: SidecarScene) -> None:
    """Three children without ids of their own, and a child of one of them."""
    s.connect()
    wf = await parent_of(s, child(0), child(10), child(0xABCD))
    for number in (0, 10, 0xABCD):
        turn = await s.turn(f"{wf}:{number:04x}", step=f"child-{number}")
        await s.answer(turn, complete(0) if number else child(0))
    await s.turn_and_answer(f"{wf}:0000:0000", complete(0), step="grandchild")
    await s.answer(await turn_with(s, f"{wf}:0000", SUCCESS, step="told"), complete(1))
    await s.completed(f"{wf}:0000")


@case()
async def outcomes(s: SidecarScene) -> None:
    """Children complete with a result, an empty one and none; one fails, one is terminated; their parent hears it."""
    s.connect()
    kids = [s.new_id("kid") for _ in range(5)]
    actions = [child(5 + n, "kid", instance_id=kid, input=f'{{"kid": {n}}}') for n, kid in enumerate(kids)]
    wf = await parent_of(s, *actions)
    await s.turn_and_answer(kids[0], complete(0, AWKWARD), step="kid", answer_step="kid-answered")
    await s.answer(await turn_with(s, wf, SUCCESS, step="told-completed"))
    failed = complete(0, None, status=OrchestrationStatus.FAILED, failure=FAILURE)
    await s.turn_and_answer(kids[1], failed, step="failing", answer_step="failing-answered")
    await s.answer(await turn_with(s, wf, FAILED, step="told-failed"))
    stopped = complete(0, '"stopped"', status=OrchestrationStatus.TERMINATED)
    await s.turn_and_answer(kids[2], stopped, step="stopped")
    await s.answer(await turn_with(s, wf, FAILED, step="told-terminated"))
    for kid, step, result in ((kids[3], "empty", ""), (kids[4], "bare", None)):
        await s.turn_and_answer(kid, complete(0, result), step=f"kid-{step}", answer_step=f"kid-{step}-answered")
        await s.answer(await turn_with(s, wf, SUCCESS, step=f"told-{step}"))
    await s.answer(await turn_after(s, wf, "fence", step="fence"), complete(20))
    await s.completed(wf)


@case(depth=Depth.FULL)
async def left_alone(s: SidecarScene) -> None:
    """A parent ends while its child still runs."""
    s.connect()
    kid = s.new_id("kid")
    wf = await parent_of(s, child(0, instance_id=kid))
    await s.turn_and_answer(kid, step="kid")
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(1, '"early"'))
    await s.completed(wf, step="ended")
    await s.history(wf, step="history")
    await s.answer(await turn_after(s, kid, "go", step="kid-on"), complete(0, '"late"'))
    await s.completed(kid, step="kid-ended")
    await s.quiet(opens="window", closes="window-over")
    await s.state(wf, step="state-then")
    await s.history(wf, step="history-then")


@case(depth=Depth.FULL)
async def occupied(s: SidecarScene) -> None:
    """A child is to have the id of a running instance."""
    s.connect()
    occupant = await started(s, step="occupant")
    await s.history(occupant, step="occupant-history")
    wf, _ = s.start(name="parent")  # where its turn cannot be committed, nobody is told that it has started
    await s.turn_and_answer(wf, child(0, "usurper", instance_id=occupant, input='"usurped"'), step="first")
    await s.quiet(opens="window", closes="window-over")
    fence = await turn_after(s, occupant, "ping", step="ping")
    await s.answer(fence)
    await s.answer(await turn_after(s, occupant, "end", step="end"), complete(0))
    await s.completed(occupant, step="occupant-ended")
    await s.history(occupant, step="occupant-history-then")
    told = await turn_with(s, wf, FAILED, step="told")
    await s.answer(told, complete(1))


@case(depth=Depth.FULL)
async def vacated(s: SidecarScene) -> None:
    """A child is to have the id of an instance that has ended."""
    s.connect()
    late, starting = s.start()
    await s.turn_and_answer(late, complete(0, '"before"'))
    await s.settle(starting, expects="an answer to StartInstance")
    wf, _ = s.start(name="parent")
    await s.turn_and_answer(wf, child(0, "heir", instance_id=late), step="first")
    await s.quiet(opens="window", closes="window-over")
    await s.state(late, step="heir")
    s.reached("asked")
    await s.answer(await turn_after(s, wf, "fence", step="fence"), complete(1))


@case(depth=Depth.FULL, alone=True)
async def repeated(s: SidecarScene) -> None:
    """A turn is lost and sent again; the lost dispatch and the new one are both answered with the same child."""
    stream = s.connect()
    kid = s.new_id("kid")
    wf, starting = s.start()
    lost = await s.turn(wf, step="lost")
    await stream.drop()
    s.connect()
    turn = await s.turn(wf, step="first")
    await s.answer(lost, child(0, instance_id=kid), step="lost-answered")
    await s.answer(turn, child(0, instance_id=kid), step="first-answered")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, complete(0), step="kid")
    await s.answer(await turn_with(s, wf, SUCCESS, step="told"))
    await s.quiet(opens="window", closes="window-over")
    await s.answer(await turn_after(s, wf, "fence", step="fence"), complete(1))


@case(depth=Depth.FULL)
async def succeeded(s: SidecarScene) -> None:
    """A parent is purged and its id used again, for a parent of a child with the same action id; the old child ends."""
    s.connect()
    old, new = s.new_id("old"), s.new_id("new")
    wf = await parent_of(s, child(0, instance_id=old))
    held = await s.turn(old, step="old")
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(1))
    await s.completed(wf)
    await s.purge(wf, step="purged")
    _, starting = s.start(wf, step="successor")
    await s.turn_and_answer(wf, child(0, instance_id=new), step="again")
    await s.settle(starting, expects="an answer to StartInstance")
    await _old_then_new(s, wf, held, new)


@case(depth=Depth.FULL)
async def outlived(s: SidecarScene) -> None:
    """A child of the generation before ends while one with the same action id runs."""
    s.connect()
    old, new = s.new_id("old"), s.new_id("new")
    wf = await parent_of(s, child(0, instance_id=old))
    held = await s.turn(old, step="old")
    await s.answer(await turn_after(s, wf, "renew", step="renew"), continue_as_new(1, '"gen2"'))
    await s.turn_and_answer(wf, child(0, instance_id=new), step="again")
    await _old_then_new(s, wf, held, new)


async def _old_then_new(s: SidecarScene, wf: str, held: Item, new: str) -> None:
    """The old child ends, then the new one; a fence between them shows what the first caused."""
    turn = await s.turn(new, step="new")
    await s.answer(held, complete(0, '"old"'))
    await s.completed(held.instance_id, step="old-ended")
    await s.quiet(opens="window", closes="window-over")
    await s.answer(await turn_after(s, wf, "fence", step="fence"))
    await s.answer(turn, complete(0, '"new"'))
    await s.completed(new)
    await s.answer(await turn_after(s, wf, "finish", step="finish"), complete(1))


@case()
async def shown(s: SidecarScene) -> None:
    """The state of a child is asked for while it runs, and when it has ended."""
    s.connect()
    kid = s.new_id("kid")
    wf = await parent_of(s, child(0, instance_id=kid))
    s.reached("parent", id=wf)
    await s.turn_and_answer(kid, step="kid")
    request = GetInstanceRequest(instance_id=kid, get_inputs_and_outputs=True)
    await s.call("WaitForInstanceStart", request, step="started")
    await s.state(kid, step="state")
    await s.answer(await turn_after(s, kid, "end", step="end"), complete(0))
    await s.completed(kid, step="ended")


@case()
async def retried(s: SidecarScene) -> None:
    """A child that stands for a second attempt names the first."""
    s.connect()
    kid = s.new_id("kid")
    body = CreateChildWorkflow(
        instance_id=kid, name="kid", retry_parent_instance_info=RetryParentInstanceInfo(instance_id="first-attempt")
    )
    wf = await parent_of(s, WorkflowAction(id=0, body=body))
    await s.turn_and_answer(kid, complete(0))
    await s.answer(await turn_with(s, wf, SUCCESS, step="told"), complete(1))
