"""The service, its streams, and what is sent on them (chapter A)."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.actions import complete, schedule, timer
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import raised, started, turn_with
from dwconf.wire.values import GetInstanceRequest, GetInstanceResponse

CROWD = 6
ACTIVITIES = 5
HOUR = 3600.0
MEGABYTE = 1_000_000
PATIENCE = 4
"""How many windows of quiet an engine has to store an instance."""


@case()
async def greeting(s: SidecarScene) -> None:
    """Hello is said without a worker, and with one."""
    await s.call("Hello", b"", step="alone")
    s.connect()
    wf = await started(s)
    await s.call("Hello", b"", step="with-worker")
    await s.settle(s.raise_event(wf, "go"))
    await s.answer(await turn_with(s, wf, raised("go"), step="last"), complete(0))
    await s.completed(wf)


@case()
async def every_method(s: SidecarScene) -> None:
    """Each method that every release serves is called once in the life of two instances."""
    await s.call("Hello", b"", step="Hello")
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="GetWorkItems")
    await s.answer(turn, schedule(0), method="CompleteOrchestratorTask", step="CompleteOrchestratorTask")
    await s.settle(starting, step="StartInstance")
    await s.finish(await s.activity(wf), step="CompleteActivityTask")
    await s.answer(await s.turn(wf), method="CompleteOrchestratorTask")
    await s.settle(s.raise_event(wf, "go"), step="RaiseEvent")
    await s.answer(await s.turn(wf), method="CompleteOrchestratorTask")
    await s.state(wf, step="GetInstance")
    for verb, step in ((s.suspend, "SuspendInstance"), (s.resume, "ResumeInstance")):
        pending = verb(wf)
        await s.answer(await s.turn(wf), method="CompleteOrchestratorTask")
        await s.settle(pending, step=step)
    ending = s.terminate(wf)
    await s.answer(await s.turn(wf), complete(1), method="CompleteOrchestratorTask")
    await s.settle(ending, step="TerminateInstance")
    await s.completed(wf, step="WaitForInstanceCompletion")
    await s.purge(wf, step="PurgeInstances")


@case()
async def one_stream(s: SidecarScene) -> None:
    """All the work of two instances comes on one stream, which was asked for once."""
    s.connect(step="stream")
    first, starting = s.start()
    await s.answer(await s.turn(first, step="turn-0"), schedule(0), schedule(1))
    await s.settle(starting)
    for task in (0, 1):
        await s.finish(await s.activity(first, task_id=task, step=f"activity-{task}"))
    await s.settle(s.raise_event(first, "go"))
    await s.answer(await turn_with(s, first, raised("go"), step="turn-1"), complete(2))
    await s.completed(first)
    second = await started(s, step="turn-2")
    await s.settle(s.raise_event(second, "go"))
    await s.answer(await turn_with(s, second, raised("go"), step="turn-3"), complete(0))
    await s.completed(second, step="completed")


@case()
async def completion_methods(s: SidecarScene) -> None:
    """The same answers are given by each of the two completion methods."""
    s.connect()
    for method in ("CompleteWorkflowTask", "CompleteOrchestratorTask"):
        wf, starting = s.start()
        answer = await s.answer(await s.turn(wf), schedule(0), custom_status='"busy"', method=method, step=method)
        if not answer.ok:
            continue
        await s.settle(starting)
        await s.finish(await s.activity(wf, step=f"{method}-activity"))
        await s.answer(await s.turn(wf), complete(1, '"out"'), custom_status='"done"', method=method)
        await s.completed(wf, step=f"{method}-completed")
        await s.history(wf, step=f"{method}-history")


@case(depth=Depth.FULL, alone=True)
async def held_turn(s: SidecarScene) -> None:
    """A turn is held on one of two streams while events come in."""
    s.connect()
    s.connect()
    wf, _ = s.start()
    turn = await s.turn(wf, step="held")
    for number in range(3):
        await s.settle(s.raise_event(wf, f"e{number}"), step=f"raised-{number}")
    await s.quiet(opens="holding", closes="held-long-enough")
    await s.answer(turn)
    turn = await turn_with(s, wf, raised("e2"), step="last")
    await s.answer(turn, complete(0))
    await s.completed(wf, step="completed")


@case()
async def side_by_side(s: SidecarScene) -> None:
    """Activities are held while others, and turns, are due."""
    s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf), *(schedule(n) for n in range(ACTIVITIES)), step="scheduled")
    await s.settle(starting)
    held = [await s.activity(wf, task_id=n, step=f"activity-{n}") for n in range(ACTIVITIES)]
    await s.settle(s.raise_event(wf, "go"))
    await s.answer(await turn_with(s, wf, raised("go"), step="own-turn"))
    other, starting = s.start()
    await s.answer(await s.turn(other, step="other-turn"), complete(0))
    await s.settle(starting)
    s.reached("all-held")
    for item in held:
        await s.finish(item)
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(ACTIVITIES))
    await s.completed(wf)


@case(depth=Depth.FULL, alone=True)
async def two_streams(s: SidecarScene) -> None:
    """Many turns and activities go out over two streams."""
    s.connect(step="stream-a")
    s.connect(step="stream-b")
    instances = []
    for number in range(CROWD):
        wf, starting = s.start()
        instances.append(wf)
        await s.answer(await s.turn(wf, step=f"first-{number}"), schedule(0), schedule(1))
        await s.settle(starting)
    for wf in instances:
        for task in (0, 1):
            await s.finish(await s.activity(wf, task_id=task))
        await s.settle(s.raise_event(wf, "go"))
        await s.answer(await turn_with(s, wf, raised("go"), step=f"last-{wf}"), complete(2))
        await s.completed(wf)
    s.reached("all-completed")


@case(alone=True)
async def other_connection(s: SidecarScene) -> None:
    """Items that one connection delivered are answered over another, which has no stream."""
    s.connect(channel=s.own_channel())
    wf, starting = s.start()
    await s.answer(await s.turn(wf, step="first"), schedule(0), step="first-answered")
    await s.settle(starting, step="start-answered", expects="an answer to StartInstance")
    await s.finish(await s.activity(wf, step="activity"), '"elsewhere"', step="activity-answered")
    await s.answer(await s.turn(wf, step="second"), complete(1))
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL)
async def plain_history(s: SidecarScene) -> None:
    """Several turns go to a worker that did not offer to remember."""
    s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf, step="turn-0"), timer(0, s.after(HOUR)))
    await s.settle(starting)
    for number in range(1, 4):
        await s.settle(s.raise_event(wf, f"e{number}"))
        turn = await turn_with(s, wf, raised(f"e{number}"), step=f"turn-{number}")
        await s.history(wf, step=f"history-{number}")
        await s.answer(turn, *([complete(1)] if number == 3 else []))  # noqa: PLR2004  (the last)
    await s.completed(wf)


@case(alone=True)
async def unknown_capability(s: SidecarScene) -> None:
    """A stream is opened with capabilities that nobody knows."""
    s.connect(99, 7, 1_000_000, step="stream")
    wf, starting = s.start()
    await s.answer(await s.turn(wf, step="first"), complete(0))
    await s.settle(starting)
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL, alone=True)
async def no_worker(s: SidecarScene) -> None:
    """An instance is started while no worker is connected, and another one's worker goes away."""
    stream = s.connect()
    kept, _ = s.start(step="kept-started")
    await s.turn(kept, step="kept-first")
    await stream.drop()
    wf, start = s.start(timeout=s.tolerances.impatient, step="started")
    await s.settle(start, step="given-up", own_deadline=True)
    with suppress(CaseOver):  # an engine may create nothing before a worker connects, or take its time
        request = GetInstanceRequest(instance_id=wf)
        await s.eventually(
            "GetInstance", request, _exists, step="there", expects="the instance", within=s.tolerances.quiet * PATIENCE
        )
    await s.state(wf, step="state-then")
    s.reached("worker-comes")
    s.connect()
    await s.answer(await s.turn(kept, step="kept-again"), complete(0))
    await s.answer(await s.turn(wf, step="first"), complete(0))
    await s.completed(wf, step="completed")


def _exists(call: Call) -> bool:
    return call.ok and call.response(GetInstanceResponse).exists


@case(depth=Depth.SOAK)
async def idle(s: SidecarScene) -> None:
    """A stream carries nothing for more than a minute, and then work."""
    stream = s.connect(step="stream")
    wf = await started(s)
    await s.pass_time(65, step="waited")
    await s.settle(s.raise_event(wf, "go"))
    turn = await s.turn(wf, stream=stream, step="then")
    await s.answer(turn, complete(0))
    await s.completed(wf)


@case(depth=Depth.SOAK)
async def held_long(s: SidecarScene) -> None:
    """A turn and an activity are held for more than two minutes on a stream that stays open."""
    s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf), schedule(0))
    await s.settle(starting)
    task = await s.activity(wf, step="activity")
    await s.settle(s.raise_event(wf, "go"))
    turn = await turn_with(s, wf, raised("go"), step="turn")
    for _ in range(3):
        await s.settle(s.raise_event(wf, "more"))
        await s.pass_time(45)
    s.reached("held-long-enough")
    await s.finish(task)
    await s.answer(turn, complete(1))
    await s.completed(wf)


@case(depth=Depth.SOAK, alone=True)
async def slow_reader(s: SidecarScene) -> None:
    """A worker holds a stream and does not read what comes; another one connects."""
    s.connect(reads=False, channel=s.own_channel())
    await s.quiet(opens="opening", closes="open")
    big = json.dumps("x" * 3 * MEGABYTE)
    instances = [s.start(input=big, timeout=s.tolerances.stalled * 2)[0] for _ in range(CROWD)]
    await s.quiet(opens="sending", closes="sent")
    reader = s.connect(step="reader", channel=s.own_channel())
    turns = (
        s.turn(wf, stream=reader, step=f"turn-{number}", within=s.tolerances.stalled)
        for number, wf in enumerate(instances)
    )
    for turn in await asyncio.gather(*turns, return_exceptions=True):
        if isinstance(turn, Item):
            await s.answer(turn, complete(0))
