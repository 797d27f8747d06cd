"""Random programs and schedules, as Hypothesis strategies.

A program keeps to what has one meaning in every SDK: `all` and `any` list tasks that succeed and that nobody has
awaited yet, what fails is awaited by itself, and no value depends on an SDK's own words. Every name is defined from the
start, and everything that a program learns stands in its result. A schedule is a list of numbers; whoever delivers
outcomes takes one for each choice, and nought (the simplest) when none is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hypothesis import strategies as st

from dwconf.suite.programs.builder import (
    Json,
    Program,
    Retry,
    Step,
    all_,
    any_,
    await_,
    call,
    can,
    child,
    loop,
    program,
    return_,
    start,
    start_child,
    start_timer,
    start_wait,
    status,
    throw,
    timer,
    try_,
    var,
    wait,
)

FAILING = "fail"
"""The activity whose outcome may be a failure; all others succeed."""
EVENTS = ("E", "F")
EMPTY: Json = {"steps": []}
MOST_STEPS = 5
MOST_DEPTH = 2


@dataclass(frozen=True, slots=True)
class Example:
    """A program, and the choices of its schedule."""

    program: Program
    choices: tuple[int, ...]


@dataclass(slots=True)
class Names:
    """Fresh names for values and handles."""

    values: list[str] = field(default_factory=list)
    handles: int = 0

    def value(self) -> str:
        self.values.append(f"v{len(self.values)}")
        return self.values[-1]

    def handle(self) -> str:
        self.handles += 1
        return f"h{self.handles}"


@st.composite
def examples(draw: st.DrawFn, can_do: frozenset[str], features: frozenset[str]) -> Example:
    """A program of the operations and features that an app declares, and a schedule for it."""
    names = Names()
    kinds = [kind for kind in STATEMENTS for _ in range(OFTEN.get(kind, 1)) if set(NEEDS[kind]) <= can_do | features]
    steps = draw_block(draw, kinds, names, depth=0) if set(kinds) - set(NESTING) else []
    shown = [var(name) for name in names.values]
    ends = [end(shown) for name, end in ENDS.items() if name in can_do]
    steps += [draw(st.sampled_from(ends))] if ends else []
    choices = draw(st.lists(st.integers(0, 11), max_size=24))
    return Example(program(*steps, variables=dict.fromkeys(names.values)), tuple(choices))


def draw_block(draw: st.DrawFn, kinds: list[str], names: Names, *, depth: int) -> list[Step]:
    """Some statements."""
    allowed = [kind for kind in kinds if depth < MOST_DEPTH or kind not in NESTING]
    chosen = draw(st.lists(st.sampled_from(allowed), min_size=1 if depth else 2, max_size=MOST_STEPS - depth))
    return [step for kind in chosen for step in STATEMENTS[kind](draw, kinds, names, depth)]


def demanded(program: Program) -> frozenset[str]:
    """The operations and features that an app has to declare to run a program of this kind."""
    found: set[str] = set()
    blocks = [program["steps"]]
    while blocks:
        for step in blocks.pop():
            found.add(step["op"])
            found |= {feature for key, feature in FEATURES.items() if key in step}
            blocks += [step[name] for name in ("steps", "catch") if name in step]
    return frozenset(found)


def _call(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del kinds, depth
    yield call("echo", draw(st.integers(1, 4)), as_=names.value())


def _failing(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del depth
    yield mostly_caught(draw, kinds, call(FAILING, draw(st.integers(1, 4)), as_=names.value()))


def mostly_caught(draw: st.DrawFn, kinds: list[str], step: Step) -> Step:
    """A step that may fail, with something to catch that three times in four: what ends early shows little."""
    return try_(step) if draw(st.integers(0, 3)) and "try" in kinds else step


def _retried(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del depth
    policy = Retry(max=draw(st.integers(2, 3)), firstMs=1000, coef=draw(st.sampled_from((1, 2))))
    yield mostly_caught(draw, kinds, call(FAILING, draw(st.integers(1, 4)), retry=policy, as_=names.value()))


def _child(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del draw, kinds, depth
    yield child("interp_child", EMPTY, as_=names.value())


def _timer(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del kinds, names, depth
    yield timer(1000 * draw(st.integers(1, 5)))


def _wait(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del kinds, depth
    yield wait(draw(st.sampled_from(EVENTS)), as_=names.value())


def _two_waits(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    """Two waits for one event, begun together where that can be."""
    del depth
    event, started = draw(st.sampled_from(EVENTS)), "startWait" in kinds and draw(st.booleans())
    if not started:
        yield call("echo", "before")
        yield from (wait(event, as_=names.value()) for _ in range(2))
        return
    handles = [names.handle() for _ in range(2)]
    yield from (start_wait(event, as_=handle) for handle in handles)
    yield from (await_(handle, as_=names.value()) for handle in handles)


def _limited_wait(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del kinds, depth
    limited = wait(draw(st.sampled_from(EVENTS)), timeout_ms=1000 * draw(st.integers(1, 5)), as_=names.value())
    yield try_(limited, catch=(call("echo", "late", as_=names.value()),))
    if draw(st.booleans()):
        yield wait(limited["event"], as_=names.value())


def _together(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    """Start several tasks, then await them all, the first of them, or each in another order."""
    del depth
    handles = [names.handle() for _ in range(draw(st.integers(2, 3)))]
    for handle in handles:
        kind = draw(st.sampled_from([kind for kind in STARTS if kind in kinds or kind == "call"]))
        yield STARTS[kind](handle)
    way = draw(st.sampled_from([way for way in ("each", "all", "any") if way in kinds]))
    if way == "each":
        for handle in draw(st.permutations(handles)):
            yield await_(handle, as_=names.value())
    else:
        yield (all_ if way == "all" else any_)(*handles, as_=names.value())


STARTS = {
    "call": lambda handle: start("echo", handle, as_=handle),
    "child": lambda handle: start_child("interp_child", EMPTY, as_=handle),
    "timer": lambda handle: start_timer(2000, as_=handle),
}


def _status(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del kinds, names, depth
    yield status(draw(st.sampled_from(("one", "two"))))


def _throw(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    del names, depth
    yield mostly_caught(draw, kinds, throw("on purpose"))


def _try(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    tried = draw_block(draw, kinds, names, depth=depth + 1)
    caught = draw_block(draw, kinds, names, depth=depth + 1)
    yield try_(*tried, catch=tuple(caught))


def _loop(draw: st.DrawFn, kinds: list[str], names: Names, depth: int) -> Iterator[Step]:
    yield loop(2, *draw_block(draw, kinds, names, depth=depth + 1))


STATEMENTS = {
    "call": _call,
    "failing": _failing,
    "retried": _retried,
    "child": _child,
    "timer": _timer,
    "wait": _wait,
    "limited": _limited_wait,
    "waits": _two_waits,
    "startWait": _two_waits,
    "each": _together,
    "all": _together,
    "any": _together,
    "status": _status,
    "throw": _throw,
    "try": _try,
    "loop": _loop,
}
NESTING = ("try", "loop")
FEATURES = {"retry": "retry", "timeoutMs": "event-timeout"}
"""What an app has to declare for a step with such a field."""
ENDS: dict[str, Callable[[Json], Step]] = {"return": return_, "can": can}
OFTEN = {"retried": 2, "limited": 2, "waits": 2, "all": 2, "any": 2}
"""Kinds of statements that have more ways to go wrong than others."""
NEEDS: dict[str, tuple[str, ...]] = {
    "call": ("call",),
    "failing": ("call",),
    "retried": ("call", "retry"),
    "child": ("child", "startChild"),
    "timer": ("timer", "startTimer"),
    "wait": ("wait",),
    "limited": ("wait", "event-timeout", "try", "call"),
    "waits": ("wait", "call"),
    "startWait": ("startWait", "await", "wait", "call"),
    "each": ("start", "await"),
    "all": ("start", "all"),
    "any": ("start", "any"),
    "status": ("status",),
    "throw": ("throw",),
    "try": ("try",),
    "loop": ("loop",),
}
"""What an app has to declare for each kind of statement."""
