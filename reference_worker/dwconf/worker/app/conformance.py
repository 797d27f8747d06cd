"""The conformance app as a registry: what docs/conformance-app.md asks an SDK author to register."""

from __future__ import annotations

from dwconf.worker.app import activities
from dwconf.worker.app.interpreter import interpret
from dwconf.worker.core.context import Context
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.registry import Registry
from dwconf.worker.core.tasks import Workflow


def registry() -> Registry:
    """The workflows `interp`, `interp_child` and `ver` (v1 and v2, v2 being the latest), and seven activities."""
    made = Registry()
    made.workflow("interp")(interpret)
    made.workflow("interp_child")(interpret)
    made.workflow("ver", version="v1")(_first)
    made.workflow("ver", version="v2", latest=True)(_second)
    activities.register(made)
    return made


def _first(ctx: Context, _value: Json) -> Workflow[Json]:
    yield from ctx.activity("echo", "v1")
    return "v1"


def _second(ctx: Context, _value: Json) -> Workflow[Json]:
    yield from ctx.activity("echo", "v2")
    return "v2"
