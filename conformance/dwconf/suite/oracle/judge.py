"""Hold a worker's answers against what its program means.

Turn by turn: the new events are told to the meaning, and the actions of the answer are bound to what is demanded since,
in the order of their ids. Left free is what the catalogue leaves free: the timer of a wait without limit (WRK-F-06),
what is asked for beside the end (WRK-C-13, WRK-C-19), digits of the clock beyond the millisecond (WRK-B-09), and how a
status is written (WRK-C-26).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dwconf.suite.evidence.answers import Answer, as_json, equal
from dwconf.suite.oracle.meaning import MILLISECOND, Demand, End, Meaning
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    EventRaised,
    HistoryEvent,
    ScheduleTask,
    TaskCompleted,
    TaskFailed,
    TimerFired,
    WorkflowAction,
    WorkflowRequest,
    WorkflowStarted,
)

FAR_AWAY = 200_000_000_000 * 1_000_000_000
"""The year 8307: only the timer of a wait without limit is set for later."""
Exchange = tuple[WorkflowRequest, Answer]
Breach = tuple[str, str, Answer]
"""What was expected, what was seen, and where."""


class Held:
    """One instance's answers, held against a meaning."""

    def __init__(self, program: Mapping[str, Any], begins: int) -> None:
        self.meaning = Meaning(program, begins)
        self.bound: dict[int, Demand] = {}
        self._known = 0

    def hear(self, event: HistoryEvent) -> None:
        """Tell the meaning what a new event says."""
        meaning = self.meaning
        match event.body:
            case WorkflowStarted():
                meaning.now = event.timestamp or meaning.now
            case TaskCompleted(task_scheduled_id=number, result=result) if number in self.bound:
                meaning.met(self.bound[number], as_json(result))
            case ChildWorkflowInstanceCompleted(task_scheduled_id=number, result=result) if number in self.bound:
                meaning.met(self.bound[number], as_json(result))
            case TaskFailed(task_scheduled_id=number) if number in self.bound:
                meaning.met(self.bound[number], failed=True)
            case TimerFired(timer_id=number) if number in self.bound:
                meaning.met(self.bound[number])
            case EventRaised(name=name, input=given):
                meaning.raised(name, as_json(given))

    def judge(self, given: Answer) -> Iterator[tuple[str, str]]:
        """Bind the actions of an answer; say what was expected and seen where they do not fit."""
        meaning = self.meaning
        demands, self._known = meaning.demands[self._known :], len(meaning.demands)
        asked = [a for a in given.response.actions if not isinstance(a.body, CompleteWorkflow)]
        left = self._bind(demands, sorted(asked, key=lambda action: action.id))
        wrong = left if meaning.end is None else [one for one in left if isinstance(one, WorkflowAction)]
        if wrong or not ends_as(given, meaning.end):
            yield f"{told(demands, meaning.end)}, and nothing else", str(given)
        shown = given.response.custom_status
        if meaning.status is not None and shown not in (meaning.status, json.dumps(meaning.status)):
            yield f"the custom status {meaning.status!r}", f"{shown!r}"

    def _bind(self, demands: Sequence[Demand], actions: list[WorkflowAction]) -> list[Demand | WorkflowAction]:
        """Bind actions to demands in order; gives demands without an action, and actions without a demand."""
        left: list[Demand | WorkflowAction] = []
        for demand in demands:
            if actions and answers(demand, actions[0]):
                self.bound[actions.pop(0).id] = demand
            elif not demand.optional:
                left.append(demand)
        return [*left, *actions]


def answers(demand: Demand, action: WorkflowAction) -> bool:
    """Whether an action is what was demanded."""
    match action.body:
        case ScheduleTask(name=name, input=given):
            return demand.kind == "activity" and name == demand.name and equal(as_json(given), demand.input)
        case CreateChildWorkflow(name=name, input=given):
            return demand.kind == "child" and name == demand.name and equal(as_json(given), demand.input)
        case CreateTimer(fire_at=at):
            never = (at or 0) > FAR_AWAY
            return demand.kind == "timer" and (never if demand.optional else abs((at or 0) - demand.at) < MILLISECOND)
        case _:
            return False


def ends_as(given: Answer, end: End | None) -> bool:
    """Whether an answer ends the execution so, or not at all."""
    if end is None or given.end is None:
        return given.end is None and end is None
    if given.end.workflow_status.name != end.status:
        return False
    return end.status == "FAILED" or equal(as_json(given.end.result), end.value)


def told(demands: Sequence[Demand], end: End | None) -> str:
    """What a turn is to say, in words."""
    words = [f"{demand.kind} {demand.name} {json.dumps(demand.input)}" for demand in demands if not demand.optional]
    words += [f"{end.status} {json.dumps(end.value)}"] if end is not None else []
    return ", ".join(words) or "no action"


def breaches(program: Mapping[str, Any], exchanges: Sequence[Exchange]) -> Iterator[Breach]:
    """Where the answers to the turns of one instance are not what its program means; the first such turn only."""
    if not exchanges:
        return
    held = Held(program, exchanges[0][0].new_events[0].timestamp or 0)
    for request, given in exchanges:
        for event in request.new_events:
            held.hear(event)
        found = [(expected, seen, given) for expected, seen in held.judge(given)]
        if found:
            came = ", ".join(in_a_line(event) for event in request.new_events[1:])
            yield from ((f"{expected} (after {came or 'the start'})", seen, at) for expected, seen, at in found)
            return
