"""External events (chapter F)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence.events import raises
from dwconf.suite.scene.actions import complete, send_event
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.payloads import AWKWARD, LONG
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.wire.values import (
    OrchestrationStatus,
    ResumeRequest,
    SuspendRequest,
    TerminateRequest,
    TerminateWorkflow,
    WorkflowAction,
)

NAMES = {"Mixed-Case.Name": AWKWARD, "mixed-case.name": '{"n": 1}', "größer/✓": LONG, " spaced ": '"x"'}


@case()
async def raised(s: SidecarScene) -> None:
    """Events are raised while a turn is outstanding: with and without input, equal ones, odd names."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    for number, (name, text) in enumerate(NAMES.items()):
        await s.settle(s.raise_event(wf, name, text), step=f"raised-{number}")
    for step, data in (("bare", None), ("empty", "")):
        await s.settle(s.raise_event(wf, step, data), step=f"raised-{step}")
    for step in ("equal", "equal-again"):
        await s.settle(s.raise_event(wf, "equal", '"same"'), step=f"raised-{step}")
    await s.answer(first, step="answered")
    await s.settle(started)
    await s.settle(s.raise_event(wf, "end"), step="raised-end")
    last = await gather(s, wf, raises("end"), step="last", expects="a turn with the last raised event")
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL, alone=True)
async def lost(s: SidecarScene) -> None:
    """Two workers disappear with the same turn, while more events come."""
    stream = s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"))
    await s.settle(started)
    await s.settle(s.raise_event(wf, "one", '"1"'), step="raised-one")
    await s.turn(wf, step="taken")
    await s.settle(s.raise_event(wf, "two", '"2"'), step="raised-two")
    await stream.drop()
    stream = s.connect()
    await s.turn(wf, step="taken-again")
    await stream.drop()
    await s.settle(s.raise_event(wf, "three", '"3"'), step="raised-three")
    s.connect()
    again = await s.turn(wf, step="taken-last")
    every = raises("one", "two", "three")
    last = await gather(s, wf, every, step="last", expects="turns with all raised events", first=again)
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def unknown_instance(s: SidecarScene) -> None:
    """Messages to an instance that does not exist, which is then created."""
    s.connect()
    wf = s.new_id()
    raising = s.raise_event(wf, "ghost")
    calls = {
        "suspended": s.begin("SuspendInstance", SuspendRequest(instance_id=wf, reason="ghost"), timeout=1),
        "resumed": s.begin("ResumeInstance", ResumeRequest(instance_id=wf, reason="ghost"), timeout=1),
        "terminated": s.begin("TerminateInstance", TerminateRequest(instance_id=wf, output="ghost"), timeout=1),
    }
    await s.settle(raising, step="raised", own_deadline=True)
    for step, pending in calls.items():
        await s.settle(pending, step=step, own_deadline=True)
    _, started = s.start(wf)
    await s.answer(await s.turn(wf, step="first"), step="answered")
    await s.settle(started)
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def suspended(s: SidecarScene) -> None:
    """An event is raised while the instance is suspended."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    suspending = s.suspend(wf)
    await s.answer(first)
    await s.settle(started)
    await s.answer(await s.turn(wf, step="suspending"))
    await s.settle(suspending)
    await s.in_status(wf, OrchestrationStatus.SUSPENDED, step="suspended")
    await s.settle(s.raise_event(wf, "go", '"data"'), step="raised")
    s.resume(wf)
    last = await gather(s, wf, raises("go"), step="last", expects="a turn with the raised event")
    await s.settle(s.raise_event(wf, "end"))
    last = await gather(s, wf, raises("end"), step="end", expects="a turn with the raised event", first=last)
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def empty_name(s: SidecarScene) -> None:
    """An event without a name."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"))
    await s.settle(started)
    await s.settle(s.raise_event(wf, ""), step="raised")
    await s.settle(s.raise_event(wf, "end"))
    last = await gather(s, wf, raises("end"), step="last", expects="a turn with the last raised event")
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")


@case(needs=("send-event",))
async def sent(s: SidecarScene) -> None:
    """One workflow sends an event to another."""
    s.connect()
    target, started = s.start()
    await s.answer(await s.turn(target, step="target-first"))
    await s.settle(started)
    sender, started = s.start()
    actions = (send_event(3, target, "Greeting", '{"hello": 1}'), send_event(4, target, "bare"), complete(5))
    await s.answer(await s.turn(sender, step="sender-first"), *actions, step="answered")
    await s.settle(started)
    await s.completed(sender, step="completed")
    await s.history(sender, step="history")
    both = raises("Greeting", "bare")
    last = await gather(s, target, both, step="last", expects="turns of the target with both events")
    await s.answer(last, complete(0))
    await s.completed(target)


@case(depth=Depth.FULL, needs=("terminate-action",))
async def terminating(s: SidecarScene) -> None:
    """One workflow terminates another by an action."""
    s.connect()
    target, started = s.start()
    await s.answer(await s.turn(target, step="target-first"))
    await s.settle(started)
    sender, started = s.start()
    order = WorkflowAction(id=3, body=TerminateWorkflow(instance_id=target, reason='"bye"'))
    await s.answer(await s.turn(sender, step="sender-first"), order, complete(4), step="answered")
    await s.settle(started)
    await s.completed(sender, step="completed")
    await s.history(sender, step="history")
    last = await s.turn(target, step="terminated")
    await s.answer(last, complete(0, None, status=OrchestrationStatus.TERMINATED))
    await s.completed(target, step="target-ended")
