"""What events, actions and queries share: routers, failures, instance state, attestations."""

from __future__ import annotations

from dwconf.wire.values.shape import Nanos, OpenEnum, Value, message


class StalledReason(OpenEnum):
    PATCH_MISMATCH = 0
    VERSION_NOT_AVAILABLE = 1
    PAYLOAD_SIZE_EXCEEDED = 2


class OrchestrationStatus(OpenEnum):
    RUNNING = 0
    COMPLETED = 1
    CONTINUED_AS_NEW = 2
    FAILED = 3
    CANCELED = 4
    TERMINATED = 5
    PENDING = 6
    SUSPENDED = 7
    STALLED = 8


class HistoryPropagationScope(OpenEnum):
    NONE = 0
    OWN_HISTORY = 1
    LINEAGE = 2


class WorkerCapability(OpenEnum):
    UNSPECIFIED = 0
    STATEFUL_HISTORY = 2
    HEALTH_PING = 3


@message("TaskRouter")
class TaskRouter(Value):
    source_app_id: str = ""
    target_app_id: str | None = None
    target_app_namespace: str | None = None


@message("WorkflowVersion")
class WorkflowVersion(Value):
    patches: tuple[str, ...] = ()
    name: str | None = None


@message("WorkflowInstance")
class WorkflowInstance(Value):
    instance_id: str = ""
    execution_id: str | None = None


@message("TaskFailureDetails")
class TaskFailureDetails(Value):
    error_type: str = ""
    error_message: str = ""
    stack_trace: str | None = None
    inner_failure: TaskFailureDetails | None = None
    is_non_retriable: bool = False


@message("ParentInstanceInfo")
class ParentInstanceInfo(Value):
    task_scheduled_id: int = 0
    name: str | None = None
    version: str | None = None
    workflow_instance: WorkflowInstance | None = None
    app_id: str | None = None
    app_namespace: str | None = None


@message("RerunParentInstanceInfo")
class RerunParentInstanceInfo(Value):
    instance_id: str = ""


@message("RetryParentInstanceInfo")
class RetryParentInstanceInfo(Value):
    instance_id: str = ""


@message("TraceContext")
class TraceContext(Value):
    trace_parent: str = ""
    span_id: str = ""
    trace_state: str | None = None


@message("WorkflowState")
class WorkflowState(Value):
    instance_id: str = ""
    name: str = ""
    version: str | None = None
    workflow_status: OrchestrationStatus = OrchestrationStatus.RUNNING
    scheduled_start_timestamp: Nanos | None = None
    created_timestamp: Nanos | None = None
    last_updated_timestamp: Nanos | None = None
    input: str | None = None
    output: str | None = None
    custom_status: str | None = None
    failure_details: TaskFailureDetails | None = None
    execution_id: str | None = None
    completed_timestamp: Nanos | None = None
    parent_instance_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    parent_app_id: str | None = None
    started_at: Nanos | None = None


@message("ChildCompletionAttestation")
class ChildCompletionAttestation(Value):
    payload: bytes = b""
    signature: bytes = b""


@message("ActivityCompletionAttestation")
class ActivityCompletionAttestation(Value):
    payload: bytes = b""
    signature: bytes = b""
