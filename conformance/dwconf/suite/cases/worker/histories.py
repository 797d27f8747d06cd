"""Histories that the other cases made, sent once more in every other way in which they could have come.

Whatever a case makes for its own rules is a test of replay as well (OL-1, OL-2, EX-11). These cases go on from what the
others left on the same target; what none has left there yet (one rule is run, or cases are shared among processes) is
made first. So they see the same histories in every run.

For the turn k of history n, the step `<way>/n/k/as-it-was` keeps the answer of the first time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from dwconf.suite.cases.registry import CASES, Case, Depth, case
from dwconf.suite.scene.histories import Group, History, Said, cut, cuts, distinct, doubled, one_at_a_time, together
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.codec import WireError
from dwconf.wire.values import CachedHistory, HistoryEvent, WorkflowRequest, WorkflowStarted

FEEDING = (
    "children",
    "combinators",
    "completion",
    "contradictions",
    "control",
    "determinism",
    "events",
    "replay",
    "retries",
    "timers",
    "versioning",
)
"""The chapters whose cases make histories."""
AT_ONCE = 8
"""How many instances are under way at the same time."""
MOST_FROM_ONE_CASE = 30
IMPATIENCE = 0.3
"""How long a case may take that only makes histories, as a part of the deadline of one answer."""
MOST_MISSED = 3
"""After so many turns that were not answered, no further one is sent."""
Way = Callable[[WorkerScene, str, History], Awaitable[None]]


def feeds(one: Case) -> bool:
    """Whether a case makes histories, and harms nobody when it runs once more."""
    harmless = not (one.alone or one.unsafe or one.restarts or one.last)
    side, chapter, _ = one.id.split("/", 2)
    return harmless and side == "worker" and chapter in FEEDING and one.depth is not Depth.SOAK


async def produced(s: WorkerScene) -> list[History]:
    """The histories of all cases that make some, each once."""
    made: list[History] = []
    for place, one in enumerate(one for one in CASES.values() if feeds(one)):
        if one.id not in s.target.produced:
            await _make(s, one, f"{s.prefix}-f{place}")
        made += s.target.produced.get(one.id, ())[:MOST_FROM_ONE_CASE]
    s.use(s.double)
    return distinct(made)


async def _make(s: WorkerScene, one: Case, prefix: str) -> None:
    """Have a case make its histories, for nobody to judge."""
    scene = WorkerScene(s.target, Tape(one.id), prefix)
    scene.look = s.look
    with contextlib.suppress(CaseOver, WireError, TimeoutError):
        async with asyncio.timeout(scene.tolerances.dispatch * IMPATIENCE):
            await one.drive(scene)
    await scene.close()


async def replayed(s: WorkerScene, histories: Sequence[History], way: Way) -> None:
    """Send histories in another way, several at a time, until too much is not answered."""
    places, missed = iter(enumerate(histories)), 0

    async def some() -> None:
        nonlocal missed
        for place, history in places:
            s.adopt(history.id)
            try:
                await way(s, str(place), history)
            except CaseOver:
                missed += 1
            if missed >= MOST_MISSED:
                return

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    s.reached("sent")


def keep(s: WorkerScene, step: str, turn: Said) -> None:
    """Keep the answer of the first time beside a step."""
    s.tape.add(Actor.HARNESS, Kind.STEP, payload=codec.encode(turn.response), text=f"{step}/as-it-was")


async def sent(s: WorkerScene, step: str, request: WorkflowRequest) -> None:
    """Send a turn and take its answer."""
    await s.answered(await s.send(request, step=f"{step}/sent"), step=step)


# --- the ways


async def again(s: WorkerScene, name: str, history: History) -> None:
    """Every turn as it was, the last one first."""
    for place, turn in reversed(list(enumerate(history.turns))):
        keep(s, f"again/{name}/{place}", turn)
        await sent(s, f"again/{name}/{place}", turn.request)


async def with_resolutions_twice(s: WorkerScene, name: str, history: History) -> None:
    """Every turn with each of its resolutions twice."""
    for place, turn in enumerate(history.turns):
        request = doubled(turn)
        if request is not None:
            keep(s, f"doubled/{name}/{place}", turn)
            await sent(s, f"doubled/{name}/{place}", request)


async def cut_elsewhere(s: WorkerScene, name: str, history: History) -> None:
    """The whole of the last turn cut at every other turn, and that of every turn as new events only."""
    for place, turn in enumerate(history.turns):
        ways = cuts(turn) if turn is history.turns[-1] else cuts(turn)[:1]
        for at in ways:
            keep(s, f"cut/{name}/{place}-{at}", turn)
            await sent(s, f"cut/{name}/{place}-{at}", cut(turn, at))


async def upon_the_cache(s: WorkerScene, name: str, history: History) -> None:
    """The first turn in full, and each other one as a delta upon the one before."""
    cached: tuple[HistoryEvent, ...] = ()
    for place, turn in enumerate(history.turns):
        request, count = turn.request, len(cached)
        if place and request.past_events[:count] == cached:
            delta = CachedHistory(event_count=count)
            request = replace(request, past_events=request.past_events[count:], cached_history=delta)
        keep(s, f"cached/{name}/{place}", turn)
        s.histories[history.id] = cached = turn.request.past_events
        await sent(s, f"cached/{name}/{place}", request)


async def in_other_turns(s: WorkerScene, name: str, history: History) -> None:
    """All events one at a time, and in as few turns as can be; each answer is committed anew."""
    for place, turn in enumerate(history.turns):
        keep(s, f"grouped/{name}/{place}", turn)
    for way, groups in (("alone", one_at_a_time(history.groups)), ("together", together(history))):
        if groups != history.groups:
            await _grouped(s, f"grouped/{name}/{way}", history, groups)


async def _grouped(s: WorkerScene, step: str, history: History, groups: Sequence[Group]) -> None:
    wf = Instance(s, instance_id=history.id, execution_id=history.execution_id)
    for place, group in enumerate(groups):
        wf.clock = group.at
        new = (wf.event(WorkflowStarted()), *group.events)
        turn = await wf.exchange(wf.request(new), step=f"{step}/{place}")
        wf.commit(new, turn.response)
        if Said(turn.item.turn, turn.response).ended:
            break
    s.reached(f"{step}/end")


# --- the cases


@case(depth=Depth.FULL, last=True)
async def same_process(s: WorkerScene) -> None:
    """Every turn of every history is sent again, and once with its resolutions doubled."""
    histories = await produced(s)
    await replayed(s, histories, again)
    await replayed(s, [history for history in histories if history.is_regular], with_resolutions_twice)


@case(depth=Depth.FULL, last=True, alone=True, launches=True)
async def fresh_process(s: WorkerScene) -> None:
    """Every turn of every history is sent to a second process of the app."""
    histories = await produced(s)
    s.use(await s.own_double())
    await s.own_app(s.double.port)
    await replayed(s, histories, again)


@case(depth=Depth.FULL, last=True)
async def other_cuts(s: WorkerScene) -> None:
    """Every history is cut elsewhere into past and new events."""
    await replayed(s, [history for history in await produced(s) if history.is_plain], cut_elsewhere)


@case(depth=Depth.FULL, last=True)
async def other_turns(s: WorkerScene) -> None:
    """The events of every history come one at a time, and as many at once as can be."""
    await replayed(s, [history for history in await produced(s) if history.is_regular], in_other_turns)


@case(depth=Depth.FULL, last=True, needs=("stateful-history",))
async def deltas(s: WorkerScene) -> None:
    """The turns of every history are deltas, each upon the one before."""
    await replayed(s, [history for history in await produced(s) if len(history.turns) > 1], upon_the_cache)
