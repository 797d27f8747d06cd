"""Conformance apps that break their contract, each in one way: the reference app with one thing changed.

    python broken_app.py NAME

They are processes of their own, as a newcomer's app is. The SDK below is without a fault, so that whatever is found
wrong is the app's.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dwconf.wire.values import WorkflowRequest, WorkItem
from dwconf.worker.app import activities
from dwconf.worker.app.conformance import registry
from dwconf.worker.app.interpreter import OPERATIONS, Operation, Returned, Run, Step, interpret
from dwconf.worker.app.main import _run
from dwconf.worker.app.values import UnsupportedError
from dwconf.worker.core.activities import ActivityContext
from dwconf.worker.core.context import Context
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.core.registry import Registry
from dwconf.worker.core.tasks import Workflow
from dwconf.worker.shell.client import WorkerClient

ENDPOINT = "DAPR_GRPC_ENDPOINT"


@dataclass
class App:
    """What an app is made of."""

    registry: Registry = field(default_factory=registry)
    decisions: Decisions = REFERENCE
    endpoint: str = field(default_factory=lambda: os.environ[ENDPOINT])
    serve: Callable[[WorkerClient], None] = lambda client: asyncio.run(_run(client))


BROKEN: dict[str, Callable[[App], None]] = {}


def broken(change: Callable[[App], None]) -> Callable[[App], None]:
    BROKEN[change.__name__.replace("_", "-")] = change
    return change


def activity(app: App, name: str, act: Callable[[Any], Any]) -> None:
    async def run(_ctx: ActivityContext, value: Any) -> Any:  # noqa: ANN401
        return act(value)

    app.registry.activity(name)(run)


def manifest(app: App, **changed: Any) -> None:  # noqa: ANN401
    told = {"program": 1, "sdk": "broken", "version": "1", "can": list(OPERATIONS), "features": activities.FEATURES}
    activity(app, "manifest", lambda _: {**told, **changed})


def without(app: App, activities: Iterable[str] = (), workflows: Iterable[str] = ()) -> None:
    for name in activities:
        del app.registry._activities[name]
    for name in workflows:
        del app.registry._workflows[name]


def operation(name: str, operate: Operation) -> None:
    """Replace what an operation of this process does."""
    OPERATIONS[name] = operate


# --- the manifest


@broken
def no_manifest(app: App) -> None:
    without(app, activities=["manifest"])


@broken
def manifest_as_text(app: App) -> None:
    told = {"program": 1, "sdk": "broken", "version": "1", "can": ["return"], "features": []}
    activity(app, "manifest", lambda _: json.dumps(told))


@broken
def manifest_of_old(app: App) -> None:
    manifest(app, program=0)


@broken
def nameless(app: App) -> None:
    manifest(app, sdk="")


@broken
def invents_operations(app: App) -> None:
    manifest(app, can=[*OPERATIONS, "fly"])


@broken
def invents_features(app: App) -> None:
    manifest(app, features=[*activities.FEATURES, "retries"])


@broken
def declares_too_little(app: App) -> None:
    manifest(app, can=[name for name in OPERATIONS if name != "timer"])


@broken
def declares_too_much(app: App) -> None:
    def refuse(run: Run, step: Step) -> Workflow[Any]:
        yield from ()
        raise UnsupportedError("send")

    operation("send", refuse)


@broken
def declares_next_to_nothing(app: App) -> None:
    """Is in order: an app may start small."""
    kept = {name: OPERATIONS[name] for name in ("call", "return")}
    OPERATIONS.clear()
    OPERATIONS.update(kept)
    manifest(app, can=list(kept))


# --- what is registered


@broken
def no_big(app: App) -> None:
    without(app, activities=["big"])


@broken
def no_interp(app: App) -> None:
    without(app, workflows=["interp"])


@broken
def no_interp_child(app: App) -> None:
    without(app, workflows=["interp_child"])


@broken
def one_version(app: App) -> None:
    def first(ctx: Context, _value: Any) -> Workflow[Any]:  # noqa: ANN401
        yield from ctx.activity("echo", "v1")
        return "v1"

    without(app, workflows=["ver"])
    app.registry.workflow("ver", version="v1", latest=True)(first)


@broken
def registers_everything(app: App) -> None:
    activity(app, "missing_act", lambda value: value)
    app.registry.workflow("missing_wf")(interpret)


# --- shapes


@broken
def echo_as_text(app: App) -> None:
    activity(app, "echo", json.dumps)


@broken
def fail_that_returns(app: App) -> None:
    activity(app, "fail", lambda value: {"error": value})


@broken
def short_ctx(app: App) -> None:
    activity(app, "ctx", lambda _: {"taskId": 1})


@broken
def any_without_index(app: App) -> None:
    right = OPERATIONS["any"]

    def operate(run: Run, step: Step) -> Workflow[Any]:
        done = yield from right(run, step)
        run.variables[step["as"]] = run.variables[step["as"]]["value"]
        return done

    operation("any", operate)


@broken
def catches_without_message(app: App) -> None:
    right = OPERATIONS["try"]

    def operate(run: Run, step: Step) -> Workflow[Any]:
        blank = {**step, "catch": [{"op": "blank", "as": step["as"]}, *step["catch"]]}
        return (yield from right(run, blank))

    def blank(run: Run, step: Step) -> Workflow[Any]:
        yield from ()
        run.variables[step["as"]] = "an error"

    operation("blank", blank)
    operation("try", operate)
    manifest(app, can=[name for name in OPERATIONS if name != "blank"])


@broken
def stops_at_names(app: App) -> None:
    """Replaces a name only where it is the whole value."""

    def operate(run: Run, step: Step) -> Workflow[Any]:
        yield from ()
        value = step.get("value")
        name = isinstance(value, dict) and value.keys() == {"var"}
        return Returned(run.value(step, "value") if name else value)

    operation("return", operate)


# --- life


@broken
def silent(app: App) -> None:
    """Takes workflow items, and says nothing."""

    def takes(item: WorkItem, in_hand: int) -> bool:
        return not isinstance(item.request, WorkflowRequest)

    app.decisions = replace(REFERENCE, takes_item=takes)


@broken
def dies(app: App) -> None:
    def end(_value: Any) -> None:  # noqa: ANN401
        sys.stdout.write("out of paper\n")
        sys.stdout.flush()
        os._exit(7)

    activity(app, "big", end)


@broken
def one_address(app: App) -> None:
    """Goes where the first process of it went."""
    kept = Path("address.txt")
    if not kept.exists():
        kept.write_text(app.endpoint, "utf-8")
    app.endpoint = kept.read_text("utf-8")


@broken
def ends_badly(app: App) -> None:
    right = app.serve

    def serve(client: WorkerClient) -> None:
        right(client)
        sys.exit(3)

    app.serve = serve


@broken
def stays(app: App) -> None:
    """Is in order as far as one can tell: an SDK may take its time to stop."""

    def serve(client: WorkerClient) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        asyncio.run(client.run())

    app.serve = serve


@broken
def slow_and_talkative(app: App) -> None:
    """Is in order: it takes its time, and prints what it likes."""
    sys.stdout.write("x" * 100_000 + "\x1b[31m\n")
    time.sleep(1)


def start(change: Callable[[App], None]) -> None:
    """Serve the reference app after this change, until it is told to stop."""
    app = App()
    change(app)
    rules = app.decisions
    client = WorkerClient(app.endpoint, app.registry, decisions=rules, api_token=rules.api_token(os.environ))
    app.serve(client)


if __name__ == "__main__":
    start(BROKEN[sys.argv[1]])
