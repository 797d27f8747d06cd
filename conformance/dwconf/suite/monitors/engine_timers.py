"""Monitors of timers (chapter E)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings
from dwconf.suite.evidence.answers import Answer
from dwconf.suite.evidence.conversation import Turn
from dwconf.suite.evidence.events import of
from dwconf.suite.evidence.facts import as_known
from dwconf.suite.monitors.engine_turns import SOME, EachEvent, Judged
from dwconf.suite.monitors.registry import Monitor, made, monitor, sees
from dwconf.suite.trace.words import in_a_line, instant
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateInstanceRequest,
    CreateTimer,
    ExecutionStarted,
    HistoryEvent,
    TimerFired,
    WorkflowStarted,
)

FIRING = ("engine/timers/fires", "engine/timers/together")


@monitor("engine/timers/fired-without-router", *FIRING)
class FiredWithoutRouter(EachEvent):
    """ENG-E-01. An empty router is none."""

    def judge(self, state: Judged, event: HistoryEvent) -> Judged:
        if not isinstance(event.body, TimerFired):
            return state
        router = event.router
        if router is not None and (router.source_app_id or router.target_app_id):
            return Judged(any=True, flaw=("no router", in_a_line(router)))
        return SOME


@monitor("engine/timers/never-early", *FIRING)
class NeverEarly(Monitor):
    """ENG-E-01, by the engine's own clock and by ours.

    The engine's clock shows in the workflowStarted of each turn. Ours may differ from it, and by how much at most is
    known: a first turn was dispatched after we sent the start, so the engine's clock was ahead of ours by no more than
    that turn's time less the time of our sending. A firing that came before its time even so is early. Its time is the
    one that the worker asked for, whatever the engine says of it; where several answers asked for a timer of that id,
    the one that the engine names, or else the earliest. What a worker carried over is the worker's own word.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[str, int] = {}
        self._ahead: int | None = None
        self._carried: set[HistoryEvent] = set()
        self._asked: dict[str, dict[int, set[int]]] = {}
        """What was asked for, by instance and timer; an answer that was discarded, or an earlier generation's, too."""

    def over(self, instance_id: str) -> None:
        self._sent.pop(instance_id, None)
        self._asked.pop(instance_id, None)

    @sees(*made("StartInstance"))
    def starts(self, call: Call) -> None:
        self._sent.setdefault(call.request(CreateInstanceRequest).instance_id, call.sent_clock)

    @sees(Answer)
    def answer(self, given: Answer) -> None:
        for action in given.response.actions:
            if isinstance(action.body, CompleteWorkflow):
                self._carried.update(as_known(event) for event in action.body.carryover_events)
            if isinstance(action.body, CreateTimer):
                asked = self._asked.setdefault(given.response.instance_id, {})
                asked.setdefault(action.id, set()).add(action.body.fire_at or 0)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        opening = next((event.timestamp for event, _ in of(turn.new, WorkflowStarted)), None)
        self._compare_clocks(turn, opening)
        for event, body in of(turn.new, TimerFired):
            if as_known(event) in self._carried:
                continue
            self.seen()
            yield from self._judge(turn, body, opening)

    def _compare_clocks(self, turn: Turn, opening: int | None) -> None:
        if turn.past or opening is None or not turn.new_of(ExecutionStarted):
            return
        sent = self._sent.get(turn.instance_id)
        if sent is not None:
            ahead = opening - sent
            self._ahead = ahead if self._ahead is None else min(self._ahead, ahead)

    def _judge(self, turn: Turn, body: TimerFired, opening: int | None) -> Findings:
        asked = self._asked.get(turn.instance_id, {}).get(body.timer_id, set())
        due = body.fire_at or 0
        if asked and due not in asked:
            due = min(asked)
        clock = turn.item.clock
        if opening is not None and opening < due:
            expected = f"a turn of {instant(due)} or later"
            yield Finding(expected=expected, seen=f"timer {body.timer_id} at {instant(opening)}", at=turn.at)
        elif self._ahead is not None and clock + self._ahead < due:
            expected = f"timer {body.timer_id} not before {instant(due)}"
            yield Finding(expected=expected, seen=f"it came at {instant(clock)} of our clock", at=turn.at)
