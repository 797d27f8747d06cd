"""The interpreter workflow: runs a program, one step after the other (docs/conformance-app.md, "Operations").

Each operation is a small generator in one table. A block of steps ends early when a `return` (or `bad`) inside it
gives a `Returned`, which every block hands up. Handles are tasks; names, values and handles share one flat scope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from dwconf.wire import values as v
from dwconf.worker.app.values import ProgramError, UnsupportedError, evaluate, look_up
from dwconf.worker.core.clock import SECOND, from_rfc3339, rfc3339
from dwconf.worker.core.context import Context
from dwconf.worker.core.failures import ApplicationError, TaskFailedError, WaitTimedOutError
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.retries import RetryPolicy
from dwconf.worker.core.tasks import Task, Workflow

MILLISECOND = SECOND // 1000
VERSION = 1
Step = dict[str, Json]
SCOPES = {"own": v.HistoryPropagationScope.OWN_HISTORY, "lineage": v.HistoryPropagationScope.LINEAGE}


class ThrownError(ApplicationError):
    """What `throw` throws."""


class Panic(BaseException):
    """What `throw` with `panic` does: it passes every handler of ordinary errors."""


class Unserialisable:
    """What `bad` returns."""

    def __repr__(self) -> str:
        return "Unserialisable()"


@dataclass(frozen=True, slots=True)
class Returned:
    """The program has ended with this value."""

    value: object


@dataclass(slots=True)
class Run:
    """One execution of a program."""

    ctx: Context
    variables: dict[str, Any] = field(default_factory=dict)

    def value(self, step: Step, name: str) -> Json:
        """A value field of a step, evaluated; null when it is absent."""
        return evaluate(step.get(name), self.variables)

    def handle(self, name: str) -> Task[Any]:
        """The task under a name."""
        task = look_up(name, self.variables)
        if not isinstance(task, Task):
            raise ProgramError(f"{name!r} is not a handle")
        return task

    def handles(self, step: Step) -> list[Task[Any]]:
        """The tasks that a composite lists."""
        return [self.handle(name) for name in step["handles"]]


Operation = Callable[[Run, Step], Workflow["Returned | None"]]


def interpret(ctx: Context, program: Json) -> Workflow[Json]:
    """The workflow `interp`."""
    if not isinstance(program, dict) or not isinstance(program.get("steps"), list):
        raise ProgramError("the input is not a program")
    if program.get("program", VERSION) != VERSION:
        raise UnsupportedError(f"program {program['program']}")
    run = Run(ctx, dict(program.get("vars") or {}))
    returned = yield from block(run, program["steps"])
    return None if returned is None else returned.value


def block(run: Run, steps: Sequence[Step]) -> Workflow[Returned | None]:
    """Run steps until one of them returns."""
    for step in steps:
        operation = OPERATIONS.get(step["op"])
        if operation is None:
            raise UnsupportedError(step["op"])
        returned = yield from operation(run, step)
        if returned is not None:
            return returned
    return None


def awaited(schedule: Callable[[Run, Step], Task[Any]]) -> Operation:
    """The operation that schedules something and waits for it."""

    def operate(run: Run, step: Step) -> Workflow[Returned | None]:
        _store(run, step, _as_json((yield from schedule(run, step))))
        return None

    return operate


def started(schedule: Callable[[Run, Step], Task[Any]]) -> Operation:
    """The operation that schedules something and gives its handle."""

    def operate(run: Run, step: Step) -> Workflow[Returned | None]:
        yield from ()
        _store(run, step, schedule(run, step))
        return None

    return operate


def at_once(act: Callable[[Run, Step], Returned | None]) -> Operation:
    """The operation that waits for nothing."""

    def operate(run: Run, step: Step) -> Workflow[Returned | None]:
        yield from ()
        return act(run, step)

    return operate


def _store(run: Run, step: Step, result: object) -> None:
    if "as" in step:
        run.variables[step["as"]] = result


def _as_json(result: object) -> object:
    return list(result) if isinstance(result, tuple) else result


def _activity(run: Run, step: Step) -> Task[Json]:
    return run.ctx.activity(
        step["activity"], run.value(step, "input"), retry=_retry(step), app=step.get("app"), scope=_scope(step)
    )


def _child(run: Run, step: Step) -> Task[Json]:
    return run.ctx.child(
        step["name"],
        run.value(step, "input"),
        instance_id=step.get("id"),
        retry=_retry(step),
        app=step.get("app"),
        scope=_scope(step),
    )


def _retry(step: Step) -> RetryPolicy | None:
    policy = step.get("retry")
    if policy is None:
        return None
    return RetryPolicy(
        max_attempts=policy["max"],
        first=policy["firstMs"] * MILLISECOND,
        coefficient=policy.get("coef", 1),
        max_interval=_nanos(policy.get("maxMs")),
        timeout=_nanos(policy.get("timeoutMs")),
    )


def _scope(step: Step) -> v.HistoryPropagationScope | None:
    return SCOPES[step["propagate"]] if "propagate" in step else None


def _nanos(milliseconds: int | None) -> v.Nanos | None:
    return None if milliseconds is None else milliseconds * MILLISECOND


def _timer(run: Run, step: Step) -> Task[None]:
    return run.ctx.timer_at(from_rfc3339(step["at"])) if "at" in step else run.ctx.timer(step["ms"] * MILLISECOND)


def _wait(run: Run, step: Step) -> Task[Json]:
    return run.ctx.event(step["event"], _nanos(step.get("timeoutMs")))


def _handle(run: Run, step: Step) -> Task[Json]:
    return run.handle(step["handle"])


def _all(run: Run, step: Step) -> Task[Any]:
    return run.ctx.all(run.handles(step))


def _any(run: Run, step: Step) -> Task[Any]:
    return WinnerTask(run.ctx, run.handles(step))


class WinnerTask(Task[Json]):
    """The first of several tasks, as `{"index", "value"}`; fails as the winner fails."""

    __slots__ = ()

    def __init__(self, ctx: Context, tasks: Sequence[Task[Any]]) -> None:
        super().__init__()
        ctx.any(tasks).watch(lambda first: self._take(first.result(), tasks))

    def _take(self, index: int, tasks: Sequence[Task[Any]]) -> None:
        winner = tasks[index]
        if winner.failure is not None:
            self.fail(winner.failure)
        else:
            self.succeed({"index": index, "value": _as_json(winner.result())})


def _try(run: Run, step: Step) -> Workflow[Returned | None]:
    try:
        return (yield from block(run, step["steps"]))
    except (TaskFailedError, WaitTimedOutError, ThrownError) as error:
        _store(run, step, {"type": _caught_type(error), "message": str(error)})
    return (yield from block(run, step["catch"]))


def _caught_type(error: Exception) -> str:
    match error:
        case TaskFailedError():
            return error.details.error_type
        case WaitTimedOutError():
            return "Timeout"
    return type(error).__name__


def _patched(run: Run, step: Step) -> Workflow[Returned | None]:
    branch = "then" if run.ctx.patched(step["name"]) else "else"
    return (yield from block(run, step.get(branch, [])))


def _loop(run: Run, step: Step) -> Workflow[Returned | None]:
    for _ in range(step["times"]):
        returned = yield from block(run, step["steps"])
        if returned is not None:
            return returned
    return None


def _status(run: Run, step: Step) -> None:
    run.ctx.set_status(step["value"])


def _can(run: Run, step: Step) -> None:
    run.ctx.continue_as_new(run.value(step, "input"), keep_events=step.get("keepEvents"))


def _send(run: Run, step: Step) -> None:
    run.ctx.send_event(step["instance"], step["event"], run.value(step, "data"))


def _detach(run: Run, step: Step) -> None:
    run.ctx.detach(step["name"], run.value(step, "input"), instance_id=step.get("id"))


def _probe(run: Run, step: Step) -> None:
    seen: dict[str, Json] = {
        "now": rfc3339(run.ctx.now),
        "isReplaying": run.ctx.is_replaying,
        "instanceId": run.ctx.instance_id,
    }
    _store(run, step, seen | {"guid": run.ctx.new_guid()} if step.get("guid") else seen)


def _throw(_run: Run, step: Step) -> NoReturn:
    if step.get("panic"):
        raise Panic(step.get("message", ""))
    raise ThrownError(step.get("message", ""), error_type="ThrownError")


def _bad(_run: Run, _step: Step) -> Returned:
    return Returned(Unserialisable())


def _return(run: Run, step: Step) -> Returned:
    return Returned(run.value(step, "value"))


OPERATIONS: dict[str, Operation] = {
    "call": awaited(_activity),
    "start": started(_activity),
    "child": awaited(_child),
    "startChild": started(_child),
    "timer": awaited(_timer),
    "startTimer": started(_timer),
    "wait": awaited(_wait),
    "startWait": started(_wait),
    "await": awaited(_handle),
    "all": awaited(_all),
    "startAll": started(_all),
    "any": awaited(_any),
    "startAny": started(_any),
    "try": _try,
    "status": at_once(_status),
    "patched": _patched,
    "can": at_once(_can),
    "send": at_once(_send),
    "detach": at_once(_detach),
    "probe": at_once(_probe),
    "throw": at_once(_throw),
    "bad": at_once(_bad),
    "return": at_once(_return),
    "loop": _loop,
}
