"""Wrong about deduplication and generations (ENG-I and what other chapters say of it)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.mutants.mutant import Mutant
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    EventBody,
    HistoryEvent,
    TaskCompleted,
    TaskFailed,
    TimerFired,
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


MUTANTS = (
    Mutant(
        name="results-cross-generations",
        breaks="engine/activities/previous-generation-result",
        title="a result of an earlier generation resolves a task of a later one",
        decisions=replace(REFERENCE, same_generation=_any_generation, survives=lambda _waiting: True),
    ),
    Mutant(
        name="kinds-interfere",
        breaks="engine/sequencing/kinds-do-not-interfere",
        title="a resolution closes the operations of every kind with its id",
        decisions=replace(REFERENCE, receive=_kinds_mixed),
    ),
    Mutant(
        name="results-doubled",
        breaks="engine/sequencing/first-resolution-wins",
        title="every result of an activity is delivered twice",
        decisions=replace(REFERENCE, enqueue=_doubled),
    ),
    Mutant(
        name="timers-fire-twice",
        breaks="engine/timers/fires-once",
        title="every timer fires twice",
        decisions=replace(REFERENCE, enqueue=_timers_doubled),
    ),
    Mutant(
        name="children-complete-twice",
        breaks="engine/sequencing/child-resolved-once",
        title="every child completes twice",
        decisions=replace(REFERENCE, enqueue=_children_doubled),
    ),
    Mutant(
        name="failures-lost",
        breaks="engine/activities/failure-becomes-event",
        title="a failure never reaches the workflow",
        decisions=replace(REFERENCE, accepts=_failures_ignored),
    ),
)
