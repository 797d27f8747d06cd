"""The actions of an answer: which of them count, what each leaves in history, and what it makes happen.

Actions are applied in their order (ENG-C-09), and nothing is done yet by that: what they come to is collected, and
becomes real with the commit of the answer that they are part of, or not at all (`commits`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from dwconf.engine.core import propagation, spans
from dwconf.engine.core.instance import Instance, Kind, OpenTimer
from dwconf.engine.core.messages import (
    Answered,
    Deliver,
    Effect,
    Post,
    Schedule,
    SetTimer,
    Turn,
)
from dwconf.engine.core.moment import Moment
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
    ScheduleTask,
    SendEvent,
    TaskRouter,
    TaskScheduled,
    TerminateWorkflow,
    TimerCreated,
    WorkflowAction,
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


def completion_in(actions: Iterable[WorkflowAction]) -> WorkflowAction | None:
    """ENG-C-18: the first completion of an answer counts."""
    return next((action for action in actions if isinstance(action.body, CompleteWorkflow)), None)


def counted(actions: Sequence[WorkflowAction], completion: WorkflowAction | None) -> tuple[WorkflowAction, ...]:
    """ENG-C-18: of several completions the first alone; every other action, also behind it."""
    return tuple(a for a in actions if a is completion or not isinstance(a.body, CompleteWorkflow))


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
