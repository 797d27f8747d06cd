"""Suspend, resume, terminate (chapter I)."""

from __future__ import annotations

from collections.abc import Callable

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import Step, call, can, child, program, return_, timer, try_, var, wait
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CreateTimer, EventBody, ExecutionResumed, ExecutionSuspended, ExecutionTerminated

TWO_CALLS = program(call("echo", 1, as_="x"), call("echo", 2, as_="y"), return_([var("x"), var("y")]))
ONE_CALL = program(call("echo", 1, as_="x"), return_(var("x")))
NOTHING = {"program": 1, "steps": []}
BYE = ExecutionTerminated(input='{"bye": true}')
PATIENCE = 3.0
"""Seconds for a worker that may be in an endless loop, which grows."""


@case(depth=Depth.FULL)
async def suspended(s: WorkerScene) -> None:
    """A suspend and a completion in one turn, then a resume."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    await wf.turn(ExecutionSuspended(), wf.completed(first.task, '"A"'), step="suspended")
    resumed = await wf.turn(ExecutionResumed(), step="resumed")
    await wf.turn(wf.completed(resumed.task, '"B"'), step="last")


@case()
async def suspended_for_long(s: WorkerScene) -> None:
    """Suspend, two completions of one activity, and resume come in turns of their own."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    await wf.turn(ExecutionSuspended(), step="suspended")
    await wf.turn(wf.completed(first.task, '"first"'), step="kept-1")
    await wf.turn(wf.completed(first.task, '"second"'), step="kept-2")
    resumed = await wf.turn(ExecutionResumed(), step="resumed")
    await wf.turn(wf.completed(resumed.task, '"B"'), step="last")


@case(depth=Depth.FULL, needs=("wait",))
async def events_while_suspended(s: WorkerScene) -> None:
    """Two events come while a workflow is suspended that waits for both, one after the other."""
    wf = Instance(s, program(wait("E", as_="x"), wait("E", as_="y"), return_([var("x"), var("y")])))
    await wf.turn(step="first")
    await wf.turn(ExecutionSuspended(), wf.raised("E", '"one"'), step="suspended")
    await wf.turn(wf.raised("E", '"two"'), step="kept-1")
    await wf.turn(ExecutionResumed(), step="last")


@case(depth=Depth.FULL, needs=("timer",))
async def timer_while_suspended(s: WorkerScene) -> None:
    """A timer fires while its workflow is suspended."""
    wf = Instance(s, program(timer(1_000), return_("done")))
    number, _ = (await wf.turn(step="first")).one(CreateTimer)
    await wf.turn(ExecutionSuspended(), step="suspended")
    await wf.turn(wf.fired(number), step="kept-1")
    await wf.turn(ExecutionResumed(), step="last")


async def kept(s: WorkerScene, awaited: Step, resolve: Callable[[Instance, int], EventBody]) -> None:
    """What a workflow awaits ends while it is suspended; whatever comes of that, an activity is next."""
    going_on = call("echo", "on")
    wf = Instance(s, program(try_(awaited, catch=()), going_on, return_("done")))
    first = await wf.turn(step="first")
    await wf.turn(ExecutionSuspended(), step="suspended")
    await wf.turn(resolve(wf, first.actions[0].id if first.actions else 0), step="kept-1")
    await wf.turn(ExecutionResumed(), step="resumed")


@case(depth=Depth.FULL, needs=("try",))
async def failure_while_suspended(s: WorkerScene) -> None:
    """An activity fails while its workflow is suspended."""
    await kept(s, call("fail", {}), lambda wf, number: wf.failed(number))


@case(depth=Depth.FULL, needs=("child", "try"))
async def child_while_suspended(s: WorkerScene) -> None:
    """A child completes while its parent is suspended."""
    await kept(s, child("interp_child", NOTHING), lambda wf, number: wf.child_completed(number))


@case(depth=Depth.FULL, needs=("child", "try"))
async def child_failure_while_suspended(s: WorkerScene) -> None:
    """A child fails while its parent is suspended."""
    await kept(s, child("interp_child", NOTHING), lambda wf, number: wf.child_failed(number))


@case(depth=Depth.FULL)
async def suspended_at_start(s: WorkerScene) -> None:
    """A suspend comes in the first turn, after the start."""
    wf = Instance(s, ONE_CALL)
    await wf.turn(ExecutionSuspended(), step="first")
    await wf.turn(ExecutionResumed(), step="resumed")


@case(depth=Depth.FULL, alone=True, unsafe=True, launches=True)
async def suspended_twice(s: WorkerScene) -> None:
    """A workflow is suspended in two turns, and resumed in one, and in one more if it stays suspended.

    In some SDKs that is an endless loop, so the app is one that the case starts and ends.
    """
    s.double = await s.own_double()
    await s.own_app(s.double.port)
    wf = Instance(s, ONE_CALL)
    first = await wf.turn(step="first")
    await wf.turn(ExecutionSuspended(), step="suspended")
    await wf.turn(ExecutionSuspended(), step="suspended-again")
    await wf.turn(wf.completed(first.task, '"A"'), step="kept-1")
    resumed = await wf.turn(ExecutionResumed(), step="resumed", within=PATIENCE)
    if not resumed.actions:
        await wf.turn(ExecutionResumed(), step="resumed-again", within=PATIENCE)


@case(depth=Depth.FULL)
async def terminated(s: WorkerScene) -> None:
    """A workflow is terminated while it waits."""
    wf = Instance(s, TWO_CALLS)
    await wf.turn(step="first")
    await wf.turn(BYE, step="terminated")


@case()
async def terminated_without_output(s: WorkerScene) -> None:
    """A workflow is terminated by an event without input."""
    wf = Instance(s, TWO_CALLS)
    await wf.turn(step="first")
    await wf.turn(ExecutionTerminated(), step="terminated")


@case()
async def terminated_first(s: WorkerScene) -> None:
    """A terminate, and behind it in the same turn the completion that the code awaits."""
    wf = Instance(s, TWO_CALLS)
    first = await wf.turn(step="first")
    await wf.turn(BYE, wf.completed(first.task, '"A"'), step="terminated")


@case(depth=Depth.FULL)
async def terminated_before_the_end(s: WorkerScene) -> None:
    """A terminate, and behind it in the same turn the completion that would end the code."""
    wf = Instance(s, ONE_CALL)
    first = await wf.turn(step="first")
    await wf.turn(BYE, wf.completed(first.task, '"A"'), step="terminated")


@case()
async def completed_first(s: WorkerScene) -> None:
    """The completion that ends the code, and behind it in the same turn a terminate."""
    wf = Instance(s, ONE_CALL)
    first = await wf.turn(step="first")
    await wf.turn(wf.completed(first.task, '"A"'), BYE, step="last")


@case(needs=("continue-as-new",))
async def continued_first(s: WorkerScene) -> None:
    """The completion on which the code continues as new, and behind it in the same turn a terminate."""
    wf = Instance(s, program(call("echo", 1), can({"program": 1, "steps": []})))
    first = await wf.turn(step="first")
    await wf.turn(wf.completed(first.task, '"A"'), BYE, step="last")


@case()
async def terminated_while_suspended(s: WorkerScene) -> None:
    """A suspended workflow is terminated."""
    wf = Instance(s, TWO_CALLS)
    await wf.turn(step="first")
    await wf.turn(ExecutionSuspended(), step="suspended")
    await wf.turn(BYE, step="terminated")
