"""Wrong about termination, suspension and generations (ENG-H)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Answered, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.mutant import Mutant
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


MUTANTS = (
    Mutant(
        name="terminate-without-output",
        breaks="engine/lifecycle/terminate-event",
        title="the output of a termination does not reach the workflow",
        decisions=replace(REFERENCE, terminated=_output_lost),
    ),
    Mutant(
        name="terminate-always-recursive",
        breaks="engine/lifecycle/terminate-default-not-recursive",
        title="a termination is recursive whether asked for or not",
        decisions=replace(REFERENCE, terminated=_always_recursive),
    ),
    Mutant(
        name="terminate-answers-early",
        breaks="engine/lifecycle/terminate-waits-for-end",
        title="a termination is answered before the instance has ended",
        decisions=replace(REFERENCE, has_ended=_at_once),
    ),
    Mutant(
        name="terminate-not-enforced",
        breaks="engine/lifecycle/terminate-enforced",
        title="a termination that the worker ignores is forgotten",
        decisions=replace(REFERENCE, forced_ending=_not_enforced),
    ),
    Mutant(
        name="terminate-enforced-without-output",
        breaks="engine/lifecycle/terminate-enforced",
        title="an enforced termination loses its output",
        decisions=replace(REFERENCE, forced_ending=_enforced_without_output),
    ),
    Mutant(
        name="terminate-enforced-with-an-id",
        breaks="engine/lifecycle/terminate-enforced",
        title="an enforced end has an event id of its own",
        decisions=replace(REFERENCE, forced_ending_id=_enforced_id),
    ),
    Mutant(
        name="terminate-carries-out-actions",
        breaks="engine/lifecycle/terminate-discards-actions",
        title="what a forcibly terminated turn asked for is carried out",
        decisions=replace(REFERENCE, keeps_effects=_effects_kept),
    ),
    Mutant(
        name="terminate-beats-completion",
        breaks="engine/lifecycle/completion-beats-terminate",
        title="a termination overrides the worker's own completion",
        decisions=replace(REFERENCE, commit=_termination_always_wins),
    ),
    Mutant(
        name="terminate-lets-continue",
        breaks="engine/lifecycle/continue-as-new-under-terminate",
        title="a terminated workflow may continue as new",
        decisions=replace(REFERENCE, may_continue=_continues_anyway),
    ),
    Mutant(
        name="terminate-of-unknown-succeeds",
        breaks="engine/lifecycle/terminate-unknown",
        title="a termination of an instance that does not exist is taken",
        decisions=replace(REFERENCE, unknown_instance=_unknown_taken),
    ),
    Mutant(
        name="suspend-reason-lost",
        breaks="engine/lifecycle/suspend-event",
        title="the reason of a suspension is lost",
        decisions=replace(REFERENCE, suspended=_reason_lost_on_suspend),
    ),
    Mutant(
        name="suspend-reason-always-set",
        breaks="engine/lifecycle/suspend-event",
        title="a suspension without a reason gets an empty one",
        decisions=replace(REFERENCE, suspended=_reason_always_set),
    ),
    Mutant(
        name="resume-reason-lost",
        breaks="engine/lifecycle/resume-event",
        title="the reason of a resumption is lost",
        decisions=replace(REFERENCE, resumed=_reason_lost_on_resume),
    ),
    Mutant(
        name="suspend-does-not-wait",
        breaks="engine/lifecycle/suspend-returns-suspended",
        title="a suspension is answered before it has happened",
        decisions=replace(REFERENCE, is_suspended=_at_once),
    ),
    Mutant(
        name="resume-does-not-wait",
        breaks="engine/lifecycle/resume-returns-running",
        title="a resumption is answered before it has happened",
        decisions=replace(REFERENCE, is_resumed=_at_once),
    ),
    Mutant(
        name="suspension-not-shown",
        breaks="engine/lifecycle/suspend-is-a-turn",
        title="a suspension does not show in the status",
        decisions=replace(REFERENCE, status_after=_never_suspended, is_suspended=_at_once),
    ),
    Mutant(
        name="resumption-not-shown",
        breaks="engine/lifecycle/resume-while-suspended",
        title="a resumed instance stays suspended",
        decisions=replace(REFERENCE, status_after=_never_resumed, is_resumed=_at_once),
    ),
    Mutant(
        name="repeated-suspend-dropped",
        breaks="engine/lifecycle/repeated-suspend-recorded",
        title="a suspension of a suspended instance is dropped",
        decisions=replace(REFERENCE, accepts=_repeated_suspend_dropped),
    ),
    Mutant(
        name="terminate-dropped-while-suspended",
        breaks="engine/lifecycle/terminate-while-suspended",
        title="a termination of a suspended instance is dropped",
        decisions=replace(REFERENCE, accepts=_termination_dropped),
    ),
    Mutant(
        name="suspended-held-back",
        breaks="engine/lifecycle/suspended-still-dispatched",
        title="nothing but control events is dispatched while an instance is suspended",
        decisions=replace(REFERENCE, holds_turn=_holds_back),
    ),
    Mutant(
        name="suspended-for-good",
        breaks="engine/lifecycle/resume-while-suspended",
        title="not even a resumption is dispatched while an instance is suspended",
        decisions=replace(REFERENCE, holds_turn=_holds_everything_back),
    ),
    Mutant(
        name="generation-keeps-execution-id",
        breaks="engine/lifecycle/continue-as-new-restarts",
        title="the next generation has the execution id of the last",
        decisions=replace(REFERENCE, next_start=_same_execution),
    ),
    Mutant(
        name="generation-keeps-input",
        breaks="engine/lifecycle/continue-as-new-restarts",
        title="the next generation gets the input of the last",
        decisions=replace(REFERENCE, next_start=_same_input),
    ),
    Mutant(
        name="generation-loses-parent",
        breaks="engine/lifecycle/continue-as-new-keeps-parent",
        title="the next generation does not know its parent",
        decisions=replace(REFERENCE, next_start=_parent_lost),
    ),
    Mutant(
        name="generation-keeps-history",
        breaks="engine/lifecycle/continue-as-new-empty-past",
        title="the next generation begins with the history of the last",
        decisions=replace(REFERENCE, continue_as_new=_history_goes_on),
    ),
    Mutant(
        name="carry-over-lost",
        breaks="engine/lifecycle/carryover-kept",
        title="events that are to be carried over are lost",
        decisions=replace(REFERENCE, carried=_nothing_carried),
    ),
    Mutant(
        name="carry-over-reversed",
        breaks="engine/lifecycle/carryover-kept",
        title="events are carried over in reverse",
        decisions=replace(REFERENCE, carried=_carried_in_reverse),
    ),
    Mutant(
        name="queue-lost-with-generation",
        breaks="engine/lifecycle/queued-events-survive",
        title="events that are still queued are lost when an instance continues as new",
        decisions=replace(REFERENCE, survives=_nothing_survives),
    ),
)
