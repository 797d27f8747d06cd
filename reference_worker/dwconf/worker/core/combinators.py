"""All and any (WRK-J): tasks made of tasks. When they are decided, and with what, are decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dwconf.worker.core.tasks import Task

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions

Tasks = Sequence[Task[Any]]


@dataclass(frozen=True, slots=True)
class AllDone:
    """How an `all` ends: with values in argument order, or with a failure."""

    values: tuple[Any, ...] = ()
    failure: BaseException | None = None


def all_outcome(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """WRK-J-01, WRK-J-02, WRK-J-04: wait for all; then the first failure in time, else the results as given.

    Args:
        tasks: the tasks as the code listed them.
        finished: those of them that are done, in the order in which they finished.
    """
    if len(finished) < len(tasks):
        return None
    failed = next((task for task in finished if task.failure is not None), None)
    return AllDone(failure=failed.failure) if failed is not None else AllDone(tuple(task.result() for task in tasks))


def any_winner(tasks: Tasks, finished: Tasks) -> int | None:
    """WRK-J-05: the first task that finished, as its place in the list."""
    return next((place for place, task in enumerate(tasks) if finished and task is finished[0]), None)


def counts_finished(task: Task[Any]) -> bool:  # noqa: ARG001  (a mutant looks at it)
    """WRK-J-04: a task that had finished before counts like one that finishes later."""
    return True


class AllTask(Task[tuple[Any, ...]]):
    """Done when the decision `all_outcome` says so."""

    __slots__ = ("_finished", "_rules", "_tasks")

    def __init__(self, tasks: Tasks, rules: Decisions) -> None:
        super().__init__()
        self._tasks = tuple(tasks)
        self._rules = rules
        self._finished: list[Task[Any]] = []
        for task in self._tasks:
            if not task.done or rules.counts_finished(task):
                task.watch(self._one_more)
        self._decide()

    def _one_more(self, task: Task[Any]) -> None:
        self._finished.append(task)
        self._decide()

    def _decide(self) -> None:
        outcome = None if self.done else self._rules.all_outcome(self._tasks, self._finished)
        if outcome is None:
            return
        if outcome.failure is not None:
            self.fail(outcome.failure)
        else:
            self.succeed(outcome.values)


class AnyTask(Task[int]):
    """Done when the decision `any_winner` names a winner; its value is the winner's place in the list."""

    __slots__ = ("_finished", "_rules", "tasks")

    def __init__(self, tasks: Tasks, rules: Decisions) -> None:
        super().__init__()
        self.tasks = tuple(tasks)
        self._rules = rules
        self._finished: list[Task[Any]] = []
        for task in self.tasks:
            if not task.done or rules.counts_finished(task):
                task.watch(self._one_more)

    def _one_more(self, task: Task[Any]) -> None:
        self._finished.append(task)
        winner = None if self.done else self._rules.any_winner(self.tasks, self._finished)
        if winner is not None:
            self.succeed(winner)
