"""Histories that contradict the code (chapter B): another kind of operation, another name, more than the code asks for.

The ids in them are learned first, from what the worker asks for in a real first turn.
"""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import Program, await_, call, child, program, return_, start_child, timer, var
from dwconf.suite.scene.instance import SECOND, Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    CreateChildWorkflow,
    CreateTimer,
    EventBody,
    TaskCompleted,
    TaskScheduled,
    TimerCreated,
    TimerFired,
    TimerOriginCreateTimer,
)

ONE_CALL = program(call("echo", 1, as_="x"), return_(var("x")))


async def first_task(s: WorkerScene, code: Program, *, step: str = "") -> int:
    """The id that the worker gives to the first activity of a program."""
    return (await Instance(s, code).turn(step=step)).task


async def contradicted(s: WorkerScene, record: EventBody, resolution: EventBody, *, at: int) -> None:
    """A workflow of one activity replays a history that holds another operation under that activity's id."""
    wf = Instance(s, ONE_CALL)
    wf.recorded(wf.event(record, at))
    await wf.turn(resolution, step="answered")


@case(depth=Depth.FULL)
async def another_kind(s: WorkerScene) -> None:
    """History holds a timer where the code calls an activity."""
    task = await first_task(s, ONE_CALL, step="learned")
    fire_at = Instance(s).clock + SECOND
    await contradicted(s, TimerCreated(fire_at=fire_at), TimerFired(timer_id=task, fire_at=fire_at), at=task)


@case(depth=Depth.FULL)
async def a_child_for_an_activity(s: WorkerScene) -> None:
    """History holds a child where the code calls an activity."""
    task = await first_task(s, ONE_CALL, step="learned")
    created = ChildWorkflowInstanceCreated(instance_id=s.new_id("c"), name="interp_child")
    await contradicted(s, created, ChildWorkflowInstanceCompleted(task_scheduled_id=task, result="1"), at=task)


@case()
async def another_name(s: WorkerScene) -> None:
    """History holds an activity of another name than the code calls."""
    task = await first_task(s, ONE_CALL, step="learned")
    await contradicted(s, TaskScheduled(name="ctx"), TaskCompleted(task_scheduled_id=task, result="1"), at=task)


@case(depth=Depth.FULL, needs=("timer",))
async def an_activity_for_a_timer(s: WorkerScene) -> None:
    """History holds an activity where the code starts a timer."""
    code = program(timer(1_000), return_("done"))
    number, _ = (await Instance(s, code).turn(step="learned")).one(CreateTimer)
    wf = Instance(s, code)
    wf.recorded(wf.event(TaskScheduled(name="echo"), number))
    await wf.turn(TaskCompleted(task_scheduled_id=number, result="1"), step="answered")


@case(needs=("child",))
async def an_activity_for_a_child(s: WorkerScene) -> None:
    """History holds an activity where the code starts a child."""
    code = program(child("interp_child", {"steps": []}), return_("done"))
    number, _ = (await Instance(s, code).turn(step="learned")).one(CreateChildWorkflow)
    wf = Instance(s, code)
    wf.recorded(wf.event(TaskScheduled(name="interp_child"), number))
    await wf.turn(TaskCompleted(task_scheduled_id=number, result="1"), step="answered")


@case(depth=Depth.FULL, needs=("child",))
async def another_child_name(s: WorkerScene) -> None:
    """History holds a child of another name than the code starts."""
    code = program(start_child("interp_child", {"steps": []}, as_="c"), await_("c"), return_("code"))
    learned = Instance(s, code)
    child_id, made = (await learned.turn(step="learned")).one(CreateChildWorkflow)
    wf = Instance(s, code, instance_id=learned.id)
    other = ChildWorkflowInstanceCreated(instance_id=made.instance_id, name="another")
    wf.recorded(wf.event(other, child_id))
    await wf.turn(wf.child_completed(child_id), step="answered")


async def never_asked_for(s: WorkerScene, record: EventBody) -> None:
    """History holds one more operation, while the code waits for its only activity; then that operation ends."""
    task = await first_task(s, ONE_CALL, step="learned")
    wf = Instance(s, ONE_CALL)
    wf.recorded(wf.event(TaskScheduled(name="echo", input="1"), task), wf.event(record, task + 1))
    match record:
        case TimerCreated():
            ended: EventBody = wf.fired(task + 1)
        case ChildWorkflowInstanceCreated():
            ended = wf.child_completed(task + 1)
        case _:
            ended = wf.completed(task + 1)
    await wf.turn(ended, step="answered")


@case()
async def missing_action(s: WorkerScene) -> None:
    """History holds a second activity, while the code waits for its only one."""
    await never_asked_for(s, TaskScheduled(name="echo", input="2"))


@case(depth=Depth.FULL)
async def missing_timer(s: WorkerScene) -> None:
    """History holds a timer, while the code waits for its only activity."""
    origin = TimerOriginCreateTimer()
    await never_asked_for(s, TimerCreated(fire_at=Instance(s).clock + SECOND, origin=origin))


@case(depth=Depth.FULL)
async def missing_child(s: WorkerScene) -> None:
    """History holds a child, while the code waits for its only activity."""
    await never_asked_for(s, ChildWorkflowInstanceCreated(instance_id=s.new_id("c"), name="interp_child"))


async def finished_early(s: WorkerScene, *, further: int) -> None:
    """The code of a workflow returns at once; history holds an activity, `further` ids after the first one."""
    task = await first_task(s, ONE_CALL, step="learned") + further
    wf = Instance(s, program(return_("early")))
    wf.recorded(wf.event(TaskScheduled(name="echo", input="1"), task))
    await wf.turn(wf.completed(task), step="answered")


@case(depth=Depth.FULL)
async def early_finish(s: WorkerScene) -> None:
    """The code returns at once, though history holds an activity under its first id."""
    await finished_early(s, further=0)


@case()
async def early_finish_beyond(s: WorkerScene) -> None:
    """The code returns at once, though history holds an activity under an id that the code never gets to."""
    await finished_early(s, further=1)
