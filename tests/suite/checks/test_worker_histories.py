"""Answers to the same history in other ways are compared as far as the protocol promises, and no further."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.checks.registry import CHECKS, decide
from dwconf.suite.evidence import Call, Evidence
from dwconf.suite.evidence.answers import Answer
from dwconf.suite.evidence.sameness import same_in_total
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    EventRaised,
    HistoryEvent,
    OrchestrationStatus,
    ScheduleTask,
    WorkflowAction,
    WorkflowResponse,
)

DONE = TASK_HUB.methods["CompleteWorkflowTask"].path
A = WorkflowAction(id=0, body=ScheduleTask(name="a"))
B = WorkflowAction(id=1, body=ScheduleTask(name="b"))
B_ELSEWHERE = WorkflowAction(id=2, body=ScheduleTask(name="b"))
END = WorkflowAction(id=2, body=CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED, result="1"))
OTHER_END = WorkflowAction(id=2, body=CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED, result="2"))
Turns = Sequence[Sequence[WorkflowAction]]


def carrying(*names: str) -> WorkflowAction:
    """Continue as new with events of these names."""
    events = tuple(HistoryEvent(body=EventRaised(name=name)) for name in names)
    body = CompleteWorkflow(workflow_status=OrchestrationStatus.CONTINUED_AS_NEW, result="2", carryover_events=events)
    return WorkflowAction(id=2, body=body)


def response(actions: Sequence[WorkflowAction]) -> WorkflowResponse:
    return WorkflowResponse(instance_id="i", actions=tuple(actions))


def answers(turns: Turns) -> list[Answer]:
    return [Answer(Call(1, DONE, encode(response(actions)), 0), response(actions)) for actions in turns]


def differ(first: Turns, given: Turns, *, at_any_time: bool = False) -> bool:
    return bool(list(same_in_total(answers(first), answers(given), at_any_time=at_any_time)))


@pytest.mark.parametrize(
    ("first", "given", "breach"),
    [
        ([[A], [B]], [[A, B]], False),
        ([[A, B]], [[A], [A, B]], False),
        ([[A, B]], [[A], []], True),
        ([[A]], [[A, B]], True),
        ([[A, B]], [[A, B_ELSEWHERE]], True),
        ([[A, END]], [[A], [END]], False),
        ([[END]], [[A], [END]], False),
        ([[A, END]], [[END]], False),
        ([[A, END]], [[A], [B]], True),
        ([[END]], [[OTHER_END]], True),
        ([[carrying()]], [[carrying("E")]], False),
    ],
)
def test_the_same_in_total(first: Turns, given: Turns, *, breach: bool) -> None:
    assert differ(first, given) == breach


def test_what_follows_from_the_time_is_compared_only_where_the_times_are_the_same() -> None:
    for one, other in (
        (CreateTimer(fire_at=1), CreateTimer(fire_at=2)),
        (CreateChildWorkflow(name="c", instance_id="1"), CreateChildWorkflow(name="c", instance_id="2")),
    ):
        first, given = [[WorkflowAction(id=0, body=one)]], [[WorkflowAction(id=0, body=other)]]
        assert differ(first, given)
        assert not differ(first, given, at_any_time=True)


# --- what steps say


def sent(*turns: tuple[str, Sequence[WorkflowAction], Sequence[WorkflowAction] | None]) -> Evidence:
    """Evidence of turns: a step, the answer of the first time, and this one's; None for one that did not come."""
    tape = Tape("worker/histories/other-cuts")
    for step, before, now in turns:
        kept = encode(response(before))
        tape.add(Actor.HARNESS, Kind.STEP, method=DONE, payload=kept, text=f"{step}/as-it-was")
        if now is None:
            tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"missed": True, "expects": "an answer"})
            continue
        asked = tape.add(Actor.TARGET, Kind.REQUEST, method=DONE, payload=encode(response(now)))
        tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": asked.number})
    return Evidence(tape.records)


load_suite()
CUT = CHECKS["worker/replay/any-cut-same-actions", "past_and_new_events_make_one_history"]


@pytest.mark.parametrize(
    ("evidence", "findings", "untested"),
    [
        (sent(("cut/0/1-0", [A], [A])), 0, False),
        (sent(("cut/0/1-0", [A], [A]), ("cut/1/1-0", [A], [B])), 1, False),
        (sent(("cut/0/1-0", [A], None)), 1, False),
        (sent(("cut/0/1-0", [carrying("a", "b")], [carrying("b", "a")])), 0, False),
        (sent(("cut/0/1-0", [carrying("a", "b")], [carrying("a")])), 1, False),
        (sent(), 0, True),
    ],
    ids=["same", "other", "unanswered", "carried-in-another-order", "carried-less", "nothing-sent"],
)
def test_every_turn_that_was_sent_is_judged(evidence: Evidence, findings: int, *, untested: bool) -> None:
    decision = decide(CUT, evidence)
    assert (len(decision.findings), bool(decision.untested)) == (findings, untested)
