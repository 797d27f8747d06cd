"""Child and detached workflows: their ids, their start, and what a parent hears of a child's end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from dwconf.engine.core.frames import History, split
from dwconf.engine.core.instance import Instance, Parent
from dwconf.engine.core.messages import Create, Deliver, Effect, Post, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import decode
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    DetachedWorkflowInstanceCreated,
    ExecutionCompleted,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    OrchestrationStatus,
    ParentInstanceInfo,
    TaskFailureDetails,
    TaskRouter,
    TraceContext,
    WorkflowInstance,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


def child_id(parent: str, action_id: int) -> str:
    """ENG-G-01: the id of a child that was not given one: the parent's, and the action's in four hexadecimal digits."""
    return f"{parent}:{action_id & 0xFFFFFFFF:04x}"


def child_created(
    action: CreateChildWorkflow, instance_id: str, trace: TraceContext | None
) -> ChildWorkflowInstanceCreated:
    """ENG-C-12, ENG-G-18: what of the action is written into history."""
    return ChildWorkflowInstanceCreated(
        instance_id=instance_id,
        name=action.name,
        version=action.version,
        input=action.input,
        parent_trace_context=trace,
        history_propagation_scope=action.history_propagation_scope,
        retry_parent_instance_info=action.retry_parent_instance_info,
    )


def child_started(
    state: Instance, created: ChildWorkflowInstanceCreated, action_id: int, moment: Moment
) -> ExecutionStarted:
    """ENG-G-02: how a child begins, and how it knows its parent."""
    return ExecutionStarted(
        name=created.name,
        version=created.version,
        input=created.input,
        workflow_instance=WorkflowInstance(
            instance_id=created.instance_id, execution_id=moment.nonce.uuid(2000 + action_id)
        ),
        parent_instance=ParentInstanceInfo(
            task_scheduled_id=action_id,
            name=state.start.name,
            version=state.start.version,
            workflow_instance=WorkflowInstance(instance_id=state.id, execution_id=state.execution_id),
            app_id=moment.site.app_id,
            app_namespace=moment.site.namespace,
        ),
        parent_trace_context=created.parent_trace_context,
    )


def create_child(
    state: Instance, event: HistoryEvent, created: ChildWorkflowInstanceCreated, moment: Moment, rules: Decisions
) -> Post:
    """The post that brings a child into being."""
    body = rules.traced(rules.child_started(state, created, event.event_id, moment), moment)
    birth = HistoryEvent(event_id=rules.inbound_id(), timestamp=moment.now, body=body, router=event.router)
    parent = Parent(state.id, state.epoch, event.event_id)
    return Post(created.instance_id, Create(instance_id=created.instance_id, birth=birth, parent=parent))


def detached_created(action: CreateDetachedWorkflow) -> DetachedWorkflowInstanceCreated:
    """ENG-C-14: the id alone is written into the caller's history."""
    return DetachedWorkflowInstanceCreated(instance_id=action.instance_id)


def detached_started(action: CreateDetachedWorkflow, moment: Moment, index: int) -> ExecutionStarted:
    """ENG-G-14, ENG-G-16: a start of its own, that does not know who asked for it; the version is not passed on."""
    return ExecutionStarted(
        name=action.name,
        input=action.input,
        workflow_instance=WorkflowInstance(
            instance_id=action.instance_id, execution_id=action.execution_id or moment.nonce.uuid(2000 + index)
        ),
        scheduled_start_timestamp=action.scheduled_start_timestamp,
        parent_trace_context=action.parent_trace_context,
        tags=action.tags,
    )


def create_detached(action: CreateDetachedWorkflow, index: int, moment: Moment, rules: Decisions) -> Post:
    """The post that starts a detached workflow. ENG-G-17: if its id is taken, nothing happens."""
    birth = rules.birth_event(rules.detached_started(action, moment, index), moment, rules)
    due = rules.not_before(action.scheduled_start_timestamp)
    return Post(action.instance_id, Create(instance_id=action.instance_id, birth=birth, due=due))


def child_outcome(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """ENG-G-03, ENG-G-04: only COMPLETED is a success; a terminated child has no failure details to show."""
    if ending.workflow_status == OrchestrationStatus.COMPLETED:
        return ChildWorkflowInstanceCompleted(task_scheduled_id=parent.task_id, result=ending.result)
    return ChildWorkflowInstanceFailed(task_scheduled_id=parent.task_id, failure_details=ending.failure_details)


def outcome_router(state: Instance, moment: Moment) -> TaskRouter | None:
    """ENG-G-03: from the child's app to the parent's."""
    info = state.start.parent_instance
    return TaskRouter(
        source_app_id=moment.site.app_id,
        target_app_id=info.app_id if info is not None else None,
        target_app_namespace=info.app_namespace if info is not None else None,
    )


def tell_parent(state: Instance, ending: ExecutionCompleted, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """ENG-G-05: the parent hears of a child once, when it has really ended."""
    if state.parent is None:
        return ()
    body = rules.child_outcome(state.parent, ending)
    event = rules.inbound(body, moment, rules, rules.child_outcome_router(state, moment))
    return (Post(state.parent.instance_id, Deliver(event, state.parent.epoch)),)


def child_refused(
    occupant: Instance, create: Create, refusal: Refusal, moment: Moment, rules: Decisions
) -> tuple[Effect, ...]:
    """ENG-G-07: the child's id is taken, so its task fails; ENG-G-09: unless it is taken by that very child."""
    parent = create.parent
    if parent is None or occupant.parent == parent:
        return ()
    details = TaskFailureDetails(error_type="WorkflowInstanceAlreadyExists", error_message=refusal.message)
    body = ChildWorkflowInstanceFailed(task_scheduled_id=parent.task_id, failure_details=details)
    router = TaskRouter(source_app_id=moment.site.app_id, target_app_id=moment.site.app_id)
    return (Post(parent.instance_id, Deliver(rules.inbound(body, moment, rules, router), parent.epoch)),)


def recorded_children(history: History) -> tuple[str, ...]:
    """The children that a history names, in order (ENG-G-14: detached workflows are none)."""
    events = (decode(HistoryEvent, data) for data in split(history.frames))
    bodies = [event.body for event in events if isinstance(event.body, ChildWorkflowInstanceCreated)]
    return tuple(dict.fromkeys(body.instance_id for body in bodies))


def cascade(state: Instance, order: ExecutionTerminated, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """ENG-G-13: a recursive termination goes on to every recorded child; any other to none."""
    if not rules.cascades(order):
        return ()
    body = ExecutionTerminated(input=order.input, recurse=True)
    event = rules.inbound(body, moment, rules, None)
    return tuple(Post(child, Deliver(event, parent=state.id)) for child in rules.recorded_children(state.history))


def descendants(find: Callable[[str], Instance | None], instance_id: str, rules: Decisions) -> tuple[str, ...]:
    """ENG-H-24: the recorded children, theirs, and so on; those that are gone are skipped."""
    found: dict[str, None] = {}
    agenda = deque([instance_id])
    while agenda:
        parent = agenda.popleft()
        state = find(parent)
        if state is None:
            continue
        for child in rules.recorded_children(state.history):
            known = find(child)
            if child not in found and known is not None and rules.is_child_of(known, parent):
                found[child] = None
                agenda.append(child)
    return tuple(found)


def living_descendant(find: Callable[[str], Instance | None], instance_id: str, rules: Decisions) -> str | None:
    """ENG-B-12: a descendant that has not ended, or None."""
    for descendant in descendants(find, instance_id, rules):
        state = find(descendant)
        if state is not None and not rules.is_terminal(state.status):
            return descendant
    return None


def cascades(order: ExecutionTerminated) -> bool:
    """ENG-G-13: children are terminated only when that was asked for."""
    return order.recurse


def is_child_of(state: Instance, parent: str) -> bool:
    """Whether an instance is what a parent takes it for, and not somebody else on the same id (ENG-G-07)."""
    return state.parent is not None and state.parent.instance_id == parent


def after_the_end(state: Instance, event: HistoryEvent, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """ENG-G-13, ENG-H-06: to terminate a finished instance changes nothing of it, but may still reach its children."""
    return rules.cascade(state, event.body, moment, rules) if isinstance(event.body, ExecutionTerminated) else ()
