"""Workers that break rules of the chapter control."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.control import holds
from dwconf.worker.mutants.registry import mutant


def events_pass(body: v.EventBody) -> bool:
    """Lets raised events through while suspended."""
    return holds(body) and not isinstance(body, v.EventRaised)


def no_result(event: v.ExecutionTerminated) -> v.CompleteWorkflow:
    """Forgets what the terminate carries."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.TERMINATED)


mutant(
    "events-pass-suspension",
    "worker/control/suspended-does-not-advance",
    "takes raised events while suspended",
    holds=events_pass,
)
mutant(
    "terminates-without-result",
    "worker/control/terminated-completes",
    "loses the output of a terminate",
    terminated=no_result,
)
