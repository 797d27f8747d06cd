"""What a worker does about events where the protocol leaves it free (chapter F)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import OrchestrationStatus


@observation("worker/events/history-with-optional-timer", "worker/events/with-optional-timer")
def unexpected_optional_timer(e: Evidence) -> str:
    end = answer(e, "last").end
    if end is None:
        return "nothing happens"
    return "skipped" if end.workflow_status == OrchestrationStatus.COMPLETED else f"ends as {end.workflow_status.name}"


@observation("worker/events/buffer-limits", "worker/events/many-buffered")
def buffer_limits(e: Evidence) -> str:
    kept = answer(e, "last").end is not None
    return "events of 1050 names are kept" if kept else "events of fewer than 1050 names are kept"
