"""Reading lists of history events: which of them resolve what, and what is committed at the end of a case.

An operation is an activity, a timer or a child. Its creation has the id of the action that asked for it; its
resolution comes from outside, has no id of its own, and names that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from dwconf.suite.evidence.evidence import Evidence
from dwconf.suite.evidence.facts import Item
from dwconf.suite.evidence.verdicts import NoEvidence
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    DetachedWorkflowInstanceCreated,
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    GetInstanceHistoryResponse,
    HistoryEvent,
    TaskCompleted,
    TaskFailed,
    TaskScheduled,
    TimerCreated,
    TimerFired,
    Value,
    WorkflowStarted,
)

V = TypeVar("V", bound=Value)
Operation = tuple[str, int]
"""A kind of operation (`task`, `timer`, `child`) and its id."""

Shown = tuple[tuple[HistoryEvent, ...], tuple[int, ...]]
"""Events, and the numbers of the records that show them."""

MADE_FROM_ACTIONS = (
    TaskScheduled,
    TimerCreated,
    ChildWorkflowInstanceCreated,
    DetachedWorkflowInstanceCreated,
    EventSent,
    ExecutionCompleted,
)
"""The events that an engine makes from a worker's actions; all others come from outside the workflow's code."""


def resolves(event: HistoryEvent) -> Operation | None:
    """The operation that an event resolves, if it resolves one."""
    match event.body:
        case TaskCompleted(task_scheduled_id=number) | TaskFailed(task_scheduled_id=number):
            return "task", number
        case TimerFired(timer_id=number):
            return "timer", number
        case ChildWorkflowInstanceCompleted(task_scheduled_id=number):
            return "child", number
        case ChildWorkflowInstanceFailed(task_scheduled_id=number):
            return "child", number
        case _:
            return None


def creates(event: HistoryEvent) -> Operation | None:
    """The operation that an event creates, if it creates one."""
    match event.body:
        case TaskScheduled():
            return "task", event.event_id
        case TimerCreated():
            return "timer", event.event_id
        case ChildWorkflowInstanceCreated():
            return "child", event.event_id
        case _:
            return None


def settles(*operations: Operation) -> Callable[[tuple[HistoryEvent, ...]], bool]:
    """Whether events resolve all of these operations."""
    return lambda events: set(operations) <= {resolves(event) for event in events}


def raises(*names: str) -> Callable[[tuple[HistoryEvent, ...]], bool]:
    """Whether among the events all of these were raised."""
    return lambda events: set(names) <= {e.body.name for e in events if isinstance(e.body, EventRaised)}


def of(events: Iterable[HistoryEvent], kind: type[V], event_id: int | None = None) -> Iterator[tuple[HistoryEvent, V]]:
    """The events of one kind with their bodies, in order; with `event_id`, those of that id."""
    for event in events:
        if isinstance(event.body, kind) and event_id in (None, event.event_id):
            yield event, event.body


def started_of(events: Iterable[HistoryEvent]) -> ExecutionStarted | None:
    """The first executionStarted among some events."""
    return next((body for _, body in of(events, ExecutionStarted)), None)


def start_in(item: Item) -> ExecutionStarted:
    """The executionStarted that a turn brings; a turn without one is no evidence."""
    started = started_of(item.turn.new_events)
    if started is None:
        raise NoEvidence(f"an executionStarted in record {item.number}")
    return started


def execution_of(started: ExecutionStarted | None) -> str:
    """The execution id that an executionStarted tells; empty if it tells none."""
    instance = started.workflow_instance if started is not None else None
    return (instance.execution_id if instance is not None else None) or ""


def raised_names(events: Iterable[HistoryEvent]) -> list[str]:
    """The names of the raised events, in order."""
    return [body.name for _, body in of(events, EventRaised)]


def without_openings(events: Iterable[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """The events but for workflowStarted, of which an engine may record more than one for a turn (ENG-I-08)."""
    return tuple(event for event in events if not isinstance(event.body, WorkflowStarted))


def committed(e: Evidence, history: str = "history", last: str = "last") -> Shown:
    """What is committed at the end of a case, and the records that show it.

    That is the answer of the step `history`, or, where an engine has no such call, what the turn `last` holds. Raises
    NoEvidence when there is neither.
    """
    call = e.call(history) if e.reached(history) else None
    if call is not None and call.ok:
        return call.response(GetInstanceHistoryResponse).events, call.at
    item = e.item(last)
    if item.turn.cached_history is not None:
        raise NoEvidence(history)
    return (*item.turn.past_events, *item.turn.new_events), item.at


def told(events: Iterable[HistoryEvent], limit: int = 400) -> str:
    """Events in words, bounded."""
    text = ", ".join(in_a_line(event, 90) for event in events)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def past_of(item: Item) -> tuple[HistoryEvent, ...] | None:
    """The whole past of a turn; None when the worker is meant to have a part of it."""
    return None if item.turn.cached_history is not None else item.turn.past_events
