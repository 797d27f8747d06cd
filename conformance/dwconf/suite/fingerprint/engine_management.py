"""What engines do about the Dapr API where they are free (chapter J)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Evidence, NoEvidence
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import GetMetadataResponse, GetWorkflowResponse


@observation("engine/management/failure-output", "engine/management/endings")
def the_output_of_a_failure(e: Evidence) -> str:
    """The worker gave both."""
    call = e.call("partly")
    if not call.ok:
        raise NoEvidence("partly")
    output = dict(call.response(GetWorkflowResponse).properties).get("dapr.workflow.output")
    return "left out" if output is None else f"told: {output}"


@observation("engine/management/metadata", "engine/management/workers-counted")
def connected_workers(e: Evidence) -> str:
    """With one stream, with two, and with none."""
    return ", ".join(f"{step}: {_count(e.call(step))}" for step in ("one", "two", "none"))


def _count(call: Call) -> str:
    if not call.ok:
        return call.outcome
    workflows = call.response(GetMetadataResponse).workflows
    return "not told" if workflows is None else str(workflows.connected_workers)


@observation("engine/management/token-refusal-text", "engine/management-refusals/strangers")
def what_a_stranger_is_told(e: Evidence) -> str:
    """Without a token, and with another one."""
    none, wrong = e.call("none-Hello").outcome, e.call("wrong-Hello").outcome
    return none if none == wrong else f"{none}; with another token {wrong}"
