"""The events of an instance's history (EX-7)."""

from __future__ import annotations

from dataclasses import field

from dwconf.wire.values.common import (
    ActivityCompletionAttestation,
    ChildCompletionAttestation,
    HistoryPropagationScope,
    OrchestrationStatus,
    ParentInstanceInfo,
    RerunParentInstanceInfo,
    RetryParentInstanceInfo,
    StalledReason,
    TaskFailureDetails,
    TaskRouter,
    TraceContext,
    WorkflowInstance,
    WorkflowVersion,
)
from dwconf.wire.values.shape import Nanos, Value, message


@message("ExecutionStartedEvent")
class ExecutionStarted(Value):
    name: str = ""
    version: str | None = None
    input: str | None = None
    workflow_instance: WorkflowInstance | None = None
    parent_instance: ParentInstanceInfo | None = None
    scheduled_start_timestamp: Nanos | None = None
    parent_trace_context: TraceContext | None = None
    workflow_span_id: str | None = None
    tags: tuple[tuple[str, str], ...] = ()


@message("ExecutionCompletedEvent")
class ExecutionCompleted(Value):
    workflow_status: OrchestrationStatus = OrchestrationStatus.RUNNING
    result: str | None = None
    failure_details: TaskFailureDetails | None = None


@message("ExecutionTerminatedEvent")
class ExecutionTerminated(Value):
    input: str | None = None
    recurse: bool = False


@message("TaskScheduledEvent")
class TaskScheduled(Value):
    name: str = ""
    version: str | None = None
    input: str | None = None
    parent_trace_context: TraceContext | None = None
    task_execution_id: str = ""
    rerun_parent_instance_info: RerunParentInstanceInfo | None = None
    history_propagation_scope: HistoryPropagationScope | None = None


@message("TaskCompletedEvent")
class TaskCompleted(Value):
    task_scheduled_id: int = 0
    result: str | None = None
    task_execution_id: str = ""
    attestation: ActivityCompletionAttestation | None = None
    signer_certificate: bytes | None = None


@message("TaskFailedEvent")
class TaskFailed(Value):
    task_scheduled_id: int = 0
    failure_details: TaskFailureDetails | None = None
    task_execution_id: str = ""
    attestation: ActivityCompletionAttestation | None = None
    signer_certificate: bytes | None = None


@message("ChildWorkflowInstanceCreatedEvent")
class ChildWorkflowInstanceCreated(Value):
    instance_id: str = ""
    name: str = ""
    version: str | None = None
    input: str | None = None
    parent_trace_context: TraceContext | None = None
    rerun_parent_instance_info: RerunParentInstanceInfo | None = None
    history_propagation_scope: HistoryPropagationScope | None = None
    retry_parent_instance_info: RetryParentInstanceInfo | None = None


@message("ChildWorkflowInstanceCompletedEvent")
class ChildWorkflowInstanceCompleted(Value):
    task_scheduled_id: int = 0
    result: str | None = None
    attestation: ChildCompletionAttestation | None = None
    signer_certificate: bytes | None = None


@message("ChildWorkflowInstanceFailedEvent")
class ChildWorkflowInstanceFailed(Value):
    task_scheduled_id: int = 0
    failure_details: TaskFailureDetails | None = None
    attestation: ChildCompletionAttestation | None = None
    signer_certificate: bytes | None = None


@message("DetachedWorkflowInstanceCreatedEvent")
class DetachedWorkflowInstanceCreated(Value):
    instance_id: str = ""


@message("TimerOriginCreateTimer")
class TimerOriginCreateTimer(Value):
    pass


@message("TimerOriginExternalEvent")
class TimerOriginExternalEvent(Value):
    name: str = ""


@message("TimerOriginActivityRetry")
class TimerOriginActivityRetry(Value):
    task_execution_id: str = ""


@message("TimerOriginChildWorkflowRetry")
class TimerOriginChildWorkflowRetry(Value):
    instance_id: str = ""


@message("TimerCreatedEvent")
class TimerCreated(Value):
    fire_at: Nanos | None = None
    name: str | None = None
    rerun_parent_instance_info: RerunParentInstanceInfo | None = None
    origin: TimerOrigin | None = field(default=None, metadata={"oneof": "origin"})


@message("TimerFiredEvent")
class TimerFired(Value):
    fire_at: Nanos | None = None
    timer_id: int = 0


@message("WorkflowStartedEvent")
class WorkflowStarted(Value):
    version: WorkflowVersion | None = None


@message("WorkflowCompletedEvent")
class WorkflowCompleted(Value):
    pass


@message("EventSentEvent")
class EventSent(Value):
    instance_id: str = ""
    name: str = ""
    input: str | None = None


@message("EventRaisedEvent")
class EventRaised(Value):
    name: str = ""
    input: str | None = None


@message("ContinueAsNewEvent")
class ContinueAsNew(Value):
    input: str | None = None


@message("ExecutionSuspendedEvent")
class ExecutionSuspended(Value):
    input: str | None = None


@message("ExecutionResumedEvent")
class ExecutionResumed(Value):
    input: str | None = None


@message("ExecutionStalledEvent")
class ExecutionStalled(Value):
    reason: StalledReason = StalledReason.PATCH_MISMATCH
    description: str | None = None


@message("HistoryEvent")
class HistoryEvent(Value):
    event_id: int = 0
    timestamp: Nanos | None = None
    body: EventBody | None = field(default=None, metadata={"oneof": "eventType"})
    router: TaskRouter | None = None


@message("PropagatedHistoryChunk")
class PropagatedHistoryChunk(Value):
    raw_events: tuple[bytes, ...] = ()
    app_id: str = ""
    instance_id: str = ""
    workflow_name: str = ""
    raw_signatures: tuple[bytes, ...] = ()
    signing_cert_chains: tuple[bytes, ...] = ()


@message("PropagatedHistory")
class PropagatedHistory(Value):
    scope: HistoryPropagationScope = HistoryPropagationScope.NONE
    chunks: tuple[PropagatedHistoryChunk, ...] = ()


TimerOrigin = (
    TimerOriginCreateTimer | TimerOriginExternalEvent | TimerOriginActivityRetry | TimerOriginChildWorkflowRetry
)
"""Why a timer exists (EX-8)."""


EventBody = (
    ExecutionStarted
    | ExecutionCompleted
    | ExecutionTerminated
    | TaskScheduled
    | TaskCompleted
    | TaskFailed
    | ChildWorkflowInstanceCreated
    | ChildWorkflowInstanceCompleted
    | ChildWorkflowInstanceFailed
    | DetachedWorkflowInstanceCreated
    | TimerCreated
    | TimerFired
    | WorkflowStarted
    | WorkflowCompleted
    | EventSent
    | EventRaised
    | ContinueAsNew
    | ExecutionSuspended
    | ExecutionResumed
    | ExecutionStalled
)
"""What happened; the event around it says when, and under which id."""
