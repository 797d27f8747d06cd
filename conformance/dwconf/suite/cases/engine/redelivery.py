"""Streams that end with work on them, and answers whose token is another one (chapter A).

What is dispatched again is held until the suite has told what it is about: old tokens are sent only once the new
dispatch has come (ENG-A-12).
"""

from __future__ import annotations

import asyncio
import contextlib

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Item
from dwconf.suite.scene.actions import complete, schedule
from dwconf.suite.scene.sidecar import OLDER_COMPLETION, SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.streams import WorkStream
from dwconf.suite.scene.turns import either_activity, event, raised, turn_with
from dwconf.wire.values import ActivityResponse, TaskCompleted, WorkerCapability, WorkflowResponse

EVENTS = ("one", "two", "three")
CROWD = 30
INSISTENT = 4
ROUNDS = 8
NEVER_GIVEN = "00000000-0000-4000-8000-000000000000"


@case(alone=True)
async def lost(s: SidecarScene) -> None:
    """A stream ends with a turn and an activity on it; both come again, and are answered with either token."""
    stream = s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf, step="first"), schedule(0, input='"in"'))
    await s.settle(starting)
    task = await s.activity(wf, task_id=0, step="activity")
    await s.settle(s.raise_event(wf, EVENTS[0]))
    turn = await s.turn(wf, step="turn")
    await stream.drop()
    s.reached("lost", stream.end_number)
    s.connect()
    turn_again = await s.turn(wf, step="turn-again")
    task_again = await s.activity(wf, task_id=0, step="activity-again")
    # Old tokens: acknowledged, and without effect, however often they come.
    for _ in range(INSISTENT):
        await s.answer(turn_again, schedule(7, "stale"), token=turn.token, step="stale-turn")
        await s.finish(task_again, '"stale"', token=task.token, step="stale-activity")
    await s.state(wf, step="state-then")
    await s.answer(turn_again, schedule(1, "own"), step="own-turn")
    if not await either_activity(s, wf, own=1, stale=7):
        return
    await s.finish(await s.activity(wf, task_id=1, step="own-activity"), '"own"')
    await s.finish(task_again, '"fresh"', step="fresh-activity")
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(2, '"fresh"'))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(alone=True)
async def lost_events(s: SidecarScene) -> None:
    """A turn is lost twice, with several events in it, and further ones are raised meanwhile."""
    stream = s.connect()
    wf, starting = s.start()
    first = await s.turn(wf)
    for name in EVENTS:
        await s.settle(s.raise_event(wf, name))
    await s.answer(first)
    await s.settle(starting)
    await s.turn(wf, step="turn-1")
    await stream.drop()
    stream = s.connect()
    await s.turn(wf, step="turn-2")
    await stream.drop()
    newer = await s.settle(s.raise_event(wf, "newer"), step="raised")
    s.connect()
    if not newer.ok:  # with no worker connected an engine may refuse it (ENG-A-30)
        await s.settle(s.raise_event(wf, "newer"))
    turn = await s.turn(wf, step="turn-3")
    s.reached("held")
    await s.answer(turn)
    if not any(raised("newer")(item) for item in s.items):
        turn = await turn_with(s, wf, raised("newer"), step="turn-4")
        await s.answer(turn)
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(0))
    await s.completed(wf, step="completed")


async def lose_a_crowd(s: SidecarScene, *capabilities: WorkerCapability, rounds: int = 1) -> None:
    """Many turns are out on one stream when it ends; another one is opened at once. What comes again is finished.

    Where it is a matter of chance whether all come, one round may be lucky: they go on until some do not.
    """
    stream = s.connect(*capabilities)
    for lap in range(rounds):
        instances = [s.start()[0] for _ in range(CROWD)]
        await asyncio.gather(*(s.turn(wf, step=f"held-{lap}-{number}") for number, wf in enumerate(instances)))
        await stream.drop()
        stream = s.connect(*capabilities)
        await _come_again(s, stream)
        again = (s.turn(wf, step=f"again-{lap}-{number}", within=0) for number, wf in enumerate(instances))
        came = [turn for turn in await asyncio.gather(*again, return_exceptions=True) if isinstance(turn, Item)]
        for turn in came:
            await s.answer(turn, complete(0))
        if len(came) < CROWD:
            break


async def _come_again(s: SidecarScene, stream: WorkStream) -> None:
    """Wait until the whole crowd is on a stream; once some are, the next one has half of the time."""
    came = 0

    def more() -> int | None:
        arrived = sum(item.stream == stream.number for item in s.items)
        return arrived if arrived > came else None

    with contextlib.suppress(CaseOver):
        while came < CROWD:
            within = s.tolerances.dispatch / (2 if came else 1)
            came = await s.until(more, step="more", expects="a lost turn again", within=within)


@case(depth=Depth.FULL, alone=True)
async def lost_crowd(s: SidecarScene) -> None:
    """Thirty turns are out on one stream when it ends."""
    await lose_a_crowd(s)


@case(depth=Depth.FULL, alone=True, needs=("stateful-history",))
async def lost_capable_crowd(s: SidecarScene) -> None:
    """Thirty turns are out on one stream of a worker that remembers when it ends, several times."""
    await lose_a_crowd(s, WorkerCapability.STATEFUL_HISTORY, rounds=ROUNDS)


@case()
async def no_token(s: SidecarScene) -> None:
    """A worker older than the tokens answers without one."""
    s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf), schedule(0), token="", step="turn-answered")
    await s.settle(
        starting, step="start-answered", expects="an answer to StartInstance after an answer without a token"
    )
    await s.finish(await s.activity(wf, step="activity"), '"tokenless"', token="", step="activity-answered")
    await s.answer(await s.turn(wf, step="second"), complete(1, '"out"'), token="")
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def wrong_token(s: SidecarScene) -> None:
    """Outstanding items are answered with a token that was never given out, and then with their own."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="turn")
    await s.answer(turn, schedule(7, "wrong"), token=NEVER_GIVEN, step="wrong-turn")
    await s.quiet(opens="turn-stays", closes="turn-stayed")
    await s.answer(turn, schedule(0), step="own-turn")
    await s.settle(starting)
    task = await s.activity(wf, task_id=0, step="activity")
    await s.finish(task, '"wrong"', token=NEVER_GIVEN, step="wrong-activity")
    await s.quiet(opens="activity-stays", closes="activity-stayed")
    await s.finish(task, '"right"', step="own-activity")
    await s.answer(await turn_with(s, wf, event(TaskCompleted), step="second"), complete(1))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def unasked(s: SidecarScene) -> None:
    """Items are answered twice, and things that were never sent are answered."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="first")
    await s.answer(turn, schedule(0), custom_status='"kept"', step="answered")
    await s.settle(starting)
    await s.state(wf, step="state-before")
    await s.answer(turn, schedule(7, "unasked"), custom_status='"unasked"', step="turn-twice")
    task = await s.activity(wf, task_id=0, step="activity")
    stranger = ActivityResponse(instance_id=wf, task_id=99, result='"unasked"', completion_token=NEVER_GIVEN)
    await s.call("CompleteActivityTask", stranger, step="activity-never-sent")
    await s.finish(task, '"first"', step="finished")
    turn = await s.turn(wf, step="second")
    await s.finish(task, '"unasked"', step="activity-twice")
    nobody = f"{wf}-nobody"
    await s.call(OLDER_COMPLETION, WorkflowResponse(instance_id=nobody), step="turn-of-nobody")
    await s.call("CompleteActivityTask", ActivityResponse(instance_id=nobody), step="activity-of-nobody")
    await s.state(wf, step="state-after")
    await s.state(nobody, step="nobody")
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(turn, custom_status='"kept"')
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(1, '"out"'))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
    await s.call(OLDER_COMPLETION, WorkflowResponse(instance_id=wf), step="turn-after-the-end")
