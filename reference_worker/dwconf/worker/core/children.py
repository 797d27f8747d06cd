"""Child workflows, detached workflows, and events to other instances (WRK-G)."""

from __future__ import annotations

from dwconf.wire import values as v


def child_instance_id(parent: str, action_id: int) -> str:
    """WRK-G-02: a default id follows from the parent's and from the action's, so it is the same on replay."""
    return f"{parent}:{action_id:04x}"


def child_attempt_id(explicit: str | None, default: str) -> str:
    """WRK-G-01, WRK-H-06: an id that was given is used for every attempt, otherwise each attempt has its own."""
    return default if explicit is None else explicit


def create_child(
    name: str,
    payload: str | None,
    instance_id: str,
    scope: v.HistoryPropagationScope | None,
) -> v.CreateChildWorkflow:
    """WRK-G-01, WRK-G-08: the action carries name, JSON input, instance id, and which history goes along."""
    return v.CreateChildWorkflow(name=name, input=payload, instance_id=instance_id, history_propagation_scope=scope)


def detached_instance_id(caller: str, action_id: int) -> str:
    """WRK-G-06: the default id of a detached workflow follows from the caller's, so it is the same on replay."""
    return f"{caller}-{action_id}"


def create_detached(name: str, payload: str | None, instance_id: str) -> v.CreateDetachedWorkflow:
    """WRK-G-06: a workflow that runs on its own, under an id that the caller knows."""
    return v.CreateDetachedWorkflow(name=name, input=payload, instance_id=instance_id)


def send_event(instance_id: str, name: str, data: str | None) -> v.SendEvent:
    """WRK-G-05: an event to another instance."""
    return v.SendEvent(instance=v.WorkflowInstance(instance_id=instance_id), name=name, data=data)


def router(target_app: str | None, own: v.TaskRouter | None) -> v.TaskRouter | None:
    """WRK-G-07, WRK-C-27: only a target in another app needs a router; the source is our app, where it is known."""
    if target_app is None:
        return None
    source = "" if own is None else own.target_app_id or own.source_app_id
    return v.TaskRouter(source_app_id=source, target_app_id=target_app)
