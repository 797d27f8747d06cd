"""Re-run: a new instance that begins where an ended one was, at one of its operations (ENG-H-35, ENG-H-36).

The new instance has behind it what the source had recorded before the target: all but the operations that had no
outcome by then. These, and the target, it begins with anew; what the source recorded after the target is as if it had
never been. Nothing of the source is changed.

A request is refused for the first of these reasons: its ids, its source, its target, and at last the new id, which only
the new instance can know to be taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dwconf.engine.core import propagation, spans
from dwconf.engine.core.dedup import creation, resolution
from dwconf.engine.core.frames import EMPTY, split
from dwconf.engine.core.instance import Instance, Kind, OpenTimer, queued
from dwconf.engine.core.messages import Code, Effect, Fork, Refusal, Refuse, Schedule, SetTimer
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.routing import refuse_router
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    ExecutionCompleted,
    HistoryEvent,
    HistoryPropagationScope,
    OrchestrationStatus,
    RerunParentInstanceInfo,
    RerunWorkflowFromEventRequest,
    TaskScheduled,
    TimerCreated,
    WorkflowStarted,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Rerun:
    """What is asked for, and the id that the new instance has."""

    request: RerunWorkflowFromEventRequest
    new_id: str


def choose_rerun_id(request: RerunWorkflowFromEventRequest, moment: Moment) -> str:
    """ENG-H-36: the id that was asked for, or a random one."""
    return request.new_instance_id or moment.nonce.uuid(0)


# Refusals.


def refuse_rerun(request: RerunWorkflowFromEventRequest, new_id: str) -> Refusal | None:
    """ENG-H-35: a source there must be, and it is not overwritten."""
    if not request.source_instance_id:
        return Refusal(Code.INVALID_ARGUMENT, "rerun workflow source instance ID is required")
    if request.source_instance_id == new_id:
        message = "rerun workflow instance ID must be different from the original instance ID"
        return Refusal(Code.INVALID_ARGUMENT, message)
    return None


def refuse_source(source: Instance | None, request: RerunWorkflowFromEventRequest, rules: Decisions) -> Refusal | None:
    """ENG-H-35: the source must exist, have ended, and be nobody's child."""
    name = request.source_instance_id
    if source is None:
        return Refusal(Code.NOT_FOUND, f"workflow instance does not exist with ID '{name}'")
    if not rules.is_terminal(source.status):
        return Refusal(Code.INVALID_ARGUMENT, f"'{name}' is not in a terminal state")
    if source.parent is not None:
        return Refusal(Code.INVALID_ARGUMENT, f"'{name}': cannot rerun from child-workflows")
    return None


def refuse_target(
    target: HistoryEvent | None, request: RerunWorkflowFromEventRequest, rules: Decisions
) -> Refusal | None:
    """ENG-H-35: the target must be an operation, and what is changed of it something that it has."""
    del rules
    number, child = event_id(request), request.new_child_workflow_instance_id
    if target is None:
        return Refusal(Code.NOT_FOUND, f"does not have history event with ID '{number}'")
    match target.body:
        case TaskScheduled() if child is not None:
            return _cannot(f"set new child workflow instance ID on activity event '{number}'")
        case TimerCreated() if request.overwrite_input:
            return _cannot(f"write input to timer event '{number}'")
        case TimerCreated() if child is not None:
            return _cannot(f"set new child workflow instance ID on timer event '{number}'")
        case DetachedWorkflowInstanceCreated():
            return _cannot(f"rerun detached workflow event '{number}'")
        case TaskScheduled() | TimerCreated() | ChildWorkflowInstanceCreated():
            return None
        case body:
            kind = f"*protos.HistoryEvent_{type(body).__name__}"
            message = f"target event '{kind}' with ID '{number}' is not an event that can be rerun"
            return Refusal(Code.NOT_FOUND, message)


def _cannot(what: str) -> Refusal:
    return Refusal(Code.INVALID_ARGUMENT, f"cannot {what}")


def refuse_fork(existing: Instance) -> Refusal | None:
    """ENG-H-35: an id that is taken is not used again, whatever has become of its instance."""
    return Refusal(Code.ALREADY_EXISTS, f"workflow '{existing.id}' has already been created")


def event_id(request: RerunWorkflowFromEventRequest) -> int:
    """The id that the request means: the field is unsigned, the ids of events are not."""
    return request.event_id - (1 << 32) if request.event_id >= 1 << 31 else request.event_id


# What the new instance begins with.


def plan(
    source: Instance | None, request: RerunWorkflowFromEventRequest, new_id: str, moment: Moment, rules: Decisions
) -> Fork | Refusal:
    """What makes the new instance, or why there is none."""
    refusal = rules.refuse_rerun(request, new_id) or refuse_router(request.router, moment)
    refusal = refusal or rules.refuse_source(source, request, rules)
    if refusal is not None or source is None:
        return refusal or Refusal(Code.NOT_FOUND, "there is nothing to run again")
    events = [decode(HistoryEvent, data) for data in split(source.history.frames)]
    found = next((place for place, event in enumerate(events) if event.event_id == event_id(request)), None)
    target = events[found] if found is not None else None
    refusal = rules.refuse_target(target, request, rules)
    if refusal is not None or target is None:
        return refusal or Refusal(Code.NOT_FOUND, "there is nothing to run again")
    asked, before = Rerun(request, new_id), events[:found]
    return Fork(
        instance_id=new_id,
        birth=source.birth,
        kept=rules.kept(before),
        again=tuple(
            rules.redone(event, asked, moment, rules)
            for event in (*rules.unfinished(before), rules.rerun_target(target, asked))
        ),
    )


def unfinished(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """ENG-H-36: the operations without an outcome, in the order in which they began."""
    settled = {resolution(event.body) for event in before}
    return tuple(event for event in before if (made := creation(event)) is not None and made not in settled)


def kept(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """ENG-H-36: everything else, as it is; but an end that the source had come to is no end of the new instance."""
    again = unfinished(before)
    return tuple(event for event in before if event not in again and not isinstance(event.body, ExecutionCompleted))


def rerun_target(target: HistoryEvent, asked: Rerun) -> HistoryEvent:
    """ENG-H-36: the target, with another input if that was asked for; a child with the id that it was given."""
    body, request = target.body, asked.request
    if request.overwrite_input and isinstance(body, TaskScheduled | ChildWorkflowInstanceCreated):
        body = replace(body, input=request.input)
    return replace(target, body=body)


def redone(event: HistoryEvent, asked: Rerun, moment: Moment, rules: Decisions) -> HistoryEvent:
    """ENG-H-36: an operation that is done again: of now, and naming the source; a child has a new id."""
    body, info = event.body, RerunParentInstanceInfo(instance_id=asked.request.source_instance_id)
    match body:
        case ChildWorkflowInstanceCreated():
            body = replace(body, instance_id=_child_id(event, asked, rules), rerun_parent_instance_info=info)
        case TaskScheduled() | TimerCreated():
            body = replace(body, rerun_parent_instance_info=info)
        case _:
            pass
    return replace(event, timestamp=moment.now, body=body)


def _child_id(event: HistoryEvent, asked: Rerun, rules: Decisions) -> str:
    request = asked.request
    given = request.new_child_workflow_instance_id if event.event_id == event_id(request) else None
    return given or rules.child_id(asked.new_id, event.event_id)


# The new instance.


def fork(
    state: Instance | None, input_: Fork, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """The new instance: it has started, and what it begins with is under way."""
    refusal = rules.refuse_fork(state) if state is not None else None
    if refusal is not None:
        return state, (Refuse(refusal),)
    born = _born(input_, moment, rules)
    return born, tuple(effect for event in input_.again for effect in _begun(born, event, moment, rules))


def _born(input_: Fork, moment: Moment, rules: Decisions) -> Instance:
    events = (*input_.kept, *input_.again)
    versions = [e.body.version for e in events if isinstance(e.body, WorkflowStarted) and e.body.version is not None]
    used = spans.NOTHING
    for event in events:
        used = spans.add(used, event.event_id) if event.event_id >= 0 else used
    return Instance(
        id=input_.instance_id,
        epoch=moment.nonce.uuid(9),
        birth=input_.birth,
        status=rules.status_after(OrchestrationStatus.PENDING, [queued(event) for event in events]),
        created_at=input_.birth.timestamp or moment.now,
        updated_at=moment.now,
        started_at=events[0].timestamp,
        history=rules.append(EMPTY, [encode(event) for event in events]),
        open_tasks=_open(input_.again, Kind.TASK),
        open_children=_open(input_.again, Kind.CHILD),
        open_timers=tuple(
            OpenTimer(event.event_id, rules.waits_for(_action(event.body)))
            for event in input_.again
            if isinstance(event.body, TimerCreated)
        ),
        used_ids=used,
        patches=tuple(patch for version in versions for patch in version.patches),
        version_name=next((version.name for version in versions if version.name), None),
    )


def _open(again: Sequence[HistoryEvent], kind: Kind) -> frozenset[int]:
    """Which operations of a kind have no outcome yet."""
    made = [creation(event) for event in again]
    return frozenset(one[1] for one in made if one is not None and one[0] is kind)


def _action(created: TimerCreated) -> CreateTimer:
    """The action that made a timer."""
    return CreateTimer(fire_at=created.fire_at, name=created.name, origin=created.origin)


def _begun(born: Instance, event: HistoryEvent, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    match event.body:
        case TaskScheduled() as scheduled:
            given = _given(born, scheduled.history_propagation_scope, moment, rules)
            return (Schedule(propagation.with_task(rules.activity_task(born, event, scheduled, moment, rules), given)),)
        case ChildWorkflowInstanceCreated() as created if rules.is_local(event.router, moment):
            given = _given(born, created.history_propagation_scope, moment, rules)
            return (propagation.with_child(rules.create_child(born, event, created, moment, rules), given),)
        case ChildWorkflowInstanceCreated():
            return ()
        case TimerCreated() as timer:
            return (SetTimer(rules.timer(born, event.event_id, _action(timer), rules)),)
        case body:
            raise TypeError(f"a {type(body).__name__} cannot be run again")


def _given(born: Instance, scope: HistoryPropagationScope | None, moment: Moment, rules: Decisions) -> bytes | None:
    """The scope is recorded with the operation, so what is passed on is passed on again, as the new instance has it."""
    return propagation.passed_on(born, scope, (), moment, rules) if rules.passes_on(scope) else None
