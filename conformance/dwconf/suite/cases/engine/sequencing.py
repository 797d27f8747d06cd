"""Deduplication and sequencing (chapter I)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence.events import raises, settles
from dwconf.suite.scene.actions import child, complete, continue_as_new, schedule, timer
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    EventBody,
    ExecutionResumed,
    ExecutionSuspended,
    HistoryEvent,
    TaskCompleted,
    TimerFired,
)


@case()
async def control_events(s: SidecarScene) -> None:
    """Two suspensions and two resumptions while a turn is outstanding, and equal events among them."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    calls = [s.suspend(wf, "same"), s.suspend(wf, "same")]
    for _ in range(2):
        await s.settle(s.raise_event(wf, "same", '"x"'))
    await s.answer(first, step="answered")
    await s.settle(started)

    def suspensions(seen: tuple[HistoryEvent, ...]) -> bool:
        return sum(isinstance(event.body, ExecutionSuspended) for event in seen) > 1

    turn = await gather(s, wf, suspensions, step="suspended", expects="turns with both suspensions")
    await s.answer(turn)
    for call in calls:
        await s.settle(call)
    calls = [s.resume(wf, "same"), s.resume(wf, "same")]

    def resumptions(seen: tuple[HistoryEvent, ...]) -> bool:
        return sum(isinstance(event.body, ExecutionResumed) for event in seen) > 1

    turn = await gather(s, wf, resumptions, step="resumed", expects="turns with both resumptions")
    await s.answer(turn)
    for call in calls:
        await s.settle(call)
    await s.settle(s.raise_event(wf, "end"))
    last = await gather(s, wf, raises("end"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


def inbound(s: SidecarScene, body: EventBody) -> HistoryEvent:
    """An event as an engine would have delivered it."""
    return HistoryEvent(event_id=-1, timestamp=s.now(), body=body)


@case()
async def carried(s: SidecarScene) -> None:
    """A worker carries over resolutions of what was never scheduled: of each kind one, all with the same number."""
    s.connect()
    wf, started = s.start()
    bodies: tuple[EventBody, ...] = (
        TaskCompleted(task_scheduled_id=7, result='"task"'),
        TimerFired(timer_id=7, fire_at=s.now()),
        ChildWorkflowInstanceCompleted(task_scheduled_id=7, result='"child"'),
    )
    carryover = tuple(inbound(s, body) for body in bodies)
    await s.answer(await s.turn(wf, step="first"), continue_as_new(0, '"again"', carryover=carryover), step="answered")
    renewed = await s.turn(wf, step="renewed")
    await s.settle(s.raise_event(wf, "go"))
    await s.answer(renewed)
    await s.settle(started)
    last = await gather(s, wf, raises("go"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(1))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(needs=("early-resolution",))
async def early(s: SidecarScene) -> None:
    """A worker schedules what an early result has resolved already."""
    s.connect()
    wf, started = s.start()
    result = inbound(s, TaskCompleted(task_scheduled_id=0, result='"early"'))
    await s.answer(await s.turn(wf, step="first"), continue_as_new(0, '"again"', carryover=(result,)))
    renewed = await s.turn(wf, step="renewed")
    await s.answer(renewed, schedule(0, "act"), schedule(1, "fence"), step="answered")
    await s.settle(started)
    await s.finish(await s.activity(wf, task_id=1, step="fence"))
    last = await gather(s, wf, settles(("task", 1)), step="last", expects="a turn with the result of task 1")
    await s.answer(last, complete(2))
    await s.completed(wf, step="completed")
    for item in [i for i in s.items if i.activity.name == "act"]:
        await s.finish(item)


@case(depth=Depth.FULL)
async def children(s: SidecarScene) -> None:
    """A child ends once, and is heard of once."""
    s.connect()
    wf, started = s.start()
    await s.answer(
        await s.turn(wf, step="first"),
        child(0, "kid", instance_id=f"{wf}-kid"),
        child(1, "kid", instance_id=f"{wf}-two"),
    )
    await s.settle(started)
    await s.answer(await s.turn(f"{wf}-kid"), complete(0))
    await s.answer(await s.turn(f"{wf}-two"), complete(0))
    ended = settles(("child", 0), ("child", 1))
    turn = await gather(s, wf, ended, step="ended", expects="turns with the ends of both children")
    await s.settle(s.raise_event(wf, "end"))
    last = await gather(s, wf, raises("end"), step="last", expects="a turn with the raised event", first=turn)
    await s.answer(last, complete(2))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def same_number(s: SidecarScene) -> None:
    """An activity, a timer and a child with one number, created by one answer."""
    s.connect()
    wf, started = s.start()
    kid = f"{wf}-kid"
    await s.answer(
        await s.turn(wf, step="first"),
        schedule(5, "act"),
        timer(5, s.after(0.3)),
        child(5, instance_id=kid),
        step="answered",
    )
    await s.settle(started)
    await s.finish(await s.activity(wf), step="finished")
    await s.answer(await s.turn(kid), complete(0), step="child-answered")
    await s.pass_time(0.4, step="due")
    every = settles(("task", 5), ("timer", 5), ("child", 5))
    last = await gather(s, wf, every, step="last", expects="turns with the activity's, the timer's and the child's end")
    await s.answer(last, complete(6))
    await s.completed(wf, step="completed")
