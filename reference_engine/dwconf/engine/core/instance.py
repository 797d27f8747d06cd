"""What the engine knows of one workflow instance.

An `Instance` is a frozen value. It holds what the next decision needs, and the committed history as encoded bytes; it
does not hold what can be found in that history when it is needed (which children there are, say), because it is
written to the store whenever it changes.

A *generation* is one execution of the instance: it ends by continue-as-new, by purge, or by reuse of the id. Its
`epoch` is drawn fresh by us and never seen on the wire; whatever comes back late is matched with the epoch that it was
sent under, never with a task's number alone (ENG-D-12, ENG-E-07, ENG-G-11), nor with the execution id, which a client
may choose twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from dwconf.engine.core.frames import EMPTY, History
from dwconf.engine.core.spans import NOTHING, Spans
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    Nanos,
    OrchestrationStatus,
    StalledReason,
)


@dataclass(frozen=True, slots=True)
class Queued:
    """An event that waits for a turn: encoded once, so that every dispatch of it carries the same bytes (ENG-A-11)."""

    event: HistoryEvent
    data: bytes


def queued(event: HistoryEvent) -> Queued:
    """An event, encoded."""
    return Queued(event, encode(event))


@dataclass(frozen=True, slots=True)
class Parent:
    """Which task of which generation of which instance waits for this one to end."""

    instance_id: str
    epoch: str
    task_id: int


class Kind(Enum):
    """The three kinds of operation that an event resolves; their ids do not interfere (ENG-I-04)."""

    TASK = "task"
    TIMER = "timer"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """A timer that has not fired. `event` is the external event whose waiting it bounds, in upper case, if any."""

    id: int
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Stall:
    """Why an instance cannot go on, and how many `executionStalled` in a row end its history because of that."""

    reason: StalledReason
    description: str
    recorded: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One workflow instance in its current generation."""

    id: str
    epoch: str
    birth: HistoryEvent
    parent: Parent | None = None
    status: OrchestrationStatus = OrchestrationStatus.PENDING
    created_at: Nanos
    updated_at: Nanos
    started_at: Nanos | None = None
    due: Nanos | None = None
    custom_status: str | None = None
    ending: ExecutionCompleted | None = None
    stalled: Stall | None = None
    history: History = EMPTY
    inbox: tuple[Queued, ...] = ()
    first: int = 0
    open_tasks: frozenset[int] = frozenset()
    open_children: frozenset[int] = frozenset()
    open_timers: tuple[OpenTimer, ...] = ()
    settled_early: frozenset[tuple[Kind, int]] = frozenset()
    used_ids: Spans = NOTHING
    patches: tuple[str, ...] = ()
    version_name: str | None = None
    renewed: bool = False
    incoming: bytes | None = None
    """The history that the parent passed on, encoded as a PropagatedHistory."""
    rejections: int = field(default=0, compare=False)

    @property
    def start(self) -> ExecutionStarted:
        """The executionStarted of this generation."""
        body = self.birth.body
        if not isinstance(body, ExecutionStarted):
            raise TypeError(f"the first event of {self.id!r} is a {type(body).__name__}")
        return body

    @property
    def is_fresh(self) -> bool:
        """Whether no turn of this generation is committed: history may say then that it stalled, and nothing else."""
        return self.history.events == (0 if self.stalled is None else self.stalled.recorded)

    @property
    def execution_id(self) -> str | None:
        """The execution id as clients and workers know it."""
        instance = self.start.workflow_instance
        return instance.execution_id if instance is not None else None
