"""Histories that the cases of a run have made, and the other ways in which each could have come.

A case drives instances on the engine double; every turn that was answered and committed is kept beside the target. What
an instance was sent is one history, and the protocol promises that the way in which it comes does not matter: sent
again, to another process, upon a cache, cut elsewhere into past and new events (OL-1, WRK-B-03), or with its events
grouped into other turns (OL-2). This module says which of these ways are legal for a history. It decides nothing about
answers.

Where the way may legitimately show, a history is left out. What a program reads of the replay flag and of patches
depends on the turn by design (WRK-B-10, WRK-K-03), and an answer beside a suspend, a terminate or a version depends on
what else is in the turn (WRK-I-02, WRK-I-07). When grouped anew, each turn keeps the time of the turn that its events
came in, so that timers and unique ids stay what they were; only turns that are put together take the later time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import eq

import msgspec

from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    EventRaised,
    ExecutionStarted,
    HistoryEvent,
    Nanos,
    ScheduleTask,
    SendEvent,
    TaskCompleted,
    TaskFailed,
    TimerFired,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
)

RESOLUTIONS = (TaskCompleted, TaskFailed, ChildWorkflowInstanceCompleted, ChildWorkflowInstanceFailed, TimerFired)
INBOX = (*RESOLUTIONS, EventRaised, ExecutionStarted)
RECORDED = (ScheduleTask, CreateTimer, CreateChildWorkflow, SendEvent, CreateDetachedWorkflow)
TURN_SHOWS = ('"probe"', '"patched"')
"""Operations by which a program can tell how its events came."""
MOST_CUTS = 6
MOST_EVENTS = 60
"""A longer history is not grouped anew: there are as many turns as events, each with all before it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: what was sent, and what the worker answered."""

    request: WorkflowRequest
    response: WorkflowResponse

    @property
    def whole(self) -> tuple[HistoryEvent, ...]:
        return (*self.request.past_events, *self.request.new_events)

    @property
    def ended(self) -> bool:
        return any(isinstance(action.body, CompleteWorkflow) for action in self.response.actions)


@dataclass(frozen=True, slots=True)
class Group:
    """The events of one turn, without the `workflowStarted` that begins it, and when it begins."""

    at: Nanos
    events: tuple[HistoryEvent, ...]


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a history is made, on whatever target: by a case, in one of its instances, up to a turn.

    `instance` is the end of the instance's id, which says nothing of the run.
    """

    case: str
    instance: str
    turns: int


@dataclass(frozen=True, slots=True)
class History:
    """One instance's turns in one case."""

    turns: tuple[Said, ...]
    case: str = ""
    instance: str = ""

    @property
    def origin(self) -> Origin:
        return Origin(self.case, self.instance, len(self.turns))

    def up_to(self, turns: int) -> History:
        """Its first turns."""
        return replace(self, turns=self.turns[:turns])

    @property
    def id(self) -> str:
        return self.turns[0].request.instance_id

    @property
    def execution_id(self) -> str:
        return self.turns[0].request.execution_id or ""

    @property
    def start(self) -> ExecutionStarted | None:
        """What it began with; None for a history that has no start."""
        events = (event.body for event in self.turns[0].whole)
        return next((body for body in events if isinstance(body, ExecutionStarted)), None)

    @property
    def shape(self) -> str:
        """What tells it from others, whatever its instance is called."""
        last = self.turns[-1].request
        return repr(last).replace(last.instance_id, "")

    @property
    def is_plain(self) -> bool:
        """Whether its code cannot tell how its events came."""
        text = (self.start.input if self.start else None) or ""
        return not any(operation in text for operation in TURN_SHOWS)

    @property
    def keeps_no_time(self) -> bool:
        """Whether what its code does is the same at any time, but for the times that it asks for."""
        text = (self.start.input if self.start else None) or ""
        return not ('"retry"' in text and '"timeoutMs"' in text)

    @property
    def is_regular(self) -> bool:
        """Whether it is what an engine would write: a short run of a program, with nothing made up and no control."""
        first, start = self.turns[0].request, self.start
        return (
            self.is_plain
            and start is not None
            and start.name in ("interp", "interp_child")
            and not first.past_events
            and len(self.turns[-1].whole) <= MOST_EVENTS
            and all(isinstance(event.body, INBOX) for turn in self.turns for event in turn.request.new_events[1:])
            and all(_follows(one, next_one) for one, next_one in pairwise(self.turns))
        )

    @property
    def groups(self) -> tuple[Group, ...]:
        """Its turns as they came."""
        requests = (turn.request for turn in self.turns)
        return tuple(Group(r.new_events[0].timestamp or 0, r.new_events[1:]) for r in requests)


def _follows(one: Said, following: Said) -> bool:
    """Whether a turn's past is what an engine writes after the turn before: that turn, and a record of each action."""
    past = following.request.past_events
    records = [event.event_id for event in past[len(one.whole) :]]
    asked = [action.id for action in one.response.actions if isinstance(action.body, RECORDED)]
    before = map(_unversioned, past[: len(one.whole)]), map(_unversioned, one.whole)
    return all(map(eq, *before)) and records == asked and _begins_a_turn(following.request.new_events[0])


def _unversioned(event: HistoryEvent) -> HistoryEvent:
    """An event without what an engine adds to the beginning of a turn from the answer to it."""
    return replace(event, body=WorkflowStarted()) if isinstance(event.body, WorkflowStarted) else event


def _begins_a_turn(event: HistoryEvent) -> bool:
    return isinstance(event.body, WorkflowStarted)


def distinct(histories: Iterable[History]) -> list[History]:
    """Each history once, whichever cases made it."""
    return list({history.shape: history for history in histories}.values())


def cuts(turn: Said) -> tuple[int, ...]:
    """Where else the history of a turn can be cut into past and new events: at the beginning of another turn."""
    events = turn.whole
    places = [p for p, event in enumerate(events) if _begins_a_turn(event) and p != len(turn.request.past_events)]
    return tuple(places[:: max(1, len(places) // MOST_CUTS)])[:MOST_CUTS]


def cut(turn: Said, at: int) -> WorkflowRequest:
    """The request of a turn with its history cut elsewhere."""
    return replace(turn.request, past_events=turn.whole[:at], new_events=turn.whole[at:])


def doubled(turn: Said) -> WorkflowRequest | None:
    """The request of a turn in which every resolution comes twice; None when there is none."""
    new = turn.request.new_events
    twice = [e for event in new for e in ((event, event) if isinstance(event.body, RESOLUTIONS) else (event,))]
    return replace(turn.request, new_events=tuple(twice)) if len(twice) > len(new) else None


def one_at_a_time(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Each event in a turn of its own, at the time of the turn that it came in."""
    return tuple(Group(group.at, part) for group in groups for part in _parts(group.events))


def _parts(events: tuple[HistoryEvent, ...]) -> Iterator[tuple[HistoryEvent, ...]]:
    yield from ((event,) for event in events)
    if not events:
        yield ()


def together(history: History) -> tuple[Group, ...]:
    """As few turns as can be: a turn joins the one before if all that it resolves was asked for before that one.

    Retries that stop after some time depend on the time of each turn (WRK-H-08): such a history stays as it is.
    """
    if not history.keeps_no_time:
        return history.groups
    joined: list[Group] = []
    known: set[int] = set()
    for turn, group in zip(history.turns, history.groups, strict=True):
        if joined and all(subject(event) in known for event in group.events if isinstance(event.body, RESOLUTIONS)):
            joined[-1] = Group(group.at, joined[-1].events + group.events)
        else:
            joined.append(group)
            known = {event.event_id for event in turn.request.past_events}
    return tuple(joined)


def subject(event: HistoryEvent) -> int:
    """The id of the action that a resolution is about."""
    body = event.body
    return body.timer_id if isinstance(body, TimerFired) else int(getattr(body, "task_scheduled_id", -1))
