"""How an instance comes into being: by a client, by a parent, by another workflow, or as the next generation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance, queued
from dwconf.engine.core.messages import (
    Alarm,
    Code,
    Create,
    DropTimers,
    Effect,
    Refusal,
    Refuse,
    SetTimer,
    Timer,
)
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.routing import refuse_router
from dwconf.wire.values import (
    CreateInstanceRequest,
    ExecutionStarted,
    HistoryEvent,
    Nanos,
    TaskRouter,
    TraceContext,
    WorkflowInstance,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

_TRACE_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def choose_instance_id(requested: str, moment: Moment) -> str:
    """ENG-B-01: the id that was asked for; ENG-B-02: a fresh one when none was."""
    return requested or moment.nonce.uuid(0)


def choose_execution_id(requested: str | None, moment: Moment) -> str:
    """ENG-B-05, ENG-B-06: the execution id that was asked for, or a fresh one."""
    return requested or moment.nonce.uuid(1)


def started_body(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """ENG-B-05, ENG-B-06: what a client's request puts into executionStarted; what it left unset stays unset."""
    return ExecutionStarted(
        name=request.name,
        version=request.version,
        input=request.input,
        workflow_instance=WorkflowInstance(instance_id=instance_id, execution_id=execution_id),
        scheduled_start_timestamp=request.scheduled_start_timestamp,
        parent_trace_context=request.parent_trace_context,
        tags=request.tags,
    )


def traced(body: ExecutionStarted, moment: Moment) -> ExecutionStarted:
    """ENG-B-14: a traced instance has its span before its first turn; ENG-B-15: an untraced one has none."""
    if body.parent_trace_context is None:
        return body
    return ExecutionStarted(
        name=body.name,
        version=body.version,
        input=body.input,
        workflow_instance=body.workflow_instance,
        parent_instance=body.parent_instance,
        scheduled_start_timestamp=body.scheduled_start_timestamp,
        parent_trace_context=body.parent_trace_context,
        workflow_span_id=moment.nonce.span(2),
        tags=body.tags,
    )


def inbound_id() -> int:
    """ENG-C-06: events that the engine makes and delivers have no id of their own."""
    return -1


def started_router(moment: Moment) -> TaskRouter | None:
    """ENG-B-05: the app that runs the instance."""
    return TaskRouter(source_app_id=moment.site.app_id)


def birth_event(body: ExecutionStarted, moment: Moment, rules: Decisions) -> HistoryEvent:
    """The executionStarted of a new instance or generation."""
    return HistoryEvent(
        event_id=rules.inbound_id(),
        timestamp=moment.now,
        body=rules.traced(body, moment),
        router=rules.started_router(moment),
    )


def refuse_request(request: CreateInstanceRequest, moment: Moment) -> Refusal | None:
    """ENG-B-14: a malformed trace context; ENG-B-18: an app that is not here. Nothing is created then."""
    context = request.parent_trace_context
    if context is not None and not well_formed(context):
        return Refusal(Code.INVALID_ARGUMENT, f"malformed trace parent {context.trace_parent!r}")
    return refuse_router(request.router, moment)


def well_formed(context: TraceContext) -> bool:
    """Whether a trace parent has the form that W3C Trace Context prescribes."""
    return _TRACE_PARENT.fullmatch(context.trace_parent) is not None


def answers_at_once(request: CreateInstanceRequest) -> bool:
    """ENG-B-03, ENG-B-07: a start with a time does not wait for the first turn, whether that time is past or not."""
    return request.scheduled_start_timestamp is not None


def not_before(scheduled: Nanos | None) -> Nanos | None:
    """ENG-B-07: the time before which no turn is dispatched."""
    return scheduled


def refuse_create(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """ENG-B-09 to ENG-B-12: which taken ids cannot be used again."""
    name = existing.id
    if not rules.is_terminal(existing.status):
        return Refusal(Code.ALREADY_EXISTS, f"an active workflow with ID '{name}' already exists")
    if create.unique:
        return Refusal(Code.ALREADY_EXISTS, f"a workflow with ID '{name}' already exists")
    if create.awaited:
        return Refusal(Code.ALREADY_EXISTS, f"a workflow with ID '{name}' still awaits an activity result")
    if create.obstacle is not None:
        reason = f"child workflow '{create.obstacle}' is not in a terminal state"
        return Refusal(Code.ALREADY_EXISTS, f"cannot recreate workflow with ID '{name}': {reason}")
    return None


def create(
    state: Instance | None, input_: Create, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """Create an instance, or start a finished one anew."""
    refusal = rules.refuse_create(state, input_, rules) if state is not None else None
    if refusal is not None:
        if state is not None and input_.parent is not None:
            return state, rules.child_refused(state, input_, refusal, moment, rules)
        return state, (Refuse(refusal),)
    born = Instance(
        id=input_.instance_id,
        epoch=moment.nonce.uuid(9),
        birth=input_.birth,
        parent=input_.parent,
        created_at=moment.now,
        updated_at=moment.now,
        due=input_.due if input_.due is not None and input_.due > moment.now else None,
        inbox=(queued(input_.birth),),
        incoming=input_.incoming,
    )
    effects: list[Effect] = [DropTimers(born.id)] if state is not None else []
    if born.due is not None:
        effects.append(SetTimer(Timer(born.id, born.epoch, Alarm.START, 0, born.due, born.due)))
    return born, tuple(effects)
