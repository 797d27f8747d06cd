"""The actions that scripted workers answer with, short to write in a case."""

from __future__ import annotations

from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    HistoryEvent,
    HistoryPropagationScope,
    OrchestrationStatus,
    ScheduleTask,
    SendEvent,
    TaskFailureDetails,
    TaskRouter,
    TimerOrigin,
    TimerOriginCreateTimer,
    WorkflowAction,
    WorkflowInstance,
)


def schedule(
    action_id: int,
    name: str = "act",
    *,
    input: str | None = None,  # noqa: A002  (the protocol's own word)
    version: str | None = None,
    execution: str = "",
    router: TaskRouter | None = None,
    scope: HistoryPropagationScope | None = None,
) -> WorkflowAction:
    """Schedule an activity; `execution` is its taskExecutionId, `scope` what it is told of its caller's history."""
    body = ScheduleTask(
        name=name, input=input, version=version, task_execution_id=execution, history_propagation_scope=scope
    )
    return WorkflowAction(id=action_id, body=body, router=router)


def timer(
    action_id: int, fire_at: int | None, *, name: str | None = None, origin: TimerOrigin | None = None
) -> WorkflowAction:
    """Create a timer that fires at `fire_at` (nanoseconds since the epoch)."""
    body = CreateTimer(fire_at=fire_at, name=name, origin=origin or TimerOriginCreateTimer())
    return WorkflowAction(id=action_id, body=body)


def child(
    action_id: int,
    name: str = "child",
    *,
    instance_id: str = "",
    input: str | None = None,  # noqa: A002
    version: str | None = None,
    router: TaskRouter | None = None,
    scope: HistoryPropagationScope | None = None,
) -> WorkflowAction:
    """Create a child workflow; an empty `instance_id` leaves its id to the engine."""
    body = CreateChildWorkflow(
        instance_id=instance_id, name=name, input=input, version=version, history_propagation_scope=scope
    )
    return WorkflowAction(id=action_id, body=body, router=router)


def detached(
    action_id: int,
    name: str = "detached",
    *,
    instance_id: str,
    input: str | None = None,  # noqa: A002
) -> WorkflowAction:
    """Create a detached workflow."""
    return WorkflowAction(id=action_id, body=CreateDetachedWorkflow(instance_id=instance_id, name=name, input=input))


def send_event(action_id: int, instance_id: str, name: str, data: str | None = None) -> WorkflowAction:
    """Send an external event to another instance."""
    body = SendEvent(instance=WorkflowInstance(instance_id=instance_id), name=name, data=data)
    return WorkflowAction(id=action_id, body=body)


def complete(
    action_id: int,
    result: str | None = '"done"',
    *,
    status: OrchestrationStatus = OrchestrationStatus.COMPLETED,
    failure: TaskFailureDetails | None = None,
) -> WorkflowAction:
    """Complete the workflow."""
    body = CompleteWorkflow(workflow_status=status, result=result, failure_details=failure)
    return WorkflowAction(id=action_id, body=body)


def fail(action_id: int, message: str = "boom", *, error_type: str = "Failure") -> WorkflowAction:
    """Complete the workflow as failed."""
    details = TaskFailureDetails(error_type=error_type, error_message=message)
    return complete(action_id, None, status=OrchestrationStatus.FAILED, failure=details)


def continue_as_new(
    action_id: int,
    input: str | None,  # noqa: A002
    *,
    carryover: tuple[HistoryEvent, ...] = (),
) -> WorkflowAction:
    """Continue as new with an input and the events to carry over."""
    body = CompleteWorkflow(
        workflow_status=OrchestrationStatus.CONTINUED_AS_NEW, result=input, carryover_events=carryover
    )
    return WorkflowAction(id=action_id, body=body)
