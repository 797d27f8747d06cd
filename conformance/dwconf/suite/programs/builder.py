"""Typed builders of programs: each gives the plain JSON of one step, with nothing in it that was not asked for.

    program(call("echo", 1, as_="x"), wait("go", timeout_ms=500), return_(var("x")))

An argument that is left out is left out of the step; None is JSON's null. Operations whose names Python keeps for
itself end in an underscore.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, Literal, NotRequired, TypeAlias, TypedDict

Json: TypeAlias = Any
Step: TypeAlias = dict[str, Json]
Program: TypeAlias = dict[str, Json]
Propagate: TypeAlias = Literal["own", "lineage"]


class _Left(Enum):
    OUT = "left out"


LEFT_OUT: Final = _Left.OUT
"""Stands for an input that is absent, which is not the same as null."""


class Retry(TypedDict):
    """A retry policy: `max` attempts in all, delays in milliseconds."""

    max: int
    firstMs: int
    coef: NotRequired[float]
    maxMs: NotRequired[int]
    timeoutMs: NotRequired[int]


def program(*steps: Step, variables: Mapping[str, Json] | None = None) -> Program:
    """A whole program, with the values that it starts with."""
    made: Program = {"program": 1, "steps": list(steps)}
    return made if variables is None else made | {"vars": dict(variables)}


def var(name: str) -> Json:
    """The value of a name."""
    return {"var": name}


def call(
    activity: str,
    input_: Json | Literal[_Left.OUT] = LEFT_OUT,
    *,
    as_: str | None = None,
    retry: Retry | None = None,
    app: str | None = None,
    propagate: Propagate | None = None,
) -> Step:
    """Schedule an activity and wait for it."""
    return _step("call", activity=activity, input=input_, retry=retry, app=app, propagate=propagate, as_=as_)


def start(
    activity: str,
    input_: Json | Literal[_Left.OUT] = LEFT_OUT,
    *,
    as_: str,
    retry: Retry | None = None,
    app: str | None = None,
    propagate: Propagate | None = None,
) -> Step:
    """Schedule an activity; `as_` is its handle."""
    return _step("start", activity=activity, input=input_, retry=retry, app=app, propagate=propagate, as_=as_)


def child(
    name: str,
    input_: Json | Literal[_Left.OUT] = LEFT_OUT,
    *,
    id_: str | None = None,
    as_: str | None = None,
    retry: Retry | None = None,
    app: str | None = None,
    propagate: Propagate | None = None,
) -> Step:
    """Start a child workflow and wait for it."""
    return _step("child", name=name, id=id_, input=input_, retry=retry, app=app, propagate=propagate, as_=as_)


def start_child(
    name: str,
    input_: Json | Literal[_Left.OUT] = LEFT_OUT,
    *,
    as_: str,
    id_: str | None = None,
    retry: Retry | None = None,
    app: str | None = None,
    propagate: Propagate | None = None,
) -> Step:
    """Start a child workflow; `as_` is its handle."""
    return _step("startChild", name=name, id=id_, input=input_, retry=retry, app=app, propagate=propagate, as_=as_)


def timer(ms: int | None = None, *, at: str | None = None) -> Step:
    """Wait for a timer: a delay, or an RFC 3339 time."""
    return _step("timer", ms=ms, at=at)


def start_timer(ms: int | None = None, *, as_: str, at: str | None = None) -> Step:
    """Start a timer; `as_` is its handle."""
    return _step("startTimer", ms=ms, at=at, as_=as_)


def wait(event: str, *, timeout_ms: int | None = None, as_: str | None = None) -> Step:
    """Wait for an event; without timeout by the SDK's own default, -1 for ever."""
    return _step("wait", event=event, timeoutMs=timeout_ms, as_=as_)


def start_wait(event: str, *, as_: str, timeout_ms: int | None = None) -> Step:
    """Begin to wait for an event; `as_` is the handle."""
    return _step("startWait", event=event, timeoutMs=timeout_ms, as_=as_)


def await_(handle: str, *, as_: str | None = None) -> Step:
    """Wait for a handle."""
    return _step("await", handle=handle, as_=as_)


def all_(*handles: str, as_: str | None = None) -> Step:
    """Wait for all of several handles."""
    return _step("all", handles=list(handles), as_=as_)


def start_all(*handles: str, as_: str) -> Step:
    """Make one handle of several, done when all are."""
    return _step("startAll", handles=list(handles), as_=as_)


def any_(*handles: str, as_: str | None = None) -> Step:
    """Wait for the first of several handles; gives `{"index", "value"}`."""
    return _step("any", handles=list(handles), as_=as_)


def start_any(*handles: str, as_: str) -> Step:
    """Make one handle of several, done when the first is."""
    return _step("startAny", handles=list(handles), as_=as_)


def try_(*steps: Step, catch: tuple[Step, ...] = (), as_: str | None = None) -> Step:
    """Run steps; on an error store `{"type", "message"}` and run others."""
    return {**_step("try", as_=as_), "steps": list(steps), "catch": list(catch)}


def status(value: str) -> Step:
    """Set the custom status."""
    return _step("status", value=value)


def patched(name: str, *, then: tuple[Step, ...] = (), otherwise: tuple[Step, ...] = ()) -> Step:
    """Branch on a patch."""
    return {**_step("patched", name=name), "then": list(then), "else": list(otherwise)}


def can(input_: Json, *, keep_events: bool | None = None) -> Step:
    """Continue as new."""
    return _step("can", input=input_, keepEvents=keep_events)


def send(instance: str, event: str, data: Json | Literal[_Left.OUT] = LEFT_OUT) -> Step:
    """Send an event to another instance."""
    return _step("send", instance=instance, event=event, data=data)


def detach(name: str, input_: Json | Literal[_Left.OUT] = LEFT_OUT, *, id_: str | None = None) -> Step:
    """Start a workflow that is nobody's child."""
    return _step("detach", name=name, id=id_, input=input_)


def probe(*, as_: str, guid: bool = False) -> Step:
    """Read the clock, the replay flag, the instance id, and a new unique id if asked for."""
    return _step("probe", guid=guid or None, as_=as_)


def throw(message: str | None = None, *, panic: bool = False) -> Step:
    """Throw an error, or crash."""
    return _step("throw", message=message, panic=panic or None)


def bad() -> Step:
    """End with a value that JSON cannot hold."""
    return _step("bad")


def return_(value: Json | Literal[_Left.OUT] = LEFT_OUT) -> Step:
    """End with a value."""
    return _step("return", value=value)


def loop(times: int, *steps: Step) -> Step:
    """Run steps several times."""
    return {**_step("loop", times=times), "steps": list(steps)}


NULLABLE = ("input", "data", "value")
"""Fields in which null is a value of its own; in all others None means that the field is left out."""


def _step(op: str, *, as_: str | None = None, **fields: Json) -> Step:
    kept = {
        key: given for key, given in fields.items() if given is not LEFT_OUT and (given is not None or key in NULLABLE)
    }
    made: Step = {"op": op, **kept}
    return made if as_ is None else made | {"as": as_}
