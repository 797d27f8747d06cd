"""Monitors of the workflow turn (chapter C): what every turn and every history must be, whatever the case."""

from __future__ import annotations

from collections.abc import Iterable

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.events import MADE_FROM_ACTIONS, of, told
from dwconf.suite.evidence.past import Events, Pasts, parts_at
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


@monitor("engine/turns/begins-with-workflow-started", *RECORD)
class BeginsWithWorkflowStarted(Monitor):
    """ENG-C-01. A turn is stamped when it is dispatched: not before an earlier turn, nor before what it brings."""

    def __init__(self) -> None:
        super().__init__()
        self._carried: set[HistoryEvent] = set()

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
        known = [event for event, _ in of(item.turn.past_events, WorkflowStarted)]
        known += [event for event in item.turn.new_events if event not in self._carried]
        newest = max(event.timestamp or 0 for event in known)
        if stamp < newest - CLOCK_STEP:
            expected = f"a timestamp of the dispatch, not before {instant(newest)}"
            yield Finding(expected=expected, seen=instant(stamp), at=item.at)


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

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        past = self._pasts.of(fact)
        if past is None:
            return
        self.seen()
        found = list(of((*past, *fact.turn.new_events), ExecutionStarted))
        if len(found) != 1:
            yield Finding(expected="one executionStarted, past or new", seen=f"{len(found)}", at=fact.at)


@monitor("engine/turns/history-only-grows", *RECORD)
class HistoryOnlyGrows(Monitor):
    """ENG-C-05, ENG-K-07. The past of a turn begins with the longest that is known of the same execution."""

    def __init__(self) -> None:
        super().__init__()
        self._pasts = Pasts()
        self._known: dict[str, tuple[Events, int]] = {}

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
class InboundEventIds(Monitor):
    """ENG-C-06. What a worker carried over has the id that the worker gave."""

    def __init__(self) -> None:
        super().__init__()
        self._carried: set[HistoryEvent] = set()

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call):
            self._carried |= set(carried_over(fact))
        for event in shown_events(fact):
            if isinstance(event.body, MADE_FROM_ACTIONS) or event.body is None or event in self._carried:
                continue
            self.seen()
            if event.event_id != -1:
                yield Finding(expected="event id -1", seen=in_a_line(event), at=fact.at)
                return


def carried_over(call: Call) -> Iterable[HistoryEvent]:
    """The events that an answer carries over to the next generation."""
    if call.name not in ANSWERS:
        return
    for action in call.request(WorkflowResponse).actions:
        if isinstance(action.body, CompleteWorkflow):
            yield from action.body.carryover_events


@monitor("engine/turns/events-have-timestamps", *RECORD)
class EventsHaveTimestamps(Monitor):
    """ENG-C-08."""

    def __init__(self) -> None:
        super().__init__()
        self._carried: set[HistoryEvent] = set()

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call):
            self._carried |= set(carried_over(fact))
        opened = 0
        for event in shown_events(fact):
            if event in self._carried:
                continue
            self.seen()
            if event.timestamp is None:
                yield Finding(expected="a timestamp", seen=in_a_line(event), at=fact.at)
                return
            if isinstance(event.body, WorkflowStarted):
                opened = event.timestamp
            elif isinstance(event.body, MADE_AT_COMMIT) and event.timestamp < opened - CLOCK_STEP:
                expected = f"a timestamp not before that of its turn, {instant(opened)}"
                yield Finding(expected=expected, seen=f"{in_a_line(event)} at {instant(event.timestamp)}", at=fact.at)
                return


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
