"""Continue-as-new (chapter H)."""

from __future__ import annotations

import json

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Item
from dwconf.suite.evidence.answers import as_json
from dwconf.suite.evidence.facts import body
from dwconf.suite.scene.actions import child, complete, continue_as_new, schedule, timer
from dwconf.suite.scene.payloads import AWKWARD, LONG
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import raised, turn_after, turn_with
from dwconf.wire.values import EventRaised, ExecutionStarted, HistoryEvent

GENERATIONS = 30
PATIENCE = 70
"""Turns after which an instance that should have had 30 generations goes nowhere."""
EVENTS = tuple(f"e{number}" for number in range(8))


def input_of(turn: Item) -> str | None:
    """The input of the generation that a turn begins."""
    begun = turn.new(ExecutionStarted)
    return body(begun[0], ExecutionStarted).input if begun else None


def raised_in(turn: Item) -> tuple[HistoryEvent, ...]:
    """The external events that a turn brings."""
    return turn.new(EventRaised)


def mangled(s: SidecarScene) -> CaseOver:
    """The end of a case whose generations are given another input than the result before."""
    s.missed("generation", "a generation whose input is the result of the one before")
    return CaseOver("a generation has an input that nobody gave it")


@case()
async def carrying(s: SidecarScene) -> None:
    """Of four consumed events three are carried over, a fifth is still queued, and other actions surround it all."""
    s.connect()
    wf, starting = s.start(name="wf", input='"gen1"')
    first = await s.turn(wf, step="first")
    for name, data in (("dropped", "0"), ("kept-one", "1"), ("kept-two", "2"), ("kept-two", "3")):
        await s.settle(s.raise_event(wf, name, data), expects="an answer to RaiseEvent")
    await s.answer(first)
    await s.settle(starting, expects="an answer to StartInstance")
    brought: list[HistoryEvent] = []
    turn = await s.turn(wf, step="consuming")
    brought += raised_in(turn)
    while len(brought) < 4:  # noqa: PLR2004  (the four raised above)
        await s.answer(turn)
        turn = await s.turn(wf, step="consuming")
        brought += raised_in(turn)
    await s.settle(s.raise_event(wf, "queued", '"queued"'), step="queued", expects="an answer to RaiseEvent")
    kid = s.new_id("kid")
    carried = tuple(event for event in brought if body(event, EventRaised).name.startswith("kept"))
    before, after = (schedule(0, "before"), child(1, instance_id=kid)), (schedule(3, "after"), timer(4, s.after(0.1)))
    again = continue_as_new(2, '"gen2"', carryover=carried)
    await s.answer(turn, *before, again, *after, custom_status='"set"', step="continued")
    second = await s.turn(wf, step="second")
    await s.state(wf, step="state-meanwhile")
    await s.answer(second, step="second-answered")
    if not raised("queued")(second):
        await s.answer(await turn_with(s, wf, raised("queued"), step="late"))
    await s.pass_time(0.2)
    fence = await turn_after(s, wf, "fence", step="fence")
    await s.state(wf, step="state-then")
    await s.quiet(opens="window", closes="window-over")
    await s.state(kid, step="kid")
    await s.history(wf, step="history")
    await s.answer(fence, complete(0))
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL)
async def inputs(s: SidecarScene) -> None:
    """Generations that are given no input, an empty one, a foreign one and a long one."""
    s.connect()
    wf, starting = s.start(input='"old"')
    for step, given in (("unset", None), ("empty", ""), ("text", AWKWARD), ("long", LONG)):
        again = continue_as_new(0, given)
        await s.turn_and_answer(wf, again, step=f"before-{step}", answer_step=f"given-{step}")
    await s.turn_and_answer(wf, complete(0), step="last")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.completed(wf)


@case(depth=Depth.FULL)
async def thirty(s: SidecarScene) -> None:
    """An instance continues as new thirty times at once, and then completes."""
    s.connect()
    wf, starting = s.start(input="0")
    number = 0
    for _ in range(PATIENCE):
        turn = await s.turn(wf, step="generation")
        given = as_json(input_of(turn) or f"{number}")
        if not isinstance(given, int):
            raise mangled(s)
        number = given
        if number >= GENERATIONS:
            await s.answer(turn, complete(0, f"{number}"))
            await s.settle(starting, expects="an answer to StartInstance")
            await s.completed(wf, step="completed")
            return
        await s.answer(turn, continue_as_new(0, f"{number + 1}"))
    s.missed("completed", f"generation {GENERATIONS} within {PATIENCE} turns")
    raise CaseOver(f"generation {GENERATIONS} did not come within {PATIENCE} turns")


@case(depth=Depth.FULL)
async def eventful(s: SidecarScene) -> None:
    """Each generation consumes one event and carries the rest over, while more are raised."""
    s.connect()
    wf, starting = s.start(input="[]")
    turn = await s.turn(wf, step="first")
    coming = list(EVENTS)
    for _ in range(3):
        await s.settle(s.raise_event(wf, coming.pop(0)), expects="an answer to RaiseEvent")
    await s.answer(turn)
    await s.settle(starting, expects="an answer to StartInstance")
    consumed: list[str] = []
    for _ in range(PATIENCE):
        turn = await s.turn(wf, step="generation")
        given = as_json(input_of(turn) or json.dumps(consumed))
        if not isinstance(given, list):
            raise mangled(s)
        consumed = [str(name) for name in given]
        if coming:
            await s.settle(s.raise_event(wf, coming.pop(0)), expects="an answer to RaiseEvent")
        events = raised_in(turn)
        if not events:
            await s.answer(turn)
            continue
        consumed = [*consumed, body(events[0], EventRaised).name]
        if len(consumed) == len(EVENTS):
            break
        await s.answer(turn, continue_as_new(0, json.dumps(consumed), carryover=events[1:]))
    await s.answer(turn, complete(0, json.dumps(consumed)))
    await s.completed(wf, step="completed")


@case()
async def by_a_child(s: SidecarScene) -> None:
    """A child continues as new once, and then completes."""
    s.connect()
    wf, starting = s.start()
    kid = s.new_id("kid")
    await s.turn_and_answer(wf, child(7, instance_id=kid))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, continue_as_new(0, '"gen2"'), step="kid-first")
    await s.turn_and_answer(kid, complete(0, '"end"'), step="kid-second")
    await s.completed(kid, step="kid-completed")
    turn = await s.turn(wf, step="told")
    await s.answer(turn)
    fence = await turn_after(s, wf, "fence", step="fence")
    await s.answer(fence, complete(8))
    await s.completed(wf, step="completed")
