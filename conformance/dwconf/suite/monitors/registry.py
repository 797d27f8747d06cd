"""The monitor interface and registry.

A monitor is a small state machine for one rule. Its methods say which facts of a case they take (`@sees(...)`), take
each as it is made, and yield a finding when traffic breaks the rule; no fact is shown to a monitor that does not ask
for it. It counts what it judged (`self.seen()`): a monitor that judged nothing says nothing, and the rule stays
untested. State is one case's; a fresh monitor watches each case.

Memory stays bounded by the open instances: `over` tells a monitor that an instance ended some instances ago, and it
drops what it keeps of it, but for the tokens of its turns where an answer that comes after the end counts too. And
time stays bounded by what is new: a past that has been seen is not read again (`evidence.reading`, `Fold` of
`evidence.past`).
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import getmembers, isfunction
from typing import ClassVar, TypeVar

from dwconf.suite.checks.registry import Decision
from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.conversation import Accepted, Conversation, Fact, History, Turn
from dwconf.suite.trace.record import Record
from dwconf.wire.codec import WireError
from dwconf.wire.values import OrchestrationStatus

MOST_FINDINGS = 5
"""How many breaches a monitor shows of one case; after that it looks no further."""
ENDED_KEPT = 32
"""Instances that have ended are remembered until so many others have."""
CONTINUED = OrchestrationStatus.CONTINUED_AS_NEW
"""An instance that ends so goes on."""
Handler = Callable[..., Findings | None]
Key = type | tuple[str, bool]
"""A kind of fact: its class, or the name of a method and whether the call was answered."""
H = TypeVar("H", bound=Handler)
M = TypeVar("M", bound="type[Monitor]")
_SEES: dict[Handler, tuple[Key, ...]] = {}


def sees(*kinds: Key) -> Callable[[H], H]:
    """Show facts of these kinds to a method.

    They are `Item` (every item), `Turn` (a workflow item with its history), `History` (a turn, or an answered history
    call), `Answer` (to a turn, when it is given), `Accepted` (such an answer, when it was taken), `StreamOpen`,
    `StreamEnd`, and calls, `*made(…)` and `*answered(…)`.
    """

    def mark(handler: H) -> H:
        _SEES[handler] = kinds
        return handler

    return mark


def made(*methods: str) -> tuple[Key, ...]:
    """Calls of these methods, as they are made."""
    return tuple((method, False) for method in methods)


def answered(*methods: str) -> tuple[Key, ...]:
    """Calls of these methods, when they have ended, well or not."""
    return tuple((method, True) for method in methods)


class Monitor:
    """Watches one rule over the traffic of one case, by the methods that are marked with `sees`."""

    RULE: ClassVar[str] = ""
    CASES: ClassVar[tuple[str, ...]] = ()
    """Cases whose traffic is known to give this monitor something to judge."""

    SEES: ClassVar[Mapping[Key, tuple[str, ...]]] = {}
    """The names of the methods that take a kind of fact."""

    def __init_subclass__(cls) -> None:
        cls.SEES = _handlers(cls)

    def __init__(self) -> None:
        self.judged = 0

    def seen(self) -> None:
        """Say that one more piece of traffic was judged."""
        self.judged += 1

    def over(self, instance_id: str) -> None:
        """An instance has ended, and others after it: drop what is kept of it."""


MONITORS: dict[str, type[Monitor]] = {}
"""Monitor class by rule."""


def monitor(rule: str, *cases: str) -> Callable[[M], M]:
    """Register a class as the monitor of `rule`; `cases` are known to give it evidence."""

    def register(cls: M) -> M:
        if rule in MONITORS:
            raise TypeError(f"{rule} has two monitors")
        if not cls.SEES:
            raise TypeError(f"{cls.__name__} sees nothing")
        cls.RULE = rule
        cls.CASES = cases
        MONITORS[rule] = cls
        return cls

    return register


def _handlers(cls: type) -> Mapping[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    for name, handler in getmembers(cls, isfunction):
        for kind in _SEES.get(handler, ()):
            found[kind] = (*found.get(kind, ()), name)
    return found


@dataclass(slots=True)
class Seat:
    """A monitor at work: what it found, and our own error if it made one. Then it is shown no more."""

    monitor: Monitor
    findings: list[Finding] = field(default_factory=list)
    error: str = ""
    closed: bool = False

    def show(self, handler: Handler, fact: Fact) -> None:
        """Show it a fact. Never raises; bytes that are no message are no evidence."""
        try:
            for finding in handler(fact) or ():
                self.findings.append(finding)
                if len(self.findings) >= MOST_FINDINGS:
                    self.closed = True
                    return
        except WireError:
            return
        except Exception:  # noqa: BLE001  (our own error: told as that, and the case goes on)
            self.error, self.closed = traceback.format_exc(), True


class Watch:
    """All monitors of one side over the traffic of one case."""

    def __init__(self, rules: Iterable[str] | None = None) -> None:
        self._seats = [Seat(MONITORS[rule]()) for rule in (MONITORS if rules is None else rules)]
        self._routes: dict[Key, list[tuple[Seat, Handler]]] = {}
        self._conversation = Conversation()
        self._ended: dict[str, None] = {}
        for seat in self._seats:
            for kind, names in seat.monitor.SEES.items():
                self._route(seat, kind, [getattr(seat.monitor, name) for name in names])

    def _route(self, seat: Seat, kind: Key, handlers: Iterable[Handler]) -> None:
        for one in (kind, Turn) if kind is History else (kind,):
            self._routes.setdefault(one, []).extend((seat, handler) for handler in handlers)

    def __call__(self, record: Record) -> None:
        """Take one record. Never raises: what a peer sends, or a monitor gets wrong, must not end a case."""
        try:
            for fact in self._conversation.read(record):
                kind = (fact.name, fact.ended is not None) if isinstance(fact, Call) else type(fact)
                for seat, handler in self._routes.get(kind, ()):
                    if not seat.closed:
                        seat.show(handler, fact)
                self._follow(fact)
        except WireError:
            return

    def _follow(self, fact: Fact) -> None:
        """Tell the monitors which instances are over. An answer may not have counted: an item makes it open again."""
        if isinstance(fact, Item):
            self._ended.pop(fact.instance_id, None)
        elif isinstance(fact, Accepted) and fact.end is not None and fact.end.workflow_status != CONTINUED:
            self._end(fact.response.instance_id)

    def _end(self, instance_id: str) -> None:
        self._ended[instance_id] = None
        if len(self._ended) > ENDED_KEPT:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._conversation.forget(oldest)
            for seat in self._seats:
                seat.monitor.over(oldest)

    def decisions(self) -> Iterator[Decision]:
        """What each monitor has to say of this case."""
        for seat in self._seats:
            rule, findings = seat.monitor.RULE, tuple(seat.findings)
            untested = "" if seat.monitor.judged or findings else "no traffic in this case that the rule is about"
            yield Decision(rule, type(seat.monitor).__name__, findings, untested, seat.error, by_monitor=True)
