"""Wrong about termination, suspension and purge where it takes more than one decision (ENG-H)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.frames import HISTORY_EVENTS, joined, split
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Answered, Code, Deliver, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    EventBody,
    EventRaised,
    ExecutionCompleted,
    ExecutionTerminated,
    HistoryEvent,
    OrchestrationStatus,
    PurgeInstancesResponse,
    TaskCompleted,
    TerminateRequest,
    WorkflowAction,
    WorkflowState,
)

ABANDONED: set[str] = set()
"""Instances whose client gave up waiting."""
BURIED: dict[str, bytes] = {}
"""Histories of purged instances."""


def _notes_abandoned(hub: Hub, instance_id: str) -> None:
    """Remembers for whom nobody waits any more."""
    del hub
    ABANDONED.add(instance_id)


def _forgets_abandoned(state: Instance | None, input_: Answered, moment: Moment, rules: Decisions) -> Stepped:
    """A termination that is still queued is forgotten when its client has gone."""
    if state is not None and state.id in ABANDONED:
        carried, waiting = state.inbox[: len(input_.turn.events)], state.inbox[len(input_.turn.events) :]
        kept = tuple(event for event in waiting if not isinstance(event.event.body, ExecutionTerminated))
        state = replace(state, inbox=(*carried, *kept))
    return REFERENCE.answered(state, input_, moment, rules)


mutant(
    "terminate-forgotten-with-its-client",
    "engine/lifecycle/terminate-deadline",
    "a queued termination is forgotten when its client's deadline passes",
    faults=Faults(abandoned=_notes_abandoned),
    answered=_forgets_abandoned,
)


def _ends_without_a_turn(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """A termination ends the instance at once, and no worker hears of it."""
    order = input_.event.body
    if state is None or not isinstance(order, ExecutionTerminated) or not rules.takes_events(state, rules):
        return REFERENCE.deliver(state, input_, moment, rules)
    status = OrchestrationStatus.TERMINATED
    ending = ExecutionCompleted(workflow_status=status, result=order.input)
    return replace(state, status=status, ending=ending, inbox=(), updated_at=moment.now), ()


def _forgets_the_rest(
    state: Instance, input_: Answered, completion: WorkflowAction | None, moment: Moment, rules: Decisions
) -> Stepped:
    """A forced end leaves nothing of the answer in history."""
    if completion is None and rules.termination_in(input_.turn.events) is not None:
        input_ = replace(input_, response=replace(input_.response, actions=()))
    return REFERENCE.commit(state, input_, completion, moment, rules)


mutant(
    "terminate-records-no-actions",
    "engine/lifecycle/terminate-discards-actions",
    "an enforced termination leaves nothing of the response in history",
    commit=_forgets_the_rest,
)
mutant(
    "terminate-without-a-turn",
    "engine/lifecycle/terminate-in-a-turn",
    "a termination ends the instance without a turn",
    deliver=_ends_without_a_turn,
)


def _rewrites_the_end(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """A termination of an instance that has ended replaces its end."""
    order = input_.event.body
    if state is None or state.ending is None or not isinstance(order, ExecutionTerminated):
        return REFERENCE.deliver(state, input_, moment, rules)
    ending = replace(state.ending, result=order.input)
    return replace(state, ending=ending), ()


def _refuses_the_ended(state: Instance | None, body: EventBody, rules: Decisions) -> Refusal | None:
    """A termination of an instance that has ended is an error."""
    if state is not None and isinstance(body, ExecutionTerminated) and rules.is_terminal(state.status):
        return Refusal(Code.FAILED_PRECONDITION, "the workflow has already ended")
    return REFERENCE.refuse_event(state, body, rules)


mutant(
    "terminate-rewrites-an-end",
    "engine/lifecycle/terminate-ended",
    "a termination of an ended instance replaces its output",
    deliver=_rewrites_the_end,
)
mutant(
    "terminate-of-ended-refused",
    "engine/lifecycle/terminate-ended",
    "a termination of an ended instance is an error",
    refuse_event=_refuses_the_ended,
)


def _deaf_to_events(state: Instance, event: HistoryEvent) -> bool:
    """External events are lost while an instance is suspended."""
    deaf = state.status == OrchestrationStatus.SUSPENDED and isinstance(event.body, EventRaised)
    return not deaf and REFERENCE.accepts(state, event)


def _deaf_to_results(state: Instance, event: HistoryEvent) -> bool:
    """Results of activities are lost while an instance is suspended."""
    deaf = state.status == OrchestrationStatus.SUSPENDED and isinstance(event.body, TaskCompleted)
    return not deaf and REFERENCE.accepts(state, event)


mutant(
    "suspension-swallows-events",
    "engine/lifecycle/suspension-loses-nothing",
    "external events are lost while an instance is suspended",
    accepts=_deaf_to_events,
)
mutant(
    "suspension-swallows-results",
    "engine/lifecycle/suspension-loses-nothing",
    "results of activities are lost while an instance is suspended",
    accepts=_deaf_to_results,
)


def _purges_nothing(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """No instance is purged."""
    refusal = REFERENCE.refuse_purge(state, rules, force=force)
    return refusal or Refusal(Code.FAILED_PRECONDITION, "failed to purge workflow state: not today")


def _counts_nothing(method: str, data: bytes) -> tuple[bytes, ...]:
    """A purge does not say how many instances it removed."""
    return (encode(PurgeInstancesResponse()) if method == "PurgeInstances" else data,)


def _purges_running_children(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """A recursive purge removes running children too."""
    child = state is not None and state.parent is not None
    return None if child else REFERENCE.refuse_purge(state, rules, force=force)


def _purges_fresh_children(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """A recursive purge removes children that have not had their first turn."""
    fresh = state is not None and state.parent is not None and state.status == OrchestrationStatus.PENDING
    return None if fresh else REFERENCE.refuse_purge(state, rules, force=force)


def _canceled_stays(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """A canceled instance is not purged."""
    if state is not None and state.status == OrchestrationStatus.CANCELED:
        return Refusal(Code.FAILED_PRECONDITION, "failed to purge workflow state: orchestration has not yet completed")
    return REFERENCE.refuse_purge(state, rules, force=force)


def _buries(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """Remembers the history of what is purged."""
    refusal = REFERENCE.refuse_purge(state, rules, force=force)
    if state is not None and refusal is None:
        BURIED[state.id] = joined(HISTORY_EVENTS, split(state.history.frames))
    return refusal


def _exhumes(instance_id: str) -> bytes | Refusal:
    """Answers the history of a purged instance."""
    return BURIED.get(instance_id) or REFERENCE.unknown_history(instance_id)


mutant(
    "canceled-not-purged",
    "engine/lifecycle/canceled-is-terminal",
    "a canceled instance is not purged",
    refuse_purge=_canceled_stays,
)
mutant(
    "purge-keeps-history",
    "engine/lifecycle/purge-ended",
    "the history of a purged instance can still be read",
    refuse_purge=_buries,
    unknown_history=_exhumes,
)
mutant(
    "purge-refused",
    "engine/lifecycle/purge-ended",
    "an ended instance is not purged",
    refuse_purge=_purges_nothing,
)
mutant(
    "purge-counts-nothing",
    "engine/lifecycle/purge-ended",
    "a purge does not say how many instances it removed",
    faults=Faults(outgoing=_counts_nothing),
)
mutant(
    "purges-running-children",
    "engine/lifecycle/recursive-purge-needs-end",
    "a recursive purge removes running children",
    refuse_purge=_purges_running_children,
)
mutant(
    "purges-pending-children",
    "engine/lifecycle/recursive-purge-needs-end",
    "a recursive purge removes children that have not had their first turn",
    refuse_purge=_purges_fresh_children,
)


def _over_when_it_runs(state: Instance, rules: Decisions) -> bool:
    """A wait for the end is over as soon as the instance runs."""
    return rules.visible_status(state) != OrchestrationStatus.PENDING


mutant(
    "wait-ends-without-an-end",
    "engine/lifecycle/wait-deadline",
    "a wait for the end answers for an instance that runs",
    has_ended=_over_when_it_runs,
)


def _failure_hidden(state: Instance, rules: Decisions) -> WorkflowState:
    """A state does not show why an instance failed."""
    return replace(REFERENCE.workflow_state(state, rules), failure_details=None)


mutant(
    "failure-never-shown",
    "engine/lifecycle/get-with-payloads",
    "a query does not show why an instance failed",
    workflow_state=_failure_hidden,
)


def _never_recursive(request: TerminateRequest) -> ExecutionTerminated:
    """No termination is recursive."""
    return replace(REFERENCE.terminated(request), recurse=False)


mutant(
    "terminate-never-recursive",
    "engine/lifecycle/terminate-event",
    "the recursion flag of a termination is lost",
    terminated=_never_recursive,
)
