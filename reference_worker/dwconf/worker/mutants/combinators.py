"""Workers that break rules of the chapter combinators."""

from __future__ import annotations

from dwconf.worker.core.combinators import AllDone, Tasks
from dwconf.worker.mutants.registry import mutant


def as_they_came(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Gives results in the order in which they came."""
    if len(finished) < len(tasks):
        return None
    failed = next((task for task in finished if task.failure is not None), None)
    return AllDone(failure=failed.failure) if failed else AllDone(tuple(task.result() for task in finished))


mutant(
    "results-as-they-came",
    "worker/combinators/all-in-argument-order",
    "lists the results of `all` in the order in which they came",
    all_outcome=as_they_came,
)
