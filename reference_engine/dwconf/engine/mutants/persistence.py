"""Wrong about what is durable (ENG-K). They show when the engine is restarted on the same store."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.store import Batch, Change
from dwconf.engine.mutants.mutant import Mutant
from dwconf.engine.shell.faults import Faults


def _timers_forgotten(batch: Batch) -> Batch:
    """Timers are not written down."""
    return replace(batch, timers={})


def _activities_forgotten(batch: Batch) -> Batch:
    """Activities without an outcome are not written down."""
    return replace(batch, activities={})


def _queue_forgotten(batch: Batch) -> Batch:
    """Queued events are not written down, except for the start."""
    return replace(batch, instances={name: _without_queue(change) for name, change in batch.instances.items()})


def _without_queue(change: Change) -> Change:
    after = change.after
    if after is None or not after.history.events:
        return change
    return Change(change.before, replace(after, inbox=()))


def _status_forgotten(batch: Batch) -> Batch:
    """Custom statuses are not written down."""
    return replace(
        batch,
        instances={
            name: Change(change.before, change.after and replace(change.after, custom_status=None))
            for name, change in batch.instances.items()
        },
    )


MUTANTS = (
    Mutant(
        name="restart-loses-timers",
        breaks="engine/timers/survives-restart",
        title="timers do not survive a restart",
        faults=Faults(saved=_timers_forgotten),
    ),
    Mutant(
        name="restart-loses-activities",
        breaks="engine/persistence/pending-work-survives",
        title="activities without an outcome do not survive a restart",
        faults=Faults(saved=_activities_forgotten),
    ),
    Mutant(
        name="restart-loses-queue",
        breaks="engine/persistence/accepted-message-survives",
        title="queued events do not survive a restart",
        faults=Faults(saved=_queue_forgotten),
    ),
    Mutant(
        name="restart-loses-custom-status",
        breaks="engine/persistence/committed-turn-survives",
        title="custom statuses do not survive a restart",
        faults=Faults(saved=_status_forgotten),
    ),
)
