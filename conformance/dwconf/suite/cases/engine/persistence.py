"""What outlives the engine's process (chapter K).

An engine may keep what was in flight when it was killed locked for a while (ENG-K-03): cases of full depth leave
nothing in flight when they kill, or stop the engine gracefully; those that do otherwise wait for minutes and are soak.
What was accepted a moment before the kill may be in the engine's own hands already: it is waited for as long.
"""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.actions import complete, schedule, timer
from dwconf.suite.scene.client import SECOND
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import either_activity, event, raised, turn_with
from dwconf.wire.values import GetInstanceResponse, TimerFired, WorkflowResponse

NEEDS = ("persistence",)
MANIFOLD = 4
"""How many times as long as what went before a timer runs that must not fire until the restart: machines are busy."""


@case(depth=Depth.FULL, restarts=True, needs=NEEDS)
async def killed(s: SidecarScene) -> None:
    """An engine is killed with nothing in flight: a timer and an event are still to come."""
    stream = s.connect()
    began = s.now()
    told, starting = s.start(name="told")
    await s.answer(await s.turn(told))
    await s.settle(starting)
    ended, starting = s.start(name="ended")
    await s.answer(await s.turn(ended), complete(0, '"out"'))
    await s.settle(starting)
    await s.completed(ended)
    timed, starting = s.start(name="timed", input='"kept"')
    turn = await s.turn(timed)
    due = s.after(max(2.0, MANIFOLD * (s.now() - began) / SECOND))
    await s.answer(turn, timer(0, due), custom_status='"kept"')
    await s.settle(starting)
    for name, instance_id in (("timed", timed), ("ended", ended)):
        await s.state(instance_id, step=f"{name}-before")
        await s.history(instance_id, step=f"{name}-history-before")
    await stream.drop()
    await s.quiet(opens="leaving", closes="left")
    await s.settle(s.raise_event(told, "accepted", '"kept"'), step="raised")
    await s.restart(kill=True, step="restarted")
    after = []
    for name, instance_id in (("timed", timed), ("ended", ended)):
        after.append(await s.state(instance_id, step=f"{name}-after"))
        await s.history(instance_id, step=f"{name}-history-after")
    # An engine that has forgotten every instance keeps nothing locked that would be worth the long wait.
    within = s.tolerances.dispatch if all(map(forgotten, after)) else s.tolerances.crash
    s.connect(step="worker-comes")
    turn = await turn_with(s, told, raised("accepted"), step="told", within=within)
    await s.answer(turn, complete(0))
    await s.pass_time(max(0.0, (due - s.now()) / SECOND) + 0.1)
    turn = await turn_with(s, timed, event(TimerFired), step="fired", within=within)
    await s.answer(turn, complete(1))
    await s.completed(timed, step="timed-completed")


def forgotten(call: Call) -> bool:
    """Whether the engine says that there is no such instance."""
    return call.ok and not call.response(GetInstanceResponse).exists


@case(depth=Depth.SOAK, restarts=True, needs=NEEDS)
async def killed_with_activity(s: SidecarScene) -> None:
    """An engine is killed when an activity has lost its worker."""
    stream = s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf), schedule(0, input='"for later"'))
    await s.settle(starting)
    await s.activity(wf, step="activity")
    await stream.drop()
    await s.quiet(opens="leaving", closes="left")
    await s.restart(kill=True, step="restarted")
    s.connect(step="worker-comes")
    task = await s.activity(wf, task_id=0, step="activity-again", within=s.tolerances.crash)
    await s.finish(task)
    await s.answer(await s.turn(wf), complete(1))
    await s.completed(wf)


async def restart_while_held(s: SidecarScene, *, kill: bool, within: float | None) -> None:
    """A turn and an activity are held while the engine restarts, and are answered with the old tokens."""
    s.connect(channel=s.own_channel(), step="stream")
    wf, starting = s.start()
    await s.answer(await s.turn(wf), schedule(0))
    await s.settle(starting)
    task = await s.activity(wf, task_id=0, step="activity")
    await s.settle(s.raise_event(wf, "go"))
    turn = await s.turn(wf, step="turn")
    await s.restart(kill=kill, step="restarted")
    await s.answer(turn, schedule(7, "old"), step="old-turn")
    await s.finish(task, '"old"', step="old-activity")
    s.connect()
    turn_again = await s.turn(wf, step="turn-again", within=within)
    task_again = await s.activity(wf, task_id=0, step="activity-again", within=within)
    await s.answer(turn_again, schedule(7, "old"), token=turn.token, step="old-turn-late")
    await s.answer(turn_again, schedule(1), step="own-turn")
    if not await either_activity(s, wf, own=1, stale=7):
        return
    await s.finish(await s.activity(wf, task_id=1, step="own-activity"))
    await s.finish(task_again, '"new"')
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(2))
    await s.completed(wf)


@case(depth=Depth.FULL, restarts=True, needs=NEEDS)
async def stopped_while_held(s: SidecarScene) -> None:
    """An engine is stopped gracefully, with a turn and an activity held."""
    await restart_while_held(s, kill=False, within=None)


@case(depth=Depth.SOAK, restarts=True, needs=NEEDS)
async def killed_while_held(s: SidecarScene) -> None:
    """An engine is killed with a turn and an activity held."""
    await restart_while_held(s, kill=True, within=s.tolerances.crash)


@case(depth=Depth.SOAK, restarts=True, needs=NEEDS)
async def killed_at_answer(s: SidecarScene) -> None:
    """An engine is killed at the moment in which a turn is answered."""
    s.connect(channel=s.own_channel())
    wf, starting = s.start()
    await s.answer(await s.turn(wf))
    await s.settle(starting)
    await s.settle(s.raise_event(wf, "go"))
    turn = await turn_with(s, wf, raised("go"), step="turn")
    response = WorkflowResponse(instance_id=wf, actions=(schedule(0),), completion_token=turn.token)
    s.begin("CompleteWorkflowTask", response, step="answer")
    await s.restart(kill=True, step="restarted")
    s.connect()

    def comes(item: Item) -> bool:
        return item.instance_id == wf

    expects = "the turn again, or the activity that its answer asked for"
    await s.item(comes, step="then", expects=expects, within=s.tolerances.crash)


@case(depth=Depth.FULL, restarts=True)
async def stopped(s: SidecarScene) -> None:
    """An engine is stopped gracefully while a stream is open."""
    stream = s.connect(channel=s.own_channel(), step="stream")
    wf, starting = s.start()
    await s.answer(await s.turn(wf), complete(0))
    await s.settle(starting)
    await s.restart(kill=False, step="restarted")
    s.reached("stream-ended", stream.end_number)
