"""Histories: what an accepted answer adds to one, and how two of them are compared."""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.evidence import Finding
from dwconf.suite.schedules.life import Events, Life, Made, Recorded
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import EventRaised, ExecutionCompleted, HistoryEvent, TaskScheduled, TimerCreated

FORCED_ID = -1
"""The id of the executionCompleted that ends an instance whose worker let a termination go by (ENG-H-03)."""
MARKS = {
    "stale": "engine/connection/stale-token-has-no-effect",
    "wrong": "engine/connection/wrong-token-is-discarded",
    "twice": "engine/connection/unasked-completion-changes-nothing",
    "again": "engine/activities/second-completion-dropped",
    "beside": "engine/lifecycle/continue-as-new-drops-actions",
}
"""How things are called that must never come about, and the rule by which they must not."""


def made_of(event: HistoryEvent) -> Made | None:
    """What an event says that a commit makes of an action; None for an event from outside."""
    match event.body:
        case TaskScheduled(name=name):
            return Made("task", event.event_id, name)
        case TimerCreated(fire_at=fire_at):
            return Made("timer", event.event_id, str(fire_at or 0))
        case ExecutionCompleted(workflow_status=status, result=result):
            return Made("end", event.event_id, f"{status.name}:{result}")
        case _:
            return None


def compared(
    life: Life, expected: tuple[Recorded, ...], seen: Events, at: tuple[int, ...]
) -> Iterator[tuple[str, Finding]]:
    """The first difference between a history as it has to be and as it was seen, with the rule that it breaks."""
    for place, wanted in enumerate(expected):
        event = seen[place] if place < len(seen) else None
        if event is None or not _same(wanted, event):
            shown = "nothing" if event is None else in_a_line(event)
            yield _missing(expected, wanted, event), Finding(f"{_words(wanted)} at place {place}", shown, at)
            return
    if len(seen) > len(expected):
        event = seen[len(expected)]
        yield _superfluous(life, event), Finding(f"{len(expected)} events", f"then {in_a_line(event)}", at)


def _same(wanted: Recorded, event: HistoryEvent) -> bool:
    return made_of(event) == wanted if isinstance(wanted, Made) else event == wanted


def _words(wanted: Recorded) -> str:
    return f"{wanted.kind} {wanted.id} ({wanted.told})" if isinstance(wanted, Made) else in_a_line(wanted)


def _missing(expected: tuple[Recorded, ...], wanted: Recorded, event: HistoryEvent | None) -> str:
    """The rule by which `wanted` had to stand where something else does."""
    if not isinstance(wanted, Made):
        return "engine/turns/commit-appends-new-events"
    seen = made_of(event) if event is not None else None
    if seen is not None and seen in expected:
        return "engine/turns/action-order-kept"
    if seen is not None and (seen.kind, seen.told) == (wanted.kind, wanted.told):
        return "engine/turns/action-ids-kept"
    return {
        "task": "engine/turns/schedule-task-recorded",
        "timer": "engine/turns/create-timer-recorded",
        "end": "engine/lifecycle/terminate-enforced" if wanted.id == FORCED_ID else "engine/turns/complete-recorded",
    }[wanted.kind]


def _superfluous(life: Life, event: HistoryEvent) -> str:
    """The rule by which an event must not follow."""
    if (
        isinstance(event.body, TaskScheduled) and event.body.name in MARKS
    ):  # an answer that did not count was carried out
        return MARKS[event.body.name]
    if life.ended:
        return "engine/turns/late-events-not-recorded"
    if isinstance(event.body, EventRaised):
        return "engine/turns/late-events-wait"
    return "engine/turns/commit-appends-new-events"
