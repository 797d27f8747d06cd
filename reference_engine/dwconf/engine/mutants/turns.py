"""Wrong about turns and commits (ENG-C)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dwconf.engine.core.actions import Applied, Carrying, Recorded
from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.frames import EMPTY, History, split
from dwconf.engine.core.instance import Instance, Queued, Stall
from dwconf.engine.core.messages import Answered, Deliver, Effect, RejectTurn, Turn
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventBody,
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    Nanos,
    OrchestrationStatus,
    ScheduleTask,
    TaskRouter,
    TaskScheduled,
    TerminateWorkflow,
    TimerCreated,
    TraceContext,
    WorkflowAction,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)


def _opening_last(turn: Turn) -> tuple[bytes, ...]:
    """WorkflowStarted stands at the end of a turn."""
    opening, *rest = REFERENCE.new_events(turn)
    return (*rest, opening)


def _no_opening(turn: Turn) -> tuple[bytes, ...]:
    """A turn has no workflowStarted."""
    return REFERENCE.new_events(turn)[1:]


def _two_openings(turn: Turn) -> tuple[bytes, ...]:
    """A turn has two workflowStarted."""
    opening, *rest = REFERENCE.new_events(turn)
    return (opening, opening, *rest)


def _no_past(history: History) -> bytes:
    """The past is never sent."""
    del history
    return b""


def _opening_not_committed(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """WorkflowStarted is sent, but does not enter history."""
    return REFERENCE.committed(turn, opening, actions)[1:]


def _actions_first(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """The events of actions are committed before the events that caused them."""
    sent = REFERENCE.committed(turn, opening, ())
    return [sent[0], *REFERENCE.committed(turn, opening, actions)[len(sent) :], *sent[1:]]


def _actions_reversed(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """The events of actions are committed in reverse."""
    return REFERENCE.committed(turn, opening, tuple(reversed(actions)))


def _restamped(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """What was sent is stamped anew when it is committed."""
    late = (opening.timestamp or 0) + 1
    events = [replace(queued.event, timestamp=late) for queued in turn.events]
    return [encode(opening), *[encode(event) for event in (*events, *actions)]]


def _last_turn_only(history: History, events: Iterable[bytes]) -> History:
    """History is replaced by each turn."""
    del history
    return REFERENCE.append(EMPTY, events)


def _inbound_zero() -> int:
    """Events from outside have id 0."""
    return 0


def _counted_ids(action: WorkflowAction) -> int:
    """Events of actions have ids of the engine's own."""
    return action.id + 1


def _no_timestamp(moment: Moment, turn: Turn) -> None:
    """Events of actions have no time."""
    del moment, turn


def _inbound_untimed(body: EventBody, moment: Moment) -> None:
    """Events from outside have no time."""
    del body, moment


def _no_task_input(action: ScheduleTask, trace: TraceContext | None) -> TaskScheduled:
    """TaskScheduled lacks the input."""
    return replace(REFERENCE.task_scheduled(action, trace), input=None)


def _no_task_execution_id(action: ScheduleTask, trace: TraceContext | None) -> TaskScheduled:
    """TaskScheduled lacks the task execution id."""
    return replace(REFERENCE.task_scheduled(action, trace), task_execution_id="")


def _no_timer_name(action: CreateTimer) -> TimerCreated:
    """TimerCreated lacks the name."""
    return replace(REFERENCE.timer_created(action), name=None)


def _no_fire_at(action: CreateTimer) -> TimerCreated:
    """TimerCreated lacks the time."""
    return replace(REFERENCE.timer_created(action), fire_at=None)


def _no_origin(action: CreateTimer) -> TimerCreated:
    """TimerCreated does not say why the timer exists."""
    return replace(REFERENCE.timer_created(action), origin=None)


def _no_child_input(
    action: CreateChildWorkflow, instance_id: str, trace: TraceContext | None
) -> ChildWorkflowInstanceCreated:
    """ChildWorkflowInstanceCreated lacks the input."""
    return replace(REFERENCE.child_created(action, instance_id, trace), input=None)


def _no_result(action: CompleteWorkflow) -> ExecutionCompleted:
    """The result of a workflow is lost."""
    return replace(REFERENCE.execution_completed(action), result=None)


def _no_failure(action: CompleteWorkflow) -> ExecutionCompleted:
    """The failure of a workflow is lost."""
    return replace(REFERENCE.execution_completed(action), failure_details=None)


def _unstamped(router: TaskRouter | None, moment: Moment) -> TaskRouter | None:
    """Events of actions keep the worker's router."""
    del moment
    return router


def _target_lost(router: TaskRouter | None, moment: Moment) -> TaskRouter | None:
    """Events of actions lose the target app."""
    del router
    return REFERENCE.stamped(None, moment)


def _last_completion(actions: Iterable[WorkflowAction]) -> WorkflowAction | None:
    """The last completion of an answer counts."""
    completions = [action for action in actions if isinstance(action.body, CompleteWorkflow)]
    return completions[-1] if completions else None


def _nothing_behind_completion(
    actions: Sequence[WorkflowAction], completion: WorkflowAction | None
) -> Sequence[WorkflowAction]:
    """What stands behind a completion is ignored."""
    counted = REFERENCE.counted(actions, completion)
    return counted if completion is None else counted[: [*counted].index(completion) + 1]


def _no_version(state: Instance, version: WorkflowVersion | None) -> None:
    """The version of an answer is not recorded."""
    del state, version


def _version_in_full(state: Instance, version: WorkflowVersion | None) -> WorkflowVersion | None:
    """Patches are recorded again and again, which is not what the profile says."""
    del state
    return version


def _status_kept(before: str | None, answered: str | None) -> str | None:
    """An unset custom status leaves the old one, which is not what the profile says."""
    return before if answered is None else answered


def _status_never_set(before: str | None, answered: str | None) -> None:
    """A custom status is ignored."""
    del before, answered


def _one_at_a_time(inbox: tuple[Queued, ...]) -> tuple[Queued, ...]:
    """A turn carries one queued event only."""
    return inbox[:1]


def _queue_emptied(inbox: tuple[Queued, ...], turn: Turn) -> tuple[Queued, ...]:
    """What came during a turn is lost with its commit."""
    del inbox, turn
    return ()


def _rejection_commits(state: Instance | None, input_: Answered, moment: Moment, rules: Decisions) -> Stepped:
    """An answer that cannot be applied consumes its turn."""
    after, effects = REFERENCE.answered(state, input_, moment, rules)
    if not any(isinstance(effect, RejectTurn) for effect in effects):
        return after, effects
    response = replace(input_.response, actions=())
    return REFERENCE.answered(state, replace(input_, response=response), moment, rules)


def _part_is_applied(state: Instance | None, input_: Answered, moment: Moment, rules: Decisions) -> Stepped:
    """Of an answer that cannot be applied, what stands before the bad action is."""
    good: list[WorkflowAction] = []
    for action in input_.response.actions:
        if state is None or rules.refuse_action(state, action, rules) is not None:
            break
        good.append(action)
    response = replace(input_.response, actions=tuple(good))
    return REFERENCE.answered(state, replace(input_, response=response), moment, rules)


def _never_returns(rejections: int) -> Nanos:
    """A rejected turn comes back after a year."""
    del rejections
    return 365 * 86_400 * 1_000_000_000


def _takes_repeats(state: Instance, action_id: int) -> bool:
    """An action id may be used twice."""
    del state, action_id
    return False


def _canceled_runs_on(status: OrchestrationStatus) -> bool:
    """CANCELED does not end an instance."""
    return REFERENCE.is_terminal(status) and status != OrchestrationStatus.CANCELED


def _any_status(status: OrchestrationStatus) -> bool:
    """A completion may have any status."""
    del status
    return True


def _demands_result(state: Instance, response: WorkflowResponse, rules: Decisions) -> str | None:
    """A completion must have a result or failure details."""
    for action in response.actions:
        body = action.body
        if isinstance(body, CompleteWorkflow) and body.result is None and body.failure_details is None:
            return "a completion without a result"
    return REFERENCE.refuse_answer(state, response, rules)


def _empty_answer_refused(state: Instance, response: WorkflowResponse, rules: Decisions) -> str | None:
    """An answer must hold an action."""
    return REFERENCE.refuse_answer(state, response, rules) if response.actions else "an answer without actions"


def _nothing_carried_out_at_the_end(
    state: Instance, action: WorkflowAction, event: HistoryEvent, done: Applied, by: Carrying
) -> None:
    """What stands beside a completion is recorded, but not carried out."""
    if done.ending is None:
        REFERENCE.carry_out(state, action, event, done, by)


def _detached_in_full(state: Instance, input_: Answered, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """Activities scheduled beside a continue-as-new are dispatched."""
    completion = rules.completion_in(input_.response.actions)
    others = tuple(action for action in input_.response.actions if action is not completion)
    answer = replace(input_, response=replace(input_.response, actions=others))
    return REFERENCE.commit(state, answer, None, moment, rules)[1]


def _stale_opening(turn: Turn, version: WorkflowVersion | None) -> HistoryEvent:
    """The committed workflowStarted has another time than the one that was sent."""
    opening = REFERENCE.committed_opening(turn, version)
    return replace(opening, timestamp=(opening.timestamp or 0) + 1_000)


def _opening_untimed(state: Instance, moment: Moment, rules: Decisions) -> HistoryEvent:
    """WorkflowStarted has no time."""
    del state, moment
    return HistoryEvent(event_id=rules.inbound_id(), body=WorkflowStarted())


mutant(
    "turn-begins-elsewhere",
    "engine/turns/begins-with-workflow-started",
    "workflowStarted stands at the end of a turn",
    new_events=_opening_last,
)
mutant(
    "turn-without-opening",
    "engine/turns/begins-with-workflow-started",
    "a turn has no workflowStarted",
    new_events=_no_opening,
)
mutant(
    "turn-opened-twice",
    "engine/turns/one-workflow-started-per-turn",
    "a turn has two workflowStarted",
    new_events=_two_openings,
)
mutant("past-withheld", "engine/turns/past-is-history", "past events are never sent", past_events=_no_past)
mutant(
    "opening-not-committed",
    "engine/turns/committed-turns-are-marked",
    "workflowStarted is sent, but not committed",
    committed=_opening_not_committed,
)
mutant(
    "actions-before-causes",
    "engine/turns/commit-appends-new-events",
    "events of actions are committed before the events that caused them",
    committed=_actions_first,
)
mutant(
    "events-restamped",
    "engine/turns/commit-appends-new-events",
    "events are stamped anew when they are committed",
    committed=_restamped,
)
mutant(
    "opening-restamped",
    "engine/turns/commit-appends-new-events",
    "workflowStarted is stamped anew when it is committed",
    committed_opening=_stale_opening,
)
mutant(
    "actions-reversed", "engine/turns/action-order-kept", "actions are recorded in reverse", committed=_actions_reversed
)
mutant(
    "history-of-one-turn", "engine/turns/history-only-grows", "history is replaced by each turn", append=_last_turn_only
)
mutant("inbound-ids-zero", "engine/turns/inbound-event-ids", "events from outside have id 0", inbound_id=_inbound_zero)
mutant(
    "own-action-ids",
    "engine/turns/action-ids-kept",
    "events of actions have other ids than the actions",
    action_event_id=_counted_ids,
)
mutant(
    "untimed-actions",
    "engine/turns/events-have-timestamps",
    "events of actions have no time",
    action_timestamp=_no_timestamp,
)
mutant(
    "untimed-events",
    "engine/turns/events-have-timestamps",
    "events from outside have no time",
    inbound_timestamp=_inbound_untimed,
)
mutant(
    "untimed-opening", "engine/turns/events-have-timestamps", "workflowStarted has no time", opening=_opening_untimed
)
mutant(
    "task-input-not-recorded",
    "engine/turns/schedule-task-recorded",
    "taskScheduled lacks the input",
    task_scheduled=_no_task_input,
)
mutant(
    "task-execution-id-not-recorded",
    "engine/turns/schedule-task-recorded",
    "taskScheduled lacks the task execution id",
    task_scheduled=_no_task_execution_id,
)
mutant(
    "timer-name-not-recorded",
    "engine/turns/create-timer-recorded",
    "timerCreated lacks the name",
    timer_created=_no_timer_name,
)
mutant(
    "timer-time-not-recorded",
    "engine/turns/create-timer-recorded",
    "timerCreated lacks the time",
    timer_created=_no_fire_at,
)
mutant(
    "timer-origin-not-recorded",
    "engine/turns/timer-origin-recorded",
    "timerCreated lacks the origin",
    timer_created=_no_origin,
)
mutant(
    "child-input-not-recorded",
    "engine/turns/create-child-recorded",
    "childWorkflowInstanceCreated lacks the input",
    child_created=_no_child_input,
)
mutant(
    "result-not-recorded",
    "engine/turns/complete-recorded",
    "the result of a workflow is lost",
    execution_completed=_no_result,
)
mutant(
    "failure-not-recorded",
    "engine/turns/complete-recorded",
    "the failure of a workflow is lost",
    execution_completed=_no_failure,
)
mutant(
    "router-not-stamped",
    "engine/turns/router-stamped",
    "events of actions do not name the engine's app",
    stamped=_unstamped,
)
mutant(
    "router-target-lost", "engine/turns/router-stamped", "events of actions lose the target app", stamped=_target_lost
)
mutant(
    "empty-answer-refused",
    "engine/turns/empty-actions-commit",
    "an answer without actions is rejected",
    refuse_answer=_empty_answer_refused,
)
mutant(
    "last-completion-wins",
    "engine/turns/first-completion-wins",
    "the last completion of an answer counts",
    completion_in=_last_completion,
)
mutant(
    "actions-after-completion-ignored",
    "engine/turns/actions-after-completion-applied",
    "actions behind a completion are ignored",
    counted=_nothing_behind_completion,
)
mutant(
    "actions-after-completion-not-dispatched",
    "engine/turns/actions-after-completion-applied",
    "activities behind a completion are recorded but not dispatched",
    carry_out=_nothing_carried_out_at_the_end,
)
mutant(
    "version-not-recorded",
    "engine/turns/response-version-recorded",
    "the version of an answer is not recorded",
    recorded_version=_no_version,
)
mutant(
    "patches-recorded-again",
    "engine/turns/response-version-recorded",
    "patches are recorded with every answer, which is not what the profile says",
    recorded_version=_version_in_full,
)
mutant(
    "custom-status-kept",
    "engine/turns/unset-custom-status",
    "an unset custom status leaves the old one, which is not what the profile says",
    custom_status_after=_status_kept,
)
mutant(
    "custom-status-ignored",
    "engine/turns/custom-status-set",
    "a custom status is never shown",
    custom_status_after=_status_never_set,
)
mutant(
    "one-event-per-turn",
    "engine/turns/queued-events-are-batched",
    "a turn carries one queued event only",
    batch=_one_at_a_time,
)
mutant(
    "late-events-lost",
    "engine/turns/no-event-lost",
    "events that arrive during a turn are lost",
    remaining=_queue_emptied,
)
mutant(
    "rejected-turn-consumed",
    "engine/turns/failed-turn-returns",
    "an answer that cannot be applied consumes its turn",
    answered=_rejection_commits,
)
mutant(
    "rejected-turn-half-applied",
    "engine/turns/failed-turn-commits-nothing",
    "an answer that cannot be applied is applied in part",
    answered=_part_is_applied,
)
mutant(
    "rejected-turn-forgotten",
    "engine/turns/failed-turn-returns",
    "a rejected turn does not come back in time",
    retry_delay=_never_returns,
)
mutant(
    "action-ids-reused",
    "engine/turns/reused-action-id",
    "an action that history has already is recorded again",
    repeats=_takes_repeats,
)
mutant(
    "canceled-runs-on", "engine/turns/canceled-ends", "CANCELED does not end an instance", is_terminal=_canceled_runs_on
)
mutant(
    "odd-status-taken",
    "engine/turns/odd-status-refused",
    "a completion may have a status that is no end",
    may_end_with=_any_status,
)
mutant(
    "bare-completion-refused",
    "engine/turns/bare-completion-accepted",
    "a completion must have a result or failure details",
    refuse_answer=_demands_result,
)
mutant(
    "continuation-keeps-actions",
    "engine/lifecycle/continue-as-new-drops-actions",
    "actions beside a continue-as-new are carried out",
    beside_continuation=_detached_in_full,
)


# Declared one by one.


def _start_last(turn: Turn) -> tuple[bytes, ...]:
    """ExecutionStarted stands behind what was queued after it."""
    opening, *rest = REFERENCE.new_events(turn)
    return (opening, *reversed(rest))


def _start_not_committed(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """ExecutionStarted does not enter history."""
    events = [event.data for event in turn.events if not isinstance(event.event.body, ExecutionStarted)]
    return [encode(opening), *events, *[encode(event) for event in actions]]


def _opening_unrouted(state: Instance, moment: Moment, rules: Decisions) -> HistoryEvent:
    """The first workflowStarted of a generation does not name the app."""
    return replace(REFERENCE.opening(state, moment, rules), router=None)


def _never_unavailable(state: Instance, response: WorkflowResponse) -> Stall | None:
    """An answer counts although its worker lacks the version."""
    del state, response
    return None


def _unavailability_recorded(
    state: Instance, action: WorkflowAction, moment: Moment, rules: Decisions
) -> Recorded | None:
    """A version that is not available leaves an event."""
    if isinstance(action.body, WorkflowVersionNotAvailable):
        return EventSent(instance_id=state.id, name="unavailable")
    return REFERENCE.record(state, action, moment, rules)


def _late_events_committed(
    state: Instance, input_: Answered, completion: WorkflowAction | None, moment: Moment, rules: Decisions
) -> Stepped:
    """What came during a turn is committed with it, unseen by the worker."""
    turn = replace(input_.turn, events=state.inbox)
    return REFERENCE.commit(state, replace(input_, turn=turn), completion, moment, rules)


def _queued_events_shown(state: Instance) -> History:
    """Queries show events that no turn has committed."""
    return REFERENCE.append(state.history, [event.data for event in state.inbox])


def _wakes_the_ended(state: Instance, rules: Decisions) -> bool:
    """An ended instance has turns like any other."""
    return bool(state.inbox) and state.due is None


def _takes_always(state: Instance, rules: Decisions) -> bool:
    """Events are queued after the end."""
    return True


def _recorded_late(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """What comes after the end is written into history."""
    if state is not None and rules.is_terminal(state.status):
        return replace(state, history=rules.append(state.history, [encode(input_.event)])), ()
    return REFERENCE.deliver(state, input_, moment, rules)


def _untyped_action_skipped(state: Instance, action: WorkflowAction, rules: Decisions) -> str | None:
    """An action of no type is passed over."""
    return None if action.body is None else REFERENCE.refuse_action(state, action, rules)


def _terminated_runs_on(status: OrchestrationStatus) -> bool:
    """TERMINATED does not end an instance."""
    return status != OrchestrationStatus.TERMINATED and REFERENCE.is_terminal(status)


def _failed_runs_on(status: OrchestrationStatus) -> bool:
    """FAILED does not end an instance."""
    return status != OrchestrationStatus.FAILED and REFERENCE.is_terminal(status)


def _detached_with_input(action: CreateDetachedWorkflow) -> DetachedWorkflowInstanceCreated:
    """DetachedWorkflowInstanceCreated has another id than the action."""
    return DetachedWorkflowInstanceCreated(instance_id=f"{action.instance_id}-1")


mutant(
    "start-behind-events",
    "engine/turns/first-turn-events",
    "executionStarted stands behind what was queued after it",
    new_events=_start_last,
)
mutant(
    "start-not-committed",
    "engine/turns/execution-started-present",
    "executionStarted does not enter history",
    committed=_start_not_committed,
)
mutant(
    "generation-unrouted",
    "engine/turns/continue-as-new-turn-routers",
    "the first workflowStarted of a generation does not name the app",
    opening=_opening_unrouted,
)
mutant(
    "unavailability-recorded",
    "engine/turns/unrecorded-actions",
    "a version that is not available leaves an event",
    record=_unavailability_recorded,
    version_unavailable=_never_unavailable,
)
mutant(
    "late-events-committed",
    "engine/turns/late-events-wait",
    "what came during a turn is committed with it",
    commit=_late_events_committed,
)
mutant(
    "queued-events-shown",
    "engine/turns/commit-is-atomic",
    "queries show events that no turn has committed",
    shown_history=_queued_events_shown,
)
mutant(
    "ended-wakes",
    "engine/turns/nothing-after-the-end",
    "an ended instance has turns like any other",
    wants_turn=_wakes_the_ended,
    takes_events=_takes_always,
)
mutant(
    "late-events-recorded",
    "engine/turns/late-events-not-recorded",
    "what comes after the end is written into history",
    deliver=_recorded_late,
)
mutant(
    "untyped-action-skipped",
    "engine/turns/unknown-action-fails-turn-only",
    "an action of no type is passed over, and the rest of its turn applied",
    refuse_action=_untyped_action_skipped,
)
mutant(
    "terminated-runs-on",
    "engine/turns/terminal-statuses-end",
    "TERMINATED does not end an instance",
    is_terminal=_terminated_runs_on,
)
mutant(
    "failed-runs-on",
    "engine/turns/terminal-statuses-end",
    "FAILED does not end an instance",
    is_terminal=_failed_runs_on,
)
mutant(
    "detached-under-another-id",
    "engine/turns/detached-recorded",
    "another id is recorded than the detached workflow has",
    detached_created=_detached_with_input,
)


def _newest_alone(inbox: tuple[Queued, ...]) -> tuple[Queued, ...]:
    """A turn carries what was queued last, and nothing else."""
    return inbox[-1:]


def _all_but_newest(inbox: tuple[Queued, ...], turn: Turn) -> tuple[Queued, ...]:
    """What the turn carried is consumed, wherever it stood."""
    return tuple(waiting for waiting in inbox if waiting not in turn.events)


def _termination_recorded(state: Instance, action: WorkflowAction, moment: Moment, rules: Decisions) -> Recorded | None:
    """The order to terminate another instance leaves an event."""
    if isinstance(action.body, TerminateWorkflow):
        return EventSent(instance_id=action.body.instance_id, name="terminate")
    return REFERENCE.record(state, action, moment, rules)


def _other_child_id(
    action: CreateChildWorkflow, instance_id: str, trace: TraceContext | None
) -> ChildWorkflowInstanceCreated:
    """A child has an id of the engine's own, whatever was asked for."""
    return REFERENCE.child_created(action, f"{instance_id}-own", trace)


def _empty_status_ignored(before: str | None, answered: str | None) -> str | None:
    """A custom status that is the empty string does not count."""
    return answered if answered != "" else before


def _shown_one_turn_late(state: Instance) -> History:
    """Queries show the history without its last turn."""
    events = tuple(split(state.history.frames))
    starts = [n for n, data in enumerate(events) if isinstance(decode(HistoryEvent, data).body, WorkflowStarted)]
    return REFERENCE.append(EMPTY, events[: starts[-1]]) if starts else state.history


def _end_shown_late(state: Instance) -> OrchestrationStatus:
    """An instance that has completed is shown as running."""
    return OrchestrationStatus.RUNNING if state.status == OrchestrationStatus.COMPLETED else state.status


def _raised_not_recorded(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """Raised events reach the worker, and do not enter history."""
    kept = tuple(waiting for waiting in turn.events if not isinstance(waiting.event.body, EventRaised))
    return REFERENCE.committed(replace(turn, events=kept), opening, actions)


mutant(
    "newest-event-alone",
    "engine/turns/late-events-wait",
    "a turn carries what was queued last, and older events come later",
    batch=_newest_alone,
    remaining=_all_but_newest,
)
mutant(
    "termination-recorded",
    "engine/turns/unrecorded-actions",
    "the order to terminate another instance leaves an event",
    record=_termination_recorded,
)
mutant(
    "child-under-another-id",
    "engine/turns/create-child-recorded",
    "a child is recorded with an id of the engine's own",
    child_created=_other_child_id,
)
mutant(
    "empty-custom-status-ignored",
    "engine/turns/custom-status-set",
    "a custom status that is the empty string does not count",
    custom_status_after=_empty_status_ignored,
)
mutant(
    "history-shown-late",
    "engine/turns/commit-is-atomic",
    "queries show the history without its last turn",
    shown_history=_shown_one_turn_late,
)
mutant(
    "end-shown-late",
    "engine/turns/commit-is-atomic",
    "an instance that has completed is shown as running",
    visible_status=_end_shown_late,
)
mutant(
    "raised-events-not-recorded",
    "engine/turns/no-event-lost",
    "raised events reach the worker, and do not enter history",
    committed=_raised_not_recorded,
)


mutant(
    "generation-start-unrouted",
    "engine/turns/continue-as-new-turn-routers",
    "the executionStarted of a continued generation does not name the app",
    renewed_router=lambda _moment: None,
)


def _stale_stamp(state: Instance, moment: Moment, rules: Decisions) -> HistoryEvent:
    """A turn is stamped with a time that was an hour before its dispatch."""
    return replace(REFERENCE.opening(state, moment, rules), timestamp=moment.now - 3600 * 10**9)


mutant(
    "turn-stamped-early",
    "engine/turns/begins-with-workflow-started",
    "a turn is stamped an hour before its dispatch",
    opening=_stale_stamp,
)
