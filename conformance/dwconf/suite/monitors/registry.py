"""The monitor interface and registry.

A monitor is a small state machine for one rule. It sees every record of a case as it is made, decoded as a fact, and
yields a finding when traffic breaks its rule. It counts what it judged (`self.seen()`): a monitor that judged
nothing says nothing, and the rule stays untested. State is one case's; a fresh monitor watches each case.

Memory stays bounded by the open instances: `over` tells a monitor that an instance ended some instances ago, and it
drops what it keeps of it, but for the tokens of its turns where an answer that comes after the end counts too. And
time stays bounded by what is new: a past that has been seen is not read again (`evidence.reading`, `Fold` of
`evidence.past`).
"""

from __future__ import annotations

import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import ClassVar, TypeVar

from dwconf.suite.checks.registry import Decision
from dwconf.suite.evidence import Call, Finding, Findings, Item, StreamEnd, StreamOpen
from dwconf.suite.evidence.evidence import answered, read_open
from dwconf.suite.evidence.reading import Reader
from dwconf.suite.trace.record import Actor, Kind, Record
from dwconf.wire.codec import WireError
from dwconf.wire.values import CompleteWorkflow, WorkflowResponse

Fact = Call | Item | StreamOpen | StreamEnd
MOST_FINDINGS = 5
"""How many breaches a monitor shows of one case; after that it looks no further."""
ENDED_KEPT = 32
"""Instances that have ended are remembered until so many others have."""
M = TypeVar("M", bound="type[Monitor]")


class Monitor(ABC):
    """Watches one rule over the traffic of one case."""

    RULE: ClassVar[str] = ""
    CASES: ClassVar[tuple[str, ...]] = ()
    """Cases whose traffic is known to give this monitor something to judge."""
    JUDGES_FORM: ClassVar[bool] = False
    """Whether bytes that are no message break this rule; for the others they are no evidence."""

    def __init__(self) -> None:
        self.judged = 0

    def seen(self) -> None:
        """Say that one more piece of traffic was judged."""
        self.judged += 1

    @abstractmethod
    def watch(self, fact: Fact) -> Findings:
        """Take one fact. A call comes twice: when it is made (`ended` is None), and when it is answered."""

    def over(self, instance_id: str) -> None:  # noqa: B027  (most monitors keep nothing)
        """An instance has ended, and others after it: drop what is kept of it."""


MONITORS: dict[str, type[Monitor]] = {}
"""Monitor class by rule."""


def monitor(rule: str, *cases: str) -> Callable[[M], M]:
    """Register a class as the monitor of `rule`; `cases` are known to give it evidence."""

    def register(cls: M) -> M:
        if rule in MONITORS:
            raise TypeError(f"{rule} has two monitors")
        cls.RULE = rule
        cls.CASES = cases
        MONITORS[rule] = cls
        return cls

    return register


class Watch:
    """All monitors of one side over the traffic of one case."""

    def __init__(self, rules: Iterable[str] | None = None) -> None:
        wanted = list(MONITORS if rules is None else rules)
        self._monitors = [MONITORS[rule]() for rule in wanted]
        self._findings: dict[str, list[Finding]] = {rule: [] for rule in wanted}
        self._errors: dict[str, str] = {}
        self._calls: dict[int, Call] = {}
        self._reader = Reader()
        self._ended: dict[str, None] = {}

    def __call__(self, record: Record) -> None:
        """Take one record. Never raises: what a peer sends, or a monitor gets wrong, must not end a case."""
        try:
            fact = self._fact(record)
        except WireError:
            return
        if fact is None:
            return
        for one in self._monitors:
            if one.RULE not in self._errors and len(self._findings[one.RULE]) < MOST_FINDINGS:
                self._show(one, fact)
        with suppress(WireError):
            self._follow(fact)

    def _follow(self, fact: Fact) -> None:
        """Tell the monitors which instances are over. An answer may not have counted: a turn makes it open again."""
        match fact:
            case Item():
                self._ended.pop(fact.instance_id, None)
            case Call(name="CompleteWorkflowTask" | "CompleteOrchestratorTask", code="OK"):
                answer = fact.request(WorkflowResponse)
                if any(isinstance(action.body, CompleteWorkflow) for action in answer.actions):
                    self._ended[answer.instance_id] = None
            case _:
                return
        while len(self._ended) > ENDED_KEPT:
            oldest = next(iter(self._ended))
            del self._ended[oldest]
            self._reader.forget(oldest)
            for one in self._monitors:
                one.over(oldest)

    def _show(self, one: Monitor, fact: Fact) -> None:
        found = self._findings[one.RULE]
        try:
            found.extend(islice(one.watch(fact), MOST_FINDINGS - len(found)))
        except WireError as error:
            if one.JUDGES_FORM:
                found.append(Finding(expected="a well-formed message", seen=str(error), at=fact.at))
        except Exception:  # noqa: BLE001  (our own error: told as that, and the case goes on)
            self._errors[one.RULE] = traceback.format_exc()

    def _fact(self, record: Record) -> Fact | None:
        match record.kind:
            case Kind.REQUEST:
                call = Call(record.number, record.method, record.payload, record.clock)
                self._calls[record.number] = call
                return call
            case Kind.RESPONSE | Kind.STATUS:
                pending = self._calls.pop(record.call, None)
                return None if pending is None else answered(pending, record)
            case Kind.OPEN if record.actor is Actor.SUITE:
                return read_open(record)
            case Kind.ITEM:
                return self._reader.read(record)
            case Kind.END:
                return StreamEnd(record.number, record.call, record.code, record.text)
            case _:
                return None

    def decisions(self) -> Iterator[Decision]:
        """What each monitor has to say of this case."""
        for one in self._monitors:
            findings = tuple(self._findings[one.RULE])
            untested = "" if one.judged or findings else "no traffic in this case that the rule is about"
            error = self._errors.get(one.RULE, "")
            yield Decision(one.RULE, type(one).__name__, findings, untested, error, by_monitor=True)
