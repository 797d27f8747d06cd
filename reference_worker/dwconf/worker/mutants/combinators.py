"""Workers that break rules of the chapter combinators."""

from __future__ import annotations

from typing import Any

from dwconf.worker.core.combinators import AllDone, Tasks, all_outcome, any_winner
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.tasks import Task
from dwconf.worker.mutants.registry import mutant


def as_they_came(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Gives results in the order in which they came."""
    if len(finished) < len(tasks):
        return None
    failed = next((task for task in finished if task.failure is not None), None)
    return AllDone(failure=failed.failure) if failed else AllDone(tuple(task.result() for task in finished))


def trips_when_all_have_ended(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Fails with the first failure, and again when the last task ends."""
    if len(finished) == len(tasks) and any(task.failure is not None for task in tasks):
        raise NonDeterminismError("the task has failed already")
    return all_outcome(tasks, finished)


def never_of_nothing(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Waits for ever for no task at all."""
    return all_outcome(tasks, finished) if tasks else None


def waits_for_one_more(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Gives up waiting when one task is left."""
    return (
        all_outcome(finished, finished)
        if finished and len(finished) >= len(tasks) - 1
        else all_outcome(tasks, finished)
    )


def the_first_listed(tasks: Tasks, finished: Tasks) -> int | None:
    """Lets the first of the list win as soon as any is done."""
    return 0 if finished else None


def the_last_one(tasks: Tasks, finished: Tasks) -> int | None:
    """Waits for all, and takes the last one to finish."""
    return tasks.index(finished[-1]) if len(finished) == len(tasks) else None


def the_first_that_succeeds(tasks: Tasks, finished: Tasks) -> int | None:
    """Passes over tasks that fail."""
    return any_winner(tasks, [task for task in finished if task.failure is None])


def later_ones_only(task: Task[Any]) -> bool:
    """Counts what finishes from now on, and nothing that had finished before."""
    return False


def failing_losers(tasks: Tasks, finished: Tasks) -> int | None:
    """Fails the losers once there is a winner."""
    winner = any_winner(tasks, finished)
    for task in tasks if winner is not None else ():
        task.fail(RuntimeError("another task was first"))
    return winner


def overlooks_what_was_done(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Gives no results of tasks that were done before it looked."""
    if len(finished) < len(tasks) and all(task.done for task in tasks):
        return AllDone()
    return all_outcome(tasks, finished)


def trips_over_losers(tasks: Tasks, finished: Tasks) -> int | None:
    """Takes the end of a loser for a contradiction."""
    winner = any_winner(tasks, finished)
    if winner is not None:
        for loser in (task for task in tasks if not task.done):
            loser.watch(_trip)
    return winner


def _trip(task: Task[Any]) -> None:
    raise NonDeterminismError("another task was first")


mutant(
    "results-as-they-came",
    "worker/combinators/all-in-argument-order",
    "lists the results of `all` in the order in which they came",
    all_outcome=as_they_came,
)
mutant(
    "fails-twice",
    "worker/combinators/all-after-failure",
    "trips over the task that ends last after a failure",
    all_outcome=trips_when_all_have_ended,
)
mutant(
    "all-of-none-never-ends",
    "worker/combinators/all-already-complete",
    "waits for ever for no task at all",
    all_outcome=never_of_nothing,
)
mutant(
    "all-but-one",
    "worker/combinators/all-in-argument-order",
    "does not wait for the last of several tasks",
    all_outcome=waits_for_one_more,
)
mutant(
    "first-listed-wins",
    "worker/combinators/any-gives-first",
    "gives the first of the list instead of the first to complete",
    any_winner=the_first_listed,
)
mutant(
    "last-one-wins",
    "worker/combinators/any-gives-first",
    "waits for the last task of an any",
    any_winner=the_last_one,
)
mutant(
    "first-success-wins",
    "worker/combinators/any-gives-first",
    "waits on when the first task of an any to end has failed",
    any_winner=the_first_that_succeeds,
)
mutant(
    "any-of-the-past-never-ends",
    "worker/combinators/any-gives-first",
    "waits for ever for the first of tasks that had completed before",
    counts_finished=later_ones_only,
)
mutant(
    "all-forgets-what-had-completed",
    "worker/combinators/all-in-argument-order",
    "waits for ever for all of tasks of which some had completed before",
    counts_finished=later_ones_only,
)
mutant(
    "losers-fail",
    "worker/combinators/any-losers-live-on",
    "fails the tasks that lose",
    any_winner=failing_losers,
)
mutant(
    "overlooks-what-was-done",
    "worker/combinators/all-already-complete",
    "gives no results of tasks that were complete before",
    all_outcome=overlooks_what_was_done,
)
mutant(
    "trips-over-losers",
    "worker/combinators/any-losers-live-on",
    "fails when the loser of an any completes",
    any_winner=trips_over_losers,
)
