"""The turn: how it is formed and sent.

A turn carries everything that is queued when it is formed. Nothing is taken from the queue by that: the events leave it
when the answer is committed (`commits`), so a lost or rejected dispatch needs no undoing, and the next one begins with
the same events in the same order (ENG-A-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwconf.engine.core.frames import NEW_EVENTS, History, framed, joined, skip, text, varint
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import (
    Turn,
)
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    HistoryEvent,
    TaskRouter,
    WorkflowStarted,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


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
