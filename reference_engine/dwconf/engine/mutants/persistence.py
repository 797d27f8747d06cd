"""Wrong about what is durable (ENG-K). They show when the engine is restarted on the same store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dwconf.engine.core.dispatch import ActivityWork, Work
from dwconf.engine.core.frames import EMPTY, History, append, split
from dwconf.engine.core.moment import Nonce
from dwconf.engine.core.store import Batch, Change
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import HistoryEvent


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


def _history_forgotten(batch: Batch) -> Batch:
    """Of a history, only what the last commit added is written down."""
    return replace(batch, instances={name: _without_history(change) for name, change in batch.instances.items()})


def _without_history(change: Change) -> Change:
    after = change.after
    if after is None or change.before is None:
        return change
    return Change(change.before, replace(after, history=EMPTY))


def _token_of_the_work(nonce: Nonce, work: Work) -> str:
    """A token names what is to be done, whichever process it is that sends it."""
    del nonce
    return work.instance_id + (f"/{work.task_id}" if isinstance(work, ActivityWork) else "")


def _compacted(history: History, events: Iterable[bytes]) -> History:
    """Each commit drops the oldest event but two."""
    kept = list(split(history.frames))
    if len(kept) > KEPT:
        del kept[KEPT]
    return append(append(EMPTY, kept), events)


def _restamped(history: History, events: Iterable[bytes]) -> History:
    """Each commit stamps the first workflowStarted anew."""
    kept = [decode(HistoryEvent, data) for data in split(history.frames)]
    if kept:
        kept[0] = replace(kept[0], timestamp=(kept[0].timestamp or 0) + 1)
    return append(append(EMPTY, [encode(event) for event in kept]), events)


KEPT = 2

mutant(
    "restart-loses-timers",
    "engine/timers/survives-restart",
    "timers do not survive a restart",
    faults=Faults(saved=_timers_forgotten),
)
mutant(
    "restart-loses-activities",
    "engine/persistence/pending-work-survives",
    "activities without an outcome do not survive a restart",
    faults=Faults(saved=_activities_forgotten),
)
mutant(
    "restart-loses-queue",
    "engine/persistence/accepted-message-survives",
    "queued events do not survive a restart",
    faults=Faults(saved=_queue_forgotten),
)
mutant(
    "restart-loses-custom-status",
    "engine/persistence/committed-turn-survives",
    "custom statuses do not survive a restart",
    faults=Faults(saved=_status_forgotten),
)
mutant(
    "restart-loses-history",
    "engine/persistence/committed-turn-survives",
    "histories do not survive a restart",
    faults=Faults(saved=_history_forgotten),
)
mutant(
    "tokens-outlive-the-process",
    "engine/persistence/old-completion-not-applied",
    "the next process gives the same tokens again",
    new_token=_token_of_the_work,
)
mutant(
    "old-tokens-count-after-restart",
    "engine/persistence/old-completion-not-applied",
    "an answer with the token of an earlier process counts",
    token_matches=lambda _given, _expected: True,
)
mutant(
    "restart-loses-the-turn-that-is-out",
    "engine/persistence/uncommitted-turn-returns",
    "a turn that was out does not survive a restart",
    faults=Faults(saved=_queue_forgotten),
)
mutant(
    "history-drops-events",
    "engine/persistence/history-rewritten-only-by-reset",
    "each commit drops an old event",
    append=_compacted,
)
mutant(
    "history-restamps-events",
    "engine/persistence/history-rewritten-only-by-reset",
    "each commit stamps the first event anew",
    append=_restamped,
)
mutant(
    "stop-breaks-streams",
    "engine/connection/shutdown-ends-streams",
    "a graceful stop ends streams with UNAVAILABLE",
    faults=Faults(farewell="UNAVAILABLE"),
)
