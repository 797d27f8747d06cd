"""Replay (chapter B): what a worker makes of histories, also of ones that no correct run would produce.

Where a history is made up, the ids in it are learned first, from what the worker asks for in a real first turn.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import (
    await_,
    call,
    probe,
    program,
    return_,
    start,
    start_child,
    start_timer,
    start_wait,
    status,
    throw,
    var,
)
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ContinueAsNew,
    DetachedWorkflowInstanceCreated,
    EventBody,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStalled,
    ExecutionStarted,
    OrchestrationStatus,
    ScheduleTask,
    StalledReason,
    TaskCompleted,
    TimerFired,
    WorkflowCompleted,
    WorkflowInstance,
)

ONE_CALL = program(call("echo", 1, as_="x"), return_(var("x")))
TWO_CALLS = program(call("echo", 1, as_="x"), call("echo", 2, as_="y"), return_([var("x"), var("y")]))
CROWD = 30
STATUS = "of one instance only"
FOREIGN_ID = 77
"""An id that no program here gets to."""


@case()
async def sequence(s: WorkerScene) -> None:
    """Two activities at once and one after them, resolved in another order, to the end."""
    code = program(
        start("echo", "a", as_="a"),
        start("echo", "b", as_="b"),
        await_("a", as_="x"),
        await_("b", as_="y"),
        call("echo", "c", as_="z"),
        return_([var("x"), var("y"), var("z")]),
    )
    wf = Instance(s, code)
    first = await wf.turn(step="first")
    (a, _), (b, _) = first.several(ScheduleTask, 2)
    await wf.turn(wf.completed(b, '"B"'), step="second")
    third = await wf.turn(wf.completed(a, '"A"'), step="third")
    await wf.turn(wf.completed(third.task, '"C"'), step="last")
    await s.fence(step="fence")


@case(depth=Depth.FULL)
async def failed_turn(s: WorkerScene) -> None:
    """A workflow throws in its first turn."""
    await Instance(s, program(throw("on purpose"))).turn(step="failed")
    await s.fence(step="fence")


@case(depth=Depth.FULL)
async def repeated_turns(s: WorkerScene) -> None:
    """Every turn of a finished workflow is sent once more, the last one first."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    second = await wf.turn(wf.completed(first.task, '"A"'), step="second")
    third = await wf.turn(wf.completed(second.task, '"B"'), step="third")
    await wf.again(third, step="third-again")
    await wf.again(second, step="second-again")
    await wf.again(first, step="first-again")


@case(alone=True, launches=True)
async def another_process(s: WorkerScene) -> None:
    """The turns of a workflow are sent to a second process of the app as well."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    second = await wf.turn(wf.completed(first.task, '"A"'), step="second")
    s.double = await s.own_double()
    await s.own_app(s.double.port)
    await wf.again(second, step="second-elsewhere")
    await wf.again(first, step="first-elsewhere")


@case(depth=Depth.FULL)
async def batches(s: WorkerScene) -> None:
    """Three activities complete in one turn, in three turns, and in two; a fourth call follows."""
    starts = (start("echo", name, as_=name) for name in "abc")
    awaits = (await_(name, as_=f"{name}-result") for name in "abc")
    results = [var(f"{name}-result") for name in "abc"]
    code = program(*starts, *awaits, call("echo", results, as_="x"), return_(var("x")))
    for name, sizes in (("one", (3,)), ("three", (1, 1, 1)), ("two", (2, 1))):
        wf = Instance(s, code)
        first = await wf.turn(step=f"{name}/first")
        tasks = [task for task, _ in first.several(ScheduleTask, 3)]
        done = [wf.completed(task, f'"{result}"') for task, result in zip(tasks, "ABC", strict=True)]
        while len(done) > sizes[-1]:
            await wf.turn(*done[: sizes[0]])
            done = done[sizes[0] :]
        fourth = await wf.turn(*done, step=f"{name}/fourth")
        await wf.turn(wf.completed(fourth.task, '"end"'), step=f"{name}/last")


@case(needs=("clock",))
async def clock(s: WorkerScene) -> None:
    """A workflow reads its clock in each of three turns."""
    code = program(
        probe(as_="one"),
        call("echo", 1),
        probe(as_="two"),
        call("echo", 2),
        probe(as_="three"),
        return_([var("one"), var("two"), var("three")]),
    )
    wf = Instance(s, code)
    first = await wf.turn(step="first")
    second = await wf.turn(wf.completed(first.task), after=3600.0, step="second")
    await wf.turn(wf.completed(second.task), after=7.0, step="last")


@case(needs=("replay-flag",))
async def replaying(s: WorkerScene) -> None:
    """A workflow reads the replay flag in its first turn, and one does after each of two activities."""
    await Instance(s, program(probe(as_="p"), return_(var("p")))).turn(step="at-once")
    code = program(
        call("echo", 1), probe(as_="one"), call("echo", 2), probe(as_="two"), return_([var("one"), var("two")])
    )
    wf = Instance(s, code)
    first = await wf.turn(step="first")
    second = await wf.turn(wf.completed(first.task), step="second")
    await wf.turn(wf.completed(second.task), step="last")


@case(depth=Depth.FULL, needs=("clock",))
async def instance_id(s: WorkerScene) -> None:
    """The request and `executionStarted` name different instances, and the workflow returns the id that it sees."""
    wf = Instance(s, program(probe(as_="p"), return_(var("p"))))
    started, begun = wf.started(), wf.opening()
    other = WorkflowInstance(instance_id=f"{wf.id}-started", execution_id=wf.execution_id)
    if isinstance(started.body, ExecutionStarted):
        started = replace(started, body=replace(started.body, workflow_instance=other))
    await wf.send((begun[0], started), step="answered")


@case()
async def unknown_resolutions(s: WorkerScene) -> None:
    """Completions of an activity, a timer and a child that the workflow never asked for."""
    wf = Instance(s, ONE_CALL)
    first = await wf.turn(step="first")
    foreign: tuple[EventBody, ...] = (
        TaskCompleted(task_scheduled_id=FOREIGN_ID, result='"x"'),
        TimerFired(timer_id=FOREIGN_ID + 1, fire_at=wf.clock),
        ChildWorkflowInstanceCompleted(task_scheduled_id=FOREIGN_ID + 2, result='"x"'),
    )
    await wf.turn(*foreign, step="unknown")
    await wf.turn(wf.completed(first.task, '"A"'), step="last")


@case()
async def duplicate_resolutions(s: WorkerScene) -> None:
    """An activity completes twice in one turn, and once more in the next."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    task = first.task
    second = await wf.turn(wf.completed(task, '"first"'), wf.completed(task, '"second"'), step="twice")
    await wf.turn(wf.completed(task, '"third"'), wf.completed(second.task, '"B"'), step="last")


@case(depth=Depth.FULL)
async def duplicates_before_await(s: WorkerScene) -> None:
    """An activity completes twice before the code awaits it, and once more as it does."""
    code = program(
        start("echo", 1, as_="a"), call("echo", 2, as_="y"), await_("a", as_="x"), return_([var("x"), var("y")])
    )
    wf = Instance(s, code)
    (a, _), (b, _) = (await wf.turn(step="first")).several(ScheduleTask, 2)
    await wf.turn(wf.completed(a, '"first"'), wf.completed(a, '"second"'), step="twice")
    await wf.turn(wf.completed(a, '"third"'), wf.completed(b, '"B"'), step="last")


@case()
async def early_resolution(s: WorkerScene) -> None:
    """The second activity's completion comes before the first one's, so before the code has asked for it."""
    learned = Instance(s, TWO_CALLS)
    first = (await learned.turn(step="learned-first")).task
    second = (await learned.turn(learned.completed(first), step="learned-second")).task
    wf = Instance(s, TWO_CALLS)
    await wf.turn(step="first")
    await wf.turn(wf.completed(second, '"B"'), wf.completed(first, '"A"'), step="answered")


async def with_an_extra_event(s: WorkerScene, extra: EventBody, *, event_id: int = -1) -> None:
    """A workflow of two activities, whose history has one more event after its first turn."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    wf.past += (wf.event(extra, event_id),)
    second = await wf.turn(wf.completed(first.task, '"A"'), step="after")
    await wf.turn(wf.completed(second.task, '"B"'), step="last")


@case()
async def stalled(s: WorkerScene) -> None:
    """A workflow was stalled between two turns."""
    reason = ExecutionStalled(reason=StalledReason.PATCH_MISMATCH, description="stalled by the suite")
    await with_an_extra_event(s, reason)


@case()
async def workflow_completed_event(s: WorkerScene) -> None:
    """History holds the note that ends a turn."""
    await with_an_extra_event(s, WorkflowCompleted())


@case(depth=Depth.FULL)
async def event_sent_event(s: WorkerScene) -> None:
    """History holds a sent event that the code did not send."""
    await with_an_extra_event(s, EventSent(instance_id=s.new_id("e"), name="E"), event_id=FOREIGN_ID)


@case(depth=Depth.FULL)
async def execution_completed_event(s: WorkerScene) -> None:
    """History holds a completion, and goes on."""
    done = ExecutionCompleted(workflow_status=OrchestrationStatus.COMPLETED, result="1")
    await with_an_extra_event(s, done, event_id=FOREIGN_ID)


@case(depth=Depth.FULL)
async def continue_as_new_event(s: WorkerScene) -> None:
    """History holds the note that the workflow continued as new."""
    await with_an_extra_event(s, ContinueAsNew(input="1"))


@case(depth=Depth.FULL)
async def detached_created_event(s: WorkerScene) -> None:
    """History holds a detached workflow that the code did not start."""
    await with_an_extra_event(s, DetachedWorkflowInstanceCreated(instance_id=s.new_id("d")), event_id=FOREIGN_ID)


@case()
async def lone_resume(s: WorkerScene) -> None:
    """A resume comes for a workflow that is not suspended."""
    wf = Instance(s, ONE_CALL)
    first = await wf.turn(step="first")
    await wf.turn(ExecutionResumed(), step="resumed")
    await wf.turn(wf.completed(first.task, '"A"'), step="last")


@case()
async def empty_turn(s: WorkerScene) -> None:
    """A turn has no new events."""
    wf = Instance(s, ONE_CALL)
    first = await wf.turn(step="first")
    await wf.send((), step="empty")
    await wf.turn(wf.completed(first.task, '"A"'), step="last")


@case()
async def interleaved(s: WorkerScene) -> None:
    """The turns of two instances alternate, and an old turn comes once more in between."""
    one, two = (
        Instance(s, program(call("echo", name, as_="x"), call("echo", [name], as_="y"), return_([name, var("y")])))
        for name in ("one", "two")
    )
    one_first = await one.turn(step="one/first")
    two_first = await two.turn(step="two/first")
    one_second = await one.turn(one.completed(one_first.task, '"1"'), step="one/second")
    two_second = await two.turn(two.completed(two_first.task, '"2"'), step="two/second")
    await one.turn(one.completed(one_second.task, '"11"'), step="one/last")
    await one.again(one_first, step="one/first-again")
    await two.turn(two.completed(two_second.task, '"22"'), step="two/last")


@case(needs=("custom-status",))
async def status_of_another(s: WorkerScene) -> None:
    """One instance sets a custom status, and then another one, which sets none, takes a turn."""
    await Instance(s, program(status(STATUS), call("echo", 1))).turn(step="with-status")
    await Instance(s, ONE_CALL).turn(step="without")


@case(depth=Depth.FULL)
async def crowd(s: WorkerScene) -> None:
    """The turns of many instances are sent at once, to the end of each."""

    async def run(place: int) -> None:
        calls = (call("echo", place, as_="x"), call("echo", [place], as_="y"))
        wf = Instance(s, program(*calls, return_([place, var("y")])))
        first = await wf.turn(step=f"{place}/first")
        second = await wf.turn(wf.completed(first.task, str(place)), step=f"{place}/second")
        await wf.turn(wf.completed(second.task, str(place * 100)), step=f"{place}/last")

    await asyncio.gather(*(run(place) for place in range(1, CROWD + 1)))


@case(depth=Depth.FULL, needs=("timer", "child", "wait"))
async def all_kinds(s: WorkerScene) -> None:
    """A workflow starts an activity, a timer, a child and a wait, with an activity after each."""
    code = program(
        start("echo", 0, as_="a"),
        start_timer(60_000, as_="t"),
        start("echo", 1, as_="b"),
        start_child("interp_child", {"steps": []}, as_="c"),
        start("echo", 2, as_="d"),
        start_wait("E", as_="w"),
        start("echo", 3, as_="e"),
        await_("a"),
        return_("done"),
    )
    wf = Instance(s, code)
    first = await wf.turn(step="first")
    await wf.again(first, step="first-again")
    await wf.turn(wf.completed(first.task), step="last")
