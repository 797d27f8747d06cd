"""Wrong about activities (ENG-D)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask
from dwconf.engine.mutants.mutant import Mutant
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TraceContext,
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


MUTANTS = (
    Mutant(
        name="activity-without-input",
        breaks="engine/activities/request-fields",
        title="the input does not reach the activity",
        decisions=replace(REFERENCE, activity_request=_without_input),
    ),
    Mutant(
        name="activity-without-instance",
        breaks="engine/activities/request-fields",
        title="the activity is not told whose it is",
        decisions=replace(REFERENCE, activity_request=_without_instance),
    ),
    Mutant(
        name="activity-with-wrong-id",
        breaks="engine/activities/request-fields",
        title="the activity gets another id than its taskScheduled event has",
        decisions=replace(REFERENCE, activity_request=_wrong_task_id),
    ),
    Mutant(
        name="activity-without-execution-id",
        breaks="engine/activities/task-execution-id-passed",
        title="the task execution id does not reach the activity",
        decisions=replace(REFERENCE, activity_request=_without_task_execution_id),
    ),
    Mutant(
        name="completion-without-execution-id",
        breaks="engine/activities/task-execution-id-passed",
        title="a completion does not carry the task execution id",
        decisions=replace(REFERENCE, outcome=_execution_id_lost),
    ),
    Mutant(
        name="activity-result-lost",
        breaks="engine/activities/completion-becomes-event",
        title="the result of an activity is lost",
        decisions=replace(REFERENCE, outcome=_result_lost),
    ),
    Mutant(
        name="activity-result-always-set",
        breaks="engine/activities/completion-becomes-event",
        title="an unset result becomes an empty one",
        decisions=replace(REFERENCE, outcome=_result_always_set),
    ),
    Mutant(
        name="completion-of-another-task",
        breaks="engine/activities/completion-becomes-event",
        title="a completion names another task",
        decisions=replace(REFERENCE, outcome=_off_by_one, accepts=lambda _state, _event: True),
    ),
    Mutant(
        name="completion-without-router",
        breaks="engine/activities/completion-router",
        title="a completion does not carry the router of its task",
        decisions=replace(REFERENCE, outcome_router=_no_router),
    ),
    Mutant(
        name="failure-with-result-succeeds",
        breaks="engine/activities/failure-becomes-event",
        title="a failure that comes with a result counts as completed",
        decisions=replace(REFERENCE, outcome=_failure_succeeds),
    ),
    Mutant(
        name="failure-details-lost",
        breaks="engine/activities/failure-becomes-event",
        title="the details of a failure are lost",
        decisions=replace(REFERENCE, outcome=_details_lost),
    ),
)
