"""Activities, from both ends: how a workflow asks for one, and how a worker answers for one (WRK-D)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dwconf.wire import values as v
from dwconf.worker.core import failures
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.registry import ActivityFunction, Registry

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions


def schedule_task(
    name: str, payload: str | None, task_execution_id: str, scope: v.HistoryPropagationScope | None
) -> v.ScheduleTask:
    """WRK-D-10, WRK-D-13, WRK-G-08: name, JSON input, an id for idempotency, and which history goes along."""
    return v.ScheduleTask(
        name=name, input=payload, task_execution_id=task_execution_id, history_propagation_scope=scope
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityContext:
    """What activity code sees of its work item (WRK-D-07, WRK-D-08, WRK-N-01)."""

    instance_id: str
    task_id: int
    task_execution_id: str
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Invocation:
    """An activity that can be run: `function(context, input)`."""

    function: ActivityFunction
    context: ActivityContext
    input: Json


def shown_task_execution_id(request: v.ActivityRequest) -> str:
    """WRK-D-07: activity code sees the task execution id as it came."""
    return request.task_execution_id


def shown_task_id(request: v.ActivityRequest) -> int:
    """WRK-D-08: activity code sees the task id."""
    return request.task_id


def activity_instance(request: v.ActivityRequest) -> str:
    """WRK-D-01, WRK-D-08: the instance id of an activity item."""
    return request.workflow_instance.instance_id if request.workflow_instance is not None else ""


def activity_name(name: str) -> str:
    """WRK-D-12: names are looked up as they are, with case."""
    return name


def invocation(request: v.ActivityRequest, registry: Registry, rules: Decisions) -> Invocation | v.ActivityResponse:
    """What to run for an activity item, or the answer if it cannot be run (WRK-D-06, WRK-D-09)."""
    function = registry.activity_named(rules.activity_name(request.name))
    if function is None:
        return failed(request, rules.unregistered_activity(request.name), rules)
    try:
        value = rules.read_input(request.input)
    except ValueError as error:
        return failed(request, error, rules)
    return Invocation(function, _context(request, rules), value)


def unregistered_activity(name: str) -> Exception:
    """WRK-D-06: an activity that nobody registered fails."""
    return failures.NotRegisteredError("activity", name)


def _context(request: v.ActivityRequest, rules: Decisions) -> ActivityContext:
    return ActivityContext(
        instance_id=rules.activity_instance(request),
        task_id=rules.shown_task_id(request),
        task_execution_id=rules.shown_task_execution_id(request),
        traceparent=rules.shown_traceparent(request.parent_trace_context),
    )


def completed(request: v.ActivityRequest, value: Json, rules: Decisions) -> v.ActivityResponse:
    """WRK-D-03, WRK-D-14: the answer for a result; a result that JSON cannot hold is a failure."""
    try:
        result = rules.write_activity_result(value)
    except ValueError as error:
        return failed(request, error, rules)
    return _answer(request, rules, result=result)


def failed(request: v.ActivityRequest, error: BaseException, rules: Decisions) -> v.ActivityResponse:
    """WRK-D-04, WRK-D-05: the answer for an error, with or without a message; there is no result then."""
    return _answer(request, rules, failure=rules.activity_failure(error, rules))


def answered_task_id(request: v.ActivityRequest) -> int:
    """WRK-D-01: the answer names the task of the item, 0 included."""
    return request.task_id


def answered_activity_instance(request: v.ActivityRequest) -> str:
    """WRK-D-01: the answer names the instance of the item."""
    return activity_instance(request)


def _answer(
    request: v.ActivityRequest,
    rules: Decisions,
    *,
    result: str | None = None,
    failure: v.TaskFailureDetails | None = None,
) -> v.ActivityResponse:
    return v.ActivityResponse(
        instance_id=rules.answered_activity_instance(request),
        task_id=rules.answered_task_id(request),
        result=result,
        failure_details=failure,
    )


def with_token(response: v.ActivityResponse, token: str) -> v.ActivityResponse:
    """The answer with its completion token (AL-4)."""
    return replace(response, completion_token=token)
