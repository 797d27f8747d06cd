"""How a completion in history becomes the result or the failure of a task (WRK-B-05, WRK-C-11, WRK-G-03)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_never

from dwconf.wire import values as v
from dwconf.worker.core.jsontext import PayloadError
from dwconf.worker.core.tasks import Task

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions

Settlement = (
    v.TaskCompleted | v.TaskFailed | v.TimerFired | v.ChildWorkflowInstanceCompleted | v.ChildWorkflowInstanceFailed
)


def resolve(task: Task[Any] | None, action: v.ActionBody | None, settlement: Settlement, rules: Decisions) -> None:
    """Finish the task of an action as its completion says."""
    if task is None:
        return
    match settlement:
        case v.TimerFired():
            task.succeed(None)
        case v.TaskCompleted() | v.ChildWorkflowInstanceCompleted():
            _succeed(task, settlement.result, rules)
        case v.TaskFailed() | v.ChildWorkflowInstanceFailed():
            task.fail(rules.failed_task(_what(action), settlement.failure_details))
        case _:
            assert_never(settlement)


def _succeed(task: Task[Any], result: str | None, rules: Decisions) -> None:
    try:
        value = rules.read_result(result)
    except PayloadError as error:
        task.fail(error)
    else:
        task.succeed(value)


def _what(action: v.ActionBody | None) -> str:
    match action:
        case v.ScheduleTask(name=name):
            return f"activity {name!r}"
        case v.CreateChildWorkflow(name=name):
            return f"child workflow {name!r}"
    return "task"
