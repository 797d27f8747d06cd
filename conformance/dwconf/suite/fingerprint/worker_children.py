"""What a worker does about children and other instances where the protocol leaves it free (chapter G)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import CreateDetachedWorkflow, OrchestrationStatus, ScheduleTask, SendEvent


@observation("worker/children/created-event-match", "worker/children/moved-created-event")
def created_event_match(e: Evidence) -> str:
    end = answer(e, "last").end
    by_instance = end is not None and end.workflow_status == OrchestrationStatus.COMPLETED
    return "by instance id" if by_instance else "by event id"


@observation("worker/children/send-event", "worker/children/sent-event")
def send_event(e: Evidence) -> str:
    return ", ".join(in_a_line(sent) for _, sent in answer(e, "first").of(SendEvent)) or "no action"


@observation("worker/children/detached-start", "worker/children/detached")
def detached_start(e: Evidence) -> str:
    own, made = e.item("first/sent").instance_id, answer(e, "first").of(CreateDetachedWorkflow)
    return ", ".join(start.instance_id.replace(own, "<caller>") for _, start in made) or "no action"


@observation("worker/children/target-app", "worker/children/other-app")
def target_app(e: Evidence) -> str:
    routers = [action.router for action in answer(e, "first").response.actions]
    return ", ".join("no router" if router is None else in_a_line(router) for router in routers)


@observation("worker/children/propagation-scope", "worker/children/propagation")
def propagation_scope(e: Evidence) -> str:
    scopes = [task.history_propagation_scope for _, task in answer(e, "first").of(ScheduleTask)]
    return ", ".join("absent" if scope is None else scope.name for scope in scopes)
