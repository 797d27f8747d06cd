"""Activities: what a worker is asked for, and what its answers become (chapter D)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Item
from dwconf.suite.evidence.events import raises, settles
from dwconf.suite.scene.actions import complete, continue_as_new, schedule
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.payloads import AWKWARD, FAILURE, LONG, NAME
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.wire.values import (
    ActivityResponse,
    OrchestrationStatus,
    TraceContext,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"


async def scheduled(s: SidecarScene, *tasks: int) -> str:
    """Start an instance and schedule activities in its first turn; its id. The step is `first`."""
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), *(schedule(task, f"act-{task}") for task in tasks), step="answered")
    await s.settle(started)
    return wf


async def close(s: SidecarScene, wf: str, last: Item, *, action_id: int = 90) -> None:
    """Complete an instance in a turn, and read its history."""
    await s.answer(last, complete(action_id))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def roundtrip(s: SidecarScene) -> None:
    """Five activities, completed out of order: with results, without one, with an empty one, and with a failure."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    await s.answer(
        first,
        schedule(0, NAME, input=AWKWARD, version="1.0", execution="exec-0"),
        schedule(1, "act-b", input=None, execution="exec-1"),
        schedule(2, "act-c", input=""),
        schedule(3, "act-d", input='"d"', version="", execution="exec-3"),
        schedule(4, "act-e", input=LONG, execution="exec-4"),
        step="answered",
    )
    await s.settle(started)
    items = {task: await s.activity(wf, task_id=task, step=f"activity-{task}") for task in range(5)}
    await s.finish(items[2], AWKWARD, step="finished-2")
    turn = await gather(s, wf, settles(("task", 2)), step="out-of-order", expects="a turn with the result of task 2")
    await s.answer(turn)
    await s.finish(items[0], None, step="finished-0")
    await s.finish(items[1], '"ignored"', failure=FAILURE, step="finished-1")
    await s.finish(items[3], "", step="finished-3")
    await s.finish(items[4], LONG, step="finished-4")
    rest = settles(*(("task", task) for task in (0, 1, 3, 4)))
    last = await gather(s, wf, rest, step="last", expects="turns with the results of tasks 0, 1, 3 and 4")
    await close(s, wf, last)


@case(depth=Depth.FULL)
async def traced(s: SidecarScene) -> None:
    """An activity of a workflow that is traced."""
    s.connect()
    context = TraceContext(trace_parent=f"00-{TRACE}-b7ad6b7169203331-01", span_id="b7ad6b7169203331")
    wf, started = s.start(parent_trace_context=context)
    first = await s.turn(wf, step="first")
    await s.answer(first, schedule(0, "act"))
    await s.settle(started)
    await s.finish(await s.activity(wf, step="activity"))
    last = await gather(s, wf, settles(("task", 0)), step="last", expects="a turn with the result")
    await close(s, wf, last)


@case(alone=True)
async def lost(s: SidecarScene) -> None:
    """A worker disappears with an activity, and its answer comes after the one of the worker that got it next."""
    stream = s.connect()
    wf = await scheduled(s, 0)
    old = await s.activity(wf, step="activity")
    await stream.drop()
    s.reached("dropped")
    s.connect()
    new = await s.activity(wf, step="again")
    await s.finish(new, '"new"', step="finished")
    last = await gather(s, wf, settles(("task", 0)), step="settled", expects="a turn with the result")
    await s.finish(old, '"old"', step="finished-late")
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event", first=last)
    await close(s, wf, last)


@case(depth=Depth.FULL)
async def twice(s: SidecarScene) -> None:
    """An activity is completed twice, and then failed."""
    s.connect()
    wf = await scheduled(s, 0, 1)
    item, other = await s.activity(wf, task_id=0), await s.activity(wf, task_id=1)
    await s.finish(item, '"one"', step="finished")
    await s.finish(item, '"two"', step="finished-again")
    await s.finish(item, failure=FAILURE, step="failed-after")
    await s.finish(item, '"three"', token="", step="finished-without-token")
    await s.settle(s.raise_event(wf, "fence"))
    await s.finish(other)
    wanted = settles(("task", 0), ("task", 1))
    last = await gather(
        s, wf, lambda seen: wanted(seen) and raises("fence")(seen), step="last", expects="turns with both results"
    )
    await close(s, wf, last)


@case(depth=Depth.FULL)
async def failing(s: SidecarScene) -> None:
    """An activity fails."""
    s.connect()
    wf = await scheduled(s, 0)
    await s.finish(await s.activity(wf, step="activity"), None, failure=FAILURE, step="failed")
    settled = await gather(s, wf, settles(("task", 0)), step="settled", expects="a turn with the failure")
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event", first=settled)
    await s.quiet(opens="after-the-failure", closes="not-retried")
    await close(s, wf, last)


@case(depth=Depth.FULL, slow=True)
async def failing_patiently(s: SidecarScene) -> None:
    """An activity fails, and its instance is watched for some seconds."""
    s.connect()
    wf = await scheduled(s, 0)
    await s.finish(await s.activity(wf, step="activity"), None, failure=FAILURE, step="failed")
    settled = await gather(s, wf, settles(("task", 0)), step="settled", expects="a turn with the failure")
    await s.answer(settled)
    await s.pass_time(3)
    await s.quiet(opens="after-the-failure", closes="not-retried")
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event")
    await close(s, wf, last)


@case()
async def mistaken(s: SidecarScene) -> None:
    """A completion with the token of one activity and the id of another."""
    s.connect()
    wf = await scheduled(s, 0, 1)
    items = {task: await s.activity(wf, task_id=task) for task in (0, 1)}
    await s.finish(items[0], '"mistaken"', task_id=1, step="mistaken")
    await s.settle(s.raise_event(wf, "fence"))
    fence = await gather(s, wf, raises("fence"), step="fence", expects="a turn with the raised event")
    await s.finish(items[0], '"zero"')
    await s.finish(items[1], '"one"')
    wanted = settles(("task", 0), ("task", 1))
    await s.answer(fence)
    last = await gather(s, wf, wanted, step="last", expects="turns with both results")
    await close(s, wf, last)


@case(alone=True)
async def ordered(s: SidecarScene) -> None:
    """A result, a turn that is lost, and another result: whatever comes next has them in that order."""
    stream = s.connect()
    wf = await scheduled(s, 0, 1)
    items = {task: await s.activity(wf, task_id=task) for task in (0, 1)}
    await s.finish(items[1], '"first"', step="finished-first")
    await gather(s, wf, settles(("task", 1)), step="lost", expects="a turn with the first result")
    await s.finish(items[0], '"second"', step="finished-second")
    await stream.drop()
    s.connect()
    again = await s.turn(wf, step="again")
    both = settles(("task", 0), ("task", 1))
    last = await gather(s, wf, both, step="last", expects="turns with both results", first=again)
    await close(s, wf, last)


@case(alone=True)
async def purged(s: SidecarScene) -> None:
    """An instance is purged while its activity is in flight, and its id is used again."""
    stream = s.connect()
    wf = await scheduled(s, 0)
    old = await s.activity(wf, step="activity")
    await s.settle(s.raise_event(wf, "go"))
    turn = await gather(s, wf, raises("go"), step="go", expects="a turn with the raised event")
    await s.answer(turn, complete(1))
    await s.completed(wf)
    await s.purge(wf, step="purged")
    await stream.drop()
    s.connect()
    _, started = s.start(wf)
    await s.finish(old, '"old"', step="finished-old")
    again = await s.turn(wf, step="again")
    await s.answer(again, schedule(0, "act-new"))
    await s.settle(started)
    new = await s.activity(wf, step="activity-new")
    await s.settle(s.raise_event(wf, "fence"))
    fence = await gather(s, wf, raises("fence"), step="fence", expects="a turn with the raised event")
    await s.finish(new, '"new"')
    last = await gather(s, wf, settles(("task", 0)), step="last", expects="a turn with the result", first=fence)
    await close(s, wf, last)


@case()
async def suspended(s: SidecarScene) -> None:
    """Activities that are scheduled before and during a suspension."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    suspending = s.suspend(wf)
    await s.answer(first, schedule(0, "act-before"), step="answered")
    await s.settle(started)
    turn = await s.turn(wf, step="suspending")
    await s.answer(turn, schedule(1, "act-during"), step="answered-suspended")
    await s.settle(suspending)
    await s.in_status(wf, OrchestrationStatus.SUSPENDED, step="suspended")
    for task, name in ((0, "before"), (1, "during")):
        await s.finish(await s.activity(wf, task_id=task, step=f"activity-{name}"))
    s.resume(wf)
    both = settles(("task", 0), ("task", 1))
    last = await gather(s, wf, both, step="last", expects="turns with both results")
    await close(s, wf, last)


@case()
async def generations(s: SidecarScene) -> None:
    """Activities of one generation are completed in the next, which has tasks with the same ids.

    One comes before the new task is scheduled, the other when the new one is out already.
    """
    s.connect()
    wf = await scheduled(s, 0, 1)
    old = {task: await s.activity(wf, task_id=task, step=f"activity-old-{task}") for task in (0, 1)}
    await s.settle(s.raise_event(wf, "go"))
    turn = await gather(s, wf, raises("go"), step="go", expects="a turn with the raised event")
    await s.answer(turn, continue_as_new(2, '"second"'))
    renewed = await s.turn(wf, step="renewed")
    await s.finish(old[0], '"old"', step="finished-old")
    await s.answer(renewed, schedule(0, "act-new-0"), schedule(1, "act-new-1"), step="answered-renewed")
    new = {task: await s.activity(wf, task_id=task, step=f"activity-new-{task}") for task in (0, 1)}
    await s.finish(old[1], '"old"', step="finished-stale")
    await s.settle(s.raise_event(wf, "fence"))
    fence = await gather(s, wf, raises("fence"), step="fence", expects="a turn with the raised event")
    for task, item in new.items():
        await s.finish(item, '"new"', step=f"finished-new-{task}")
    both = settles(("task", 0), ("task", 1))
    last = await gather(s, wf, both, step="last", expects="turns with both results", first=fence)
    await close(s, wf, last)


@case(depth=Depth.FULL)
async def oversize_result(s: SidecarScene) -> None:
    """A result of five megabytes, and then a small one."""
    s.connect()
    wf = await scheduled(s, 0)
    item = await s.activity(wf, step="activity")
    response = ActivityResponse(
        instance_id=wf, task_id=0, result='"' + "x" * (5 * 2**20) + '"', completion_token=item.token
    )
    await s.call("CompleteActivityTask", response, step="finished-oversize")
    await s.finish(item, '"small"', step="finished")
    last = await gather(s, wf, settles(("task", 0)), step="last", expects="a turn with the result")
    await close(s, wf, last)
