"""What an engine holds: its instances, its activities without an outcome, its timers, and what of them is not durable.

An instance is taken from the store when it is asked for first. Everything that changes is noted until it goes into a
batch, as it was before and as it is then; a store finds out by itself what to write. What has ended is let go of as
soon as it is durable, so that memory holds what is open, however much there was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dwconf.engine.core.agenda import Agenda
from dwconf.engine.core.dispatch import ActivityWork, work_of
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Timer
from dwconf.engine.core.store import Batch, Change, Store, TimerKey

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


class Holdings:
    """ENG-K-01: what a store has that is still open, and everything since."""

    def __init__(self, store: Store, rules: Decisions) -> None:
        self.agenda = Agenda()
        self._store = store
        self._rules = rules
        self._live: dict[str, Instance | None] = {}
        self._tasks: dict[ActivityWork, ActivityTask] = {}
        self._tasks_of: dict[str, set[ActivityWork]] = {}
        self._changes: dict[str, Instance | None] = {}
        self._task_changes: dict[ActivityWork, ActivityTask | None] = {}
        self._timer_changes: dict[TimerKey, Timer | None] = {}
        self._touched: tuple[str, ...] = ()
        for task in store.activities():
            self._keep(task)
        for timer in store.timers():
            self.agenda.add(timer)

    # Instances.

    def load(self, instance_id: str) -> Instance | None:
        """An instance as it is now, or None."""
        if instance_id not in self._live:
            state = self._store.load(instance_id)
            self._live[instance_id] = state
            self._changes.setdefault(instance_id, state)
        return self._live[instance_id]

    def put(self, instance_id: str, state: Instance | None) -> None:
        """An instance is another from now on, or gone."""
        self._changes.setdefault(instance_id, self._live.get(instance_id))
        self._live[instance_id] = state

    # Activities without an outcome.

    def tasks(self) -> Iterable[ActivityTask]:
        """All of them, in the order in which they were scheduled."""
        return self._tasks.values()

    def task(self, work: ActivityWork) -> ActivityTask | None:
        """One of them, or None when it has its outcome."""
        return self._tasks.get(work)

    def tasks_of(self, instance_id: str) -> tuple[ActivityWork, ...]:
        """Those of an instance."""
        return tuple(self._tasks_of.get(instance_id, ()))

    def schedule(self, task: ActivityTask) -> None:
        """One more."""
        self._task_changes[work_of(task)] = task
        self._keep(task)

    def settle(self, work: ActivityWork) -> ActivityTask | None:
        """One less; None when it had its outcome already."""
        task = self._tasks.pop(work, None)
        if task is not None:
            self._task_changes[work] = None
            others = self._tasks_of[work.instance_id]
            others.discard(work)
            if not others:
                del self._tasks_of[work.instance_id]
        return task

    def _keep(self, task: ActivityTask) -> None:
        work = work_of(task)
        self._tasks[work] = task
        self._tasks_of.setdefault(task.instance_id, set()).add(work)

    # Timers.

    def set_timer(self, timer: Timer) -> None:
        """A timer runs."""
        self._timer_changes[_key(timer)] = timer
        self.agenda.add(timer)

    def fired(self, timer: Timer) -> None:
        """A timer that the agenda gave out runs no more."""
        self._timer_changes[_key(timer)] = None

    def drop_timer(self, instance_id: str, timer_id: int) -> None:
        """A timer is not wanted any more."""
        self._dropped(self.agenda.drop(instance_id, timer_id))

    def drop_timers(self, instance_id: str) -> None:
        """None of an instance's timers is wanted any more."""
        self._dropped(self.agenda.drop_all(instance_id))

    def _dropped(self, timers: Iterable[Timer]) -> None:
        for timer in timers:
            self.fired(timer)

    # Batches.

    def batch(self, items: Sequence[tuple[int, bytes]]) -> Batch:
        """All that has changed since the last call, and the items that may go out once it is durable."""
        changes = {
            instance_id: Change(before, self._live.get(instance_id))
            for instance_id, before in self._changes.items()
            if before is not self._live.get(instance_id)
        }
        self._touched = tuple(self._changes)
        batch = Batch(changes, self._task_changes, self._timer_changes, items)
        self._changes, self._task_changes, self._timer_changes = {}, {}, {}
        return batch

    def saved(self) -> None:
        """The last batch is durable. Instances that have ended are in the store, and need not be in memory."""
        touched, self._touched = self._touched, ()
        for instance_id in touched:
            state = self._live.get(instance_id)
            if state is None or self._rules.is_terminal(state.status):
                self._live.pop(instance_id, None)


def _key(timer: Timer) -> TimerKey:
    return timer.instance_id, timer.alarm, timer.timer_id
