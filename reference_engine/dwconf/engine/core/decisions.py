"""The table of decisions: every choice that the protocol makes, by name.

The reference is `REFERENCE`. A profile or a mutant is `replace(REFERENCE, name=function)`: nothing in the core asks
which one it is. An entry is a small function whose docstring names the rules that it keeps. Entries that need others
get the table itself as `rules`, so that replacing one entry changes everything that rests on it. An entry that makes a
value is best replaced by a function that calls the reference and alters what it gave.

The entries stand in the order of the chapters: connection, start, turns, activities, timers, events, children,
lifecycle, stalling, queries, the Dapr API, deduplication.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from dwconf.engine.core import (
    actions,
    activities,
    children,
    commits,
    dedup,
    dispatch,
    events,
    frames,
    lifecycle,
    management,
    propagation,
    purge,
    queries,
    rerun,
    retention,
    routing,
    stalling,
    start,
    timers,
    turns,
)
from dwconf.engine.core.dispatch import ActivityWork, Dispatch, Stream, Work
from dwconf.engine.core.frames import History
from dwconf.engine.core.instance import Instance, Kind, OpenTimer, Parent, Queued, Stall
from dwconf.engine.core.management import Asked, Verb
from dwconf.engine.core.messages import (
    ActivityTask,
    Answered,
    Create,
    Deliver,
    Effect,
    Fork,
    Post,
    Refusal,
    Timer,
    TimerDue,
    Turn,
)
from dwconf.engine.core.moment import Moment, Nonce, Retention, Site
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateInstanceRequest,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventBody,
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStalled,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GetInstanceResponse,
    GetMetadataResponse,
    GetWorkflowResponse,
    HistoryEvent,
    HistoryPropagationScope,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    Nanos,
    OrchestrationStatus,
    PropagatedHistoryChunk,
    PurgeInstanceFilter,
    PurgeInstancesRequest,
    PurgeInstancesResponse,
    RaiseEventRequest,
    RaiseEventWorkflowRequest,
    RerunWorkflowFromEventRequest,
    ResumeRequest,
    ScheduleTask,
    SendEvent,
    StartWorkflowRequest,
    SuspendRequest,
    TaskCompleted,
    TaskFailed,
    TaskRouter,
    TaskScheduled,
    TerminateRequest,
    TimerCreated,
    TimerFired,
    TraceContext,
    WorkerCapability,
    WorkflowAction,
    WorkflowResponse,
    WorkflowState,
    WorkflowVersion,
)

if TYPE_CHECKING:
    from dwconf.engine.core.hub import Hub

Stepped = tuple[Instance | None, tuple[Effect, ...]]
"""What a step gives."""


class ShowInstance(Protocol):
    """Answers GetInstance."""

    def __call__(self, state: Instance | None, rules: Decisions, *, payloads: bool) -> GetInstanceResponse:
        """`payloads` says whether inputs and outputs are wanted."""


class MayOffer(Protocol):
    """Says whether work may be dispatched."""

    def __call__(self, work: Work, *, outstanding: bool) -> bool:
        """`outstanding` says that a turn of the same instance is out."""


class RefusePurge(Protocol):
    """Says why an instance cannot be purged, or None."""

    def __call__(self, state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
        """`force` says that it is to be purged whatever its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """Each protocol decision, by name."""

    # Connection: streams, tokens, answers.
    refuse_hello: Callable[[int], Refusal | None] = dispatch.refuse_hello
    new_token: Callable[[Nonce, Work], str] = dispatch.new_token
    token_matches: Callable[[str, str], bool] = dispatch.token_matches
    unknown_turn: Callable[[str], Refusal | None] = dispatch.unknown_turn
    unknown_activity: Callable[[str, int], Refusal | None] = dispatch.unknown_activity
    choose_stream: Callable[[Iterable[Stream], Work], Stream | None] = dispatch.choose_stream
    capabilities: Callable[[Iterable[WorkerCapability]], frozenset[WorkerCapability]] = dispatch.capabilities
    cached_events: Callable[[Stream, Instance], int | None] = dispatch.cached_events
    may_offer: MayOffer = dispatch.may_offer
    stays_held: Callable[[int | None, int], bool] = dispatch.stays_held
    new_stream: Callable[[int, frozenset[WorkerCapability]], Stream] = dispatch.new_stream
    unasked_outcome: Callable[[ActivityResponse], TaskCompleted | None] = dispatch.unasked_outcome
    redelivered: Callable[[Iterable[Dispatch]], tuple[Work, ...]] = dispatch.redelivered
    work_item: Callable[[bytes, str], bytes] = dispatch.work_item

    # Start.
    choose_instance_id: Callable[[str, Moment], str] = start.choose_instance_id
    choose_execution_id: Callable[[str | None, Moment], str] = start.choose_execution_id
    started_body: Callable[[CreateInstanceRequest, str, str], ExecutionStarted] = start.started_body
    started_router: Callable[[Moment], TaskRouter | None] = start.started_router
    traced: Callable[[ExecutionStarted, Moment], ExecutionStarted] = start.traced
    birth_event: Callable[[ExecutionStarted, Moment, Decisions], HistoryEvent] = start.birth_event
    refuse_request: Callable[[CreateInstanceRequest, Moment], Refusal | None] = start.refuse_request
    refuse_create: Callable[[Instance, Create, Decisions], Refusal | None] = start.refuse_create
    answers_at_once: Callable[[CreateInstanceRequest], bool] = start.answers_at_once
    not_before: Callable[[Nanos | None], Nanos | None] = start.not_before
    create: Callable[[Instance | None, Create, Moment, Decisions], Stepped] = start.create

    # Turns: forming and sending.
    wants_turn: Callable[[Instance, Decisions], bool] = turns.wants_turn
    form: Callable[[Instance, Moment, Decisions], Turn] = turns.form
    opening: Callable[[Instance, Moment, Decisions], HistoryEvent] = turns.opening
    batch: Callable[[tuple[Queued, ...]], tuple[Queued, ...]] = turns.batch
    new_events: Callable[[Turn], tuple[bytes, ...]] = turns.new_events
    past_events: Callable[[History], bytes] = turns.past_events
    delta: Callable[[bytes, int], bytes] = turns.delta
    request_instance_id: Callable[[Instance], str] = turns.request_instance_id
    request_execution_id: Callable[[Instance], str | None] = turns.request_execution_id
    workflow_request: Callable[[Instance, Turn, Decisions, int | None], bytes] = turns.workflow_request

    # Turns: committing.
    answered: Callable[[Instance | None, Answered, Moment, Decisions], Stepped] = commits.answered
    discarded: Callable[[Instance | None, WorkflowResponse, Moment, Decisions], tuple[Post, ...]] = commits.discarded
    refuse_answer: Callable[[Instance, WorkflowResponse, Decisions], str | None] = commits.refuse_answer
    refuse_action: Callable[[Instance, WorkflowAction, Decisions], str | None] = actions.refuse_action
    repeats: Callable[[Instance, int], bool] = actions.repeats
    retry_delay: Callable[[int], Nanos] = commits.retry_delay
    completion_in: Callable[[Iterable[WorkflowAction]], WorkflowAction | None] = actions.completion_in
    counted: Callable[[Sequence[WorkflowAction], WorkflowAction | None], Sequence[WorkflowAction]] = actions.counted
    record: Callable[[Instance, WorkflowAction, Moment, Decisions], actions.Recorded | None] = actions.record
    carry_out: Callable[[Instance, WorkflowAction, HistoryEvent, actions.Applied, actions.Carrying], None] = (
        actions.carry_out
    )
    commit: Callable[[Instance, Answered, WorkflowAction | None, Moment, Decisions], Stepped] = commits.commit
    action_event_id: Callable[[WorkflowAction], int] = actions.action_event_id
    action_timestamp: Callable[[Moment, Turn], Nanos | None] = actions.action_timestamp
    stamped: Callable[[TaskRouter | None, Moment], TaskRouter | None] = actions.stamped
    event_sent: Callable[[SendEvent], EventSent] = actions.event_sent
    execution_completed: Callable[[CompleteWorkflow], ExecutionCompleted] = actions.execution_completed
    recorded_version: Callable[[Instance, WorkflowVersion | None], WorkflowVersion | None] = commits.recorded_version
    committed_opening: Callable[[Turn, WorkflowVersion | None], HistoryEvent] = commits.committed_opening
    committed: Callable[[Turn, HistoryEvent, Sequence[HistoryEvent]], list[bytes]] = commits.committed
    append: Callable[[History, Iterable[bytes]], History] = frames.append
    remaining: Callable[[tuple[Queued, ...], Turn], tuple[Queued, ...]] = commits.remaining
    custom_status_after: Callable[[str | None, str | None], str | None] = lifecycle.custom_status_after

    # Activities.
    task_scheduled: Callable[[ScheduleTask, TraceContext | None], TaskScheduled] = activities.task_scheduled
    activity_request: Callable[[Instance, TaskScheduled, int, TraceContext | None], ActivityRequest] = (
        activities.activity_request
    )
    activity_task: Callable[[Instance, HistoryEvent, TaskScheduled, Moment, Decisions], ActivityTask] = (
        activities.activity_task
    )
    outcome: Callable[[ActivityTask, ActivityResponse], TaskCompleted | TaskFailed] = activities.outcome
    refuse_outcome: Callable[[Instance | None, Decisions], Refusal | None] = activities.refuse_outcome
    outcome_router: Callable[[ActivityTask], TaskRouter | None] = activities.outcome_router
    instance_span: Callable[[Instance], TraceContext | None] = activities.instance_span
    child_span: Callable[[TraceContext | None, Moment, int], TraceContext | None] = activities.child_span
    is_local: Callable[[TaskRouter | None, Moment], bool] = routing.is_local

    # Timers.
    timer_created: Callable[[CreateTimer], TimerCreated] = timers.timer_created
    timer: Callable[[Instance, int, CreateTimer, Decisions], Timer] = timers.timer
    due_time: Callable[[Nanos | None], Nanos] = timers.due_time
    timer_fired: Callable[[Timer], TimerFired] = timers.timer_fired
    fire: Callable[[Instance | None, TimerDue, Moment, Decisions], Stepped] = timers.fire
    waits_for: Callable[[CreateTimer], str | None] = timers.waits_for
    beaten: Callable[[tuple[OpenTimer, ...], tuple[Queued, ...]], tuple[OpenTimer, ...]] = timers.beaten
    drop: Callable[[Instance, tuple[OpenTimer, ...]], tuple[Effect, ...]] = timers.drop
    drop_at_end: Callable[[Instance], tuple[Effect, ...]] = commits.drop_at_end

    # Events.
    inbound: Callable[[EventBody, Moment, Decisions, TaskRouter | None], HistoryEvent] = events.inbound
    inbound_id: Callable[[], int] = start.inbound_id
    inbound_timestamp: Callable[[EventBody, Moment], Nanos | None] = events.inbound_timestamp
    raised: Callable[[RaiseEventRequest], EventRaised] = events.raised
    sent: Callable[[SendEvent], EventRaised] = events.sent
    refuse_event: Callable[[Instance | None, EventBody, Decisions], Refusal | None] = events.refuse_event
    unknown_instance: Callable[[EventBody], Refusal | None] = events.unknown_instance
    deliver: Callable[[Instance | None, Deliver, Moment, Decisions], Stepped] = events.deliver
    told_when: Callable[[EventBody], Callable[[Instance, Decisions], bool] | None] = events.told_when
    enqueue: Callable[[tuple[Queued, ...], Queued], tuple[Queued, ...]] = events.enqueue
    takes_events: Callable[[Instance, Decisions], bool] = events.takes_events

    # Children and detached workflows.
    child_id: Callable[[str, int], str] = children.child_id
    child_created: Callable[[CreateChildWorkflow, str, TraceContext | None], ChildWorkflowInstanceCreated] = (
        children.child_created
    )
    child_started: Callable[[Instance, ChildWorkflowInstanceCreated, int, Moment], ExecutionStarted] = (
        children.child_started
    )
    create_child: Callable[[Instance, HistoryEvent, ChildWorkflowInstanceCreated, Moment, Decisions], Post] = (
        children.create_child
    )
    child_outcome: Callable[
        [Parent, ExecutionCompleted], ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed
    ] = children.child_outcome
    child_outcome_router: Callable[[Instance, Moment], TaskRouter | None] = children.outcome_router
    child_refused: Callable[[Instance, Create, Refusal, Moment, Decisions], tuple[Effect, ...]] = children.child_refused
    tell_parent: Callable[[Instance, ExecutionCompleted, Moment, Decisions], tuple[Effect, ...]] = children.tell_parent
    is_child_of: Callable[[Instance, str], bool] = children.is_child_of
    recorded_children: Callable[[History], tuple[str, ...]] = children.recorded_children
    cascades: Callable[[ExecutionTerminated], bool] = children.cascades
    cascade: Callable[[Instance, ExecutionTerminated, Moment, Decisions], tuple[Effect, ...]] = children.cascade
    after_the_end: Callable[[Instance, HistoryEvent, Moment, Decisions], tuple[Effect, ...]] = children.after_the_end
    detached_created: Callable[[CreateDetachedWorkflow], DetachedWorkflowInstanceCreated] = children.detached_created
    detached_started: Callable[[CreateDetachedWorkflow, Moment, int], ExecutionStarted] = children.detached_started
    create_detached: Callable[[CreateDetachedWorkflow, int, Moment, Decisions], Post] = children.create_detached

    # History that is passed on to activities and children.
    passes_on: Callable[[HistoryPropagationScope | None], bool] = propagation.passes_on
    own_chunk: Callable[[Instance, Iterable[bytes], Moment], PropagatedHistoryChunk] = propagation.own_chunk
    ancestors: Callable[[Instance, HistoryPropagationScope], tuple[PropagatedHistoryChunk, ...]] = propagation.ancestors
    history_for_turn: Callable[[Instance], bytes | None] = propagation.history_for_turn
    inherited_history: Callable[[Instance], bytes | None] = propagation.inherited_history

    # Lifecycle: status, termination, suspension.
    is_terminal: Callable[[OrchestrationStatus], bool] = lifecycle.is_terminal
    may_end_with: Callable[[OrchestrationStatus], bool] = lifecycle.may_end_with
    status_after: Callable[[OrchestrationStatus, Sequence[Queued]], OrchestrationStatus] = lifecycle.status_after
    terminated: Callable[[TerminateRequest], ExecutionTerminated] = events.terminated
    termination_in: Callable[[Sequence[Queued]], ExecutionTerminated | None] = lifecycle.termination_in
    forced_ending: Callable[[ExecutionTerminated], ExecutionCompleted | None] = lifecycle.forced_ending
    forced_ending_id: Callable[[], int] = lifecycle.forced_ending_id
    keeps_effects: Callable[[ExecutionCompleted | None], bool] = lifecycle.keeps_effects
    suspended: Callable[[SuspendRequest], ExecutionSuspended] = events.suspended
    resumed: Callable[[ResumeRequest], ExecutionResumed] = events.resumed
    holds_turn: Callable[[Instance], bool] = lifecycle.holds_turn

    # Lifecycle: the next generation, purge.
    may_continue: Callable[[ExecutionTerminated | None], bool] = lifecycle.may_continue
    next_start: Callable[[Instance, CompleteWorkflow, Moment], ExecutionStarted] = lifecycle.next_start
    renewed_router: Callable[[Moment], TaskRouter | None] = commits.renewed_router
    carried: Callable[[CompleteWorkflow], tuple[Queued, ...]] = lifecycle.carried
    survives: Callable[[Queued], bool] = lifecycle.survives
    continue_as_new: Callable[[Instance, Answered, WorkflowAction, Moment, Decisions], Stepped] = (
        commits.continue_as_new
    )
    beside_continuation: Callable[[Instance, Answered, Moment, Decisions], tuple[Effect, ...]] = (
        commits.beside_continuation
    )
    kept_for: Callable[[OrchestrationStatus, Retention], Nanos | None] = retention.kept_for
    keep: Callable[[Instance, Moment, Decisions], tuple[Effect, ...]] = retention.keep
    expire: Callable[[Instance, Decisions], tuple[Effect, ...]] = retention.expire
    refuse_purge: RefusePurge = lifecycle.refuse_purge
    honours_force: Callable[[], bool] = lifecycle.honours_force
    purges_children: Callable[[PurgeInstancesRequest], bool] = purge.purges_children
    forgotten: Callable[[tuple[ActivityWork, ...]], tuple[ActivityWork, ...]] = purge.forgotten
    timers_go_too: Callable[[], bool] = purge.timers_go_too
    purge_filtered: Callable[[Hub, PurgeInstanceFilter], PurgeInstancesResponse | Refusal] = purge.purge_filtered
    selects: Callable[[PurgeInstanceFilter, Instance], bool] = purge.selects

    # Stalling.
    unsuitable: Callable[[Instance, WorkflowResponse, Decisions], Stall | None] = stalling.unsuitable
    version_unavailable: Callable[[Instance, WorkflowResponse], Stall | None] = stalling.version_unavailable
    patch_mismatch: Callable[[Instance, WorkflowVersion | None], Stall | None] = stalling.patch_mismatch
    turn_too_large: Callable[[Instance, Moment], Stall | None] = stalling.turn_too_large
    activity_too_large: Callable[[ActivityTask, Moment], Stall | None] = stalling.activity_too_large
    stall: Callable[[Instance, Stall, Moment, Decisions], Stepped] = stalling.stall
    stalled_event: Callable[[Stall | None, Stall], ExecutionStalled | None] = stalling.stalled_event
    refuse_stalled: Callable[[Instance, EventBody], Refusal | None] = stalling.refuse_stalled

    # Re-run from an event.
    choose_rerun_id: Callable[[RerunWorkflowFromEventRequest, Moment], str] = rerun.choose_rerun_id
    refuse_rerun: Callable[[RerunWorkflowFromEventRequest, str], Refusal | None] = rerun.refuse_rerun
    refuse_source: Callable[[Instance | None, RerunWorkflowFromEventRequest, Decisions], Refusal | None] = (
        rerun.refuse_source
    )
    refuse_target: Callable[[HistoryEvent | None, RerunWorkflowFromEventRequest, Decisions], Refusal | None] = (
        rerun.refuse_target
    )
    refuse_fork: Callable[[Instance], Refusal | None] = rerun.refuse_fork
    kept: Callable[[Sequence[HistoryEvent]], tuple[HistoryEvent, ...]] = rerun.kept
    unfinished: Callable[[Sequence[HistoryEvent]], tuple[HistoryEvent, ...]] = rerun.unfinished
    redone: Callable[[HistoryEvent, rerun.Rerun, Moment, Decisions], HistoryEvent] = rerun.redone
    rerun_target: Callable[[HistoryEvent, rerun.Rerun], HistoryEvent] = rerun.rerun_target
    fork: Callable[[Instance | None, Fork, Moment, Decisions], Stepped] = rerun.fork

    # Queries.
    get_instance: ShowInstance = queries.get_instance
    workflow_state: Callable[[Instance, Decisions], WorkflowState] = queries.workflow_state
    visible_status: Callable[[Instance], OrchestrationStatus] = queries.visible_status
    without_payloads: Callable[[WorkflowState], WorkflowState] = queries.without_payloads
    has_started: Callable[[Instance, Decisions], bool] = queries.has_started
    has_ended: Callable[[Instance, Decisions], bool] = queries.has_ended
    is_suspended: Callable[[Instance, Decisions], bool] = queries.is_suspended
    is_resumed: Callable[[Instance, Decisions], bool] = queries.is_resumed
    refuse_wait: Callable[[str], Refusal | None] = queries.refuse_wait
    history_events: Callable[[Instance | None, str, Decisions], bytes | Refusal] = queries.history_events
    shown_history: Callable[[Instance], History] = queries.shown_history
    unknown_history: Callable[[str], bytes | Refusal] = queries.unknown_history
    page_size: Callable[[ListInstanceIDsRequest], int | None] = queries.page_size
    page: Callable[[Sequence[str], int | None], ListInstanceIDsResponse] = queries.page

    # The Dapr API.
    refuse_method: Callable[[str], Refusal | None] = management.refuse_method
    refuse_call: Callable[[Asked, Site, Decisions], Refusal | None] = management.refuse_call
    refuse_no_id: Callable[[str], Refusal | None] = management.refuse_no_id
    refuse_new_id: Callable[[str], Refusal | None] = management.refuse_new_id
    refuse_no_name: Callable[[Asked], Refusal | None] = management.refuse_no_name
    refuse_app_id: Callable[[str | None], Refusal | None] = routing.refuse_app_id
    refuse_other_app: Callable[[Asked, Site, Decisions], Refusal | None] = management.refuse_other_app
    refused_call: Callable[[Verb, str, Refusal], Refusal] = management.refused_call
    workflow_id: Callable[[str, Moment], str] = management.workflow_id
    start_waits: Callable[[], bool] = management.start_waits
    start_time: Callable[[Iterable[tuple[str, str]]], Nanos | Refusal | None] = management.start_time
    managed_start: Callable[[StartWorkflowRequest, str, Nanos | None], CreateInstanceRequest] = management.managed_start
    managed_state: Callable[[Instance | None, str, Decisions], GetWorkflowResponse] = management.managed_state
    status_in_words: Callable[[OrchestrationStatus], str] = management.status_in_words
    properties: Callable[[WorkflowState], tuple[tuple[str, str], ...]] = management.properties
    managed_event: Callable[[RaiseEventWorkflowRequest], EventRaised] = management.managed_event
    managed_termination: Callable[[], ExecutionTerminated] = management.managed_termination
    managed_pause: Callable[[], ExecutionSuspended] = management.managed_pause
    managed_resumption: Callable[[], ExecutionResumed] = management.managed_resumption
    managed_purge: Callable[[str], PurgeInstancesRequest] = management.managed_purge
    verb_waits: Callable[[Verb, Decisions], Callable[[Instance, Decisions], bool] | None] = management.verb_waits
    metadata: Callable[[Site, int], GetMetadataResponse] = management.metadata

    # Deduplication.
    same_generation: Callable[[Instance, str | None], bool] = dedup.same_generation
    accepts: Callable[[Instance, HistoryEvent], bool] = dedup.accepts
    receive: Callable[[Instance, tuple[Queued, ...], EventBody | None], Instance] = dedup.receive
    resolution: Callable[[EventBody | None], tuple[Kind, int] | None] = dedup.resolution
    resolved_early: Callable[[Instance, Kind, int], bool] = dedup.resolved_early
    orphans: Callable[[Instance, Sequence[Queued], Sequence[HistoryEvent]], frozenset[tuple[Kind, int]]] = dedup.orphans


REFERENCE = Decisions()
