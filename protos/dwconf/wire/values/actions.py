"""What a worker asks for when it answers a turn (EX-5)."""

from __future__ import annotations

from dataclasses import field

from dwconf.wire.values.common import (
    HistoryPropagationScope,
    OrchestrationStatus,
    RetryParentInstanceInfo,
    TaskFailureDetails,
    TaskRouter,
    TraceContext,
    WorkflowInstance,
)
from dwconf.wire.values.history import HistoryEvent, TimerOrigin
from dwconf.wire.values.shape import Nanos, Value, message


@message("ScheduleTaskAction")
class ScheduleTask(Value):
    name: str = ""
    version: str | None = None
    input: str | None = None
    task_execution_id: str = ""
    history_propagation_scope: HistoryPropagationScope | None = None


@message("CreateChildWorkflowAction")
class CreateChildWorkflow(Value):
    instance_id: str = ""
    name: str = ""
    version: str | None = None
    input: str | None = None
    history_propagation_scope: HistoryPropagationScope | None = None
    retry_parent_instance_info: RetryParentInstanceInfo | None = None


@message("CreateDetachedWorkflowAction")
class CreateDetachedWorkflow(Value):
    instance_id: str = ""
    name: str = ""
    version: str | None = None
    input: str | None = None
    scheduled_start_timestamp: Nanos | None = None
    execution_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    parent_trace_context: TraceContext | None = None


@message("CreateTimerAction")
class CreateTimer(Value):
    fire_at: Nanos | None = None
    name: str | None = None
    origin: TimerOrigin | None = field(default=None, metadata={"oneof": "origin"})


@message("SendEventAction")
class SendEvent(Value):
    instance: WorkflowInstance | None = None
    name: str = ""
    data: str | None = None


@message("CompleteWorkflowAction")
class CompleteWorkflow(Value):
    workflow_status: OrchestrationStatus = OrchestrationStatus.RUNNING
    result: str | None = None
    details: str | None = None
    new_version: str | None = None
    carryover_events: tuple[HistoryEvent, ...] = ()
    failure_details: TaskFailureDetails | None = None


@message("TerminateWorkflowAction")
class TerminateWorkflow(Value):
    instance_id: str = ""
    reason: str | None = None
    recurse: bool = False


@message("WorkflowVersionNotAvailableAction")
class WorkflowVersionNotAvailable(Value):
    pass


@message("WorkflowAction")
class WorkflowAction(Value):
    id: int = 0
    body: ActionBody | None = field(default=None, metadata={"oneof": "workflowActionType"})
    router: TaskRouter | None = None


ActionBody = (
    ScheduleTask
    | CreateChildWorkflow
    | CreateDetachedWorkflow
    | CreateTimer
    | SendEvent
    | CompleteWorkflow
    | TerminateWorkflow
    | WorkflowVersionNotAvailable
)
"""The kinds of action."""
