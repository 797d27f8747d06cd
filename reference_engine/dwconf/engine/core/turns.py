"""The turn: how it is formed and sent, and how its answer is committed.

A turn carries everything that is queued when it is formed. Nothing is taken from the queue by that: the events leave it
when the answer is committed, so a lost or rejected dispatch needs no undoing, and the next one begins with the same
events in the same order (ENG-A-11).

A commit is one value replaced by another. In this order it: refuses an answer that cannot be applied (and changes
nothing then), lets continue-as-new replace the generation, turns actions into events and effects, ends the instance if
the answer or a termination says so, and appends turn and action events to history. Its effects (activities, timers,
posts) become real in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from dwconf.engine.core import propagation, spans, stalling
from dwconf.engine.core.frames import NEW_EVENTS, History, framed, joined, skip, text, varint
from dwconf.engine.core.instance import Instance, Kind, OpenTimer, Queued, queued
from dwconf.engine.core.messages import (
    Answered,
    Deliver,
    DropTimers,
    Effect,
    Post,
    RejectTurn,
    Schedule,
    SetTimer,
    Turn,
)
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventSent,
    ExecutionCompleted,
    ExecutionTerminated,
    HistoryEvent,
    HistoryPropagationScope,
    Nanos,
    OrchestrationStatus,
    ScheduleTask,
    SendEvent,
    TaskRouter,
    TaskScheduled,
    TerminateWorkflow,
    TimerCreated,
    WorkflowAction,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

Recorded = (
    TaskScheduled
    | TimerCreated
    | ChildWorkflowInstanceCreated
    | DetachedWorkflowInstanceCreated
    | EventSent
    | ExecutionCompleted
)
"""The events that actions leave in history."""


# Forming and sending.


def wants_turn(state: Instance, rules: Decisions) -> bool:
    """ENG-C-25, ENG-B-07, ENG-B-08: something is queued, the instance has not ended, and its start time has come."""
    return (
        bool(state.inbox) and state.due is None and not rules.is_terminal(state.status) and not rules.holds_turn(state)
    )


def form(state: Instance, moment: Moment, rules: Decisions) -> Turn:
    """ENG-C-01: a turn begins with a fresh workflowStarted; ENG-C-23: it holds all that is queued."""
    opening = rules.opening(state, moment, rules)
    return Turn(state.id, state.epoch, opening, rules.batch(state.inbox), encode(opening))


def opening(state: Instance, moment: Moment, rules: Decisions) -> HistoryEvent:
    """ENG-C-01: taken when the turn is dispatched; ENG-C-02: a continued generation's first one names the app."""
    router = TaskRouter(source_app_id=moment.site.app_id) if state.renewed and state.is_fresh else None
    return HistoryEvent(event_id=rules.inbound_id(), timestamp=moment.now, body=WorkflowStarted(), router=router)


def batch(inbox: tuple[Queued, ...]) -> tuple[Queued, ...]:
    """ENG-C-23: everything that is queued, in order."""
    return inbox


def new_events(turn: Turn) -> tuple[bytes, ...]:
    """ENG-C-01, ENG-C-02, ENG-C-03: the turn's events as sent: one workflowStarted, first."""
    return (turn.data, *[event.data for event in turn.events])


def past_events(history: History) -> bytes:
    """ENG-C-04, ENG-A-16: all that is committed."""
    return history.frames


def request_execution_id(state: Instance) -> str | None:
    """ENG-A-32: the execution id of the generation's executionStarted."""
    return state.execution_id


def workflow_request(state: Instance, turn: Turn, rules: Decisions, cached: int | None) -> bytes:
    """An encoded WorkflowRequest; `cached` is the number of past events that the worker has already (ENG-A-17)."""
    execution_id = rules.request_execution_id(state)
    parts = [text(0x0A, rules.request_instance_id(state))]
    if execution_id is not None:
        parts.append(framed(0x12, text(0x0A, execution_id)))
    past = rules.past_events(state.history)
    parts.append(past if cached is None else rules.delta(past, cached))
    parts.append(joined(NEW_EVENTS, rules.new_events(turn)))
    incoming = rules.history_for_turn(state)
    if incoming is not None:
        parts.append(framed(0x42, incoming))
    if cached is not None:
        parts.append(framed(0x4A, b"\x08" + varint(cached)))
    return b"".join(parts)


def delta(past: bytes, cached: int) -> bytes:
    """ENG-A-17, ENG-A-18: the committed events after the prefix that the worker has."""
    return skip(past, cached)


def request_instance_id(state: Instance) -> str:
    """The instance that the turn is of."""
    return state.id


# Committing.


def completion_in(actions: Iterable[WorkflowAction]) -> WorkflowAction | None:
    """ENG-C-18: the first completion of an answer counts."""
    return next((action for action in actions if isinstance(action.body, CompleteWorkflow)), None)


def refuse_answer(state: Instance, response: WorkflowResponse, rules: Decisions) -> str | None:
    """ENG-C-26, ENG-C-27: why an answer cannot be applied, or None."""
    for action in response.actions:
        reason = rules.refuse_action(state, action, rules)
        if reason is not None:
            return reason
    return None


def refuse_action(state: Instance, action: WorkflowAction, rules: Decisions) -> str | None:
    """Why an action cannot be applied, or None."""
    match action.body:
        case None:
            return f"action {action.id} has no type"
        case CreateDetachedWorkflow(instance_id=""):
            return f"action {action.id} detaches a workflow without an instance id"
        case CompleteWorkflow(workflow_status=status) if not rules.may_end_with(status):
            return f"action {action.id} completes with status {status.name}"
        case ScheduleTask() | CreateTimer() | CreateChildWorkflow() if rules.repeats(state, action.id):
            return f"action {action.id} is already in history"
        case _:
            return None


def repeats(state: Instance, action_id: int) -> bool:
    """ENG-C-28: an action that history has already is not recorded again."""
    return spans.contains(state.used_ids, action_id)


def retry_delay(rejections: int) -> Nanos:
    """ENG-C-27: a rejected turn is dispatched again: at once, and ever more slowly if it goes on."""
    return min(max(0, rejections - 3) * 50_000_000, 2_000_000_000)


def action_event_id(action: WorkflowAction) -> int:
    """ENG-C-07: the action's id, verbatim."""
    return action.id


def stamped(router: TaskRouter | None, moment: Moment) -> TaskRouter | None:
    """ENG-C-16: the engine's app is the source, the target is the action's."""
    return TaskRouter(
        source_app_id=moment.site.app_id,
        target_app_id=router.target_app_id if router is not None else None,
        target_app_namespace=router.target_app_namespace if router is not None else None,
    )


def action_timestamp(moment: Moment, turn: Turn) -> Nanos | None:
    """ENG-C-08: the time of the commit, which is not before the turn's workflowStarted."""
    return max(moment.now, turn.opening.timestamp or 0)


def event_sent(action: SendEvent) -> EventSent:
    """ENG-F-12: to whom, and what."""
    target = action.instance.instance_id if action.instance is not None else ""
    return EventSent(instance_id=target, name=action.name, input=action.data)


def execution_completed(action: CompleteWorkflow) -> ExecutionCompleted:
    """ENG-C-13, ENG-C-30: status, result and failure as given."""
    return ExecutionCompleted(
        workflow_status=action.workflow_status, result=action.result, failure_details=action.failure_details
    )


def record(state: Instance, action: WorkflowAction, moment: Moment, rules: Decisions) -> Recorded | None:
    """What an action leaves in history; ENG-C-15: two kinds leave nothing."""
    match action.body:
        case ScheduleTask() as body:
            trace = rules.child_span(rules.instance_span(state), moment, action.id)
            return rules.task_scheduled(body, trace)
        case CreateTimer() as body:
            return rules.timer_created(body)
        case CreateChildWorkflow() as body:
            trace = rules.child_span(rules.instance_span(state), moment, action.id)
            return rules.child_created(body, body.instance_id or rules.child_id(state.id, action.id), trace)
        case CreateDetachedWorkflow() as body:
            return rules.detached_created(body)
        case SendEvent() as body:
            return rules.event_sent(body)
        case CompleteWorkflow() as body:
            return rules.execution_completed(body)
        case TerminateWorkflow() | WorkflowVersionNotAvailable() | None:
            return None
        case _:
            assert_never(action.body)


@dataclass(slots=True, kw_only=True)
class Applied:
    """What an answer comes to, collected while its actions are applied in order."""

    opening: HistoryEvent
    ending: ExecutionCompleted | None = None
    events: list[HistoryEvent] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    tasks: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    timers: list[OpenTimer] = field(default_factory=list)

    def without_effects(self) -> Applied:
        """The same events, but nothing is carried out."""
        return Applied(opening=self.opening, ending=self.ending, events=self.events)


def apply(
    state: Instance, input_: Answered, completion: WorkflowAction | None, moment: Moment, rules: Decisions
) -> Applied:
    """ENG-C-09: the actions' events in the order of the actions, and what each of them makes happen."""
    turn, response = input_.turn, input_.response
    done = Applied(opening=rules.committed_opening(turn, rules.recorded_version(state, response.version)))
    stamp = rules.action_timestamp(moment, turn)
    for action in rules.counted(response.actions, completion):
        body = rules.record(state, action, moment, rules)
        if body is None and not isinstance(action.body, TerminateWorkflow):
            continue
        event = HistoryEvent(
            event_id=rules.action_event_id(action),
            timestamp=stamp,
            body=body,
            router=rules.stamped(action.router, moment),
        )
        if body is not None:
            done.events.append(event)
        if isinstance(body, ExecutionCompleted):
            done.ending = body if done.ending is None else done.ending
        rules.carry_out(state, action, event, done, Carrying(moment, rules, turn))
    return done


@dataclass(frozen=True, slots=True)
class Carrying:
    """The circumstances in which actions are carried out."""

    moment: Moment
    rules: Decisions
    turn: Turn


def carry_out(state: Instance, action: WorkflowAction, event: HistoryEvent, done: Applied, by: Carrying) -> None:
    """What an action makes happen, added to `done`."""
    moment, rules = by.moment, by.rules
    match action.body, event.body:
        case ScheduleTask(), TaskScheduled() as scheduled if not rules.resolved_early(state, Kind.TASK, event.event_id):
            done.tasks.append(event.event_id)
            task = rules.activity_task(state, event, scheduled, moment, rules)
            given = _passed_on(state, scheduled.history_propagation_scope, done, by)
            done.effects.append(Schedule(propagation.with_task(task, given)))
        case CreateTimer() as timer, _ if not rules.resolved_early(state, Kind.TIMER, event.event_id):
            done.timers.append(OpenTimer(event.event_id, rules.waits_for(timer)))
            done.effects.append(SetTimer(rules.timer(state, event.event_id, timer, rules)))
        case CreateChildWorkflow(), ChildWorkflowInstanceCreated() as created:
            if not rules.resolved_early(state, Kind.CHILD, event.event_id):
                done.children.append(event.event_id)
                given = _passed_on(state, created.history_propagation_scope, done, by)
                birth = propagation.with_child(rules.create_child(state, event, created, moment, rules), given)
                done.effects += (birth,) if rules.is_local(event.router, moment) else ()
        case CreateDetachedWorkflow() as detached, _:
            done.effects.append(rules.create_detached(detached, action.id, moment, rules))
        case SendEvent() as message, _ if message.instance is not None:
            inbound = rules.inbound(rules.sent(message), moment, rules, None)
            done.effects.append(Post(message.instance.instance_id, Deliver(inbound)))
        case TerminateWorkflow() as order, _:
            body = ExecutionTerminated(input=order.reason, recurse=order.recurse)
            done.effects.append(Post(order.instance_id, Deliver(rules.inbound(body, moment, rules, None))))
        case _:
            pass


def _passed_on(state: Instance, scope: HistoryPropagationScope | None, done: Applied, by: Carrying) -> bytes | None:
    """What an operation that is created here is told of its caller's history: all until and with its creation."""
    if not by.rules.passes_on(scope):
        return None
    events = by.rules.committed(by.turn, done.opening, done.events)
    return propagation.passed_on(state, scope, events, by.moment, by.rules)


def counted(actions: Sequence[WorkflowAction], completion: WorkflowAction | None) -> tuple[WorkflowAction, ...]:
    """ENG-C-18: of several completions the first alone; every other action, also behind it."""
    return tuple(a for a in actions if a is completion or not isinstance(a.body, CompleteWorkflow))


def recorded_version(state: Instance, version: WorkflowVersion | None) -> WorkflowVersion | None:
    """ENG-C-19: the patches that history has not yet; the name goes when some are left out."""
    if version is None or not (version.patches or version.name):
        return None
    new = stalling.news(state.patches, version.patches)
    if len(new) == len(version.patches):
        return version
    return WorkflowVersion(patches=new) if new else None


def committed_opening(turn: Turn, version: WorkflowVersion | None) -> HistoryEvent:
    """ENG-C-05, ENG-C-19: the turn's workflowStarted as it was sent, but for the version that the answer gave it."""
    if version is None:
        return turn.opening
    return replace(turn.opening, body=WorkflowStarted(version=version))


def committed(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """ENG-C-05, ENG-C-09: what a commit appends: the turn's events, then the actions' events."""
    first = turn.data if opening is turn.opening else encode(opening)
    return [first, *[event.data for event in turn.events], *[encode(event) for event in actions]]


def remaining(inbox: tuple[Queued, ...], turn: Turn) -> tuple[Queued, ...]:
    """ENG-C-21, ENG-C-22: all that the turn carried is consumed; what came since stays, in order."""
    return inbox[len(turn.events) :]


def answered(
    state: Instance | None, input_: Answered, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """Commit an answer, stall on it, or reject it whole; ENG-H-29: what continues as new leaves its patches behind."""
    turn, response = input_.turn, input_.response
    if state is None or state.epoch != turn.epoch:
        return state, ()
    completion = rules.completion_in(response.actions)
    continues = completion is not None and _continues(completion)
    leaves = continues and rules.may_continue(rules.termination_in(turn.events))
    why = None if leaves else rules.unsuitable(state, response, rules)
    if why is not None:
        return rules.stall(state, why, moment, rules)
    reason = rules.refuse_answer(state, response, rules)
    if reason is not None:
        rejections = state.rejections + 1
        return replace(state, rejections=rejections), (RejectTurn(reason, rules.retry_delay(rejections)),)
    if leaves and completion is not None:
        return rules.continue_as_new(state, input_, completion, moment, rules)
    return rules.commit(state, input_, None if continues else completion, moment, rules)


def discarded(state: Instance | None, response: WorkflowResponse, moment: Moment, rules: Decisions) -> tuple[Post, ...]:
    """ENG-A-12, ENG-A-14, ENG-G-09: what follows from an answer whose token is not the current one: nothing."""
    del state, response, moment, rules
    return ()


def _continues(completion: WorkflowAction) -> bool:
    body = completion.body
    return isinstance(body, CompleteWorkflow) and body.workflow_status == OrchestrationStatus.CONTINUED_AS_NEW


def commit(
    state: Instance, input_: Answered, completion: WorkflowAction | None, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """ENG-C-24: history, status, custom status and effects, all at once."""
    order = rules.termination_in(input_.turn.events)
    done = apply(state, input_, completion, moment, rules)
    why = stalling.asks_too_much(done.effects, moment, rules)
    if why is not None:
        return rules.stall(state, why, moment, rules)
    forced = rules.forced_ending(order) if order is not None and done.ending is None else None
    if forced is not None:
        stamp = rules.action_timestamp(moment, input_.turn)
        done.events.append(HistoryEvent(event_id=rules.forced_ending_id(), timestamp=stamp, body=forced))
        done.ending = forced
    if not rules.keeps_effects(forced):
        done = done.without_effects()
    after = _after(state, input_, done, moment, rules)
    return after, (*done.effects, *_aftermath(after, state, input_.turn, moment, rules))


def _after(state: Instance, input_: Answered, done: Applied, moment: Moment, rules: Decisions) -> Instance:
    turn, response = input_.turn, input_.response
    ending = done.ending if done.ending is not None and rules.is_terminal(done.ending.workflow_status) else None
    beaten = rules.beaten(state.open_timers, turn.events)
    version = done.opening.body.version if isinstance(done.opening.body, WorkflowStarted) else None
    orphans = rules.orphans(state, turn.events, done.events)
    used = state.used_ids
    for event in done.events:
        used = spans.add(used, event.event_id) if not isinstance(event.body, ExecutionCompleted) else used
    return replace(
        state,
        status=rules.status_after(state.status, turn.events) if ending is None else ending.workflow_status,
        updated_at=moment.now,
        started_at=done.opening.timestamp if state.is_fresh else state.started_at,
        custom_status=rules.custom_status_after(state.custom_status, response.custom_status),
        ending=ending,
        stalled=None,
        history=rules.append(state.history, rules.committed(_without(turn, orphans, rules), done.opening, done.events)),
        inbox=rules.remaining(state.inbox, turn) if ending is None else (),
        first=state.first + len(turn.events),
        open_tasks=state.open_tasks.union(done.tasks) if done.tasks else state.open_tasks,
        open_children=state.open_children.union(done.children) if done.children else state.open_children,
        open_timers=(*[timer for timer in state.open_timers if timer not in beaten], *done.timers),
        settled_early=state.settled_early - orphans,
        used_ids=used,
        patches=(*state.patches, *version.patches) if version is not None else state.patches,
        version_name=state.version_name or (version.name if version is not None else None),
        rejections=0,
    )


def _without(turn: Turn, orphans: frozenset[tuple[Kind, int]], rules: Decisions) -> Turn:
    if not orphans:
        return turn
    return replace(turn, events=tuple(e for e in turn.events if rules.resolution(e.event.body) not in orphans))


def _aftermath(after: Instance, before: Instance, turn: Turn, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """What follows from the commit itself: timers dropped, parent told, termination passed on."""
    if after.ending is None:
        return rules.drop(before, rules.beaten(before.open_timers, turn.events))
    order = rules.termination_in(turn.events)
    cascade = rules.cascade(after, order, moment, rules) if order is not None else ()
    told = rules.tell_parent(after, after.ending, moment, rules)
    return (*rules.drop_at_end(after), *told, *cascade, *rules.keep(after, moment, rules))


def drop_at_end(state: Instance) -> tuple[Effect, ...]:
    """ENG-E-07, ENG-E-08: no timer outlives its generation."""
    return (DropTimers(state.id),)


def renewed_router(moment: Moment) -> TaskRouter | None:
    """ENG-C-02: the start of a continued generation names the app, whoever started the first."""
    return TaskRouter(source_app_id=moment.site.app_id)


def continue_as_new(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """ENG-H-14 to ENG-H-18: the next generation takes the place of this one, at once and durably.

    Its history is empty until its first turn is committed, which carries its start and what was carried over.
    """
    turn, response, body = input_.turn, input_.response, completion.body
    if not isinstance(body, CompleteWorkflow):
        raise TypeError(f"a {type(body).__name__} does not continue as new")
    birth = rules.birth_event(rules.next_start(state, body, moment), moment, rules)
    birth = replace(birth, router=rules.renewed_router(moment))
    carried = rules.carried(body)
    waiting = tuple(event for event in rules.remaining(state.inbox, turn) if rules.survives(event))
    after = Instance(
        id=state.id,
        epoch=moment.nonce.uuid(9),
        birth=birth,
        parent=state.parent,
        status=OrchestrationStatus.RUNNING,
        created_at=moment.now,
        updated_at=moment.now,
        started_at=state.started_at,
        custom_status=rules.custom_status_after(state.custom_status, response.custom_status),
        inbox=(queued(birth), *carried, *waiting),
        settled_early=frozenset(filter(None, (rules.resolution(event.event.body) for event in carried))),
        renewed=True,
        incoming=rules.inherited_history(state),
    )
    return after, (*rules.drop_at_end(state), *rules.beside_continuation(state, input_, moment, rules))


def beside_continuation(state: Instance, input_: Answered, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """ENG-H-15: nothing else in an answer that continues as new is carried out."""
    del state, input_, moment, rules
    return ()
