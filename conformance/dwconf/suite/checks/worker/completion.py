"""Checks about completing a turn (chapter C)."""

from __future__ import annotations

import json

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.wire.values import CompleteWorkflow, OrchestrationStatus, WorkflowResponse


@check("worker/completion/return-completes", "worker/completion/plain-return")
def a_returned_value_completes_the_workflow(e: Evidence) -> Findings:
    call = e.call("returned", due=True)
    actions = call.request(WorkflowResponse).actions
    done = [a.body for a in actions if isinstance(a.body, CompleteWorkflow)]
    if len(done) != 1 or done[0].workflow_status != OrchestrationStatus.COMPLETED:
        yield Finding(expected="one completeWorkflow with status COMPLETED", seen=str(done), at=call.at)
    elif as_json(done[0].result) != {"a": 1, "b": [True, None, "é"]}:
        yield Finding(expected='the result {"a": 1, "b": [true, null, "é"]}', seen=str(done[0].result), at=call.at)


def as_json(text: str | None) -> object:
    """The value of a JSON text; the text itself, marked, when it is none."""
    try:
        return json.loads(text or "null")
    except ValueError:
        return ("not JSON", text)
