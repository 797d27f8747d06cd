"""Workers that break rules of the chapter control."""

from __future__ import annotations

from collections.abc import Sequence

from dwconf.wire import values as v
from dwconf.worker.core.control import holds
from dwconf.worker.mutants.registry import mutant


def events_pass(body: v.EventBody) -> bool:
    """Lets raised events through while suspended."""
    return holds(body) and not isinstance(body, v.EventRaised)


def no_result(event: v.ExecutionTerminated) -> v.CompleteWorkflow:
    """Forgets what the terminate carries."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.TERMINATED)


def only_events(body: v.EventBody) -> bool:
    """Lets completions and timers through while suspended."""
    return isinstance(body, v.EventRaised)


def timers_pass(body: v.EventBody) -> bool:
    """Lets timers through while suspended."""
    return holds(body) and not isinstance(body, v.TimerFired)


def failures_pass(body: v.EventBody) -> bool:
    """Lets failures of activities through while suspended."""
    return holds(body) and not isinstance(body, v.TaskFailed)


def children_pass(body: v.EventBody) -> bool:
    """Lets the ends of children through while suspended."""
    return holds(body) and not isinstance(body, v.ChildWorkflowInstanceCompleted | v.ChildWorkflowInstanceFailed)


def toggles(suspended: bool) -> bool:  # noqa: FBT001  (the decision's one input)
    """Takes a second suspend for a resume."""
    return not suspended


def backwards(held: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Takes what it kept in the opposite order."""
    return tuple(reversed(held))


def forgets_kept(held: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Drops what it kept."""
    return ()


def silent_without_actions(response: v.WorkflowResponse) -> tuple[v.WorkflowResponse, ...]:
    """Does not answer a turn in which nothing happened."""
    return (response,) if response.actions else ()


def as_completed(event: v.ExecutionTerminated) -> v.CompleteWorkflow:
    """Takes a terminate for the end of the code."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.COMPLETED, result=event.input)


def takes_more(terminate: v.ExecutionTerminated) -> bool:
    """Takes the events behind a terminate."""
    return False


def runs_on(completion: v.CompleteWorkflow | None) -> bool:
    """Runs code that was terminated."""
    return completion is None or completion.workflow_status == v.OrchestrationStatus.TERMINATED


def always(completion: v.CompleteWorkflow | None) -> bool:
    """Terminates also what has completed."""
    return True


def never_after_the_end(completion: v.CompleteWorkflow | None) -> bool:
    """Overlooks a terminate of what continues as new."""
    return completion is None


def as_they_are(actions: tuple[v.WorkflowAction, ...]) -> tuple[v.WorkflowAction, ...]:
    """Sends what the code asks for also while suspended."""
    return actions


def all_beside(actions: tuple[v.WorkflowAction, ...], end: v.CompleteWorkflow) -> tuple[v.WorkflowAction, ...]:
    """Sends what is pending along with any completion."""
    return actions


def overlooks(event: v.ExecutionTerminated) -> bool:
    """Overlooks a terminate while suspended."""
    return True


mutant(
    "events-pass-suspension",
    "worker/control/suspended-does-not-advance",
    "takes raised events while suspended",
    holds=events_pass,
    while_suspended=as_they_are,
)
mutant(
    "terminates-without-result",
    "worker/control/terminated-completes",
    "loses the output of a terminate",
    terminated=no_result,
)
mutant(
    "completions-pass-suspension",
    "worker/control/suspended-does-not-advance",
    "takes completions while suspended",
    holds=only_events,
    while_suspended=as_they_are,
)
mutant(
    "timers-pass-suspension",
    "worker/control/suspended-does-not-advance",
    "takes timers while suspended",
    holds=timers_pass,
    while_suspended=as_they_are,
)
mutant(
    "failures-pass-suspension",
    "worker/control/suspended-does-not-advance",
    "takes failures of activities while suspended",
    holds=failures_pass,
    while_suspended=as_they_are,
)
mutant(
    "children-pass-suspension",
    "worker/control/suspended-does-not-advance",
    "takes the ends of children while suspended",
    holds=children_pass,
    while_suspended=as_they_are,
)
mutant(
    "second-suspend-resumes",
    "worker/control/suspended-does-not-advance",
    "takes a second suspend for a resume",
    suspends=toggles,
)
mutant(
    "resumes-backwards",
    "worker/control/resumes-in-order",
    "takes what it kept in the opposite order",
    release=backwards,
)
mutant(
    "forgets-what-it-kept",
    "worker/control/resumes-in-order",
    "drops what came while it was suspended",
    release=forgets_kept,
)
mutant(
    "silent-while-suspended",
    "worker/control/suspended-turn-answered",
    "does not answer a turn in which nothing happens",
    workflow_answers=silent_without_actions,
)
mutant(
    "terminates-as-completed",
    "worker/control/terminated-completes",
    "ends as COMPLETED on a terminate",
    terminated=as_completed,
)
mutant(
    "runs-after-terminate",
    "worker/control/nothing-after-terminate",
    "runs on after a terminate",
    runs_code=runs_on,
    stops_taking=takes_more,
    beside_completion=all_beside,
)
mutant(
    "terminates-what-is-complete",
    "worker/control/completion-before-terminate",
    "terminates a workflow that has just completed",
    terminates=always,
)
mutant(
    "continues-despite-terminate",
    "worker/control/terminate-beats-continue-as-new",
    "continues as new despite a terminate",
    terminates=never_after_the_end,
)
mutant(
    "completes-despite-terminate",
    "worker/control/terminate-anywhere",
    "lets a completion behind a terminate replace it",
    runs_code=runs_on,
    stops_taking=takes_more,
)
mutant(
    "not-terminated-while-suspended",
    "worker/control/terminate-while-suspended",
    "overlooks a terminate while it is suspended",
    overlooks_terminate=overlooks,
)
