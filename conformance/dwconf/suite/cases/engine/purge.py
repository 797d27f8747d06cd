"""Purge (chapter H)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import child, complete
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, started, turn_after, turn_with
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    GetInstanceRequest,
    GetInstanceResponse,
    OrchestrationStatus,
    PurgeInstanceFilter,
    PurgeInstancesRequest,
)


async def ended(s: SidecarScene, *, status: OrchestrationStatus = OrchestrationStatus.COMPLETED) -> str:
    """Start an instance that ends in its first turn; its id."""
    wf, starting = s.start()
    await s.turn_and_answer(wf, complete(0, status=status))
    await s.settle(starting, expects="an answer to StartInstance")
    return wf


async def family(s: SidecarScene, parent: str, *children: str) -> None:
    """Have an instance create children in its first turn, which it does not end with."""
    await s.turn_and_answer(parent, *(child(number, instance_id=kid) for number, kid in enumerate(children)))


@case()
async def gone(s: SidecarScene) -> None:
    """An ended instance is purged."""
    s.connect()
    wf = await ended(s)
    await s.completed(wf, step="ended")
    await s.purge(wf, step="purged")
    await s.state(wf, step="state")
    await s.history(wf, step="history")


@case()
async def running(s: SidecarScene) -> None:
    """A running instance is purged."""
    s.connect()
    wf = await started(s)
    await s.state(wf, step="state-before")
    await s.purge(wf, step="refused")
    await s.state(wf, step="state")
    await s.answer(await turn_after(s, wf, "fence", step="fence"), complete(0))


@case()
async def unknown(s: SidecarScene) -> None:
    """An instance that does not exist is purged."""
    s.connect()
    await s.purge(s.new_id("nobody"), step="refused")


@case()
async def parent_alone(s: SidecarScene) -> None:
    """A parent with an ended child is purged, not recursively."""
    s.connect()
    wf, starting = s.start()
    kid = s.new_id("kid")
    await family(s, wf, kid)
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, complete(0))
    turn = await turn_with(s, wf, event(ChildWorkflowInstanceCompleted), step="told")
    await s.answer(turn, complete(9))
    await s.completed(wf)
    await s.purge(wf, step="purged")
    await s.state(wf, step="parent")
    await s.state(kid, step="kid")


@case()
async def tree(s: SidecarScene) -> None:
    """An ended tree is purged recursively; one of its members has been purged before."""
    s.connect()
    wf, starting = s.start()
    kid, early, grandchild = s.new_id("kid"), s.new_id("early"), s.new_id("grandchild")
    await family(s, wf, kid, early)
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(early, complete(0))
    await s.completed(early)
    await s.purge(early, step="early-purged")
    await family(s, kid, grandchild)
    await s.turn_and_answer(grandchild, complete(0))
    turn = await turn_with(s, kid, event(ChildWorkflowInstanceCompleted), step="kid-told")
    await s.answer(turn, complete(9))
    await s.completed(kid)
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(9))
    await s.completed(wf, step="ended")
    await s.purge(wf, recursive=True, step="purged")
    for name, member in (("parent", wf), ("kid", kid), ("grandchild", grandchild)):
        await s.state(member, step=name)


@case(depth=Depth.FULL)
async def unfinished_tree(s: SidecarScene) -> None:
    """An ended parent whose child still runs is purged recursively."""
    s.connect()
    wf, starting = s.start()
    kid = s.new_id("kid")
    await family(s, wf, kid)
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, step="kid-started")
    await s.answer(await turn_after(s, kid, "committed", step="kid-committed"))
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(9))
    await s.completed(wf, step="ended")
    await s.purge(wf, recursive=True, step="refused")
    await s.state(kid, step="kid")


@case()
async def fresh_child(s: SidecarScene) -> None:
    """An ended parent whose child has not had its first turn yet is purged recursively."""
    s.connect()
    wf, starting = s.start()
    kid = s.new_id("kid")
    await family(s, wf, kid)
    await s.settle(starting, expects="an answer to StartInstance")
    turn = await s.turn(kid, step="kid-first")
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(9))
    await s.completed(wf, step="ended")
    await s.purge(wf, recursive=True, step="refused")
    await s.state(kid, step="kid")
    await s.answer(turn, complete(0))


@case(alone=True)
async def forced(s: SidecarScene) -> None:
    """A running instance and a suspended one are purged by force, with no worker of ours there."""
    stream = s.connect()
    wf, other = await started(s), await started(s, step="other")
    pausing = s.suspend(other)
    await s.turn_and_answer(other)
    await s.settle(pausing, expects="an answer to SuspendInstance")
    await s.in_status(wf, OrchestrationStatus.RUNNING, step="running")
    await stream.drop()
    await s.purge(wf, force=True, step="purged")
    await s.state(wf, step="state")
    await s.purge(other, force=True, step="other-purged")
    await s.state(other, step="other-state")


@case(depth=Depth.FULL)
async def canceled(s: SidecarScene) -> None:
    """An instance that its worker ended as canceled is waited for and purged."""
    s.connect()
    wf = await ended(s, status=OrchestrationStatus.CANCELED)
    await s.in_status(wf, OrchestrationStatus.CANCELED, step="canceled")
    await s.call(
        "WaitForInstanceCompletion",
        GetInstanceRequest(instance_id=wf, get_inputs_and_outputs=True),
        step="waited",
        timeout=s.tolerances.reply / 5,
    )
    await s.purge(wf, step="purged")
    await s.state(wf, step="state")


@case(depth=Depth.FULL, alone=True)
async def filtered(s: SidecarScene) -> None:
    """An ended instance is purged by a filter on the time of its creation.

    An engine that misreads the filter purges more than that, so this is not for a sidecar that others use.
    """
    s.connect()
    wf = await ended(s)
    done = await s.completed(wf, step="ended")
    state = done.response(GetInstanceResponse).workflow_state
    made = (state.created_timestamp if state is not None else None) or s.now()
    chosen = PurgeInstanceFilter(
        created_time_from=made, created_time_to=made + 1, runtime_status=(OrchestrationStatus.COMPLETED,)
    )
    await s.call("PurgeInstances", PurgeInstancesRequest(purge_instance_filter=chosen), step="purged")
    await s.state(wf, step="state")
