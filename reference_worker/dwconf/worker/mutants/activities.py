"""Workers that break rules of the chapter activities."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.mutants.registry import mutant


def counts_from_one(request: v.ActivityRequest) -> int:
    """Answers for the task with the next id."""
    return request.task_id + 1


def no_identity(request: v.ActivityRequest) -> str:
    """Hides the task execution id from activity code."""
    return ""


mutant(
    "answers-for-another-task",
    "worker/activities/response-identity",
    "names another task than the item's",
    answered_task_id=counts_from_one,
)
mutant(
    "hides-task-execution-id",
    "worker/activities/task-execution-id-exposed",
    "shows activity code an empty task execution id",
    shown_task_execution_id=no_identity,
)
