"""Activities: what is asked of a worker, and what its answer becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    HistoryEvent,
    ScheduleTask,
    TaskCompleted,
    TaskFailed,
    TaskRouter,
    TaskScheduled,
    TraceContext,
    WorkflowInstance,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


def task_scheduled(action: ScheduleTask, trace: TraceContext | None) -> TaskScheduled:
    """ENG-C-10: what of the action is written into history."""
    return TaskScheduled(
        name=action.name,
        version=action.version,
        input=action.input,
        parent_trace_context=trace,
        task_execution_id=action.task_execution_id,
        history_propagation_scope=action.history_propagation_scope,
    )


def activity_request(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """ENG-D-01: what of taskScheduled the worker gets."""
    return ActivityRequest(
        name=scheduled.name,
        version=scheduled.version,
        input=scheduled.input,
        workflow_instance=WorkflowInstance(instance_id=state.id, execution_id=state.execution_id),
        task_id=task_id,
        parent_trace_context=trace,
        task_execution_id=scheduled.task_execution_id,
    )


def activity_task(
    state: Instance, event: HistoryEvent, scheduled: TaskScheduled, moment: Moment, rules: Decisions
) -> ActivityTask:
    """The activity of a taskScheduled event, ready to be dispatched."""
    trace = rules.child_span(scheduled.parent_trace_context, moment, event.event_id)
    return ActivityTask(
        instance_id=state.id,
        epoch=state.epoch,
        task_id=event.event_id,
        task_execution_id=scheduled.task_execution_id,
        router=event.router,
        request=encode(rules.activity_request(state, scheduled, event.event_id, trace)),
    )


def outcome(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """ENG-D-02, ENG-D-03: failure details make it a failure, whatever result stands beside them."""
    if response.failure_details is not None:
        return TaskFailed(
            task_scheduled_id=task.task_id,
            failure_details=response.failure_details,
            task_execution_id=task.task_execution_id,
        )
    return TaskCompleted(
        task_scheduled_id=task.task_id, result=response.result, task_execution_id=task.task_execution_id
    )


def refuse_outcome(state: Instance | None, rules: Decisions) -> Refusal | None:
    """ENG-D-09: an answer is taken whatever has become of its workflow."""
    del state, rules
    return None


def outcome_router(task: ActivityTask) -> TaskRouter | None:
    """ENG-D-02: the router of the taskScheduled event."""
    return task.router


def child_span(context: TraceContext | None, moment: Moment, index: int) -> TraceContext | None:
    """ENG-B-15, ENG-C-10, ENG-D-01: a fresh span below the given one; without a trace, none."""
    if context is None:
        return None
    version, trace, _, flags = context.trace_parent.split("-")[:4]
    span = moment.nonce.span(1000 + index)
    return TraceContext(trace_parent=f"{version}-{trace}-{span}-{flags}", span_id=span, trace_state=context.trace_state)


def instance_span(state: Instance) -> TraceContext | None:
    """The instance's own span: what everything that it schedules belongs to."""
    context, span = state.start.parent_trace_context, state.start.workflow_span_id
    if context is None or not span:
        return None
    version, trace, _, flags = context.trace_parent.split("-")[:4]
    return TraceContext(trace_parent=f"{version}-{trace}-{span}-{flags}", span_id=span, trace_state=context.trace_state)
