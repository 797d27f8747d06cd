"""What a worker does about all and any where the protocol leaves it free (chapter J)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import OrchestrationStatus


@observation("worker/combinators/all-failure", "worker/combinators/all-with-a-failure")
def all_failure(e: Evidence) -> str:
    if answer(e, "failed").end is not None:
        return "fails with the first failure"
    return "fails once all have ended" if answer(e, "last").end is not None else "does not fail"


@observation("worker/combinators/nested", "worker/combinators/nested")
def nested(e: Evidence) -> str:
    end = answer(e, "last").end
    if end is None:
        return "the inner one is never seen to complete"
    return "works" if end.workflow_status == OrchestrationStatus.COMPLETED else f"ends as {end.workflow_status.name}"
