"""Counterexample files: what was found by chance, small enough to read, and to be played again on any target.

What is played depends on the case that found it: a schedule of operations on an engine, a program under a schedule on a
worker, or a history, which is named by the case that makes it. A digest tells a file that somebody changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from dwconf.suite.cases.registry import CASES
from dwconf.suite.cases.worker.histories import feeds
from dwconf.suite.checks.registry import CHECKS
from dwconf.suite.oracle.meaning import Meaning
from dwconf.suite.programs.random import Example
from dwconf.suite.running.outcome import CaseOutcome, Counterexample
from dwconf.suite.scene.histories import Origin
from dwconf.suite.schedules.operations import Schedule
from dwconf.suite.schedules.registry import PROPERTIES

PROGRAMS = "worker/programs/random"
HISTORIES = "worker/histories/"


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file's content: the rule that was broken, the case that found it, on what, and what to play."""

    dwconf: Literal["counterexample"]
    version: Literal[1]
    suite: str
    case: str
    rule: str
    target: str
    digest: str
    schedule: Schedule | None = None
    program: Example | None = None
    history: Origin | None = None

    @property
    def side(self) -> str:
        """The side that it is played on: "engine" or "worker"."""
        return self.case.split("/")[0]

    @property
    def played(self) -> str:
        """What is played, as JSON."""
        return msgspec.json.encode(getattr(self, kind_of(self.case))).decode()


@dataclass(eq=False)
class CounterexampleError(Exception):
    """A file that is no counterexample."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}\n  hint: give a counterexample-….json of a report directory"


def kind_of(case: str) -> str:
    """The field that holds what a case plays; empty for a case that plays nothing again."""
    if case in PROPERTIES:
        return "schedule"
    if case == PROGRAMS:
        return "program"
    return "history" if case.startswith(HISTORIES) and case in CASES else ""


def load_counterexample(path: Path) -> Document:
    """Read a file. Raises CounterexampleError."""
    try:
        content = path.read_bytes()
        document = msgspec.json.decode(content, type=Document)
        plain = msgspec.json.decode(content)
    except OSError as error:
        raise CounterexampleError(path, error.strerror or "cannot be read") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CounterexampleError(path, f"not a counterexample: {error}") from error
    problem = _problem(document) or ("" if document.digest == digest(plain) else "it was changed after it was written")
    if problem:
        raise CounterexampleError(path, problem)
    return document


def _problem(document: Document) -> str:
    """What is wrong with a document that is one by its form; empty if nothing is."""
    kind = kind_of(document.case)
    if not kind:
        return f"this dwconf has no case {document.case} that plays counterexamples"
    if document.rule not in _rules(document.case):
        return f"{document.case} does not speak of {document.rule}"
    given = [name for name in ("schedule", "program", "history") if getattr(document, name) is not None]
    if given != [kind]:
        return f"{document.case} plays a {kind}, but the file holds {' and '.join(given) or 'nothing to play'}"
    if document.program is not None:
        return _no_program(document.program)
    if document.history is not None and not (document.history.case in CASES and feeds(CASES[document.history.case])):
        return f"this dwconf has no case {document.history.case} that makes histories"
    return ""


def _rules(case: str) -> frozenset[str]:
    if case in PROPERTIES:
        return frozenset(PROPERTIES[case].rules)
    return frozenset(one.rule for one in CHECKS.values() if case in one.cases)


def _no_program(example: Example) -> str:
    """Why a program is none that an oracle could speak of; empty if it is one."""
    try:
        Meaning(example.program, 0)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        return f"its program is none that random programs are made of: {error!r}"
    return ""


def digest(content: Mapping[str, Any]) -> str:
    """What tells one content from another, whatever its spaces: of everything but the digest itself."""
    told = {name: value for name, value in content.items() if name != "digest"}
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()


def files(outcomes: Iterable[CaseOutcome], *, suite: str, target: str) -> dict[str, bytes]:
    """A file for every counterexample, by name. `target` is what it was found on, as its report is headed."""
    found = [one for outcome in outcomes for one in outcome.counterexamples]
    return {_name(one): _file(one, suite=suite, target=target) for one in found}


def _name(one: Counterexample) -> str:
    return f"counterexample-{one.rule.replace('/', '-')}.json"


def _file(one: Counterexample, *, suite: str, target: str) -> bytes:
    document = {
        "dwconf": "counterexample",
        "version": 1,
        "suite": suite,
        "case": one.case,
        "rule": one.rule,
        "target": target,
        kind_of(one.case): msgspec.json.decode(one.played),
    }
    return msgspec.json.format(msgspec.json.encode({**document, "digest": digest(document)})) + b"\n"
