"""Suspension and resumption (chapter H)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import complete, schedule, timer
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import brought, event, raised, started, turn_after, turn_with
from dwconf.wire.values import ExecutionResumed, ExecutionSuspended, OrchestrationStatus, TaskCompleted, TimerFired

SUSPENDED = OrchestrationStatus.SUSPENDED


async def pause(s: SidecarScene, wf: str, reason: str | None = None) -> None:
    """Suspend an instance whose worker obeys at once."""
    pausing = s.suspend(wf, reason)
    turn = await turn_with(s, wf, event(ExecutionSuspended), step="pausing")
    await s.answer(turn)
    await s.settle(pausing, step="suspend-answered", expects="an answer to SuspendInstance")
    await s.in_status(wf, SUSPENDED, step="suspended")


@case()
async def there_and_back(s: SidecarScene) -> None:
    """An instance is suspended and resumed, both with a reason; the state is asked for before and after each turn."""
    s.connect()
    wf = await started(s)
    pausing = s.suspend(wf, "pause", step="suspend")
    turn = await turn_with(s, wf, event(ExecutionSuspended), step="pausing")
    await s.state(wf, step="state-before-suspension")
    await s.answer(turn, step="pausing-answered")
    await s.settle(pausing, step="suspend-answered", expects="an answer to SuspendInstance")
    await s.state(wf, step="state-suspended")
    going = s.resume(wf, "go on", step="resume")
    turn = await turn_with(s, wf, event(ExecutionResumed), step="resuming")
    await s.state(wf, step="state-before-resumption")
    await s.answer(turn, step="resuming-answered")
    await s.settle(going, step="resume-answered", expects="an answer to ResumeInstance")
    await s.state(wf, step="state-resumed")
    fence = await turn_after(s, wf, "fence", step="on")
    await s.answer(fence, complete(0))
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL)
async def without_reason(s: SidecarScene) -> None:
    """An instance is suspended and resumed without a reason."""
    s.connect()
    wf = await started(s)
    await pause(s, wf)
    s.resume(wf, step="resume")
    turn = await turn_with(s, wf, event(ExecutionResumed), step="resuming")
    await s.answer(turn)


@case()
async def again(s: SidecarScene) -> None:
    """A suspended instance is suspended again, and a running one resumed again."""
    s.connect()
    wf = await started(s)
    await pause(s, wf, "one")
    twice = s.suspend(wf, "two")
    turn = await turn_with(s, wf, event(ExecutionSuspended), step="pausing-again")
    await s.answer(turn)
    await s.settle(twice, step="suspend-again-answered", expects="an answer to SuspendInstance")
    for step in ("resuming", "resuming-again"):
        going = s.resume(wf)
        turn = await turn_with(s, wf, event(ExecutionResumed), step=step)
        await s.answer(turn)
        await s.settle(going, step=f"{step}-answered", expects="an answer to ResumeInstance")
    fence = await turn_after(s, wf, "fence", step="on")
    await s.answer(fence, complete(0))
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL)
async def busy(s: SidecarScene) -> None:
    """An event, an activity's result and a timer come while an instance is suspended."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0), timer(1, s.after(1)))
    await s.settle(starting, expects="an answer to StartInstance")
    task = await s.activity(wf)
    await pause(s, wf)
    since = s.tape.records[-1].number
    await s.settle(s.raise_event(wf, "meanwhile"), expects="an answer to RaiseEvent")
    await brought(s, wf, raised("meanwhile"), step="event-turn", since=since)
    await s.finish(task)
    await brought(s, wf, event(TaskCompleted), step="task-turn", since=since)
    if not any(item.new(TimerFired) and item.number < since for item in s.items):
        await s.pass_time(1.1)
        await brought(s, wf, event(TimerFired), step="timer-turn", since=since)
    fence = await turn_after(s, wf, "fence", step="fence")
    await s.answer(fence)
    await s.in_status(wf, SUSPENDED, step="still-suspended")


@case()
async def nothing_lost(s: SidecarScene) -> None:
    """Three events and an activity's result come while an instance is suspended, and it is resumed after them."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf, schedule(0))
    await s.settle(starting, expects="an answer to StartInstance")
    task = await s.activity(wf)
    await pause(s, wf)
    for name in ("one", "two", "three"):
        await s.settle(s.raise_event(wf, name), expects="an answer to RaiseEvent")
    await s.finish(task)
    s.resume(wf)
    fence = await turn_after(s, wf, "fence", step="fence")
    await s.answer(fence)
    if not any(item.new(TaskCompleted) for item in s.items):
        await s.answer(await turn_with(s, wf, event(TaskCompleted), step="result"))
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(1))
    await s.completed(wf, step="completed")


@case()
async def precedence(s: SidecarScene) -> None:
    """The status in each state of a life: before the first commit, running, suspended, and ended while suspended."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="first")
    await s.state(wf, step="pending")
    await s.answer(turn)
    await s.settle(starting, expects="an answer to StartInstance")
    await s.state(wf, step="running")
    await pause(s, wf)
    s.terminate(wf)
    await s.turn_and_answer(wf, complete(0))
    await s.in_status(wf, OrchestrationStatus.COMPLETED, step="ended")
