"""Checks about history sent as deltas (chapter A, from A-17)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import without_openings
from dwconf.suite.evidence.facts import body
from dwconf.suite.evidence.past import Pasts
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import EventRaised, HistoryEvent, WorkflowStarted

DELTAS = "engine/stateful-history/deltas"
NEXT = "engine/stateful-history/next-generation"
CONTINUED = "engine/stateful-history/continued"
WARM = "engine/stateful-history/warm-and-cold"
ALL = (DELTAS, NEXT, CONTINUED, WARM)
Events = tuple[HistoryEvent, ...]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A turn as it was sent, its whole past if that is known, and the one before it on the same stream."""

    item: Item
    past: Events | None
    before: Dispatch | None

    @property
    def count(self) -> int | None:
        """The eventCount of a delta; None for a full send."""
        cached = self.item.turn.cached_history
        return None if cached is None else cached.event_count


def dispatches(e: Evidence) -> Iterator[Dispatch]:
    """All turns, each with its predecessor."""
    pasts, last = Pasts(), dict[tuple[int, str], Dispatch]()
    for item in e.turns():
        key = (item.stream, item.instance_id)
        last[key] = Dispatch(item, pasts.of(item), last.get(key))
        yield last[key]


def deltas(e: Evidence) -> Iterator[tuple[Dispatch, int]]:
    """The turns that were sent as deltas, with their event counts; without any there is no evidence."""
    found = [(one, one.count) for one in dispatches(e) if one.count is not None]
    if not found:
        raise NoEvidence("a turn sent as a delta")
    yield from found


def histories(e: Evidence) -> dict[int, tuple[Events, tuple[int, ...]]]:
    """What GetInstanceHistory answered while a turn was held, by the turn's record number."""
    out = {}
    for name in ("1", "2", "3", "4", "5", "6", "back"):
        turn, step = "back" if name == "back" else f"turn-{name}", f"history-{name}"
        if e.reached(turn) and e.reached(step) and e.call(step).ok:
            out[e.item(turn).number] = (e.history(step), e.call(step).at)
    return out


@check("engine/connection/first-dispatch-is-full", *ALL)
def the_first_dispatch_on_a_stream_is_full(e: Evidence) -> Findings:
    firsts = [one for one in dispatches(e) if one.before is None]
    if not firsts:
        raise NoEvidence("a turn")
    for one in firsts:
        if one.count is not None:
            yield Finding(expected="no cachedHistory", seen=f"eventCount {one.count}", at=one.item.at)


@check("engine/connection/delta-count-in-range", *ALL)
def a_delta_refers_to_what_there_is(e: Evidence) -> Findings:
    known = histories(e)
    for one, count in deltas(e):
        if count <= 0:
            yield Finding(expected="an eventCount above 0", seen=str(count), at=one.item.at)
        events, at = known.get(one.item.number, (None, ()))
        if events is not None and count > len(events):
            expected = f"an eventCount of at most {len(events)}"
            yield Finding(expected=expected, seen=str(count), at=(*one.item.at, *at))


@check("engine/connection/delta-continues-prefix", *ALL)
def a_delta_continues_the_previous_past(e: Evidence) -> Findings:
    known = histories(e)
    for one, count in deltas(e):
        before = one.before.past if one.before is not None else None
        if before is not None and count != len(before):
            at = (*(one.before.item.at if one.before else ()), *one.item.at)
            yield Finding(expected=f"eventCount {len(before)}", seen=str(count), at=at)
        events, at = known.get(one.item.number, (None, ()))
        if events is not None and one.item.turn.past_events != events[count:]:
            yield Finding(
                expected=f"the {max(0, len(events) - count)} committed events after the first {count}",
                seen=f"{len(one.item.turn.past_events)} events that are not those",
                at=(*one.item.at, *at),
            )


@check("engine/connection/delta-prefix-excludes-new-events", *ALL)
def the_new_events_of_the_previous_turn_are_in_the_delta(e: Evidence) -> Findings:
    judged = False
    for one, count in deltas(e):
        if one.before is None or one.before.past is None or one.before.item.turn.execution_id is None:
            continue
        if one.before.item.turn.execution_id != one.item.turn.execution_id:
            continue
        judged = True
        new = without_openings(one.before.item.turn.new_events)
        delta = without_openings(one.item.turn.past_events)
        if count > len(one.before.past) or (delta and delta[: len(new)] != new):
            yield Finding(
                expected=f"a prefix of {len(one.before.past)} events, and the previous turn's new events after it",
                seen=f"a prefix of {count}, and then {len(delta)} events",
                at=(*one.before.item.at, *one.item.at),
            )
    if not judged:
        raise NoEvidence("a delta after a turn of the same execution")


@check("engine/connection/new-events-never-shortened", DELTAS)
def a_delta_has_all_new_events(e: Evidence) -> Findings:
    counted = {one.item.number: count for one, count in deltas(e)}
    lost = e.item("lost") if e.reached("lost") else None
    for step in ("turn-2", "turn-3", "turn-4", "turn-6"):
        item = e.item(step)
        if item.number in counted and not item.new(WorkflowStarted):
            yield Finding(expected="a workflowStarted among the new events", seen="none", at=item.at)
    raised = [body(x, EventRaised).name for i in e.turns() if i is not lost for x in i.new(EventRaised)]
    missing = [name for name in ("a", "b", "c", "e3", "e4", "e6") if name not in raised]
    if missing:
        yield Finding(expected="every raised event in some turn's new events", seen=f"no {missing[0]}", at=())


@check("engine/connection/new-events-never-shortened", DELTAS)
def the_events_between_two_turns_all_come(e: Evidence) -> Findings:
    before, item = e.item("turn-1"), e.item("turn-2", due=True)
    if item.turn.cached_history is None:
        raise NoEvidence("a delta at turn-2")
    between = [i for i in e.turns() if before.number < i.number <= item.number]
    raised = [body(x, EventRaised).name for i in between for x in i.new(EventRaised)]
    if raised != ["a", "b", "c"]:
        yield Finding(expected="the events a, b and c as new events", seen=str(raised), at=item.at)


@check("engine/connection/full-after-continue-as-new", CONTINUED, NEXT)
def the_turn_after_continue_as_new_is_full(e: Evidence) -> Findings:
    steps = [s for s in ("generation-first", *(f"generation-{n}" for n in range(10))) if e.reached(s)]
    if not steps:
        raise NoEvidence("generation-first")
    for step in steps:
        item = e.item(step)
        if item.turn.cached_history is not None:
            seen = f"eventCount {item.turn.cached_history.event_count}"
            yield Finding(expected="no cachedHistory after continue-as-new", seen=seen, at=item.at)


@check("engine/connection/cache-dies-with-stream", DELTAS)
def a_new_stream_begins_with_a_full_send(e: Evidence) -> Findings:
    lost, again = e.item("lost"), e.item("turn-5")
    if again.turn.cached_history is not None:
        yield Finding(
            expected="a full send on the new stream",
            seen=f"eventCount {again.turn.cached_history.event_count}",
            at=(*lost.at, *again.at),
        )


@check("engine/connection/delta-of-same-execution", NEXT)
def a_delta_refers_to_the_same_execution(e: Evidence) -> Findings:
    e.moment("elsewhere")
    judged = False
    for one in dispatches(e):
        if one.before is None or not one.item.turn.execution_id:
            continue
        earlier = one.before.item
        if earlier.turn.execution_id == one.item.turn.execution_id:
            continue
        judged = True
        if one.count is not None:
            yield Finding(
                expected="no delta on a prefix of an earlier execution",
                seen=f"eventCount {one.count}",
                at=(*earlier.at, *one.item.at),
            )
    if not judged:
        raise NoEvidence("a stream that had another execution of the instance before")


@check("engine/connection/history-for-cache-miss", DELTAS)
def the_history_is_the_past_of_the_turn_that_is_out(e: Evidence) -> Findings:
    known = histories(e)
    if not known:
        raise NoEvidence("history-1")
    for one in dispatches(e):
        events, at = known.get(one.item.number, (None, ()))
        if events is not None and one.past is not None and events != one.past:
            expected = f"the {len(one.past)} past events of the turn that is out"
            yield Finding(expected=expected, seen=f"{len(events)} events", at=(*one.item.at, *at))


@observation("engine/connection/deltas-are-used", DELTAS)
def when_the_first_delta_comes(e: Evidence) -> str:
    for number, item in enumerate(e.turns(), start=1):
        if item.turn.cached_history is not None:
            return f"turn {number} of an instance is the first delta"
    return "no turn was sent as a delta"


@observation("engine/connection/warm-stream-is-preferred", WARM)
def where_turns_go(e: Evidence) -> str:
    return f"{e.note('counted', 'hits')} of 6 turns went to the stream that remembers"
