"""Every decision of the worker, by name, in one frozen table.

The reference is `Decisions()`. A variant, or a worker that is wrong on purpose, is `replace(REFERENCE, name=function)`,
so that nothing in the code asks whether it is one. Each default's docstring names the statements that it keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dwconf.wire import values as v
from dwconf.worker.core import (
    activities,
    batch,
    children,
    clock,
    combinators,
    completion,
    connection,
    control,
    events,
    failures,
    guid,
    instance,
    jsontext,
    ledger,
    neutral,
    retries,
    stateful,
    timers,
    tracing,
    versioning,
)
from dwconf.worker.core.combinators import AllDone, Tasks
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.ledger import Record
from dwconf.worker.core.registry import Registration
from dwconf.worker.core.retries import RetryPolicy
from dwconf.worker.core.settlement import Settlement
from dwconf.worker.core.tasks import Task

Actions = tuple[v.WorkflowAction, ...]
Details = Callable[[BaseException, "Decisions"], v.TaskFailureDetails]
Payload = Callable[[Json], str | None]
Read = Callable[[str | None], Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """The table. Fields stand in the order of the catalogue's chapters."""

    # Chapter A, connection.
    endpoint_address: Callable[[Mapping[str, str]], str] = connection.endpoint_address
    endpoint: Callable[[str], connection.Endpoint] = connection.endpoint
    api_token: Callable[[Mapping[str, str]], str | None] = connection.api_token
    metadata: Callable[[str, str | None], tuple[tuple[str, str], ...]] = connection.metadata
    user_agent: Callable[[], str] = connection.user_agent
    capabilities: Callable[[], tuple[v.WorkerCapability, ...]] = connection.capabilities
    says_hello: Callable[[], bool] = connection.says_hello
    hello_interval: Callable[[], float | None] = connection.hello_interval
    idle_limit: Callable[[], float | None] = connection.idle_limit
    reconnects: Callable[[str], bool] = connection.reconnects
    reconnect_delay: Callable[[int], float] = connection.reconnect_delay
    was_steady: Callable[[float, int], bool] = connection.was_steady
    resend_delay: Callable[[str, int], float | None] = connection.resend_delay
    replaces_result: Callable[[str], bool] = connection.replaces_result
    works_at_once: Callable[[v.WorkItem], bool] = connection.works_at_once
    ignores_item: Callable[[v.WorkItem], bool] = connection.ignores_item
    breaks_off: Callable[[v.WorkItem], bool] = connection.breaks_off
    taken_for: Callable[[v.WorkItem], v.WorkflowRequest | v.ActivityRequest | v.HealthPing | None] = (
        connection.taken_for
    )
    survives_hello: Callable[[str], bool] = connection.survives_hello
    takes_item: Callable[[v.WorkItem, int], bool] = connection.takes_item
    sends_after_loss: Callable[[], bool] = connection.sends_after_loss
    finishes_work: Callable[[], bool] = connection.finishes_work
    largest_message: Callable[[], int] = connection.largest_message

    # Chapter B, replay.
    first_id: Callable[[v.WorkflowRequest], int] = ledger.first_id
    next_id: Callable[[int], int] = ledger.next_id
    same_kind: Callable[[v.ActionBody, Record], bool] = ledger.same_kind
    same_name: Callable[[v.ActionBody, Record], bool] = ledger.same_name
    must_be_issued: Callable[[Record], bool] = ledger.must_be_issued
    checks_after_end: Callable[[Record], bool] = ledger.checks_after_end
    settles: Callable[[v.ActionBody, Settlement], bool] = ledger.settles
    subject: Callable[[Settlement], int] = ledger.subject
    keeps_early: Callable[[Settlement], bool] = ledger.keeps_early
    takes_repeated: Callable[[Settlement], bool] = ledger.takes_repeated
    counts_record: Callable[[bool], bool] = ledger.counts_record
    taken_of_turn: Callable[[Sequence[v.HistoryEvent]], Sequence[v.HistoryEvent]] = batch.taken_of_turn
    unrecorded: Callable[[Iterable[ledger.Issued]], Actions] = ledger.unrecorded
    in_order: Callable[[Actions], Actions] = completion.in_order
    turn_time: Callable[[v.Nanos, v.HistoryEvent], v.Nanos] = clock.turn_time
    takes_start: Callable[[bool], bool] = clock.takes_start
    shown_time: Callable[[v.Nanos], v.Nanos] = clock.shown_time
    is_replaying: Callable[[bool], bool] = clock.is_replaying
    shown_instance: Callable[[v.WorkflowRequest], str] = instance.shown_instance
    neutral: Callable[[v.EventBody], None] = neutral.ignore
    answered_token: Callable[[str], str] = connection.answered_token
    workflow_answers: Callable[[v.WorkflowResponse], tuple[v.WorkflowResponse, ...]] = connection.workflow_answers

    # Chapter C, completion.
    uses_deprecated_completion: Callable[[], bool] = connection.uses_deprecated_completion
    answered_instance: Callable[[v.WorkflowRequest], str] = completion.answered_instance
    write_workflow_result: Payload = jsontext.write_result
    completed: Callable[[str | None], v.CompleteWorkflow] = completion.completed
    failed: Callable[[v.TaskFailureDetails], v.CompleteWorkflow] = completion.failed
    workflow_failure: Details = failures.details
    error_type: Callable[[BaseException], str] = failures.error_type
    error_message: Callable[[BaseException], str] = failures.error_message
    stack_trace: Callable[[BaseException], str | None] = failures.stack_trace
    cause: Callable[[BaseException], BaseException | None] = failures.cause
    non_retriable: Callable[[BaseException], bool] = failures.non_retriable
    failed_task: Callable[[str, v.TaskFailureDetails | None], Exception] = failures.failed_task
    unregistered_workflow: Callable[[str], Exception] = completion.unregistered_workflow
    beside_completion: Callable[[Actions, v.CompleteWorkflow], Actions] = completion.beside_completion
    continued: Callable[[str | None, tuple[v.HistoryEvent, ...]], v.CompleteWorkflow] = completion.continued
    write_carried_input: Payload = jsontext.write_carried_input
    keeps_events: Callable[[bool | None], bool] = completion.keeps_events
    carryover: Callable[[Sequence[events.Buffered]], tuple[v.HistoryEvent, ...]] = events.carryover
    continues_after_failure: Callable[[BaseException], bool] = completion.continues_after_failure
    is_reported: Callable[[BaseException], bool] = completion.is_reported
    completion_id: Callable[[int], int] = completion.completion_id
    completions: Callable[[v.WorkflowAction], Actions] = completion.completions
    notes_status: Callable[[bool, str | None], bool] = completion.notes_status
    shown_status: Callable[[str | None, bool], str | None] = completion.shown_status
    write_status: Callable[[str], str] = jsontext.write_status
    router: Callable[[str | None, v.TaskRouter | None], v.TaskRouter | None] = children.router

    # Chapter D, activities.
    activity_name: Callable[[str], str] = activities.activity_name
    unregistered_activity: Callable[[str], Exception] = activities.unregistered_activity
    read_input: Read = jsontext.read_payload
    write_activity_result: Payload = jsontext.write_result
    activity_failure: Details = failures.details
    activity_instance: Callable[[v.ActivityRequest], str] = activities.activity_instance
    answered_activity_instance: Callable[[v.ActivityRequest], str] = activities.answered_activity_instance
    answered_task_id: Callable[[v.ActivityRequest], int] = activities.answered_task_id
    shown_task_id: Callable[[v.ActivityRequest], int] = activities.shown_task_id
    shown_task_execution_id: Callable[[v.ActivityRequest], str] = activities.shown_task_execution_id
    answered_activity_token: Callable[[str], str] = connection.answered_token
    activity_answers: Callable[[v.ActivityResponse], tuple[v.ActivityResponse, ...]] = connection.activity_answers
    write_activity_input: Payload = jsontext.write_input
    schedule_task: Callable[[str, str | None, str, v.HistoryPropagationScope | None], v.ScheduleTask] = (
        activities.schedule_task
    )
    task_execution_id: Callable[[str, v.Nanos, int], str] = guid.task_execution_id
    read_result: Read = jsontext.read_payload

    # Chapter E, timers.
    fire_at: Callable[[v.Nanos, v.Nanos], v.Nanos] = timers.fire_at
    user_timer: Callable[[v.Nanos], v.CreateTimer] = timers.user_timer

    # Chapter F, events.
    event_key: Callable[[str], str] = events.event_key
    read_event: Read = jsontext.read_payload
    keeps_unawaited: Callable[[v.EventRaised, Sequence[events.Buffered]], bool] = events.keeps_unawaited
    keeps_after_end: Callable[[v.EventRaised], bool] = events.keeps_after_end
    next_buffered: Callable[[Sequence[str], str], int | None] = events.next_buffered
    next_waiter: Callable[[Sequence[Task[Json]]], int] = events.next_waiter
    gives_up_at_once: Callable[[v.Nanos | None], bool] = events.gives_up_at_once
    wait_timer: Callable[[str, v.Nanos, v.Nanos | None], v.CreateTimer | None] = events.wait_timer
    is_optional_timer: Callable[[Record], bool] = ledger.is_optional_timer
    timed_out: Callable[[str], Exception] = failures.timed_out
    forgets_timed_out: Callable[[Task[Json]], bool] = events.forgets_timed_out
    ends_answered_wait: Callable[[Task[Json]], bool] = events.ends_answered_wait
    limits_buffered: Callable[[v.Nanos | None], bool] = events.limits_buffered

    # Chapter G, children.
    write_child_input: Payload = jsontext.write_input
    child_instance_id: Callable[[str, int], str] = children.child_instance_id
    create_child: Callable[[str, str | None, str, v.HistoryPropagationScope | None], v.CreateChildWorkflow] = (
        children.create_child
    )
    send_event: Callable[[str, str, str | None], v.SendEvent] = children.send_event
    write_event_data: Payload = jsontext.write_event_data
    detached_instance_id: Callable[[str, int], str] = children.detached_instance_id
    create_detached: Callable[[str, str | None, str], v.CreateDetachedWorkflow] = children.create_detached

    # Chapter H, retries.
    attempts_left: Callable[[RetryPolicy, int], bool] = retries.attempts_left
    retry_delay: Callable[[RetryPolicy, int], v.Nanos] = retries.delay
    in_time: Callable[[RetryPolicy, v.Nanos, v.Nanos], bool] = retries.in_time
    retriable: Callable[[BaseException | None], bool] = retries.retriable
    retry_timer: Callable[[v.Nanos, v.TimerOrigin | None], v.CreateTimer] = retries.retry_timer
    activity_retry_origin: Callable[[str], v.TimerOrigin | None] = retries.activity_origin
    child_retry_origin: Callable[[str], v.TimerOrigin | None] = retries.child_origin
    retried_task_execution_id: Callable[[str, str], str] = retries.same_task_execution
    child_attempt_id: Callable[[str | None, str], str] = children.child_attempt_id
    retry_parent: Callable[[str], v.RetryParentInstanceInfo | None] = retries.retry_parent

    # Chapter I, control.
    suspends: Callable[[bool], bool] = control.suspends
    holds: Callable[[v.EventBody], bool] = control.holds
    release: Callable[[Sequence[v.HistoryEvent]], Sequence[v.HistoryEvent]] = control.release
    while_suspended: Callable[[Actions], Actions] = control.while_suspended
    terminates: Callable[[v.CompleteWorkflow | None], bool] = control.terminates
    overlooks_terminate: Callable[[v.ExecutionTerminated], bool] = control.overlooks_terminate
    terminated: Callable[[v.ExecutionTerminated], v.CompleteWorkflow] = control.terminated
    stops_taking: Callable[[v.ExecutionTerminated], bool] = control.stops_taking
    runs_code: Callable[[v.CompleteWorkflow | None], bool] = control.runs_code

    # Chapter J, combinators.
    all_outcome: Callable[[Tasks, Tasks], AllDone | None] = combinators.all_outcome
    counts_finished: Callable[[Task[Json]], bool] = combinators.counts_finished
    any_winner: Callable[[Tasks, Tasks], int | None] = combinators.any_winner

    # Chapter K, versioning.
    versions_of: Callable[[Iterable[v.HistoryEvent]], tuple[v.WorkflowVersion, ...]] = versioning.versions_of
    recorded_patches: Callable[[Sequence[v.WorkflowVersion]], frozenset[str]] = versioning.recorded_patches
    is_patched: Callable[[str, frozenset[str], bool], bool] = versioning.is_patched
    remembers_patch: Callable[[Mapping[str, bool], str], bool | None] = versioning.remembers
    reported_patches: Callable[[Iterable[tuple[str, bool]]], tuple[str, ...]] = versioning.reported_patches
    pinned_version: Callable[[Sequence[v.WorkflowVersion]], str | None] = versioning.pinned_version
    resolve_version: Callable[
        [Registration | None, str | None], versioning.Resolved | versioning.NotAvailable | None
    ] = versioning.resolve
    version_not_available: Callable[[], v.ActionBody] = versioning.version_not_available
    reported_version: Callable[[str | None, tuple[str, ...]], v.WorkflowVersion | None] = versioning.reported_version

    # Chapter L, determinism.
    new_guid: Callable[[str, v.Nanos, int], str] = guid.new_guid

    # Chapter M, stateful history.
    is_delta: Callable[[v.WorkflowRequest], bool] = stateful.is_delta
    cache_fits: Callable[[stateful.Events | None, int], bool] = stateful.fits
    prepend_cached: Callable[[stateful.Events, stateful.Events], stateful.Events] = stateful.prepend
    past_after_fetch: Callable[[stateful.Events, stateful.Events], stateful.Events] = stateful.past_after_fetch
    kept_past: Callable[[stateful.Events, stateful.Events], stateful.Events] = stateful.kept
    drops_cached: Callable[[v.WorkflowResponse], bool] = stateful.drops
    may_write_cache: Callable[[str | None, str], bool] = stateful.may_write
    forgets_with_stream: Callable[[], bool] = stateful.forgets_with_stream
    answers_without_history: Callable[[], bool] = stateful.answers_without_history
    gives_back: Callable[[], bool] = stateful.gives_back

    # Chapter N, robustness.
    shown_traceparent: Callable[[v.TraceContext | None], str | None] = tracing.shown_traceparent


REFERENCE: Decisions = Decisions()
"""The worker that keeps every MUST and SHOULD."""
