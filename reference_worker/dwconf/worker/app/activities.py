"""The activities of the conformance app."""

from __future__ import annotations

import asyncio

from dwconf.worker.app.interpreter import OPERATIONS, VERSION, Unserialisable
from dwconf.worker.core.activities import ActivityContext
from dwconf.worker.core.failures import ApplicationError
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.registry import Registry

FEATURES = (
    "retry",
    "child-retry",
    "event-timeout",
    "keep-events",
    "cross-app",
    "history-propagation",
    "guid",
    "versions",
    "panic",
    "bad-result",
    "endpoint-env",
    "api-token",
    "tls",
)


async def manifest(_ctx: ActivityContext, _value: Json) -> Json:
    """What the app can do."""
    from importlib.metadata import version  # noqa: PLC0415  (of many processes in a run one is asked)

    return {
        "program": VERSION,
        "sdk": "dwconf-reference",
        "version": version("dwconf"),
        "can": list(OPERATIONS),
        "features": list(FEATURES),
    }


async def echo(_ctx: ActivityContext, value: Json) -> Json:
    """Its input."""
    return value


async def fail(_ctx: ActivityContext, value: Json) -> Json:
    """Throws as it is told."""
    wanted = value or {}
    raise ApplicationError(
        wanted.get("message") or "",
        error_type=wanted.get("type") or "ApplicationError",
        non_retriable=bool(wanted.get("nonRetriable")),
    )


async def ctx(context: ActivityContext, _value: Json) -> Json:
    """What activity code sees of its item."""
    return {
        "taskId": context.task_id,
        "taskExecutionId": context.task_execution_id,
        "instanceId": context.instance_id,
        "traceparent": context.traceparent,
    }


async def block(_ctx: ActivityContext, value: Json) -> None:
    """Waits."""
    await asyncio.sleep(value["ms"] / 1000)


async def big(_ctx: ActivityContext, value: Json) -> Json:
    """A string of that length."""
    return "x" * value["bytes"]


async def bad(_ctx: ActivityContext, _value: Json) -> Json:
    """What no JSON can hold."""
    return Unserialisable()


def register(registry: Registry) -> None:
    """Register all activities under their names."""
    for activity in (manifest, echo, fail, ctx, block, big, bad):
        registry.activity(activity.__name__)(activity)
