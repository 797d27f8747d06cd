"""Wrong about deduplication and generations (ENG-I and what other chapters say of it)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.frames import PAST_EVENTS, History, joined
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Turn
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.codec import decode
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    CompleteWorkflow,
    EventBody,
    EventRaised,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    HistoryEvent,
    TaskCompleted,
    TaskFailed,
    TimerFired,
    WorkflowAction,
)


def _any_generation(state: Instance, epoch: str | None) -> bool:
    """What an earlier generation asked for reaches a later one."""
    del state, epoch
    return True


def _kinds_mixed(state: Instance, inbox: tuple[Queued, ...], body: EventBody | None) -> Instance:
    """A resolution of one kind closes the operations of every kind with that id."""
    resolved = REFERENCE.resolution(body)
    after = REFERENCE.receive(state, inbox, body)
    if resolved is None:
        return after
    number = resolved[1]
    return replace(
        after,
        open_tasks=after.open_tasks - {number},
        open_children=after.open_children - {number},
        open_timers=tuple(timer for timer in after.open_timers if timer.id != number),
    )


def _failures_ignored(state: Instance, event: HistoryEvent) -> bool:
    """A failure does not resolve anything."""
    return not isinstance(event.body, TaskFailed) and REFERENCE.accepts(state, event)


def _doubled(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """Every resolution of an activity is queued twice."""
    twice = isinstance(event.event.body, TaskCompleted | TaskFailed)
    return (*inbox, event, event) if twice else (*inbox, event)


def _timers_doubled(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """Every timer fires twice."""
    return (*inbox, event, event) if isinstance(event.event.body, TimerFired) else (*inbox, event)


def _children_doubled(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """Every child completes twice."""
    twice = isinstance(event.event.body, ChildWorkflowInstanceCompleted)
    return (*inbox, event, event) if twice else (*inbox, event)


mutant(
    "results-cross-generations",
    "engine/activities/previous-generation-result",
    "a result of an earlier generation resolves a task of a later one",
    same_generation=_any_generation,
    survives=lambda _waiting: True,
)
mutant(
    "kinds-interfere",
    "engine/sequencing/kinds-do-not-interfere",
    "a resolution closes the operations of every kind with its id",
    receive=_kinds_mixed,
)
mutant(
    "results-doubled",
    "engine/sequencing/first-resolution-wins",
    "every result of an activity is delivered twice",
    enqueue=_doubled,
)
mutant("timers-fire-twice", "engine/timers/fires-once", "every timer fires twice", enqueue=_timers_doubled)
mutant(
    "children-complete-twice",
    "engine/sequencing/child-resolved-once",
    "every child completes twice",
    enqueue=_children_doubled,
)
mutant(
    "failures-lost",
    "engine/activities/failure-becomes-event",
    "a failure never reaches the workflow",
    accepts=_failures_ignored,
)


# Declared one by one.


def _started_twice(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """ExecutionStarted enters history twice."""
    births = [event.data for event in turn.events if isinstance(event.event.body, ExecutionStarted)]
    return [*births, *REFERENCE.committed(turn, opening, actions)]


def _every_completion(
    actions: Sequence[WorkflowAction], completion: WorkflowAction | None
) -> tuple[WorkflowAction, ...]:
    """All completions of an answer are recorded."""
    return tuple(actions)


def _sent_twice(turn: Turn) -> tuple[bytes, ...]:
    """A result stands twice in its turn."""
    results = [event.data for event in turn.events if isinstance(event.event.body, TaskCompleted)]
    return (*REFERENCE.new_events(turn), *results)


def _control_merged(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """Of equal suspensions or resumptions that wait, one is kept."""
    body = event.event.body
    control = isinstance(body, ExecutionSuspended | ExecutionResumed)
    return inbox if control and any(waiting.event.body == body for waiting in inbox) else (*inbox, event)


def _carried_but_tasks(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """A carried-over resolution of a task that was never scheduled does not reach the worker."""
    return tuple(w for w in REFERENCE.carried(completion) if not isinstance(w.event.body, TaskCompleted))


def _first_of_number(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """Of resolutions with one number, whatever their kind, one is delivered."""
    seen: dict[int, Queued] = {}
    for waiting in REFERENCE.carried(completion):
        resolved = REFERENCE.resolution(waiting.event.body)
        seen.setdefault(resolved[1] if resolved is not None else -1 - len(seen), waiting)
    return tuple(seen.values())


def _raised_backwards(turn: Turn) -> tuple[bytes, ...]:
    """The raised events of a turn are sent in reverse."""
    opening, *_ = REFERENCE.new_events(turn)
    raised = [event.data for event in turn.events if isinstance(event.event.body, EventRaised)]
    others = [event.data for event in turn.events if not isinstance(event.event.body, EventRaised)]
    return (opening, *others, *reversed(raised))


def _resolutions_first(history: History, events: Iterable[bytes]) -> History:
    """Resolutions are put at the head of history."""
    new = tuple(events)
    found = [data for data in new if REFERENCE.resolution(decode(HistoryEvent, data).body) is not None]
    rest = [data for data in new if data not in found]
    frames = joined(PAST_EVENTS, found) + history.frames + joined(PAST_EVENTS, rest)
    return History(frames, history.events + len(new), history.commits + 1)


mutant(
    "recorded-start-twice",
    "engine/sequencing/one-start-per-execution",
    "executionStarted enters history twice",
    committed=_started_twice,
)
mutant(
    "recorded-end-twice",
    "engine/sequencing/one-completion-per-execution",
    "all completions of an answer are recorded",
    counted=_every_completion,
)
mutant(
    "results-sent-twice",
    "engine/sequencing/duplicates-not-sent",
    "a result stands twice in its turn",
    new_events=_sent_twice,
)
mutant(
    "control-events-merged",
    "engine/sequencing/control-events-kept",
    "of equal suspensions that wait one is kept",
    enqueue=_control_merged,
)
mutant(
    "orphans-recorded",
    "engine/sequencing/unmatched-resolution",
    "a resolution of nothing stays in history, which is not what the profile says",
    orphans=lambda _state, _events, _made: frozenset(),
)
mutant(
    "orphans-withheld",
    "engine/sequencing/unmatched-resolution",
    "a resolution of nothing does not reach the worker",
    carried=_carried_but_tasks,
)
mutant(
    "numbers-merged",
    "engine/sequencing/kinds-do-not-interfere",
    "of resolutions with one number, whatever their kind, one is delivered",
    carried=_first_of_number,
)
mutant(
    "raised-backwards",
    "engine/sequencing/arrival-order-in-turn",
    "the raised events of a turn are sent in reverse",
    new_events=_raised_backwards,
)
mutant(
    "resolutions-first",
    "engine/sequencing/schedule-before-resolution",
    "resolutions are put at the head of history",
    append=_resolutions_first,
)
