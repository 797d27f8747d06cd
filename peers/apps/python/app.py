"""The conformance app on the Python SDK (PyPI `dapr`): what the suite talks to when it judges `dapr.ext.workflow`.

One interpreter workflow runs the programs that the suite sends, language version 1; docs/conformance-app.md is the
contract. The SDK itself reads the endpoint and the token from the environment. It has no API for `send` and `detach`,
so these are not registered, and not declared in the manifest.
"""

from __future__ import annotations

import asyncio
import inspect
import signal
import threading
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import dapr.ext.workflow as wf
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PROGRAM = 1
FEATURES = ["retry", "child-retry", "event-timeout", "keep-events", "cross-app", "history-propagation", "guid"]
FEATURES += ["versions", "panic", "bad-result", "endpoint-env", "api-token", "tls"]

Json = Any
Step = dict[str, Any]
Flow = Generator[Any, Any, Json]
Act = Callable[["Run", Step], Any]
OPERATIONS: dict[str, Act] = {}
"""What a step with this `op` does: a generator that yields tasks, or a plain function that gives its result."""

runtime = wf.WorkflowRuntime()


class BadProgram(Exception):
    """An input that is not a program, or a name that is not defined."""


class Unsupported(Exception):
    """An operation that the SDK has no API for."""


class Thrown(Exception):
    """What `throw` raises."""


class Panic(BaseException):
    """What `throw` raises with `panic`: an error outside the usual hierarchy."""


class NonRetryableError(Exception):
    """The SDK does not retry a failure whose error type has this name."""


@dataclass
class Returned:
    """What a `return` hands up through the blocks around it."""

    value: Json


@dataclass
class Handle:
    """A task of the SDK, and how its result looks in the language."""

    task: Any
    shape: Callable[[Any], Json] = lambda result: result

    def wait(self) -> Flow:
        """Wait for the task; its failure is raised."""
        return self.shape((yield self.task))


class Run:
    """One execution of a program: its context, and its names, which are one flat scope."""

    def __init__(self, ctx: wf.DaprWorkflowContext, program: Json) -> None:
        if not isinstance(program, dict) or program.get("program") != PROGRAM or "steps" not in program:
            raise BadProgram(f"the input is not a program of version {PROGRAM}")
        self.ctx = ctx
        self.names: dict[str, Any] = dict(program.get("vars", {}))

    def block(self, steps: list[Step]) -> Generator[Any, Any, Returned | None]:
        """Run steps in order, until one of them returns."""
        for step in steps:
            if step["op"] not in OPERATIONS:
                raise Unsupported(f"Unsupported: {step['op']}")
            result = OPERATIONS[step["op"]](self, step)
            if inspect.isgenerator(result):
                result = yield from result
            if isinstance(result, Returned):
                return result
            if "as" in step and step["op"] != "try":
                self.names[step["as"]] = result
        return None

    def name(self, name: str) -> Json | Handle:
        """The value or the handle that a name holds."""
        if name not in self.names:
            raise BadProgram(f"no such name: {name}")
        return self.names[name]

    def value(self, literal: Json) -> Json:
        """A literal with its `{"var": name}` replaced; of a program for somebody else only `vars` is evaluated."""
        if isinstance(literal, list):
            return [self.value(item) for item in literal]
        if not isinstance(literal, dict):
            return literal
        if set(literal) == {"var"}:
            return self.name(literal["var"])
        foreign = "steps" in literal
        return {key: item if foreign and key != "vars" else self.value(item) for key, item in literal.items()}


def operation(name: str, *, and_await: str | None = None) -> Callable[[Act], Act]:
    """Register what a step with this `op` does; `and_await` is the operation that waits for its handle as well."""

    def register(act: Act) -> Act:
        OPERATIONS[name] = act
        if and_await:
            OPERATIONS[and_await] = lambda run, step: act(run, step).wait()
        return act

    return register


def duration(milliseconds: int | None) -> timedelta | None:
    return None if milliseconds is None else timedelta(milliseconds=milliseconds)


def options(step: Step) -> dict[str, Any]:
    """What `call` and `child` have in common: the retry policy, the other app, and the history passed on."""
    chosen: dict[str, Any] = {"app_id": step.get("app")}
    if retry := step.get("retry"):
        chosen["retry_policy"] = wf.RetryPolicy(
            max_number_of_attempts=retry["max"],
            first_retry_interval=timedelta(milliseconds=retry["firstMs"]),
            backoff_coefficient=retry.get("coef", 1.0),
            max_retry_interval=duration(retry.get("maxMs")),
            retry_timeout=duration(retry.get("timeoutMs")),
        )
    scopes = {"own": wf.PropagationScope.OWN_HISTORY, "lineage": wf.PropagationScope.LINEAGE}
    return chosen | {"propagation": scopes.get(step.get("propagate", ""))}


@operation("start", and_await="call")
def start(run: Run, step: Step) -> Handle:
    return Handle(run.ctx.call_activity(step["activity"], input=run.value(step.get("input")), **options(step)))


@operation("startChild", and_await="child")
def start_child(run: Run, step: Step) -> Handle:
    value = run.value(step.get("input"))
    return Handle(run.ctx.call_child_workflow(step["name"], input=value, instance_id=step.get("id"), **options(step)))


@operation("startTimer", and_await="timer")
def start_timer(run: Run, step: Step) -> Handle:
    fire_at = datetime.fromisoformat(step["at"]) if "at" in step else timedelta(milliseconds=step["ms"])
    return Handle(run.ctx.create_timer(fire_at))


@operation("startWait", and_await="wait")
def start_wait(run: Run, step: Step) -> Handle:
    return Handle(run.ctx.wait_for_external_event(step["event"], timeout=duration(step.get("timeoutMs"))))


@operation("startAll", and_await="all")
def start_all(run: Run, step: Step) -> Handle:
    handles = [run.name(name) for name in step["handles"]]
    together = wf.when_all([handle.task for handle in handles])
    return Handle(together, lambda results: [handle.shape(each) for handle, each in zip(handles, results, strict=True)])


@operation("startAny", and_await="any")
def start_any(run: Run, step: Step) -> Handle:
    handles = [run.name(name) for name in step["handles"]]
    tasks = [handle.task for handle in handles]

    def shape(winner: Json) -> Json:
        index = tasks.index(winner)
        return {"index": index, "value": handles[index].shape(winner.get_result())}

    return Handle(wf.when_any(tasks), shape)


@operation("await")
def await_(run: Run, step: Step) -> Flow:
    return run.name(step["handle"]).wait()


@operation("try")
def try_(run: Run, step: Step) -> Flow:
    try:
        return (yield from run.block(step["steps"]))
    except wf.TaskFailedError as error:
        caught = {"type": error.details.error_type, "message": error.details.message}
    except (TimeoutError, Thrown) as error:
        caught = {"type": "Timeout" if isinstance(error, TimeoutError) else "Thrown", "message": str(error)}
    if "as" in step:
        run.names[step["as"]] = caught
    return (yield from run.block(step["catch"]))


@operation("status")
def status(run: Run, step: Step) -> None:
    run.ctx.set_custom_status(step["value"])


@operation("patched")
def patched(run: Run, step: Step) -> Flow:
    return run.block(step.get("then" if run.ctx.is_patched(step["name"]) else "else", []))


@operation("can")
def continue_as_new(run: Run, step: Step) -> None:
    kept = {"save_events": step["keepEvents"]} if "keepEvents" in step else {}
    run.ctx.continue_as_new(run.value(step["input"]), **kept)


@operation("probe")
def probe(run: Run, step: Step) -> Json:
    now = run.ctx.current_utc_datetime.isoformat(timespec="microseconds") + "Z"
    seen = {"now": now, "isReplaying": run.ctx.is_replaying, "instanceId": run.ctx.instance_id}
    return seen | {"guid": str(run.ctx.new_guid())} if step.get("guid") else seen


@operation("throw")
def throw(run: Run, step: Step) -> None:
    raise (Panic if step.get("panic") else Thrown)(*([step["message"]] if "message" in step else []))


@operation("bad")
def bad(run: Run, step: Step) -> Returned:
    return Returned(object())


@operation("return")
def return_(run: Run, step: Step) -> Returned:
    return Returned(run.value(step.get("value")))


@operation("loop")
def loop(run: Run, step: Step) -> Flow:
    for _ in range(step["times"]):
        returned = yield from run.block(step["steps"])
        if returned:
            return returned
    return None


@runtime.workflow(name="interp")
def interp(ctx: wf.DaprWorkflowContext, program: Json) -> Flow:
    returned = yield from Run(ctx, program).block(program["steps"])
    return returned.value if returned else None


@runtime.workflow(name="interp_child")
def interp_child(ctx: wf.DaprWorkflowContext, program: Json) -> Flow:
    returned = yield from Run(ctx, program).block(program["steps"])
    return returned.value if returned else None


@runtime.versioned_workflow(name="ver", version_name="v1", is_latest=False)
def ver_1(ctx: wf.DaprWorkflowContext) -> Flow:
    yield ctx.call_activity("echo", input="v1")
    return "v1"


@runtime.versioned_workflow(name="ver", version_name="v2", is_latest=True)
def ver_2(ctx: wf.DaprWorkflowContext) -> Flow:
    yield ctx.call_activity("echo", input="v2")
    return "v2"


@runtime.activity(name="manifest")
def manifest(ctx: wf.WorkflowActivityContext) -> Json:
    sdk = {"sdk": "dapr-python", "version": version("dapr")}
    return {"program": PROGRAM, **sdk, "can": sorted(OPERATIONS), "features": FEATURES}


@runtime.activity(name="echo")
def echo(ctx: wf.WorkflowActivityContext, value: Json) -> Json:
    return value


@runtime.activity(name="fail")
def fail(ctx: wf.WorkflowActivityContext, how: Json) -> None:
    how = how or {}
    kind = NonRetryableError if how.get("nonRetriable") else type(how.get("type") or "Failure", (Exception,), {})
    raise kind(*([how["message"]] if how.get("message") is not None else []))


@runtime.activity(name="ctx")
def ctx_(ctx: wf.WorkflowActivityContext) -> Json:
    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    execution = ctx.get_inner_context().task_execution_id
    shown = {"taskId": ctx.task_id, "taskExecutionId": execution, "instanceId": ctx.workflow_id}
    return shown | {"traceparent": carrier.get("traceparent")}


@runtime.activity(name="block")
async def block(ctx: wf.WorkflowActivityContext, how: Json) -> None:
    await asyncio.sleep(how["ms"] / 1000)


@runtime.activity(name="big")
def big(ctx: wf.WorkflowActivityContext, how: Json) -> str:
    return "x" * how["bytes"]


@runtime.activity(name="bad")
def bad_result(ctx: wf.WorkflowActivityContext, how: Json) -> object:
    return object()


def main() -> None:
    """Serve until SIGTERM or SIGINT. start() waits for the first stream, so it has a thread of its own."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=runtime.start, daemon=True).start()
    stopping.wait()
    runtime.shutdown()


if __name__ == "__main__":
    main()
