"""An instance's life as its client and worker know it: what was asked of the engine, and what it therefore owes.

This is the model that schedules are judged by. It is written from the rules, not from any engine: it knows what has
been accepted (a start, events in their order, control messages, outcomes, answers), what a turn may therefore bring,
what must stand in history once an answer is committed, and what is due. Openings (`workflowStarted`) are left out
everywhere: an engine may record more of them than there are turns (ENG-I-08), and monitors watch them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dwconf.suite.evidence import Item
from dwconf.wire.values import HistoryEvent, OrchestrationStatus

Events = tuple[HistoryEvent, ...]
PENDING, RUNNING, SUSPENDED = OrchestrationStatus.PENDING, OrchestrationStatus.RUNNING, OrchestrationStatus.SUSPENDED
TERMINATED = OrchestrationStatus.TERMINATED
ENDED = frozenset({OrchestrationStatus.COMPLETED, OrchestrationStatus.FAILED, OrchestrationStatus.CANCELED, TERMINATED})


@dataclass(frozen=True, slots=True)
class Made:
    """An event that a commit adds for an action: its kind, the action's id, and what else is known of it."""

    kind: str
    id: int
    told: str = ""


Recorded = HistoryEvent | Made
"""An event of history: as it was seen, or as it has to be."""


@dataclass(slots=True)
class Raised:
    """An event that was raised; `accepted` once the call was answered with OK."""

    name: str
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """A control message: `suspend`, `resume` or `terminate`, and the reason that it carries."""

    kind: str
    reason: str


@dataclass(slots=True)
class Task:
    """An activity that was scheduled, by whichever generation. `outcome` is `ok:…` or `failed:…`."""

    name: str
    id: int
    generation: int
    dispatches: list[Item] = field(default_factory=list)
    out: bool = False
    outcome: str | None = None
    accepted: bool = False

    @property
    def is_due(self) -> bool:
        """Whether the engine owes a dispatch of it."""
        return not self.out and self.outcome is None


@dataclass(slots=True)
class Life:
    """One instance, from its start to its purge."""

    id: str
    started_at: int
    input: str | None
    generation: int = 0
    begun: bool = False
    """Whether the executionStarted of this generation has been consumed by an accepted answer."""
    status: OrchestrationStatus = PENDING
    vague: bool = False
    """Whether it is open if the instance counts as suspended (continue-as-new while it was)."""
    forced: bool = False
    """Whether it is the engine that ends it: its worker let a termination go by."""
    committed: tuple[Recorded, ...] = ()
    before: tuple[tuple[Recorded, ...], OrchestrationStatus] = ((), PENDING)
    """What reads show until the last answer is committed (ENG-K-04)."""
    raised: list[Raised] = field(default_factory=list)
    delivered: int = 0
    controls: list[Control] = field(default_factory=list)
    tasks: dict[int, Task] = field(default_factory=dict)
    work: list[Task] = field(default_factory=list)
    """All activities, of earlier generations too."""
    timers: dict[int, int] = field(default_factory=dict)
    resolved: set[tuple[str, int]] = field(default_factory=set)
    earlier: set[tuple[str, str]] = field(default_factory=set)
    """What belongs to the past: activities of a purged life by their outcome, timers of generations by their time."""
    succeeds: str = ""
    """What lies between this life and what is `earlier`: `generation` or `purge`."""
    next_id: int = 0
    out: Item | None = None
    superseded: list[Item] = field(default_factory=list)
    answered: Item | None = None
    lost: Events | None = None
    fallback: Life | None = None
    """The last committed generation, while this one is not committed: a lost turn may go back to it (ENG-A-11)."""
    shown_end: bool = False
    confused: bool = False
    """Whether something happened after which the model knows no more: nothing is judged then."""

    @property
    def ended(self) -> bool:
        """Whether an answer that ends it was accepted."""
        return self.status in ENDED

    def due(self, now: int) -> str:
        """The rule by which a turn has to come now; empty when none has to."""
        if self.confused or self.ended or self.out is not None:
            return ""
        if self.lost is not None:
            return "engine/connection/lost-turn-returns"
        if not self.begun:
            return "engine/lifecycle/continue-as-new-restarts" if self.generation else "engine/turns/first-turn-events"
        if self.controls:
            return f"engine/lifecycle/{self.controls[0].kind}-event"
        if self.status is SUSPENDED or self.vague:
            return ""  # an engine may hold everything else back until the instance is resumed (ENG-H-12)
        return self._owed(now)

    def may_come(self, now: int) -> bool:
        """Whether there is something that a turn may bring although it need not come yet."""
        held = self.status is SUSPENDED or self.vague
        return held and not self.ended and self.out is None and bool(self._owed(now))

    def _owed(self, now: int) -> str:
        if any(event.accepted for event in self.raised[self.delivered :]):
            return "engine/turns/no-event-lost"
        for number, task in self.tasks.items():
            if task.accepted and ("task", number) not in self.resolved:
                kind = "completion" if (task.outcome or "").startswith("ok:") else "failure"
                return f"engine/activities/{kind}-becomes-event"
        if any(fire_at <= now for number, fire_at in self.timers.items() if ("timer", number) not in self.resolved):
            return "engine/timers/fires"
        return ""

    def next_timer(self) -> int | None:
        """When the next timer of this generation is due that has not fired."""
        return min((at for n, at in self.timers.items() if ("timer", n) not in self.resolved), default=None)

    def task_due(self) -> Task | None:
        """An activity that the engine has to dispatch, or None."""
        return None if self.confused else next((task for task in self.work if task.is_due), None)
