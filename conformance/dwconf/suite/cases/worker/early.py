"""Resolutions that come before the code has asked for what they resolve (WRK-B-19), of every kind.

An engine may get the completion of something that a lost turn has scheduled. The ids are learned from an instance that
goes the ordinary way.
"""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import Step, call, child, program, return_, timer, try_
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CreateChildWorkflow, CreateTimer, EventBody, ScheduleTask, Value

FIRST = call("echo", 1)


@case(depth=Depth.FULL, needs=("try",))
async def failure(s: WorkerScene) -> None:
    """The second activity's failure comes before the first one's completion, and the code catches it."""
    wf, number = await learned(s, try_(call("echo", 2)), ScheduleTask)
    await early(wf, wf.failed(number))


@case(depth=Depth.FULL, needs=("timer",))
async def fired(s: WorkerScene) -> None:
    """A timer fires in the turn whose activity it is started after."""
    wf, number = await learned(s, timer(0), CreateTimer)
    await early(wf, wf.fired(number))


@case(depth=Depth.FULL, needs=("child",))
async def child_completed(s: WorkerScene) -> None:
    """A child completes in the turn whose activity it is started after."""
    wf, number = await learned(s, child("interp_child", program()), CreateChildWorkflow)
    await early(wf, wf.child_completed(number))


async def learned(s: WorkerScene, second: Step, kind: type[Value]) -> tuple[Instance, int]:
    """An instance of an activity and a second operation, that has not begun, and the id that the latter will have."""
    code = program(FIRST, second, return_("done"))
    ordinary = Instance(s, code)
    task = (await ordinary.turn(step="learned-first")).task
    number, _ = (await ordinary.turn(ordinary.completed(task), step="learned-second")).one(kind)
    return Instance(s, code), number


async def early(wf: Instance, resolution: EventBody) -> None:
    """The first activity is scheduled; then the second operation's resolution comes, and that of the activity."""
    first = await wf.turn(step="first")
    await wf.turn(resolution, wf.completed(first.task), step="answered")
