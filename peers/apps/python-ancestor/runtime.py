"""runtime.py APP: runs the app of ../python on PyPI `durabletask-dapr`, from which `dapr.ext.workflow` was made.

What the app uses of the package that came later is made here of the ancestor's TaskHubGrpcWorker, each call by the one
that it stands on. The ancestor has no timeout for the wait for an event, passes no history on, and takes a token from
whoever constructs it alone: what the manifest says of these is taken back.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import inspect
import runpy
import sys
import types
from collections.abc import Callable
from datetime import datetime
from typing import Any

from durabletask import task
from durabletask.worker import TaskHubGrpcWorker

NOT_OF_THE_SDK = ("event-timeout", "history-propagation", "api-token")
Json = Any
Function = Callable[..., Any]


class Unsupported(Exception):
    """Something that the ancestor has no API for."""


class Context:
    """A workflow's context under the names that it has today."""

    def __init__(self, inner: task.OrchestrationContext) -> None:
        self.create_timer = inner.create_timer
        self.continue_as_new = inner.continue_as_new
        self.set_custom_status = inner.set_custom_status
        self.is_patched = inner.is_patched
        self.new_guid = inner.new_guid
        self.instance_id = inner.instance_id
        self._inner = inner

    @property
    def current_utc_datetime(self) -> datetime:
        return self._inner.current_utc_datetime

    @property
    def is_replaying(self) -> bool:
        return self._inner.is_replaying

    def call_activity(self, activity: str, **options: Json) -> task.Task:
        return self._inner.call_activity(activity, **supported(options, "propagation"))

    def call_child_workflow(self, workflow: str, **options: Json) -> task.Task:
        return self._inner.call_sub_orchestrator(workflow, **supported(options, "propagation"))

    def wait_for_external_event(self, name: str, **options: Json) -> task.Task:
        return self._inner.wait_for_external_event(name, **supported(options, "timeout"))


class ActivityContext:
    """An activity's context under the names that it has today."""

    def __init__(self, inner: task.ActivityContext) -> None:
        self.task_id = inner.task_id
        self.workflow_id = inner.orchestration_id
        self.get_inner_context = lambda: inner


class WorkflowRuntime:
    """A worker under the names that it has today. It finds the address in DAPR_GRPC_ENDPOINT by itself."""

    def __init__(self) -> None:
        self._worker = TaskHubGrpcWorker()
        self.start = self._worker.start
        self.shutdown = self._worker.stop

    def workflow(self, *, name: str) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            self._worker.add_orchestrator(named(name, lambda inner, value: called(function, Context(inner), value)))
            return function

        return register

    def versioned_workflow(self, *, name: str, version_name: str, is_latest: bool) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            started = named(name, lambda inner, value: called(function, Context(inner), value))
            # The worker has no method for versions: what was built upon it registers them like this.
            self._worker._registry.add_named_orchestrator(name, started, version_name, is_latest)  # noqa: SLF001
            return function

        return register

    def activity(self, *, name: str) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            def act(inner: task.ActivityContext, value: Json) -> Json:
                result = called(function, ActivityContext(inner), value)
                result = asyncio.run(result) if inspect.iscoroutine(result) else result
                return told(result) if name == "manifest" else result

            self._worker.add_activity(named(name, act))
            return function

        return register


def supported(options: dict[str, Any], *lacking: str) -> dict[str, Any]:
    """Options of a call without those that the ancestor lacks; one of these that is asked for is refused."""
    for name in lacking:
        if options.get(name) is not None:
            raise Unsupported(f"Unsupported: {name}")
    return {name: value for name, value in options.items() if name not in lacking}


def named(name: str, function: Function) -> Function:
    """A function of this name: the ancestor registers what it is given under the function's own."""
    function.__name__ = name
    return function


def called(function: Function, context: object, value: Json) -> Json:
    """Call a function with its context, and with the input if it takes one."""
    takes_input = len(inspect.signature(function).parameters) > 1
    return function(context, value) if takes_input else function(context)


def told(manifest: dict[str, Any]) -> dict[str, Any]:
    features = [name for name in manifest["features"] if name not in NOT_OF_THE_SDK]
    return {**manifest, "sdk": "durabletask-dapr", "features": features}


def install() -> None:
    """Let `dapr.ext.workflow`, and the version of `dapr`, be the ancestor's."""
    module = types.ModuleType("dapr.ext.workflow")
    module.WorkflowRuntime = WorkflowRuntime
    module.DaprWorkflowContext = Context
    module.WorkflowActivityContext = ActivityContext
    module.RetryPolicy = task.RetryPolicy
    module.TaskFailedError = task.TaskFailedError
    module.when_all = task.when_all
    module.when_any = task.when_any
    module.PropagationScope = types.SimpleNamespace(OWN_HISTORY="own", LINEAGE="lineage")
    extensions = types.ModuleType("dapr.ext")
    extensions.workflow = module
    package = types.ModuleType("dapr")
    package.ext = extensions
    sys.modules |= {"dapr": package, "dapr.ext": extensions, "dapr.ext.workflow": module}
    version = importlib.metadata.version
    importlib.metadata.version = lambda name: version("durabletask-dapr" if name == "dapr" else name)


if __name__ == "__main__":
    install()
    runpy.run_path(sys.argv[1], run_name="__main__")
