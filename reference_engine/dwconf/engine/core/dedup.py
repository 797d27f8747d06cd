"""Which events an instance still takes, and what is settled by them.

An instance remembers which operations are open. A resolution (of an activity, a timer, a child) is taken while its
operation is open, and closes it in the moment in which it is queued: that alone makes the first resolution the only one
(ENG-I-03), in history and in a batch alike, and costs nothing when histories grow long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.instance import Instance, Kind, Queued
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    EventBody,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
)


def same_generation(state: Instance, epoch: str | None) -> bool:
    """ENG-D-12, ENG-E-07, ENG-G-10, ENG-G-11: what an earlier generation asked for does not reach a later one."""
    return epoch is None or epoch == state.epoch


def accepts(state: Instance, event: HistoryEvent) -> bool:
    """ENG-I-01 to ENG-I-06: one start, one end, one resolution per operation; all else as often as it comes."""
    match event.body:
        case TaskCompleted(task_scheduled_id=number) | TaskFailed(task_scheduled_id=number):
            return number in state.open_tasks
        case TimerFired(timer_id=number):
            return any(timer.id == number for timer in state.open_timers)
        case ChildWorkflowInstanceCompleted(task_scheduled_id=number):
            return number in state.open_children
        case ChildWorkflowInstanceFailed(task_scheduled_id=number):
            return number in state.open_children
        case ExecutionStarted() | ExecutionCompleted():
            return False
        case _:
            return True


def receive(state: Instance, inbox: tuple[Queued, ...], body: EventBody | None) -> Instance:
    """The instance with its new inbox, and with the operation closed that `body` resolves."""
    match body:
        case TaskCompleted(task_scheduled_id=number) | TaskFailed(task_scheduled_id=number):
            return replace(state, inbox=inbox, open_tasks=state.open_tasks - {number})
        case TimerFired(timer_id=number):
            return replace(state, inbox=inbox, open_timers=tuple(t for t in state.open_timers if t.id != number))
        case ChildWorkflowInstanceCompleted(task_scheduled_id=number):
            return replace(state, inbox=inbox, open_children=state.open_children - {number})
        case ChildWorkflowInstanceFailed(task_scheduled_id=number):
            return replace(state, inbox=inbox, open_children=state.open_children - {number})
        case _:
            return replace(state, inbox=inbox)


def resolution(body: EventBody | None) -> tuple[Kind, int] | None:
    """Which operation an event resolves, if it resolves one."""
    match body:
        case TaskCompleted(task_scheduled_id=number) | TaskFailed(task_scheduled_id=number):
            return Kind.TASK, number
        case TimerFired(timer_id=number):
            return Kind.TIMER, number
        case ChildWorkflowInstanceCompleted(task_scheduled_id=number):
            return Kind.CHILD, number
        case ChildWorkflowInstanceFailed(task_scheduled_id=number):
            return Kind.CHILD, number
        case _:
            return None


def resolved_early(state: Instance, kind: Kind, number: int) -> bool:
    """ENG-D-13: an operation whose resolution came before it is not carried out again."""
    return (kind, number) in state.settled_early


def creation(event: HistoryEvent) -> tuple[Kind, int] | None:
    """Which operation an event creates, if it creates one."""
    match event.body:
        case TaskScheduled():
            return Kind.TASK, event.event_id
        case TimerCreated():
            return Kind.TIMER, event.event_id
        case ChildWorkflowInstanceCreated():
            return Kind.CHILD, event.event_id
        case _:
            return None


def orphans(state: Instance, events: Sequence[Queued], made: Sequence[HistoryEvent]) -> frozenset[tuple[Kind, int]]:
    """ENG-I-07: the operations that a turn's events resolve, although neither it nor the past creates them.

    They were carried over: nothing else brings a resolution of what was never scheduled. The worker has seen them, and
    history does without them.
    """
    if not state.settled_early:
        return frozenset()
    early = {found for waiting in events if (found := resolution(waiting.event.body)) in state.settled_early}
    return frozenset(found for found in early if found is not None) - {creation(event) for event in made}
