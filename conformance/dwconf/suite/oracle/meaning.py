"""What a program asks for and how it ends, given the outcomes of what it asked for, in their order.

The program is read as a list of *demands*: each is something that an engine would hear of (an activity, a timer, a
child), in the order in which the program comes to it. The oracle knows no ids and no replay. It goes forward once:
it is told that a demand was met (`Meaning.met`) or that an event was raised (`Meaning.raised`), and says what is
demanded next.
Whoever judges a worker binds the worker's actions to demands, in order (`judge`).

It speaks of such programs only as `dwconf.suite.programs.random` makes: those have one meaning in every SDK.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Json = Any
Step = Mapping[str, Json]
Kind = Literal["activity", "timer", "child"]
MILLISECOND = 1_000_000


class Failed(Exception):
    """What a `try` catches."""


@dataclass(eq=False, slots=True)
class Promise:
    """Something that a program waits for."""

    done: bool = False
    failed: bool = False
    value: Json = None
    then: list[Callable[[Promise], None]] = field(default_factory=list)

    def settle(self, value: Json = None, *, failed: bool = False) -> None:
        """Be met, once."""
        if self.done:
            return
        self.done, self.failed, self.value = True, failed, value
        for act in self.then:
            act(self)

    def after(self, act: Callable[[Promise], None]) -> None:
        """Do this when it is met, or now."""
        if self.done:
            act(self)
        else:
            self.then.append(act)


@dataclass(eq=False, slots=True)
class Demand:
    """What a program asks an engine for. `at` is a timer's time; `optional` one that a worker need not set."""

    kind: Kind
    name: str
    input: Json
    at: int
    optional: bool
    promise: Promise


@dataclass(frozen=True, slots=True)
class End:
    """How a program ends: "COMPLETED", "FAILED" or "CONTINUED_AS_NEW", and with what."""

    status: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class _Ended:
    end: End


Run = Generator[Promise, None, "_Ended | None"]


class Meaning:
    """One program, going forward."""

    def __init__(self, program: Mapping[str, Json], now: int) -> None:
        self.demands: list[Demand] = []
        self.end: End | None = None
        self.status: str | None = None
        self.now = now
        self._names: dict[str, Json] = dict(program.get("vars") or {})
        self._raised: dict[str, deque[Json]] = {}
        self._waiting: dict[str, deque[Promise]] = {}
        self._run = self._steps(program["steps"])
        self._awaits: Promise | None = None
        self.go()

    def go(self) -> None:
        """Run as far as what has happened allows."""
        while self.end is None and (self._awaits is None or self._awaits.done):
            try:
                self._awaits = next(self._run)
            except StopIteration as stop:
                self.end = stop.value.end if isinstance(stop.value, _Ended) else End("COMPLETED")
            except Failed:
                self.end = End("FAILED")

    def met(self, demand: Demand, value: Json = None, *, failed: bool = False) -> None:
        """A demand was met, or failed; a second time changes nothing."""
        demand.promise.settle(value, failed=failed)
        self.go()

    def raised(self, name: str, value: Json) -> None:
        """An event was raised: the longest wait for it ends, or it is kept."""
        waiting = self._waiting.get(name.lower())
        if waiting:
            waiting.popleft().settle(value)
        else:
            self._raised.setdefault(name.lower(), deque()).append(value)
        self.go()

    # --- what steps do

    def _steps(self, steps: Sequence[Step]) -> Run:
        for step in steps:
            ended = yield from self._step(step)
            if ended is not None:
                return ended
        return None

    def _step(self, step: Step) -> Run:
        match step["op"]:
            case "return":
                return _Ended(End("COMPLETED", self._value(step.get("value"))))
            case "can":
                return _Ended(End("CONTINUED_AS_NEW", self._value(step.get("input"))))
            case "throw":
                raise Failed
            case "status":
                self.status = step["value"]
            case "try":
                return (yield from self._try(step))
            case "loop":
                return (yield from self._steps(list(step["steps"]) * step["times"]))
            case "start" | "startChild" | "startTimer" | "startWait":
                self._names[step["as"]] = self._begin(step)
            case _:
                self._keep(step, (yield from self._await(self._begin(step))))
        return None

    def _try(self, step: Step) -> Run:
        try:
            return (yield from self._steps(step["steps"]))
        except Failed:
            return (yield from self._steps(step["catch"]))

    def _await(self, promise: Promise) -> Generator[Promise, None, Json]:
        yield promise
        if promise.failed:
            raise Failed
        return promise.value

    def _keep(self, step: Step, value: Json) -> None:
        if "as" in step:
            self._names[step["as"]] = value

    def _value(self, given: Json) -> Json:
        match given:
            case {"var": str(name)} if len(given) == 1:
                return self._names[name]
            case {"steps": _}:
                return given
            case list():
                return [self._value(one) for one in given]
            case _:
                return given

    def _begin(self, step: Step) -> Promise:
        match step["op"]:
            case "call" | "start":
                return self._activity(step)
            case "child" | "startChild":
                return self._demand("child", step["name"], self._value(step.get("input")))
            case "timer" | "startTimer":
                return self._timer(step["ms"])
            case "wait" | "startWait":
                return self._wait(step["event"], step.get("timeoutMs"))
            case "await":
                return self._handle(step["handle"])
            case "all":
                return _all([self._handle(name) for name in step["handles"]])
            case "any":
                return _any([self._handle(name) for name in step["handles"]])
        raise ValueError(f"the oracle does not speak of {step['op']}")

    def _handle(self, name: str) -> Promise:
        promise = self._names[name]
        if not isinstance(promise, Promise):
            raise TypeError(f"{name} is no handle")
        return promise

    def _demand(
        self, kind: Kind, name: str = "", given: Json = None, *, at: int = 0, optional: bool = False
    ) -> Promise:
        promise = Promise()
        self.demands.append(Demand(kind, name, given, at, optional, promise))
        return promise

    def _timer(self, milliseconds: float) -> Promise:
        return self._demand("timer", at=self.now + round(milliseconds * MILLISECOND))

    def _activity(self, step: Step) -> Promise:
        given, retry = self._value(step.get("input")), step.get("retry")
        if retry is None:
            return self._demand("activity", step["activity"], given)
        whole = Promise()
        self._attempt(whole, step["activity"], given, retry, number=1)
        return whole

    def _attempt(self, whole: Promise, name: str, given: Json, retry: Mapping[str, Json], *, number: int) -> None:
        def ended(promise: Promise) -> None:
            if not promise.failed or number >= retry["max"]:
                whole.settle(promise.value, failed=promise.failed)
                return
            delay = self._timer(retry["firstMs"] * retry.get("coef", 1) ** (number - 1))
            delay.after(lambda _: self._attempt(whole, name, given, retry, number=number + 1))

        self._demand("activity", name, given).after(ended)

    def _wait(self, name: str, timeout: int | None) -> Promise:
        promise, kept = Promise(), self._raised.get(name.lower())
        if kept:
            promise.settle(kept.popleft())
            return promise
        waiting = self._waiting.setdefault(name.lower(), deque())
        waiting.append(promise)
        if timeout is None:
            self._demand("timer", optional=True)
        else:
            self._timer(timeout).after(lambda _: self._give_up(waiting, promise))
        return promise

    @staticmethod
    def _give_up(waiting: deque[Promise], promise: Promise) -> None:
        if not promise.done:
            waiting.remove(promise)
            promise.settle(failed=True)


def _all(promises: list[Promise]) -> Promise:
    whole = Promise()

    def one_more(_: Promise) -> None:
        if all(promise.done for promise in promises):
            whole.settle([promise.value for promise in promises])

    for promise in promises:
        promise.after(one_more)
    return whole


def _any(promises: list[Promise]) -> Promise:
    whole = Promise()
    for place, promise in enumerate(promises):
        promise.after(lambda first, place=place: whole.settle({"index": place, "value": first.value}))  # type: ignore[misc]
    return whole
