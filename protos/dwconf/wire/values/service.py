"""Requests, answers and work items of the task hub."""

from __future__ import annotations

from dataclasses import field

from dwconf.wire.values.actions import WorkflowAction
from dwconf.wire.values.common import (
    OrchestrationStatus,
    TaskFailureDetails,
    TaskRouter,
    TraceContext,
    WorkerCapability,
    WorkflowInstance,
    WorkflowState,
    WorkflowVersion,
)
from dwconf.wire.values.history import HistoryEvent, PropagatedHistory
from dwconf.wire.values.shape import Nanos, Value, message


@message("ActivityRequest")
class ActivityRequest(Value):
    name: str = ""
    version: str | None = None
    input: str | None = None
    workflow_instance: WorkflowInstance | None = None
    task_id: int = 0
    parent_trace_context: TraceContext | None = None
    task_execution_id: str = ""
    propagated_history: PropagatedHistory | None = None


@message("ActivityResponse")
class ActivityResponse(Value):
    instance_id: str = ""
    task_id: int = 0
    result: str | None = None
    failure_details: TaskFailureDetails | None = None
    completion_token: str = ""


@message("CachedHistory")
class CachedHistory(Value):
    event_count: int = 0


@message("WorkflowRequest")
class WorkflowRequest(Value):
    instance_id: str = ""
    execution_id: str | None = None
    past_events: tuple[HistoryEvent, ...] = ()
    new_events: tuple[HistoryEvent, ...] = ()
    requires_history_streaming: bool = False
    router: TaskRouter | None = None
    propagated_history: PropagatedHistory | None = None
    cached_history: CachedHistory | None = None


@message("WorkflowResponse")
class WorkflowResponse(Value):
    instance_id: str = ""
    actions: tuple[WorkflowAction, ...] = ()
    custom_status: str | None = None
    completion_token: str = ""
    num_events_processed: int | None = None
    version: WorkflowVersion | None = None


@message("CreateInstanceRequest")
class CreateInstanceRequest(Value):
    instance_id: str = ""
    name: str = ""
    version: str | None = None
    input: str | None = None
    scheduled_start_timestamp: Nanos | None = None
    execution_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    parent_trace_context: TraceContext | None = None
    enforce_unique_instance_id: bool = False
    router: TaskRouter | None = None


@message("CreateInstanceResponse")
class CreateInstanceResponse(Value):
    instance_id: str = ""


@message("GetInstanceRequest")
class GetInstanceRequest(Value):
    instance_id: str = ""
    get_inputs_and_outputs: bool = False
    router: TaskRouter | None = None


@message("GetInstanceResponse")
class GetInstanceResponse(Value):
    exists: bool = False
    workflow_state: WorkflowState | None = None


@message("RaiseEventRequest")
class RaiseEventRequest(Value):
    instance_id: str = ""
    name: str = ""
    input: str | None = None
    router: TaskRouter | None = None


@message("RaiseEventResponse")
class RaiseEventResponse(Value):
    pass


@message("TerminateRequest")
class TerminateRequest(Value):
    instance_id: str = ""
    output: str | None = None
    recursive: bool = False
    router: TaskRouter | None = None


@message("TerminateResponse")
class TerminateResponse(Value):
    pass


@message("SuspendRequest")
class SuspendRequest(Value):
    instance_id: str = ""
    reason: str | None = None
    router: TaskRouter | None = None


@message("SuspendResponse")
class SuspendResponse(Value):
    pass


@message("ResumeRequest")
class ResumeRequest(Value):
    instance_id: str = ""
    reason: str | None = None
    router: TaskRouter | None = None


@message("ResumeResponse")
class ResumeResponse(Value):
    pass


@message("PurgeInstancesRequest")
class PurgeInstancesRequest(Value):
    instance_id: str | None = None
    purge_instance_filter: PurgeInstanceFilter | None = None
    recursive: bool = False
    force: bool | None = None
    router: TaskRouter | None = None


@message("PurgeInstanceFilter")
class PurgeInstanceFilter(Value):
    created_time_from: Nanos | None = None
    created_time_to: Nanos | None = None
    runtime_status: tuple[OrchestrationStatus, ...] = ()


@message("PurgeInstancesResponse")
class PurgeInstancesResponse(Value):
    deleted_instance_count: int = 0
    is_complete: bool | None = None


@message("GetWorkItemsRequest")
class GetWorkItemsRequest(Value):
    capabilities: tuple[WorkerCapability, ...] = ()


@message("WorkItem")
class WorkItem(Value):
    request: WorkflowRequest | ActivityRequest | HealthPing | None = field(default=None, metadata={"oneof": "request"})
    completion_token: str = ""


@message("HealthPing")
class HealthPing(Value):
    pass


@message("CompleteTaskResponse")
class CompleteTaskResponse(Value):
    pass


@message("RerunWorkflowFromEventRequest")
class RerunWorkflowFromEventRequest(Value):
    source_instance_id: str = ""
    event_id: int = 0
    new_instance_id: str | None = None
    input: str | None = None
    overwrite_input: bool = False
    new_child_workflow_instance_id: str | None = None
    router: TaskRouter | None = None


@message("RerunWorkflowFromEventResponse")
class RerunWorkflowFromEventResponse(Value):
    new_instance_id: str = ""


@message("ListInstanceIDsRequest")
class ListInstanceIDsRequest(Value):
    continuation_token: str | None = None
    page_size: int | None = None


@message("ListInstanceIDsResponse")
class ListInstanceIDsResponse(Value):
    instance_ids: tuple[str, ...] = ()
    continuation_token: str | None = None


@message("GetInstanceHistoryRequest")
class GetInstanceHistoryRequest(Value):
    instance_id: str = ""


@message("GetInstanceHistoryResponse")
class GetInstanceHistoryResponse(Value):
    events: tuple[HistoryEvent, ...] = ()
