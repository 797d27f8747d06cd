"""Re-run from an event (chapter H)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call
from dwconf.suite.evidence.events import settles
from dwconf.suite.scene.actions import child, complete, detached, fail, schedule, timer
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import event, started, turn_after, turn_with
from dwconf.wire.values import (
    ChildWorkflowInstanceFailed,
    ExecutionTerminated,
    RerunWorkflowFromEventRequest,
    RerunWorkflowFromEventResponse,
    TaskCompleted,
    TimerOriginExternalEvent,
)

HOUR = 3600
A_WHILE = 0.02
"""Seconds by which a re-run is later than what it runs again."""
TARGET = 2
"""The id of the operation that is run again."""
END = 9
"""The id of the action that ends an instance."""


async def ask(s: SidecarScene, source: str, number: int, *, step: str, new_id: str | None, **more: object) -> Call:
    """Ask for a re-run from the event of this id; `more` are further fields of the request."""
    request = RerunWorkflowFromEventRequest(
        source_instance_id=source,
        event_id=number,
        new_instance_id=new_id,
        **more,  # type: ignore[arg-type]
    )
    return await s.call("RerunWorkflowFromEvent", request, step=step)


async def again(s: SidecarScene, source: str, number: int, *, step: str = "rerun", **more: object) -> str:
    """Have an instance re-run under an id of ours; a target that refuses ends the case. The new instance's id."""
    new = s.new_id("again")
    s.instances.append(new)
    await s.pass_time(A_WHILE)
    call = await ask(s, source, number, step=step, new_id=new, **more)
    if not call.ok:
        raise CaseOver(f"the re-run was refused: {call.outcome}")
    return new


async def finished(s: SidecarScene, instance_id: str, *, task_id: int | None = None, step: str = "") -> None:
    """Take an activity of an instance and have it succeed."""
    await s.finish(await s.activity(instance_id, task_id=task_id, step=step))


async def ends(s: SidecarScene, instance_id: str, *operations: tuple[str, int], step: str = "") -> None:
    """Take turns until these operations have their outcomes, and complete the instance with the last."""
    turn = await gather(s, instance_id, settles(*operations), step=step, expects="turns with all outcomes")
    await s.answer(turn, complete(END))
    await s.completed(instance_id)


@case(needs=("rerun",))
async def activity(s: SidecarScene) -> None:
    """Of four activities one is done before the target, one is still to do, and one comes after it."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0, "before"), schedule(1, "beside"), step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    await finished(s, wf, task_id=0)
    turn = await gather(s, wf, settles(("task", 0)), step="second", expects="a turn with the outcome of activity 0")
    await s.answer(turn, schedule(2, "target", input='"t"', execution="the-target"), schedule(3, "after"))
    for number in (1, 2, 3):
        await finished(s, wf, task_id=number)
    await ends(s, wf, ("task", 1), ("task", 2), ("task", 3))
    await s.history(wf, step="source")
    new = await again(s, wf, TARGET)
    await s.state(new, step="state")
    await s.history(new, step="history")
    await finished(s, new, task_id=2, step="target")
    turn = await gather(s, new, settles(("task", 2)), step="told", expects="a turn with the outcome of the target")
    await finished(s, new, task_id=1, step="beside")
    await s.answer(turn)
    await s.answer(await turn_after(s, new, "fence", step="fence"), complete(END))
    await s.completed(new, step="ended")
    await s.history(wf, step="source-then")


@case(depth=Depth.FULL, needs=("rerun",))
async def timers(s: SidecarScene) -> None:
    """Of three timers one has fired before the target, and one is still far away."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, timer(0, s.after(-1)), timer(1, s.after(HOUR)), step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    turn = await gather(s, wf, settles(("timer", 0)), step="second", expects="a turn with the first timer")
    await s.answer(turn, timer(2, s.after(-1), name="target"))
    await ends(s, wf, ("timer", 2))
    await s.history(wf, step="source")
    new = await again(s, wf, TARGET)
    turn = await gather(s, new, settles(("timer", 2)), step="told", expects="a turn with the target's timer")
    await s.answer(turn)
    await s.answer(await turn_after(s, new, "fence", step="fence"), complete(END))
    await s.completed(new, step="ended")
    await s.history(new, step="history")


@case(depth=Depth.FULL, needs=("rerun",))
async def children(s: SidecarScene) -> None:
    """Of three children one has ended before the target, and one still runs; then the target is given an id."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, child(0, "before"), child(1, "beside"), step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(f"{wf}:0000", complete(0))
    turn = await gather(s, wf, settles(("child", 0)), step="second", expects="a turn with the end of child 0")
    await s.answer(turn, child(2, "target", input='"old"'))
    for number in (1, 2):
        await s.turn_and_answer(f"{wf}:000{number}", complete(0))
    await ends(s, wf, ("child", 1), ("child", 2))
    await s.history(wf, step="source")
    new = await again(s, wf, TARGET)
    await s.history(new, step="history")
    await s.turn_and_answer(f"{new}:0002", complete(0), step="target")
    turn = await gather(s, new, settles(("child", 2)), step="told", expects="a turn with the end of the target")
    await s.turn_and_answer(f"{new}:0001", complete(0), step="beside")
    await s.answer(turn)
    await s.answer(await turn_after(s, new, "fence", step="fence"), complete(END))
    await s.completed(new, step="ended")
    kid = s.new_id("kid")
    other = await again(
        s, wf, 2, step="rerun-named", new_child_workflow_instance_id=kid, overwrite_input=True, input='"new"'
    )
    await s.turn_and_answer(kid, complete(0), step="named")
    await s.turn_and_answer(f"{other}:0001", complete(0))
    await ends(s, other, ("child", 1), ("child", 2))


@case(needs=("rerun",))
async def inputs(s: SidecarScene) -> None:
    """An activity is run again three times: with the input that it had, with another one, and with none."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0, input='"old"'))
    await s.settle(starting, expects="an answer to StartInstance")
    await finished(s, wf)
    await ends(s, wf, ("task", 0))
    requests: dict[str, dict[str, object]] = {
        "kept": {"input": '"new"'},
        "overwritten": {"input": '"new"', "overwrite_input": True},
        "cleared": {"overwrite_input": True},
    }
    for name, more in requests.items():
        new = await again(s, wf, 0, step=f"rerun-{name}", **more)
        await finished(s, new, step=name)
        await ends(s, new, ("task", 0))


@case(depth=Depth.FULL, needs=("rerun",))
async def wait(s: SidecarScene) -> None:
    """A wait for an event, with a timeout that is far away, is run again; then the event is raised."""
    s.connect()
    wf, starting = s.start()
    origin = TimerOriginExternalEvent(name="go")
    await s.turn_and_answer(wf, timer(TARGET, s.after(HOUR), name="go", origin=origin), step="first")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.answer(await turn_after(s, wf, "go", step="went"), complete(END))
    await s.completed(wf)
    await s.history(wf, step="source")
    new = await again(s, wf, TARGET)
    await s.history(new, step="history")
    await s.answer(await turn_after(s, new, "go", step="told"), complete(END))
    await s.completed(new, step="ended")


@case(depth=Depth.FULL, needs=("rerun",))
async def occupied(s: SidecarScene) -> None:
    """A child is run again under the id of an instance that runs."""
    s.connect()
    occupant = await started(s, step="occupant")
    wf, starting = s.start()
    await s.turn_and_answer(wf, child(0))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(f"{wf}:0000", complete(0))
    await ends(s, wf, ("child", 0))
    new = await again(s, wf, 0, new_child_workflow_instance_id=occupant)
    await s.answer(await turn_with(s, new, event(ChildWorkflowInstanceFailed), step="told"), fail(END))
    await s.completed(new)
    await s.answer(await turn_after(s, occupant, "end", step="end"), complete(END))


@case(depth=Depth.FULL, alone=True, needs=("rerun",))
async def without_id(s: SidecarScene) -> None:
    """A timer that is far away is run again twice, by requests that name no id for the new instance."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, timer(0, s.after(HOUR)))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(END))
    await s.completed(wf)
    for name in ("one", "other"):
        call = await ask(s, wf, 0, step=f"rerun-{name}", new_id=None)
        new = call.response(RerunWorkflowFromEventResponse).new_instance_id
        if not call.ok or not new or new == wf:
            raise CaseOver(f"no new instance: {call.outcome}, id {new!r}")
        s.adopt(new)
        s.instances.append(new)
        await s.state(new, step=name)


@case(depth=Depth.FULL, needs=("rerun",))
async def other_ends(s: SidecarScene) -> None:
    """Instances are run again that have failed, and that were terminated."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0))
    await s.settle(starting, expects="an answer to StartInstance")
    await finished(s, wf)
    await s.answer(await turn_with(s, wf, event(TaskCompleted), step="told"), fail(END))
    await s.completed(wf, step="failed")
    new = await again(s, wf, 0, step="rerun-failed")
    await finished(s, new)
    await s.answer(await turn_with(s, new, event(TaskCompleted), step="told-again"))
    ending = s.terminate(new)
    await s.answer(await turn_with(s, new, event(ExecutionTerminated), step="order"))
    await s.settle(ending, expects="an answer to TerminateInstance")
    await s.completed(new, step="terminated")
    last = await again(s, new, 0, step="rerun-terminated")
    await finished(s, last)
    await ends(s, last, ("task", 0))


@case(depth=Depth.FULL, restarts=True, needs=("rerun", "persistence"))
async def killed(s: SidecarScene) -> None:
    """The engine is killed when a re-run has been answered, with nothing in flight."""
    stream = s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, timer(TARGET, s.after(HOUR)))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(END))
    await s.completed(wf)
    new = await again(s, wf, TARGET)
    await stream.drop()
    await s.quiet(opens="leaving", closes="left")
    await s.restart(kill=True, step="restarted")
    await s.state(new, step="state")
    s.connect()
    await s.answer(await turn_after(s, new, "go", step="told"), complete(END))


@case(needs=("rerun",))
async def refusals(s: SidecarScene) -> None:
    """Re-runs are asked for that cannot be: of no source, from no operation, onto ids that are taken."""
    s.connect()
    running = await started(s, step="running")
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0), timer(1, s.after(HOUR)), child(2))
    await s.settle(starting, expects="an answer to StartInstance")
    await finished(s, wf)
    await s.turn_and_answer(f"{wf}:0002", complete(0))
    await s.completed(f"{wf}:0002")
    await ends(s, wf, ("task", 0), ("child", 2))
    new = s.new_id("never")
    await ask(s, "", 0, step="no-source", new_id=new)
    await ask(s, wf, 0, step="same-id", new_id=wf)
    await ask(s, s.new_id("nobody"), 0, step="source-unknown", new_id=new)
    await ask(s, running, 0, step="source-runs", new_id=new)
    await ask(s, f"{wf}:0002", 0, step="source-is-child", new_id=new)
    await ask(s, wf, 77, step="no-event", new_id=new)
    await ask(s, wf, END, step="no-operation", new_id=new)
    await ask(s, wf, 1, step="input-for-timer", new_id=new, overwrite_input=True, input='"i"')
    await ask(s, wf, 1, step="child-for-timer", new_id=new, new_child_workflow_instance_id=s.new_id("kid"))
    await ask(s, wf, 0, step="child-for-activity", new_id=new, new_child_workflow_instance_id=s.new_id("kid"))
    await s.state(new, step="state")
    await ask(s, wf, 0, step="taken", new_id=running)
    await ask(s, wf, 77, step="taken-and-no-event", new_id=running)
    await ask(s, running, 77, step="runs-and-no-event", new_id=new)
    await s.answer(await turn_after(s, running, "end", step="end"), complete(END))
    await s.completed(running, step="running-ended")
    await ask(s, wf, 0, step="taken-and-ended", new_id=running)


@case(depth=Depth.FULL, needs=("rerun", "detached"))
async def from_detached(s: SidecarScene) -> None:
    """A re-run from the start of a detached workflow is asked for."""
    s.connect()
    wf, starting = s.start()
    other = s.new_id("detached")
    await s.turn_and_answer(wf, detached(0, instance_id=other), complete(END))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(other, complete(0))
    await s.completed(wf)
    await ask(s, wf, 0, step="refused", new_id=s.new_id("never"))
