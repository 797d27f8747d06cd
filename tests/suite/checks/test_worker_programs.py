"""Random programs are judged by the turns that were answered; a program that was never sent shows nothing."""

from __future__ import annotations

import json

import pytest

from dwconf.suite.checks.registry import Check, decide
from dwconf.suite.checks.worker.programs import every_program_does_what_it_means
from dwconf.suite.evidence import Evidence
from dwconf.suite.programs import program, return_
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    CompleteWorkflow,
    HistoryEvent,
    OrchestrationStatus,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkItem,
)

CHECK = Check("rule", ("case",), every_program_does_what_it_means)
DONE = TASK_HUB.methods["CompleteWorkflowTask"].path
PROGRAM = program(return_(1))
TURN = WorkflowRequest(instance_id="i", new_events=(HistoryEvent(timestamp=1, body=WorkflowStarted()),))


def example(answer: str | None, *, sent: bool = True) -> Evidence:
    """Evidence of one example of one turn, and what its answer returns; None for no answer."""
    tape = Tape("worker/programs/random")
    text = json.dumps(PROGRAM).encode()
    tape.add(Actor.HARNESS, Kind.STEP, payload=text, text="example/1/program")
    if not sent:
        return Evidence(tape.records)
    item = tape.add(Actor.SUITE, Kind.ITEM, payload=encode(WorkItem(request=TURN, completion_token="t")))
    tape.add(Actor.HARNESS, Kind.STEP, text="example/1/0/sent", fields={"ref": item.number})
    if answer is None:
        tape.add(Actor.HARNESS, Kind.STEP, text="example/1/0", fields={"missed": True, "expects": "an answer"})
        return Evidence(tape.records)
    end = CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED, result=answer)
    response = WorkflowResponse(instance_id="i", actions=(WorkflowAction(id=0, body=end),))
    asked = tape.add(Actor.TARGET, Kind.REQUEST, method=DONE, payload=encode(response))
    tape.add(Actor.HARNESS, Kind.STEP, text="example/1/0", fields={"ref": asked.number})
    return Evidence(tape.records)


@pytest.mark.parametrize(
    ("evidence", "findings", "untested"),
    [
        (example("1"), 0, False),
        (example("2"), 1, False),
        (example(None), 1, False),
        (example(None, sent=False), 0, True),
        (Evidence(()), 0, True),
    ],
    ids=["as-it-means", "otherwise", "unanswered", "never-sent", "no-example"],
)
def test_only_programs_that_were_sent_are_judged(evidence: Evidence, findings: int, *, untested: bool) -> None:
    decision = decide(CHECK, evidence)
    assert (len(decision.findings), bool(decision.untested)) == (findings, untested)
