"""Wrong about activities (ENG-D)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dwconf.engine.core.actions import Applied, Carrying
from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.dispatch import ActivityWork, Dispatch, Work
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import ActivityTask, Code, Deliver, Refusal, Schedule
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.codec import WireError, encode
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    CompleteWorkflow,
    ExecutionSuspended,
    HistoryEvent,
    OrchestrationStatus,
    ScheduleTask,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TraceContext,
    WorkflowAction,
    WorkflowInstance,
)


def _without_input(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """The input does not reach the activity."""
    return replace(REFERENCE.activity_request(state, scheduled, task_id, trace), input=None)


def _wrong_task_id(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """The activity gets another id than its taskScheduled event has."""
    return replace(REFERENCE.activity_request(state, scheduled, task_id, trace), task_id=task_id + 1)


def _without_task_execution_id(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """The task execution id does not reach the activity."""
    return replace(REFERENCE.activity_request(state, scheduled, task_id, trace), task_execution_id="")


def _without_instance(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """The activity is not told whose it is."""
    return replace(REFERENCE.activity_request(state, scheduled, task_id, trace), workflow_instance=WorkflowInstance())


def _result_lost(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """The result of an activity is lost."""
    body = REFERENCE.outcome(task, response)
    return replace(body, result=None) if isinstance(body, TaskCompleted) else body


def _result_always_set(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """An unset result becomes an empty one."""
    body = REFERENCE.outcome(task, response)
    return replace(body, result=body.result or "") if isinstance(body, TaskCompleted) else body


def _execution_id_lost(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """A completion does not carry the task execution id."""
    return replace(REFERENCE.outcome(task, response), task_execution_id="")


def _failure_succeeds(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """A failed activity that has a result beside its failure counts as completed."""
    ignored = response.failure_details if response.result is None else None
    return REFERENCE.outcome(task, replace(response, failure_details=ignored))


def _details_lost(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """The details of a failure are lost."""
    body = REFERENCE.outcome(task, response)
    return replace(body, failure_details=None) if isinstance(body, TaskFailed) else body


def _no_router(task: ActivityTask) -> None:
    """A completion does not carry the router."""
    del task


def _off_by_one(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """A completion names another task."""
    body = REFERENCE.outcome(task, response)
    return replace(body, task_scheduled_id=body.task_scheduled_id + 1)


mutant(
    "activity-without-input",
    "engine/activities/request-fields",
    "the input does not reach the activity",
    activity_request=_without_input,
)
mutant(
    "activity-without-instance",
    "engine/activities/request-fields",
    "the activity is not told whose it is",
    activity_request=_without_instance,
)
mutant(
    "activity-with-wrong-id",
    "engine/activities/request-fields",
    "the activity gets another id than its taskScheduled event has",
    activity_request=_wrong_task_id,
)
mutant(
    "activity-without-execution-id",
    "engine/activities/task-execution-id-passed",
    "the task execution id does not reach the activity",
    activity_request=_without_task_execution_id,
)
mutant(
    "completion-without-execution-id",
    "engine/activities/completion-becomes-event",
    "a completion does not carry the task execution id",
    outcome=_execution_id_lost,
)
mutant(
    "activity-result-lost",
    "engine/activities/completion-becomes-event",
    "the result of an activity is lost",
    outcome=_result_lost,
)
mutant(
    "activity-result-always-set",
    "engine/activities/completion-becomes-event",
    "an unset result becomes an empty one",
    outcome=_result_always_set,
)
mutant(
    "completion-of-another-task",
    "engine/activities/completion-becomes-event",
    "a completion names another task",
    outcome=_off_by_one,
    accepts=lambda _state, _event: True,
)
mutant(
    "completion-without-router",
    "engine/activities/completion-router",
    "a completion does not carry the router of its task",
    outcome_router=_no_router,
)
mutant(
    "failure-with-result-succeeds",
    "engine/activities/failure-becomes-event",
    "a failure that comes with a result counts as completed",
    outcome=_failure_succeeds,
)
mutant(
    "failure-details-lost",
    "engine/activities/failure-becomes-event",
    "the details of a failure are lost",
    outcome=_details_lost,
)


# Declared one by one.


def _untraced(context: TraceContext | None, moment: Moment, index: int) -> None:
    """What a traced workflow schedules is not traced."""
    del context, moment, index


def _always_traced(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """An activity of an untraced workflow has a trace."""
    made = trace or TraceContext(trace_parent=f"00-{'1' * 32}-{'2' * 16}-01")
    return REFERENCE.activity_request(state, scheduled, task_id, made)


def _never_again(dispatches: Iterable[Dispatch]) -> tuple[Work, ...]:
    """An activity that is lost with its worker never comes again."""
    return tuple(work for work in REFERENCE.redelivered(dispatches) if not isinstance(work, ActivityWork))


def _tried_again(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """A failed activity is dispatched once more."""
    after, effects = REFERENCE.deliver(state, input_, moment, rules)
    failure = input_.event.body
    if after is None or not isinstance(failure, TaskFailed):
        return after, effects
    number = failure.task_scheduled_id
    owner = WorkflowInstance(instance_id=after.id)
    request = ActivityRequest(name="act-0", workflow_instance=owner, task_id=number)
    return after, (*effects, Schedule(ActivityTask(after.id, after.epoch, number, "", None, encode(request))))


def _result_of(response: ActivityResponse) -> TaskCompleted:
    """An answer that nobody waits for resolves its task once more."""
    return TaskCompleted(task_scheduled_id=response.task_id, result=response.result)


def _results_always(state: Instance, event: HistoryEvent) -> bool:
    """A task may be resolved more than once."""
    return isinstance(event.body, TaskCompleted) or REFERENCE.accepts(state, event)


def _newest_first(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """A new result overtakes those that wait."""
    return (event, *inbox) if isinstance(event.event.body, TaskCompleted) else (*inbox, event)


def _in_order_only(state: Instance, rules: Decisions) -> bool:
    """A result waits until all activities that were scheduled before it have theirs."""
    waiting = [w.event.body.task_scheduled_id for w in state.inbox if isinstance(w.event.body, TaskCompleted)]
    blocked = len(waiting) == len(state.inbox) and any(task < min(waiting, default=0) for task in state.open_tasks)
    return not blocked and REFERENCE.wants_turn(state, rules)


def _dies_with_its_workflow(state: Instance | None, rules: Decisions) -> Refusal | None:
    """The result of an activity is refused when its workflow has ended."""
    if state is None or not rules.is_terminal(state.status):
        return None
    return Refusal(Code.NOT_FOUND, f"unknown instance ID: {state.id}")


def _held_while_suspended(
    state: Instance, action: WorkflowAction, event: HistoryEvent, done: Applied, by: Carrying
) -> None:
    """An activity that is scheduled during a suspension is never dispatched."""
    suspending = any(isinstance(waiting.event.body, ExecutionSuspended) for waiting in state.inbox)
    suspended = suspending or state.status == OrchestrationStatus.SUSPENDED
    if not (suspended and isinstance(action.body, ScheduleTask)):
        REFERENCE.carry_out(state, action, event, done, by)


def _nothing_carried_of_tasks(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """Results that are carried over are lost."""
    return tuple(w for w in REFERENCE.carried(completion) if not isinstance(w.event.body, TaskCompleted))


LIMIT = 4 * 2**20


def _oversize_malformed(method: str, data: bytes) -> bytes:
    """A result above the limit is refused as malformed."""
    if method == "CompleteActivityTask" and len(data) > LIMIT:
        raise WireError(method, "the result is too large", len(data))
    return data


mutant(
    "oversize-result-malformed",
    "engine/activities/oversize-result-refused",
    "a result above the limit is refused as if it were malformed",
    faults=Faults(incoming=_oversize_malformed, largest=LIMIT * 4),
)
mutant(
    "activity-untraced",
    "engine/activities/activity-trace-context",
    "the activity of a traced workflow has no trace context",
    child_span=_untraced,
)
mutant(
    "activity-always-traced",
    "engine/activities/activity-trace-context",
    "the activity of an untraced workflow has a trace context",
    activity_request=_always_traced,
)
mutant(
    "lost-activity-forgotten",
    "engine/activities/lost-activity-reruns",
    "an activity that is lost with its worker never comes again",
    redelivered=_never_again,
)
mutant(
    "failed-activity-retried",
    "engine/activities/failure-not-retried",
    "a failed activity is dispatched once more",
    deliver=_tried_again,
)
mutant(
    "completion-under-any-token",
    "engine/activities/correlation",
    "a completion resolves the task that it names, whosever token it has",
    token_matches=lambda _given, _expected: True,
)
mutant(
    "second-completion-delivered",
    "engine/activities/second-completion-dropped",
    "a second completion resolves its task once more",
    unasked_outcome=_result_of,
    accepts=_results_always,
)
mutant(
    "results-overtake",
    "engine/activities/completion-order",
    "a new result overtakes those that wait",
    enqueue=_newest_first,
)
mutant(
    "results-in-order-only",
    "engine/activities/out-of-order-completion",
    "a result waits until all activities scheduled before it have theirs",
    wants_turn=_in_order_only,
)
mutant(
    "activities-end-with-workflow",
    "engine/activities/survives-the-workflow",
    "the result of an activity is refused when its workflow has ended",
    refuse_outcome=_dies_with_its_workflow,
)
mutant(
    "purged-activity-answers",
    "engine/activities/purge-forgets-activities",
    "the result of a purged run's activity reaches the next run",
    unasked_outcome=_result_of,
    accepts=_results_always,
)
mutant(
    "activities-suspended",
    "engine/activities/dispatched-while-suspended",
    "an activity that is scheduled during a suspension is not dispatched",
    carry_out=_held_while_suspended,
)
mutant(
    "early-result-ignored",
    "engine/activities/early-result-delivered",
    "an activity is dispatched although its result came early",
    resolved_early=lambda _state, _kind, _number: False,
)
mutant(
    "early-result-lost",
    "engine/activities/early-result-delivered",
    "an early result does not reach the worker",
    carried=_nothing_carried_of_tasks,
)


def _failures_doubled(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """A failure is reported twice."""
    return (*inbox, event, event) if isinstance(event.event.body, TaskFailed) else (*inbox, event)


mutant(
    "failure-reported-twice",
    "engine/activities/failure-not-retried",
    "a failure is reported to the workflow twice",
    enqueue=_failures_doubled,
)
mutant(
    "purged-activities-dispatched",
    "engine/activities/purge-forgets-activities",
    "an activity of a purged instance is dispatched again",
    forgotten=lambda _activities: (),
)
