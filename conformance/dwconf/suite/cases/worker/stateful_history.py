"""Stateful history (chapter M): turns as deltas upon what the worker has cached.

The worker keeps the past events of the last turn that it answered. So after a turn whose request held n past events,
n is the number that an engine may count on, and every other number has to make the worker fetch the history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import grpc

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, program, return_, var
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import Answered, WorkerScene, history_answer

NEEDS = ("stateful-history",)
CHAIN = program(
    call("echo", 1, as_="a"),
    call("echo", 2, as_="b"),
    call("echo", 3, as_="c"),
    call("echo", 4, as_="d"),
    return_([var("a"), var("b"), var("c"), var("d")]),
)
OTHER = program(call("echo", "x", as_="x"), call("echo", "y", as_="y"), return_([var("x"), var("y")]))
NO_HISTORY = (grpc.StatusCode.UNAVAILABLE, "the history cannot be read now")


async def begun(s: WorkerScene) -> tuple[Instance, int, int]:
    """A chain after two turns in full: the second call's id, and how many events the worker has cached."""
    wf = Instance(s, CHAIN)
    first = await wf.turn(step="first")
    cached = len(wf.past)
    second = await wf.turn(wf.completed(first.task, '"A"'), step="second")
    return wf, second.task, cached


@case(needs=NEEDS)
async def deltas(s: WorkerScene) -> None:
    """After two turns in full, every turn is a delta upon the one before."""
    wf, task, cached = await begun(s)
    for step, result in (("third", '"B"'), ("fourth", '"C"')):
        before = len(wf.past)
        task = (await wf.delta(wf.completed(task, result), cached=cached, step=step)).task
        cached = before
    await wf.delta(wf.completed(task, '"D"'), cached=cached, step="last")


@case(needs=NEEDS)
async def full_again(s: WorkerScene) -> None:
    """Another execution of an instance is sent in full, while the cache holds the one before."""
    wf, task, cached = await begun(s)
    await wf.delta(wf.completed(task, '"B"'), cached=cached, step="third")
    anew = Instance(s, OTHER, instance_id=wf.id, execution_id="33333333-3333-4333-8333-333333333333")
    task = (await anew.turn(step="anew-first")).task
    task = (await anew.turn(anew.completed(task, '"X"'), step="anew-second")).task
    await anew.turn(anew.completed(task, '"Y"'), step="anew-last")


@case(needs=NEEDS)
async def misses(s: WorkerScene) -> None:
    """Deltas upon more events than the worker has cached, and upon fewer."""
    wf, task, cached = await begun(s)
    third = await wf.delta(wf.completed(task, '"B"'), cached=len(wf.past), step="longer")
    await wf.delta(wf.completed(third.task, '"C"'), cached=cached, step="shorter")


@case(needs=NEEDS)
async def only_committed(s: WorkerScene) -> None:
    """Deltas that only fit a cache with new events in it, or one of an execution that has ended."""
    wf, task, cached = await begun(s)
    new_in_second = 2
    await wf.delta(wf.completed(task, '"B"'), cached=cached + new_in_second, step="with-new")
    ended = Instance(s, OTHER)
    first = await ended.turn(step="ended-first")
    second = await ended.turn(ended.completed(first.task, '"X"'), step="ended-second")
    new = ended.new_events(ended.completed(second.task, '"Y"'))
    await ended.send(new, step="ended")
    await ended.exchange(ended.delta_request(new, cached=len(ended.past)), step="ended-again")


@case(depth=Depth.FULL, needs=NEEDS, alone=True)
async def new_stream(s: WorkerScene) -> None:
    """The stream ends, and the next turn on the new one is a delta."""
    connection = await s.stream()
    wf, task, cached = await begun(s)
    connection.end()
    await s.ended(connection, step="ended")
    await s.stream(step="again")
    await wf.delta(wf.completed(task, '"B"'), cached=cached, step="third")


@case(depth=Depth.FULL, needs=NEEDS, alone=True)
async def no_history(s: WorkerScene) -> None:
    """A delta misses the cache, and the engine cannot give the history."""
    connection = await s.stream()
    wf, task, _ = await begun(s)
    s.react = lambda method, _request, _context: NO_HISTORY if method == "GetInstanceHistory" else None
    new = wf.new_events(wf.completed(task, '"B"'))
    await s.send(wf.delta_request(new, cached=len(wf.past)), step="missed/sent")
    await s.ended(connection, step="ended")
    s.react = None
    await s.stream(step="again")
    await s.fence(step="fence")


@case(depth=Depth.FULL, needs=NEEDS)
async def superseded(s: WorkerScene) -> None:
    """A turn that waits for its history is overtaken by newer dispatches of its instance."""
    wf, task, _ = await begun(s)
    new = wf.new_events(wf.completed(task, '"B"'))
    asked: list[str] = []
    released = asyncio.Event()
    older, cached = wf.past, len(wf.past)

    async def later() -> Answered:
        await released.wait()
        return history_answer(older)

    def hold(method: str, _request: bytes, _context: object) -> Awaitable[Answered] | None:
        if method != "GetInstanceHistory" or asked:
            return None
        asked.append(method)
        s.wake()
        return later()

    s.react = hold
    stale = await s.send(wf.delta_request(new, cached=cached), step="stale/sent")
    await s.until(lambda: asked or None, step="fetching", expects="a call to GetInstanceHistory")
    third = await wf.send(new, step="third")
    wf.commit(new, third.response)
    fourth = await wf.turn(wf.completed(third.task, '"C"'), step="fourth")
    released.set()
    await s.answered(stale, step="stale")
    await wf.delta(wf.completed(fourth.task, '"D"'), cached=cached, step="last")
