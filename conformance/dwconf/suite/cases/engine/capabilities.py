"""What shows a capability that no other case of the suite shows to every engine; the probes read it."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.scene.actions import complete, send_event
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, raised, started, turn_with
from dwconf.wire.values import ExecutionTerminated, TerminateWorkflow, WorkflowAction


async def _order(s: SidecarScene, target: str, *actions: WorkflowAction) -> None:
    """A throw-away instance answers its only turn with these actions; then a fence is raised on the target."""
    wf, _ = s.start()
    turn = await s.turn(wf, step="first")
    await s.answer(turn, *actions, complete(9), step="answered")
    await s.quiet(opens="window", closes="window-over")
    await s.settle(s.raise_event(target, "fence"), expects="an answer to RaiseEvent")
    told = await turn_with(s, target, lambda t: raised("fence")(t) or event(ExecutionTerminated)(t), step="fence")
    await s.answer(told, complete(0))


@case()
async def send_event_action(s: SidecarScene) -> None:
    """A sendEvent action is for another instance of the case."""
    s.connect()
    target = await started(s, step="target")
    await _order(s, target, send_event(0, target, "sent", '"data"'))


@case()
async def terminate_action(s: SidecarScene) -> None:
    """A terminateWorkflow action is for another instance of the case."""
    s.connect()
    target = await started(s, step="target")
    await _order(s, target, WorkflowAction(id=0, body=TerminateWorkflow(instance_id=target, reason='"order"')))
