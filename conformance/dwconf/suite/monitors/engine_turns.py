"""Monitors of the workflow turn (chapter C): what every turn and every history must be, whatever the case."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from dwconf.suite.evidence import Call, Finding, Findings
from dwconf.suite.evidence.carried import NOTHING, holds
from dwconf.suite.evidence.conversation import History, Turn
from dwconf.suite.evidence.events import MADE_FROM_ACTIONS, told
from dwconf.suite.evidence.past import Events, Fold, parts_at
from dwconf.suite.monitors.registry import Monitor, answered, monitor, sees
from dwconf.suite.trace.words import in_a_line, instant
from dwconf.wire.values import (
    EventSent,
    ExecutionStarted,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    Value,
    WorkflowStarted,
)

RECORD = ("engine/turns/actions", "engine/turns/late-events")
MADE_AT_COMMIT = tuple(kind for kind in MADE_FROM_ACTIONS if kind is not EventSent)
"""Events that are made in the commit of the turn that they stand behind. (An eventSent that an engine hands to its
target stands behind a turn of another instance.)"""
CLOCK_STEP = 1_000_000_000
"""A machine's clock may be set back by so much, in nanoseconds, without anybody being wrong."""
ENDED = frozenset(
    {
        OrchestrationStatus.COMPLETED,
        OrchestrationStatus.FAILED,
        OrchestrationStatus.CANCELED,
        OrchestrationStatus.TERMINATED,
    }
)


class Shown:
    """The events of one kind that histories show; those of a past are looked for once."""

    def __init__(self, kind: type[Value]) -> None:
        self._kind = kind
        self._past = Fold[Events](tuple, self._found)

    def _found(self, found: Events, event: HistoryEvent) -> Events:
        return (*found, event) if isinstance(event.body, self._kind) else found

    def by(self, history: History) -> Events:
        """Those of one history."""
        past = self._past.of(history.instance_id, history.past, begins=history.begins) if history.past else ()
        return (*past, *history.new_of(self._kind))

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        self._past.forget(instance_id)


@dataclass(frozen=True, slots=True)
class Judged:
    """What events in a row come to: whether one was judged, when the last turn opened, and what was wrong first."""

    any: bool = False
    opened: int = 0
    flaw: tuple[str, str] | None = None
    """What was expected, and what was seen."""


class EachEvent(Monitor):
    """Judges one event after the other, until one is wrong; those of a past once.

    What a worker carried over is the worker's own word, and not judged.
    """

    def __init__(self) -> None:
        super().__init__()
        self._carried = NOTHING
        self._past = Fold[Judged](Judged, self._step)

    def over(self, instance_id: str) -> None:
        self._past.forget(instance_id)

    @sees(History)
    def each(self, shown: History) -> Findings:
        if shown.carried is None:
            return
        self._carried = shown.carried
        state = self._past.of(shown.instance_id, shown.past, begins=shown.begins) if shown.past else Judged()
        for event in shown.new:
            state = self._step(state, event)
        if state.any:
            self.seen()
        if state.flaw is not None:
            yield Finding(expected=state.flaw[0], seen=state.flaw[1], at=shown.at)

    def _step(self, state: Judged, event: HistoryEvent) -> Judged:
        if state.flaw is not None or holds(self._carried, event):
            return state
        return self.judge(state, event)

    @abstractmethod
    def judge(self, state: Judged, event: HistoryEvent) -> Judged:
        """Take one event."""


SOME = Judged(any=True)
"""Something was judged, and right."""


@monitor("engine/turns/begins-with-workflow-started", *RECORD)
class BeginsWithWorkflowStarted(Monitor):
    """ENG-C-01. A turn is stamped when it is dispatched: not before an earlier turn, nor before what it brings."""

    def __init__(self) -> None:
        super().__init__()
        self._newest = Fold[int](int, _later_opening)

    def over(self, instance_id: str) -> None:
        self._newest.forget(instance_id)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        self.seen()
        first = turn.new[0] if turn.new else None
        if first is None or not isinstance(first.body, WorkflowStarted):
            seen = "no new events" if first is None else in_a_line(first)
            yield Finding(expected="workflowStarted as the first new event", seen=seen, at=turn.at)
        elif first.event_id != -1 or first.timestamp is None:
            seen = f"id {first.event_id}, {'no timestamp' if first.timestamp is None else 'a timestamp'}"
            yield Finding(expected="event id -1 and a timestamp", seen=seen, at=turn.at)
        else:
            yield from self._not_older(first.timestamp, turn)

    def _not_older(self, stamp: int, turn: Turn) -> Findings:
        """What a worker carried over has the worker's time."""
        newest = self._newest.of(turn.instance_id, turn.past, begins=turn.begins)
        if turn.carried is not None:
            newest = max([newest, *(event.timestamp or 0 for event in turn.new if not holds(turn.carried, event))])
        if stamp < newest - CLOCK_STEP:
            expected = f"a timestamp of the dispatch, not before {instant(newest)}"
            yield Finding(expected=expected, seen=instant(stamp), at=turn.at)


def _later_opening(newest: int, event: HistoryEvent) -> int:
    return max(newest, event.timestamp or 0) if isinstance(event.body, WorkflowStarted) else newest


@monitor("engine/turns/one-workflow-started-per-turn", *RECORD)
class OneWorkflowStartedPerTurn(Monitor):
    """ENG-C-03."""

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        self.seen()
        found = turn.new_of(WorkflowStarted)
        if len(found) != 1:
            yield Finding(expected="one workflowStarted among the new events", seen=f"{len(found)}", at=turn.at)


@monitor("engine/turns/execution-started-present", *RECORD)
class ExecutionStartedPresent(Monitor):
    """ENG-C-02."""

    def __init__(self) -> None:
        super().__init__()
        self._starts = Fold[int](int, _starts)

    def over(self, instance_id: str) -> None:
        self._starts.forget(instance_id)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        if turn.whole is None:
            return
        self.seen()
        past = self._starts.of(turn.instance_id, turn.whole, begins=turn.begins)
        found = past + len(turn.new_of(ExecutionStarted))
        if found != 1:
            yield Finding(expected="one executionStarted, past or new", seen=f"{found}", at=turn.at)


def _starts(count: int, event: HistoryEvent) -> int:
    return count + isinstance(event.body, ExecutionStarted)


@monitor("engine/turns/history-only-grows", *RECORD)
class HistoryOnlyGrows(Monitor):
    """ENG-C-05, ENG-K-07. The past of a turn begins with the longest that is known of the same execution."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, tuple[Events, int]] = {}

    def over(self, instance_id: str) -> None:
        self._known.pop(instance_id, None)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        if turn.whole is None:
            return
        number = turn.item.number
        if turn.new_of(ExecutionStarted):
            self._known.pop(turn.instance_id, None)
        known, before = self._known.get(turn.instance_id, ((), number))
        if known:
            self.seen()
            if known is not turn.begins:
                yield from _begins_with(turn.whole, known, (before, number))
        self._known[turn.instance_id] = (turn.whole, number)


def _begins_with(past: Events, known: Events, at: tuple[int, ...]) -> Findings:
    place = parts_at(past, known)
    if place is not None:
        expected = f"{in_a_line(known[place])} at place {place}, as before"
        yield Finding(expected=expected, seen=in_a_line(past[place]), at=at)
    elif len(past) < len(known):
        expected = f"{in_a_line(known[len(past)])} still at place {len(past)}"
        yield Finding(expected=expected, seen=f"{len(past)} events", at=at)


@monitor("engine/turns/inbound-event-ids", *RECORD, "engine/activities/roundtrip", "engine/timers/fires")
class InboundEventIds(EachEvent):
    """ENG-C-06. What a worker carried over has the id that the worker gave."""

    def judge(self, state: Judged, event: HistoryEvent) -> Judged:
        if isinstance(event.body, MADE_FROM_ACTIONS) or event.body is None:
            return state
        return SOME if event.event_id == -1 else Judged(any=True, flaw=("event id -1", in_a_line(event)))


@monitor("engine/turns/events-have-timestamps", *RECORD)
class EventsHaveTimestamps(EachEvent):
    """ENG-C-08."""

    def judge(self, state: Judged, event: HistoryEvent) -> Judged:
        if event.timestamp is None:
            return Judged(any=True, flaw=("a timestamp", in_a_line(event)))
        if isinstance(event.body, WorkflowStarted):
            return Judged(any=True, opened=event.timestamp)
        if isinstance(event.body, MADE_AT_COMMIT) and event.timestamp < state.opened - CLOCK_STEP:
            expected = f"a timestamp not before that of its turn, {instant(state.opened)}"
            return Judged(any=True, flaw=(expected, f"{in_a_line(event)} at {instant(event.timestamp)}"))
        return state if state.any else SOME


@monitor("engine/turns/nothing-after-the-end", "engine/turns/ended", "engine/turns/several-completions")
class NothingAfterTheEnd(Monitor):
    """ENG-C-25. An instance that was shown as ended gets no turn, unless the turn starts a new execution."""

    def __init__(self) -> None:
        super().__init__()
        self._ended: dict[str, int] = {}

    @sees(*answered("GetInstance", "WaitForInstanceCompletion"))
    def state(self, call: Call) -> None:
        state = call.response(GetInstanceResponse).workflow_state if call.ok else None
        if state is not None and state.workflow_status in ENDED:
            self.seen()
            self._ended.setdefault(state.instance_id, call.ended or call.number)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        if turn.instance_id not in self._ended:
            return
        ended = self._ended[turn.instance_id]
        if turn.new_of(ExecutionStarted):
            del self._ended[turn.instance_id]
        else:
            yield Finding(expected="no turn after the end", seen=told(turn.new), at=(ended, *turn.at))
