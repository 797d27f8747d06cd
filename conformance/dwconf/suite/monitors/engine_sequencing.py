"""Monitors of deduplication and sequencing (chapter I)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.events import Operation, resolves, told
from dwconf.suite.evidence.past import Fold, Pasts
from dwconf.suite.monitors.engine_turns import Shown, carried_over, is_turn
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.wire.values import ExecutionCompleted, ExecutionStarted, HistoryEvent


@monitor("engine/sequencing/one-start-per-execution", "engine/turns/actions", "engine/turns/late-events")
class OneStartPerExecution(Monitor):
    """ENG-I-01."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown(ExecutionStarted)

    def over(self, instance_id: str) -> None:
        self._shown.forget(instance_id)

    def watch(self, fact: Fact) -> Findings:
        found = self._shown.by(fact)
        if found:
            self.seen()
        if len(found) > 1:
            yield Finding(expected="one executionStarted", seen=told(found), at=fact.at)


@monitor("engine/sequencing/one-completion-per-execution", "engine/turns/several-completions", "engine/turns/actions")
class OneCompletionPerExecution(Monitor):
    """ENG-I-02."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown(ExecutionCompleted)

    def over(self, instance_id: str) -> None:
        self._shown.forget(instance_id)

    def watch(self, fact: Fact) -> Findings:
        found = self._shown.by(fact)
        if found:
            self.seen()
        if len(found) > 1:
            yield Finding(expected="one executionCompleted", seen=told(found), at=fact.at)


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
        self._settled = Fold[set[Operation]](set, _settling)
        self._carried: set[HistoryEvent] = set()

    def over(self, instance_id: str) -> None:
        self._pasts.forget(instance_id)
        self._settled.forget(instance_id)

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call):
            self._carried |= set(carried_over(fact))
        if not isinstance(fact, Item) or not is_turn(fact):
            return
        settled = self._settled.of(fact.instance_id, self._pasts.of(fact) or (), begins=fact.begins)
        here = set[Operation]()
        for event in fact.turn.new_events:
            operation = resolves(event)
            if operation is None or event in self._carried:
                continue
            self.seen()
            if operation in settled or operation in here:
                expected = f"no second resolution of {operation[0]} {operation[1]}"
                yield Finding(expected=expected, seen=told([event]), at=fact.at)
            here.add(operation)


def _settling(settled: set[Operation], event: HistoryEvent) -> set[Operation]:
    operation = resolves(event)
    if operation is not None:
        settled.add(operation)
    return settled
