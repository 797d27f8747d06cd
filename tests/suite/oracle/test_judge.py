"""Answers against a meaning: what is left free, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dwconf.suite.evidence import Call
from dwconf.suite.evidence.answers import Answer
from dwconf.suite.oracle.judge import FAR_AWAY, breaches
from dwconf.suite.programs import Program, call, program, return_, start, status, timer, var, wait
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateTimer,
    EventBody,
    EventRaised,
    HistoryEvent,
    OrchestrationStatus,
    ScheduleTask,
    TaskCompleted,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
)

A = WorkflowAction(id=1, body=ScheduleTask(name="a"))
NEVER = WorkflowAction(id=0, body=CreateTimer(fire_at=FAR_AWAY + 1))
SOON = WorkflowAction(id=0, body=CreateTimer(fire_at=1_000_000_000))
ROUNDED = WorkflowAction(id=0, body=CreateTimer(fire_at=999_999_999))
LATE = WorkflowAction(id=0, body=CreateTimer(fire_at=2_000_000_000))
Turn = tuple[Sequence[EventBody], Sequence[WorkflowAction]]


def done(result: str, status: OrchestrationStatus = OrchestrationStatus.COMPLETED) -> WorkflowAction:
    return WorkflowAction(id=9, body=CompleteWorkflow(workflow_status=status, result=result))


def wrong(code: Program, *turns: Turn, custom_status: str | None = None) -> bool:
    exchanges = []
    for events, actions in turns:
        new = tuple(HistoryEvent(timestamp=0, body=body) for body in (WorkflowStarted(), *events))
        response = WorkflowResponse(actions=tuple(actions), custom_status=custom_status)
        exchanges.append((WorkflowRequest(new_events=new), Answer(Call(1, "", b"", 0), response)))
    return bool(list(breaches(code, exchanges)))


CALL = program(call("a", as_="x"), return_(var("x")))
WAIT = program(wait("E", as_="x"), return_(var("x")))
LEFT = program(start("a", as_="h"), return_(1))


@pytest.mark.parametrize(
    ("code", "turns", "breach"),
    [
        (CALL, [([], [A]), ([TaskCompleted(task_scheduled_id=1, result="5")], [done("5")])], False),
        (CALL, [([], [A]), ([TaskCompleted(task_scheduled_id=1, result="5")], [done("6")])], True),
        (CALL, [([], [A]), ([TaskCompleted(task_scheduled_id=1, result="5")], [])], True),
        (CALL, [([], [A]), ([TaskCompleted(task_scheduled_id=7, result="5")], [])], False),
        (CALL, [([], [])], True),
        (CALL, [([], [A, A])], True),
        (CALL, [([], [A, done("5")])], True),
        (WAIT, [([], [NEVER])], False),
        (WAIT, [([], [])], False),
        (WAIT, [([], [SOON])], True),
        (WAIT, [([], []), ([EventRaised(name="e", input="5")], [done("5.0")])], False),
        (LEFT, [([], [done("1")])], False),
        (LEFT, [([], [A, done("1")])], False),
        (LEFT, [([], [SOON, done("1")])], True),
        (program(timer(1000)), [([], [SOON])], False),
        (program(timer(1000)), [([], [ROUNDED])], False),
        (program(timer(1000)), [([], [LATE])], True),
        (program(return_(1)), [([], [done("1", OrchestrationStatus.TERMINATED)])], True),
    ],
)
def test_an_answer_is_held_against_the_program(code: Program, turns: list[Turn], *, breach: bool) -> None:
    assert wrong(code, *turns) == breach


@pytest.mark.parametrize(
    ("shown", "breach"), [("here", False), ('"here"', False), ("elsewhere", True), ("", True), (None, True)]
)
def test_a_status_is_shown(shown: str | None, *, breach: bool) -> None:
    code = program(status("here"), return_(1))
    assert wrong(code, ([], [done("1")]), custom_status=shown) == breach
