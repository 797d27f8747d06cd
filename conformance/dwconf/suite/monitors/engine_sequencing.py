"""Monitors of deduplication and sequencing (chapter I)."""

from __future__ import annotations

from dwconf.suite.evidence import Finding, Findings
from dwconf.suite.evidence.carried import holds
from dwconf.suite.evidence.conversation import History, Turn
from dwconf.suite.evidence.events import Operation, resolves, told
from dwconf.suite.evidence.past import Fold
from dwconf.suite.monitors.engine_turns import Shown
from dwconf.suite.monitors.registry import Monitor, monitor, sees
from dwconf.wire.values import ExecutionCompleted, ExecutionStarted, HistoryEvent


@monitor("engine/sequencing/one-start-per-execution", "engine/turns/actions", "engine/turns/late-events")
class OneStartPerExecution(Monitor):
    """ENG-I-01."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown(ExecutionStarted)

    def over(self, instance_id: str) -> None:
        self._shown.forget(instance_id)

    @sees(History)
    def shown(self, history: History) -> Findings:
        found = self._shown.by(history)
        if found:
            self.seen()
        if len(found) > 1:
            yield Finding(expected="one executionStarted", seen=told(found), at=history.at)


@monitor("engine/sequencing/one-completion-per-execution", "engine/turns/several-completions", "engine/turns/actions")
class OneCompletionPerExecution(Monitor):
    """ENG-I-02."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown(ExecutionCompleted)

    def over(self, instance_id: str) -> None:
        self._shown.forget(instance_id)

    @sees(History)
    def shown(self, history: History) -> Findings:
        found = self._shown.by(history)
        if found:
            self.seen()
        if len(found) > 1:
            yield Finding(expected="one executionCompleted", seen=told(found), at=history.at)


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
        self._settled = Fold[set[Operation]](set, _settling)

    def over(self, instance_id: str) -> None:
        self._settled.forget(instance_id)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        settled = self._settled.of(turn.instance_id, turn.whole or (), begins=turn.begins)
        if turn.carried is None:
            return
        here = set[Operation]()
        for event in turn.new:
            operation = resolves(event)
            if operation is None or holds(turn.carried, event):
                continue
            self.seen()
            if operation in settled or operation in here:
                expected = f"no second resolution of {operation[0]} {operation[1]}"
                yield Finding(expected=expected, seen=told([event]), at=turn.at)
            here.add(operation)


def _settling(settled: set[Operation], event: HistoryEvent) -> set[Operation]:
    operation = resolves(event)
    if operation is not None:
        settled.add(operation)
    return settled
