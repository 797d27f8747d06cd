"""What goes into a step and what comes out of it.

Inputs are facts that reach an instance; effects are what must happen because of them. Both are plain frozen values.
Effects that concern another instance are posts: they are delivered in the same batch, and so in the same transaction,
as the commit that caused them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from dwconf.engine.core.instance import Parent, Queued, Stall
from dwconf.wire.values import HistoryEvent, Nanos, TaskRouter, WorkflowResponse


class Code(Enum):
    """Why a request is refused; the shell maps it to the gRPC status of the same name."""

    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    INVALID_ARGUMENT = "INVALID_ARGUMENT"
    FAILED_PRECONDITION = "FAILED_PRECONDITION"
    UNIMPLEMENTED = "UNIMPLEMENTED"
    UNAVAILABLE = "UNAVAILABLE"
    INTERNAL = "INTERNAL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request that is not done, and left no trace (ENG-J-02)."""

    code: Code
    message: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn as it was dispatched: its fresh workflowStarted, also encoded, and the queued events that it carries."""

    instance_id: str
    epoch: str
    opening: HistoryEvent
    events: tuple[Queued, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """An activity that was scheduled and has no outcome yet. `request` is the encoded ActivityRequest."""

    instance_id: str
    epoch: str
    task_id: int
    task_execution_id: str
    router: TaskRouter | None
    request: bytes


class Alarm(Enum):
    """What a timer is for: to start an instance, to fire a timer of a workflow, to remove what has ended."""

    START = 0
    TIMER = 1
    RETENTION = 2


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that is due at a time. `fire_at` is the time as asked for, `due` the one it means."""

    instance_id: str
    epoch: str
    alarm: Alarm
    timer_id: int
    fire_at: Nanos | None
    due: Nanos


# Inputs of one instance.


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Bring an instance into being, or start a finished one anew.

    `awaited` says whether an activity of the previous run still has no outcome, `obstacle` names a descendant of it
    that is still alive: both only matter when the id is taken by a finished instance. `incoming` is the encoded
    history that the parent passes on.
    """

    instance_id: str
    birth: HistoryEvent
    due: Nanos | None = None
    parent: Parent | None = None
    unique: bool = False
    awaited: bool = False
    obstacle: str | None = None
    incoming: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Bring an instance into being with a part of another one's history: re-run it from an event.

    `kept` is what the new instance has behind it; `again` are operations that it begins with, and that are carried out.
    """

    instance_id: str
    birth: HistoryEvent
    kept: tuple[HistoryEvent, ...]
    again: tuple[HistoryEvent, ...]


@dataclass(frozen=True, slots=True)
class Deliver:
    """An event for the inbox.

    `epoch` is the generation that it belongs to; None when it is for whichever is current. `parent` is set when a
    parent tells its child: whoever else sits on that id is not told.
    """

    event: HistoryEvent
    epoch: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A timer's time has come."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class Answered:
    """A worker's answer to the turn that is outstanding."""

    turn: Turn
    response: WorkflowResponse


@dataclass(frozen=True, slots=True)
class Stuck:
    """A turn cannot be dispatched, and why."""

    why: Stall


Input = Create | Fork | Deliver | TimerDue | Answered | Stuck


# Effects.


@dataclass(frozen=True, slots=True)
class Schedule:
    """Dispatch an activity, once this commit is durable."""

    task: ActivityTask


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Come back at a time."""

    timer: Timer


@dataclass(frozen=True, slots=True)
class DropTimer:
    """A timer of a workflow that is not wanted any more."""

    instance_id: str
    timer_id: int


@dataclass(frozen=True, slots=True)
class DropTimers:
    """All timers of an instance: its generation is over."""

    instance_id: str


@dataclass(frozen=True, slots=True)
class Post:
    """An input for another instance."""

    instance_id: str
    input: Create | Deliver


@dataclass(frozen=True, slots=True)
class Refuse:
    """The input was refused."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class RejectTurn:
    """Nothing of the answered turn was committed: dispatch it again after `delay` nanoseconds (ENG-C-27)."""

    reason: str
    delay: Nanos


@dataclass(frozen=True, slots=True)
class Hold:
    """Do not dispatch the instance's turn to any stream that is open by now (ENG-H-33)."""


@dataclass(frozen=True, slots=True)
class Remove:
    """An instance that is not kept any longer."""

    instance_id: str


Effect = Schedule | SetTimer | DropTimer | DropTimers | Post | Refuse | RejectTurn | Hold | Remove
