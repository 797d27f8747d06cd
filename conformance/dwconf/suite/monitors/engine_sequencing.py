"""Monitors of deduplication and sequencing (chapter I)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.events import of, resolves, told
from dwconf.suite.evidence.past import Pasts
from dwconf.suite.monitors.engine_turns import carried_over, is_turn, shown_events
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.wire.values import ExecutionCompleted, ExecutionStarted, HistoryEvent


@monitor("engine/sequencing/one-start-per-execution", "engine/turns/actions", "engine/turns/late-events")
class OneStartPerExecution(Monitor):
    """ENG-I-01."""

    def watch(self, fact: Fact) -> Findings:
        events = shown_events(fact)
        found = list(of(events, ExecutionStarted))
        if found:
            self.seen()
        if len(found) > 1:
            yield Finding(expected="one executionStarted", seen=told(event for event, _ in found), at=fact.at)


@monitor("engine/sequencing/one-completion-per-execution", "engine/turns/several-completions", "engine/turns/actions")
class OneCompletionPerExecution(Monitor):
    """ENG-I-02."""

    def watch(self, fact: Fact) -> Findings:
        found = list(of(shown_events(fact), ExecutionCompleted))
        if found:
            self.seen()
        if len(found) > 1:
            yield Finding(expected="one executionCompleted", seen=told(event for event, _ in found), at=fact.at)


@monitor(
    "engine/sequencing/duplicates-not-sent",
    "engine/activities/twice",
    "engine/activities/lost",
    "engine/activities/roundtrip",
    "engine/timers/together",
    "engine/sequencing/children",
)
class DuplicatesNotSent(Monitor):
    """ENG-I-05. What a worker carried over is the worker's own word."""

    def __init__(self) -> None:
        super().__init__()
        self._pasts = Pasts()
        self._carried: set[HistoryEvent] = set()

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call):
            self._carried |= set(carried_over(fact))
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        past = self._pasts.of(fact)
        settled = {resolves(event) for event in past or ()} - {None}
        for event in fact.turn.new_events:
            operation = resolves(event)
            if operation is None or event in self._carried:
                continue
            self.seen()
            if operation in settled:
                expected = f"no second resolution of {operation[0]} {operation[1]}"
                yield Finding(expected=expected, seen=told([event]), at=fact.at)
            settled.add(operation)
