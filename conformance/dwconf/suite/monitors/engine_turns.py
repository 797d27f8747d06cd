"""Monitors of the workflow turn (chapter C): what every turn and every history must be, whatever the case."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.events import MADE_FROM_ACTIONS, told
from dwconf.suite.evidence.facts import of_kind
from dwconf.suite.evidence.past import Events, Fold, Pasts, parts_at
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.suite.trace.words import in_a_line, instant
from dwconf.wire.values import (
    CompleteWorkflow,
    EventSent,
    ExecutionStarted,
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    Value,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
)

RECORD = ("engine/turns/actions", "engine/turns/late-events")
MADE_AT_COMMIT = tuple(kind for kind in MADE_FROM_ACTIONS if kind is not EventSent)
"""Events that are made in the commit of the turn that they stand behind. (An eventSent that an engine hands to its
target stands behind a turn of another instance.)"""
CLOCK_STEP = 1_000_000_000
"""A machine's clock may be set back by so much, in nanoseconds, without anybody being wrong."""
ANSWERS = ("CompleteWorkflowTask", "CompleteOrchestratorTask")
ENDED = frozenset(
    {
        OrchestrationStatus.COMPLETED,
        OrchestrationStatus.FAILED,
        OrchestrationStatus.CANCELED,
        OrchestrationStatus.TERMINATED,
    }
)


def is_turn(fact: Fact) -> bool:
    """Whether a fact is a workflow item."""
    return isinstance(fact, Item) and isinstance(fact.item.request, WorkflowRequest)


def shown_events(fact: Fact) -> Events:
    """The history events that a fact shows: a turn's past and new ones, or those of an answered history call."""
    match fact:
        case Item():
            return (*fact.turn.past_events, *fact.turn.new_events)
        case Call(name="GetInstanceHistory", ended=int()) if fact.ok:
            return fact.response(GetInstanceHistoryResponse).events
        case _:
            return ()


class Shown:
    """The events of one kind that facts show; those of a past are looked for once."""

    def __init__(self, kind: type[Value]) -> None:
        self._kind = kind
        self._past = Fold[Events](tuple, self._found)

    def _found(self, found: Events, event: HistoryEvent) -> Events:
        return (*found, event) if isinstance(event.body, self._kind) else found

    def by(self, fact: Fact) -> Events:
        """Those that a turn's past and new events hold, or an answered history call."""
        if isinstance(fact, Item) and is_turn(fact):
            return (*self._past.of(fact.instance_id, fact.turn.past_events, begins=fact.begins), *fact.new(self._kind))
        return of_kind(shown_events(fact), self._kind)

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
        self._carried: set[HistoryEvent] = set()
        self._past = Fold[Judged](Judged, self._step)

    def over(self, instance_id: str) -> None:
        self._past.forget(instance_id)

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call):
            self._carried |= set(carried_over(fact))
        state, events = Judged(), shown_events(fact)
        if isinstance(fact, Item) and is_turn(fact):
            state, events = (
                self._past.of(fact.instance_id, fact.turn.past_events, begins=fact.begins),
                fact.turn.new_events,
            )
        for event in events:
            state = self._step(state, event)
        if state.any:
            self.seen()
        if state.flaw is not None:
            yield Finding(expected=state.flaw[0], seen=state.flaw[1], at=fact.at)

    def _step(self, state: Judged, event: HistoryEvent) -> Judged:
        if state.flaw is not None or (self._carried and event in self._carried):
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
        self._carried: set[HistoryEvent] = set()
        self._newest = Fold[int](int, _later_opening)

    def over(self, instance_id: str) -> None:
        self._newest.forget(instance_id)

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call):
            self._carried |= set(carried_over(fact))
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        self.seen()
        first = fact.turn.new_events[0] if fact.turn.new_events else None
        if first is None or not isinstance(first.body, WorkflowStarted):
            seen = "no new events" if first is None else in_a_line(first)
            yield Finding(expected="workflowStarted as the first new event", seen=seen, at=fact.at)
        elif first.event_id != -1 or first.timestamp is None:
            seen = f"id {first.event_id}, {'no timestamp' if first.timestamp is None else 'a timestamp'}"
            yield Finding(expected="event id -1 and a timestamp", seen=seen, at=fact.at)
        else:
            yield from self._not_older(first.timestamp, fact)

    def _not_older(self, stamp: int, item: Item) -> Findings:
        """What a worker carried over has the worker's time."""
        past = self._newest.of(item.instance_id, item.turn.past_events, begins=item.begins)
        known = [event for event in item.turn.new_events if not self._carried or event not in self._carried]
        newest = max(past, *[event.timestamp or 0 for event in known])
        if stamp < newest - CLOCK_STEP:
            expected = f"a timestamp of the dispatch, not before {instant(newest)}"
            yield Finding(expected=expected, seen=instant(stamp), at=item.at)


def _later_opening(newest: int, event: HistoryEvent) -> int:
    return max(newest, event.timestamp or 0) if isinstance(event.body, WorkflowStarted) else newest


@monitor("engine/turns/one-workflow-started-per-turn", *RECORD)
class OneWorkflowStartedPerTurn(Monitor):
    """ENG-C-03."""

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        self.seen()
        found = fact.new(WorkflowStarted)
        if len(found) != 1:
            yield Finding(expected="one workflowStarted among the new events", seen=f"{len(found)}", at=fact.at)


@monitor("engine/turns/execution-started-present", *RECORD)
class ExecutionStartedPresent(Monitor):
    """ENG-C-02."""

    def __init__(self) -> None:
        super().__init__()
        self._pasts = Pasts()
        self._starts = Fold[int](int, _starts)

    def over(self, instance_id: str) -> None:
        self._pasts.forget(instance_id)
        self._starts.forget(instance_id)

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        past = self._pasts.of(fact)
        if past is None:
            return
        self.seen()
        found = self._starts.of(fact.instance_id, past, begins=fact.begins) + len(fact.new(ExecutionStarted))
        if found != 1:
            yield Finding(expected="one executionStarted, past or new", seen=f"{found}", at=fact.at)


def _starts(count: int, event: HistoryEvent) -> int:
    return count + isinstance(event.body, ExecutionStarted)


@monitor("engine/turns/history-only-grows", *RECORD)
class HistoryOnlyGrows(Monitor):
    """ENG-C-05, ENG-K-07. The past of a turn begins with the longest that is known of the same execution."""

    def __init__(self) -> None:
        super().__init__()
        self._pasts = Pasts()
        self._known: dict[str, tuple[Events, int]] = {}

    def over(self, instance_id: str) -> None:
        self._pasts.forget(instance_id)
        self._known.pop(instance_id, None)

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        past = self._pasts.of(fact)
        if past is None:
            return
        if fact.new(ExecutionStarted):
            self._known.pop(fact.instance_id, None)
        known, number = self._known.get(fact.instance_id, ((), fact.number))
        if known:
            self.seen()
            if known is not fact.begins:
                yield from _begins_with(past, known, (number, fact.number))
        self._known[fact.instance_id] = (past, fact.number)


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


def carried_over(call: Call) -> Iterable[HistoryEvent]:
    """The events that an answer carries over to the next generation."""
    if call.name not in ANSWERS:
        return
    for action in call.request(WorkflowResponse).actions:
        if isinstance(action.body, CompleteWorkflow):
            yield from action.body.carryover_events


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

    def watch(self, fact: Fact) -> Findings:
        match fact:
            case Call(name="GetInstance" | "WaitForInstanceCompletion", ended=int()) if fact.ok:
                state = fact.response(GetInstanceResponse).workflow_state
                if state is not None and state.workflow_status in ENDED:
                    self.seen()
                    self._ended.setdefault(state.instance_id, fact.ended or fact.number)
            case Item() if is_turn(fact) and fact.instance_id in self._ended:
                if fact.new(ExecutionStarted):
                    del self._ended[fact.instance_id]
                    return
                at = (self._ended[fact.instance_id], fact.number)
                yield Finding(expected="no turn after the end", seen=told(fact.turn.new_events), at=at)
            case _:
                return
