"""All and any (chapter J)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import (
    Program,
    all_,
    any_,
    await_,
    call,
    program,
    return_,
    start,
    start_all,
    try_,
    var,
)
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CompleteWorkflow, ScheduleTask

A_AND_B = (start("echo", "a", as_="a"), start("echo", "b", as_="b"))


async def two_started(s: WorkerScene, code: Program) -> tuple[Instance, int, int]:
    """An instance whose first turn (step `first`) started two activities, and their ids."""
    wf = Instance(s, code)
    (a, _), (b, _) = (await wf.turn(step="first")).several(ScheduleTask, 2)
    return wf, a, b


@case(needs=("all",))
async def all_in_order(s: WorkerScene) -> None:
    """All of two activities, of which the second completes first."""
    wf, a, b = await two_started(s, program(*A_AND_B, all_("a", "b", as_="both"), return_(var("both"))))
    await wf.turn(wf.completed(b, '"B"'), step="second")
    await wf.turn(wf.completed(a, '"A"'), step="last")


@case(depth=Depth.FULL, needs=("all",))
async def all_with_a_failure(s: WorkerScene) -> None:
    """The first of two activities fails while the other is pending, and then the other one completes."""
    wf, a, b = await two_started(s, program(*A_AND_B, all_("a", "b")))
    failed = await wf.turn(wf.failed(a, "first failure"), step="failed")
    if not failed.of(CompleteWorkflow):  # where all fails at once, the instance has ended
        await wf.turn(wf.completed(b), step="last")


@case(needs=("all", "try"))
async def after_a_caught_failure(s: WorkerScene) -> None:
    """A failed all is caught, its other activities complete, and the code goes on to its end."""
    started = (*A_AND_B, start("echo", "c", as_="c"))
    caught = try_(all_("a", "b", "c"), catch=(call("echo", "caught", as_="x"),))
    wf = Instance(s, program(*started, caught, return_(var("x"))))
    (a, _), (b, _), (c, _) = (await wf.turn(step="first")).several(ScheduleTask, 3)
    turns = [
        await wf.turn(wf.failed(a, "first failure"), step="failed"),
        await wf.turn(wf.completed(b), step="second"),
        await wf.turn(wf.completed(c), step="third"),
    ]
    caught_in = next((turn for turn in turns if turn.of(ScheduleTask)), turns[-1])
    await wf.turn(wf.completed(caught_in.task, '"end"'), step="last")


@case(needs=("all",))
async def all_of_none(s: WorkerScene) -> None:
    """All of no tasks."""
    await Instance(s, program(all_(as_="none"), return_(var("none")))).turn(step="first")


@case(depth=Depth.FULL, needs=("all",))
async def all_of_completed(s: WorkerScene) -> None:
    """All of two activities that completed while the code awaited a third."""
    code = program(*A_AND_B, call("echo", "c"), all_("a", "b", as_="both"), return_(var("both")))
    wf = Instance(s, code)
    (a, _), (b, _), (c, _) = (await wf.turn(step="first")).several(ScheduleTask, 3)
    await wf.turn(wf.completed(b, '"B"'), wf.completed(a, '"A"'), step="second")
    await wf.turn(wf.completed(c), step="last")


@case(depth=Depth.FULL, needs=("all",))
async def all_of_some_completed(s: WorkerScene) -> None:
    """All of two activities, of which one completed while the code awaited a third; the other one completes then."""
    code = program(*A_AND_B, call("echo", "c"), all_("a", "b", as_="both"), return_(var("both")))
    wf = Instance(s, code)
    (a, _), (b, _), (c, _) = (await wf.turn(step="first")).several(ScheduleTask, 3)
    await wf.turn(wf.completed(a, '"A"'), wf.completed(c), step="second")
    await wf.turn(wf.completed(b, '"B"'), step="last")


@case(needs=("any",))
async def first_of_two(s: WorkerScene) -> None:
    """Any of two activities, of which the second completes first."""
    wf, _, b = await two_started(s, program(*A_AND_B, any_("a", "b", as_="first"), return_(var("first"))))
    await wf.turn(wf.completed(b, '"B"'), step="last")


@case(needs=("any",))
async def loser_lives_on(s: WorkerScene) -> None:
    """The code awaits the loser of an any, which completes in a later turn."""
    code = program(*A_AND_B, any_("a", "b", as_="first"), await_("a", as_="x"), return_([var("first"), var("x")]))
    wf, a, b = await two_started(s, code)
    await wf.turn(wf.completed(b, '"B"'), step="second")
    await wf.turn(wf.completed(a, '"A"'), step="last")


@case(depth=Depth.FULL, needs=("any",))
async def any_of_completed(s: WorkerScene) -> None:
    """Any of two activities, of which the second completed while the code awaited a third."""
    code = program(*A_AND_B, call("echo", "c"), any_("a", "b", as_="first"), return_(var("first")))
    wf = Instance(s, code)
    _, (b, _), (c, _) = (await wf.turn(step="first")).several(ScheduleTask, 3)
    await wf.turn(wf.completed(b, '"B"'), step="second")
    await wf.turn(wf.completed(c), step="last")


@case(depth=Depth.FULL, needs=("any", "try"))
async def first_fails(s: WorkerScene) -> None:
    """Any of two activities, of which the second fails before the other one ends; the code catches that."""
    caught = try_(any_("a", "b"), catch=(return_("caught"),))
    wf, _, b = await two_started(s, program(*A_AND_B, caught, return_("no failure")))
    await wf.turn(wf.failed(b), step="last")


@case(depth=Depth.FULL, needs=("any",))
async def loser_unawaited(s: WorkerScene) -> None:
    """The loser of an any completes while the code awaits something else."""
    wf, a, b = await two_started(s, program(*A_AND_B, any_("a", "b"), call("echo", "c", as_="x"), return_(var("x"))))
    second = await wf.turn(wf.completed(b, '"B"'), step="second")
    third = second.task
    await wf.turn(wf.completed(a, '"A"'), step="third")
    await wf.turn(wf.completed(third, '"C"'), step="last")


@case(depth=Depth.FULL, needs=("all", "any", "nested-combinators"))
async def nested(s: WorkerScene) -> None:
    """Any of two, of which one is all of two activities."""
    started = (*A_AND_B, start("echo", "c", as_="c"), start_all("a", "b", as_="both"))
    wf = Instance(s, program(*started, any_("both", "c", as_="first"), return_(var("first"))))
    (a, _), (b, _), _ = (await wf.turn(step="first")).several(ScheduleTask, 3)
    await wf.turn(wf.completed(a, '"A"'), step="second")
    await wf.turn(wf.completed(b, '"B"'), step="last")
