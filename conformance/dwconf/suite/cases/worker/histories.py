"""Histories that the other cases made, sent once more in every other way in which they could have come.

Whatever a case makes for its own rules is a test of replay as well (OL-1, OL-2, EX-11). These cases go on from what the
others left on the same target; what none has left there yet (one rule is run, or cases are shared among processes) is
made first. So they see the same histories in every run.

For the turn k of history n, the step `<way>/n/k/as-it-was` keeps the answer of the first time.

Of the histories that were answered otherwise, the smallest that still is when it is sent alone becomes a
counterexample. It names the case that makes it and not its bytes: action ids and child ids are each worker's own.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import msgspec

from dwconf.suite.cases.registry import CASES, Case, Depth, case
from dwconf.suite.evidence import Call
from dwconf.suite.evidence.answers import Answer, same_actions
from dwconf.suite.evidence.sameness import in_any_order, same_in_total
from dwconf.suite.looking import SHOWN
from dwconf.suite.scene.histories import (
    Group,
    History,
    Origin,
    Said,
    cut,
    cuts,
    distinct,
    doubled,
    one_at_a_time,
    together,
)
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.codec import WireError
from dwconf.wire.values import CachedHistory, HistoryEvent, WorkflowRequest, WorkflowResponse, WorkflowStarted

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
MOST_ALONE = 3
"""So many of the histories that were answered otherwise are sent alone."""
MOST_SHORTENED = 8
"""A history of more turns is shown whole."""
Way = Callable[[WorkerScene, str, History], Awaitable[bool]]
"""Sends a history in another way; whether all answers were those of the first time."""


def feeds(one: Case) -> bool:
    """Whether a case makes histories, and harms nobody when it runs once more."""
    harmless = not (one.alone or one.unsafe or one.restarts or one.last)
    side, chapter, _ = one.id.split("/", 2)
    return harmless and side == "worker" and chapter in FEEDING and one.depth is not Depth.SOAK


async def produced(s: WorkerScene) -> list[History]:
    """The histories of all cases that make some, each once; to play a counterexample again, that one."""
    if s.look.again:
        return [await made_again(s, msgspec.json.decode(s.look.again, type=Origin))]
    made: list[History] = []
    for place, one in enumerate(one for one in CASES.values() if feeds(one)):
        if one.id not in s.target.produced:
            await _make(s, one, f"{s.prefix}-f{place}", within=s.tolerances.dispatch * IMPATIENCE)
        made += s.target.produced.get(one.id, ())[:MOST_FROM_ONE_CASE]
    s.use(s.double)
    return distinct(made)


async def made_again(s: WorkerScene, origin: Origin) -> History:
    """The history of this origin, as this worker makes it. Raises CaseOver when the case does not get there."""
    await _make(s, CASES[origin.case], f"{s.prefix}-f0", within=s.tolerances.ready)
    s.use(s.double)
    for history in s.target.produced.get(origin.case, ()):
        if history.instance == origin.instance and len(history.turns) >= origin.turns:
            return history.up_to(origin.turns)
    raise CaseOver(f"{origin.case} does not come to {origin.turns} turns of {origin.instance} on this worker")


async def _make(s: WorkerScene, one: Case, prefix: str, *, within: float) -> None:
    """Have a case make its histories, for nobody to judge."""
    scene = WorkerScene(s.target, Tape(one.id), prefix)
    scene.look = s.look
    with contextlib.suppress(CaseOver, WireError, TimeoutError):
        async with asyncio.timeout(within):
            await one.drive(scene)
    await scene.close()


async def replayed(s: WorkerScene, histories: Sequence[History], way: Way, rule: str) -> None:
    """Send histories in another way, several at a time, until too much is not answered; show what breaks the rule."""
    places, missed = iter(enumerate(histories)), 0
    different: list[History] = []

    async def some() -> None:
        nonlocal missed
        for place, history in places:
            s.adopt(history.id)
            try:
                same = await way(s, str(place), history)
            except CaseOver:
                missed, same = missed + 1, False
            if not same:
                different.append(history)
            if missed >= MOST_MISSED:
                return

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    s.reached("sent")
    for history in sorted(different, key=lambda one: (len(one.turns[-1].whole), len(one.turns)))[:MOST_ALONE]:
        smallest = await shortest(s, history, way)
        if smallest is not None:
            played = msgspec.json.encode(smallest.origin).decode()
            s.note(SHOWN, case=s.tape.case, rule=rule, played=played)
            break


async def shortest(s: WorkerScene, history: History, way: Way) -> History | None:
    """The first turns of a history, as few as are answered otherwise when they are sent alone; None if all are not."""
    whole = len(history.turns)
    for turns in range(1 if whole <= MOST_SHORTENED else whole, whole + 1):
        if not await _same_alone(s, history.up_to(turns), way):
            return history.up_to(turns)
    return None


async def _same_alone(s: WorkerScene, history: History, way: Way) -> bool:
    """Send a history in another way, alone and for no report; whether all answers were those of the first time."""
    scene = WorkerScene(s.target, Tape(s.tape.case), s.new_id("alone"))
    scene.use(s.double)
    scene.adopt(history.id)
    try:
        return await way(scene, "alone", history)
    except CaseOver:
        return False
    finally:
        s.use(s.double)


def keep(s: WorkerScene, step: str, turn: Said) -> None:
    """Keep the answer of the first time beside a step."""
    s.tape.add(Actor.HARNESS, Kind.STEP, payload=codec.encode(turn.response), text=f"{step}/as-it-was")


async def sent(s: WorkerScene, step: str, turn: Said, request: WorkflowRequest) -> bool:
    """Send a turn otherwise and take its answer, with that of the first time beside it; whether they are the same."""
    keep(s, step, turn)
    call = await s.answered(await s.send(request, step=f"{step}/sent"), step=step)
    given = Answer(call, call.request(WorkflowResponse))
    return not any(True for _ in same_actions(in_any_order(first(turn)), in_any_order(given)))


def first(turn: Said) -> Answer:
    """The answer of the first time; the call that it came with is none of this case's."""
    return Answer(Call(0, "", b"", 0), turn.response)


# --- the ways


async def again(s: WorkerScene, name: str, history: History) -> bool:
    """Every turn as it was, the last one first."""
    same = True
    for place, turn in reversed(list(enumerate(history.turns))):
        same &= await sent(s, f"again/{name}/{place}", turn, turn.request)
    return same


async def with_resolutions_twice(s: WorkerScene, name: str, history: History) -> bool:
    """Every turn with each of its resolutions twice."""
    same = True
    for place, turn in enumerate(history.turns):
        request = doubled(turn)
        if request is not None:
            same &= await sent(s, f"doubled/{name}/{place}", turn, request)
    return same


async def cut_elsewhere(s: WorkerScene, name: str, history: History) -> bool:
    """The whole of the last turn cut at every other turn, and that of every turn as new events only."""
    same = True
    for place, turn in enumerate(history.turns):
        ways = cuts(turn) if turn is history.turns[-1] else cuts(turn)[:1]
        for at in ways:
            same &= await sent(s, f"cut/{name}/{place}-{at}", turn, cut(turn, at))
    return same


async def upon_the_cache(s: WorkerScene, name: str, history: History) -> bool:
    """The first turn in full, and each other one as a delta upon the one before."""
    same = True
    cached: tuple[HistoryEvent, ...] = ()
    for place, turn in enumerate(history.turns):
        request, count = turn.request, len(cached)
        if place and request.past_events[:count] == cached:
            delta = CachedHistory(event_count=count)
            request = replace(request, past_events=request.past_events[count:], cached_history=delta)
        s.histories[history.id] = cached = turn.request.past_events
        same &= await sent(s, f"cached/{name}/{place}", turn, request)
    return same


async def in_other_turns(s: WorkerScene, name: str, history: History) -> bool:
    """All events one at a time, and in as few turns as can be; each answer is committed anew."""
    for place, turn in enumerate(history.turns):
        keep(s, f"grouped/{name}/{place}", turn)
    same, wanted = True, [first(turn) for turn in history.turns]
    for way, groups in (("alone", one_at_a_time(history.groups)), ("together", together(history))):
        if groups != history.groups:
            given = await _grouped(s, f"grouped/{name}/{way}", history, groups)
            same &= not any(True for _ in same_in_total(wanted, given, at_any_time=way == "together"))
    return same


async def _grouped(s: WorkerScene, step: str, history: History, groups: Sequence[Group]) -> list[Answer]:
    given: list[Answer] = []
    wf = Instance(s, instance_id=history.id, execution_id=history.execution_id)
    for place, group in enumerate(groups):
        wf.clock = group.at
        new = (wf.event(WorkflowStarted()), *group.events)
        turn = await wf.exchange(wf.request(new), step=f"{step}/{place}")
        wf.commit(new, turn.response)
        given.append(Answer(turn.call, turn.response))
        if Said(turn.item.turn, turn.response).ended:
            break
    s.reached(f"{step}/end")
    return given


# --- the cases

SAME, TWICE = "worker/replay/same-history-same-actions", "worker/replay/duplicate-resolution-ignored"
CUT, GROUPED = "worker/replay/any-cut-same-actions", "worker/replay/any-turns-same-actions"
CACHED = "worker/stateful-history/delta-extends-cache"


@case(depth=Depth.FULL, last=True)
async def same_process(s: WorkerScene) -> None:
    """Every turn of every history is sent again, and once with its resolutions doubled."""
    histories = await produced(s)
    await replayed(s, histories, again, SAME)
    await replayed(s, [history for history in histories if history.is_regular], with_resolutions_twice, TWICE)


@case(depth=Depth.FULL, last=True, alone=True, launches=True)
async def fresh_process(s: WorkerScene) -> None:
    """Every turn of every history is sent to a second process of the app."""
    histories = await produced(s)
    s.use(await s.own_double())
    await s.own_app(s.double.port)
    await replayed(s, histories, again, SAME)


@case(depth=Depth.FULL, last=True)
async def other_cuts(s: WorkerScene) -> None:
    """Every history is cut elsewhere into past and new events."""
    await replayed(s, [history for history in await produced(s) if history.is_plain], cut_elsewhere, CUT)


@case(depth=Depth.FULL, last=True)
async def other_turns(s: WorkerScene) -> None:
    """The events of every history come one at a time, and as many at once as can be."""
    await replayed(s, [history for history in await produced(s) if history.is_regular], in_other_turns, GROUPED)


@case(depth=Depth.FULL, last=True, needs=("stateful-history",))
async def deltas(s: WorkerScene) -> None:
    """The turns of every history are deltas, each upon the one before."""
    await replayed(s, [history for history in await produced(s) if len(history.turns) > 1], upon_the_cache, CACHED)
