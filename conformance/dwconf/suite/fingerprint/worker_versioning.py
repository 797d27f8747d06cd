"""What a worker does about versions where the protocol leaves it free (chapter K)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import Answer, answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import OrchestrationStatus, WorkflowVersionNotAvailable


def told(given: Answer) -> str:
    """How a turn ends, in words."""
    if given.of(WorkflowVersionNotAvailable):
        return "version not available"
    if given.end is None:
        return "the workflow goes on"
    details = given.end.failure_details
    return given.end.workflow_status.name + (f": {details.error_message}" if details is not None else "")


@observation("worker/versioning/patch-frontier", "worker/versioning/unread-event")
def patch_frontier(e: Evidence) -> str:
    taken = answer(e, "last").result == "new"
    return "past events alone count as replay" if taken else "unread new events count as replay"


@observation("worker/versioning/pinned-without-base", "worker/versioning/unknown-name")
def pinned_without_base(e: Evidence) -> str:
    return told(answer(e, "answered"))


@observation("worker/versioning/stalled-completion", "worker/versioning/unknown-version")
def stalled_completion(e: Evidence) -> str:
    end = answer(e, "answered").end
    stalled = end is not None and end.workflow_status == OrchestrationStatus.STALLED
    return "completes as STALLED" if stalled else "never seen"
