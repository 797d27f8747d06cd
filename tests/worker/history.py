"""Short names for the events of a test's history, and the replay of a workflow over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dwconf.wire import values as v
from dwconf.worker.core.clock import SECOND
from dwconf.worker.core.context import Context
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.core.registry import Registry
from dwconf.worker.core.replay import replay
from dwconf.worker.core.tasks import Workflow

T0 = 1_893_456_000 * SECOND
Code = Callable[[Context, Any], Workflow[Any]]
Events = Sequence[v.HistoryEvent]


def event(body: v.EventBody, event_id: int = -1, at: int = 0) -> v.HistoryEvent:
    return v.HistoryEvent(event_id=event_id, timestamp=T0 + at * SECOND, body=body)


def turn(at: int = 0, *patches: str, version: str | None = None) -> v.HistoryEvent:
    said = v.WorkflowVersion(patches=patches, name=version) if patches or version else None
    return event(v.WorkflowStarted(version=said), at=at)


def start(name: str = "code", payload: str | None = None) -> v.HistoryEvent:
    return event(v.ExecutionStarted(name=name, input=payload))


def scheduled(event_id: int, name: str) -> v.HistoryEvent:
    return event(v.TaskScheduled(name=name), event_id)


def completed(task_id: int, result: str | None = None) -> v.HistoryEvent:
    return event(v.TaskCompleted(task_scheduled_id=task_id, result=result))


def failed(task_id: int, message: str = "broken") -> v.HistoryEvent:
    details = v.TaskFailureDetails(error_type="Broken", error_message=message)
    return event(v.TaskFailed(task_scheduled_id=task_id, failure_details=details))


def raised(name: str, payload: str | None = None) -> v.HistoryEvent:
    return event(v.EventRaised(name=name, input=payload))


def timer_created(event_id: int, origin: v.TimerOrigin | None = None, fire_at: int = T0) -> v.HistoryEvent:
    return event(v.TimerCreated(fire_at=fire_at, origin=origin or v.TimerOriginCreateTimer()), event_id)


def timer_fired(timer_id: int) -> v.HistoryEvent:
    return event(v.TimerFired(timer_id=timer_id))


SUSPENDED = event(v.ExecutionSuspended())
RESUMED = event(v.ExecutionResumed())


def terminated(output: str | None = None) -> v.HistoryEvent:
    return event(v.ExecutionTerminated(input=output))


def run(
    code: Code | Registry,
    new: Events,
    *,
    past: Events = (),
    decisions: Decisions = REFERENCE,
    instance_id: str = "i",
) -> v.WorkflowResponse:
    """Replay a workflow function, registered as `code`, or a whole registry."""
    registry = code
    if not isinstance(registry, Registry):
        registry = Registry()
        registry.workflow("code")(code)  # type: ignore[type-var]
    request = v.WorkflowRequest(instance_id=instance_id, past_events=tuple(past), new_events=tuple(new))
    return replay(request, registry, decisions=decisions)


def bodies(response: v.WorkflowResponse) -> list[v.ActionBody | None]:
    return [action.body for action in response.actions]


def scheduled_names(response: v.WorkflowResponse) -> list[tuple[int, str]]:
    return [(a.id, a.body.name) for a in response.actions if isinstance(a.body, v.ScheduleTask)]


def completion(response: v.WorkflowResponse) -> v.CompleteWorkflow:
    (body,) = [body for body in bodies(response) if isinstance(body, v.CompleteWorkflow)]
    return body


def outcome(response: v.WorkflowResponse) -> tuple[str, str | None]:
    """Status, and result or error type."""
    body = completion(response)
    details = body.failure_details
    return body.workflow_status.name, details.error_type if details is not None else body.result
