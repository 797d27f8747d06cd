"""Wrong about termination, suspension and generations (ENG-H)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Answered, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.values import (
    CompleteWorkflow,
    EventBody,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    OrchestrationStatus,
    ResumeRequest,
    SuspendRequest,
    TerminateRequest,
    WorkflowAction,
)


def _output_lost(request: TerminateRequest) -> ExecutionTerminated:
    """The output of a termination is lost."""
    return replace(REFERENCE.terminated(request), input=None)


def _always_recursive(request: TerminateRequest) -> ExecutionTerminated:
    """Every termination is recursive."""
    return replace(REFERENCE.terminated(request), recurse=True)


def _at_once(state: Instance, rules: Decisions) -> bool:
    """Does not wait for what it promises."""
    del state, rules
    return True


def _not_enforced(order: ExecutionTerminated) -> None:
    """A worker that ignores a termination runs on."""
    del order


def _enforced_without_output(order: ExecutionTerminated) -> ExecutionCompleted:
    """An enforced termination loses its output."""
    del order
    return ExecutionCompleted(workflow_status=OrchestrationStatus.TERMINATED)


def _enforced_id() -> int:
    """An enforced end has an action's id."""
    return 0


def _effects_kept(forced: ExecutionCompleted | None) -> bool:
    """What a forcibly terminated turn asked for is carried out."""
    del forced
    return True


def _termination_always_wins(
    state: Instance, input_: Answered, completion: WorkflowAction | None, moment: Moment, rules: Decisions
) -> Stepped:
    """A termination overrides the worker's own completion."""
    order = rules.termination_in(input_.turn.events)
    return REFERENCE.commit(state, input_, None if order is not None else completion, moment, rules)


def _continues_anyway(order: ExecutionTerminated | None) -> bool:
    """A terminated turn may continue as new."""
    del order
    return True


def _unknown_taken(body: EventBody) -> Refusal | None:
    """A termination of an instance that does not exist is taken."""
    return None if isinstance(body, ExecutionTerminated) else REFERENCE.unknown_instance(body)


def _reason_lost_on_suspend(request: SuspendRequest) -> ExecutionSuspended:
    """The reason of a suspension is lost."""
    del request
    return ExecutionSuspended()


def _reason_always_set(request: SuspendRequest) -> ExecutionSuspended:
    """A suspension without a reason gets an empty one."""
    return ExecutionSuspended(input=request.reason or "")


def _reason_lost_on_resume(request: ResumeRequest) -> ExecutionResumed:
    """The reason of a resumption is lost."""
    del request
    return ExecutionResumed()


def _never_suspended(before: OrchestrationStatus, events: Sequence[Queued]) -> OrchestrationStatus:
    """A suspension does not show in the status."""
    del before, events
    return OrchestrationStatus.RUNNING


def _never_resumed(before: OrchestrationStatus, events: Sequence[Queued]) -> OrchestrationStatus:
    """A resumption does not show in the status."""
    return before if before == OrchestrationStatus.SUSPENDED else REFERENCE.status_after(before, events)


def _repeated_suspend_dropped(state: Instance, event: HistoryEvent) -> bool:
    """A suspension of a suspended instance is dropped."""
    repeated = isinstance(event.body, ExecutionSuspended) and state.status == OrchestrationStatus.SUSPENDED
    return not repeated and REFERENCE.accepts(state, event)


def _termination_dropped(state: Instance, event: HistoryEvent) -> bool:
    """A termination of a suspended instance is dropped."""
    dropped = isinstance(event.body, ExecutionTerminated) and state.status == OrchestrationStatus.SUSPENDED
    return not dropped and REFERENCE.accepts(state, event)


def _holds_back(state: Instance) -> bool:
    """Nothing but a resumption or a termination is dispatched while an instance is suspended."""
    control = (ExecutionResumed, ExecutionTerminated)
    if state.status != OrchestrationStatus.SUSPENDED:
        return False
    return not any(isinstance(queued.event.body, control) for queued in state.inbox)


def _holds_everything_back(state: Instance) -> bool:
    """Nothing at all is dispatched while an instance is suspended."""
    return state.status == OrchestrationStatus.SUSPENDED


def _same_execution(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """The next generation has the execution id of the last."""
    return replace(REFERENCE.next_start(state, completion, moment), workflow_instance=state.start.workflow_instance)


def _same_input(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """The next generation gets the input of the last."""
    return replace(REFERENCE.next_start(state, completion, moment), input=state.start.input)


def _parent_lost(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """The next generation does not know its parent."""
    return replace(REFERENCE.next_start(state, completion, moment), parent_instance=None)


def _nothing_carried(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """Events that are to be carried over are lost."""
    del completion
    return ()


def _carried_in_reverse(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """Events are carried over in reverse."""
    return tuple(reversed(REFERENCE.carried(completion)))


def _nothing_survives(waiting: Queued) -> bool:
    """Events that are still queued are lost when an instance continues as new."""
    del waiting
    return False


def _history_goes_on(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """The next generation begins with the history of the last."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    return (after if after is None else replace(after, history=state.history)), effects


mutant(
    "terminate-without-output",
    "engine/lifecycle/terminate-event",
    "the output of a termination does not reach the workflow",
    terminated=_output_lost,
)
mutant(
    "terminate-always-recursive",
    "engine/lifecycle/terminate-default-not-recursive",
    "a termination is recursive whether asked for or not",
    terminated=_always_recursive,
)
mutant(
    "terminate-answers-early",
    "engine/lifecycle/terminate-waits-for-end",
    "a termination is answered before the instance has ended",
    has_ended=_at_once,
)
mutant(
    "terminate-not-enforced",
    "engine/lifecycle/terminate-enforced",
    "a termination that the worker ignores is forgotten",
    forced_ending=_not_enforced,
)
mutant(
    "terminate-enforced-without-output",
    "engine/lifecycle/terminate-enforced",
    "an enforced termination loses its output",
    forced_ending=_enforced_without_output,
)
mutant(
    "terminate-enforced-with-an-id",
    "engine/lifecycle/terminate-enforced",
    "an enforced end has an event id of its own",
    forced_ending_id=_enforced_id,
)
mutant(
    "terminate-carries-out-actions",
    "engine/lifecycle/terminate-discards-actions",
    "what a forcibly terminated turn asked for is carried out",
    keeps_effects=_effects_kept,
)
mutant(
    "terminate-beats-completion",
    "engine/lifecycle/completion-beats-terminate",
    "a termination overrides the worker's own completion",
    commit=_termination_always_wins,
)
mutant(
    "terminate-lets-continue",
    "engine/lifecycle/continue-as-new-under-terminate",
    "a terminated workflow may continue as new",
    may_continue=_continues_anyway,
)
mutant(
    "terminate-of-unknown-succeeds",
    "engine/lifecycle/terminate-unknown",
    "a termination of an instance that does not exist is taken",
    unknown_instance=_unknown_taken,
)
mutant(
    "suspend-reason-lost",
    "engine/lifecycle/suspend-event",
    "the reason of a suspension is lost",
    suspended=_reason_lost_on_suspend,
)
mutant(
    "suspend-reason-always-set",
    "engine/lifecycle/suspend-event",
    "a suspension without a reason gets an empty one",
    suspended=_reason_always_set,
)
mutant(
    "resume-reason-lost",
    "engine/lifecycle/resume-event",
    "the reason of a resumption is lost",
    resumed=_reason_lost_on_resume,
)
mutant(
    "suspend-does-not-wait",
    "engine/lifecycle/suspend-returns-suspended",
    "a suspension is answered before it has happened",
    is_suspended=_at_once,
)
mutant(
    "resume-does-not-wait",
    "engine/lifecycle/resume-returns-running",
    "a resumption is answered before it has happened",
    is_resumed=_at_once,
)
mutant(
    "suspension-not-shown",
    "engine/lifecycle/suspend-is-a-turn",
    "a suspension does not show in the status",
    status_after=_never_suspended,
    is_suspended=_at_once,
)
mutant(
    "resumption-not-shown",
    "engine/lifecycle/resume-while-suspended",
    "a resumed instance stays suspended",
    status_after=_never_resumed,
    is_resumed=_at_once,
)
mutant(
    "repeated-suspend-dropped",
    "engine/lifecycle/repeated-suspend-recorded",
    "a suspension of a suspended instance is dropped",
    accepts=_repeated_suspend_dropped,
)
mutant(
    "terminate-dropped-while-suspended",
    "engine/lifecycle/terminate-while-suspended",
    "a termination of a suspended instance is dropped",
    accepts=_termination_dropped,
)
mutant(
    "suspended-held-back",
    "engine/lifecycle/suspended-still-dispatched",
    "nothing but control events is dispatched while an instance is suspended",
    holds_turn=_holds_back,
)
mutant(
    "suspended-for-good",
    "engine/lifecycle/resume-while-suspended",
    "not even a resumption is dispatched while an instance is suspended",
    holds_turn=_holds_everything_back,
)
mutant(
    "generation-keeps-execution-id",
    "engine/lifecycle/continue-as-new-restarts",
    "the next generation has the execution id of the last",
    next_start=_same_execution,
)
mutant(
    "generation-keeps-input",
    "engine/lifecycle/continue-as-new-restarts",
    "the next generation gets the input of the last",
    next_start=_same_input,
)
mutant(
    "generation-loses-parent",
    "engine/lifecycle/continue-as-new-keeps-parent",
    "the next generation does not know its parent",
    next_start=_parent_lost,
)
mutant(
    "generation-keeps-history",
    "engine/lifecycle/continue-as-new-empty-past",
    "the next generation begins with the history of the last",
    continue_as_new=_history_goes_on,
)
mutant(
    "carry-over-lost",
    "engine/lifecycle/carryover-kept",
    "events that are to be carried over are lost",
    carried=_nothing_carried,
)
mutant(
    "carry-over-reversed",
    "engine/lifecycle/carryover-kept",
    "events are carried over in reverse",
    carried=_carried_in_reverse,
)
mutant(
    "queue-lost-with-generation",
    "engine/lifecycle/queued-events-survive",
    "events that are still queued are lost when an instance continues as new",
    survives=_nothing_survives,
)
