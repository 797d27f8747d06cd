"""Counterexample files: what was found by chance, small enough to read, and to be played again on any target."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from dwconf.suite.cases.registry import CASES
from dwconf.suite.running.outcome import CaseOutcome, Counterexample
from dwconf.suite.schedules.operations import Schedule, written
from dwconf.suite.schedules.registry import PROPERTIES


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file's content: the rule that was broken, the case that found it, on what, and what to play."""

    dwconf: Literal["counterexample"]
    version: Literal[1]
    suite: str
    case: str
    rule: str
    target: str
    schedule: Schedule

    @property
    def played(self) -> str:
        """The schedule as JSON."""
        return written(self.schedule)


@dataclass(eq=False)
class CounterexampleError(Exception):
    """A file that is no counterexample."""

    path: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}\n  hint: give a counterexample-….json of a report directory"


def load_counterexample(path: Path) -> Document:
    """Read a file. Raises CounterexampleError."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=Document)
    except OSError as error:
        raise CounterexampleError(path, error.strerror or "cannot be read") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CounterexampleError(path, f"not a counterexample: {error}") from error
    if document.case not in CASES or document.case not in PROPERTIES:
        raise CounterexampleError(path, f"this dwconf has no case {document.case}")
    if document.rule not in PROPERTIES[document.case].rules:
        raise CounterexampleError(path, f"{document.case} does not speak of {document.rule}")
    return document


def files(outcomes: Iterable[CaseOutcome], *, suite: str) -> dict[str, bytes]:
    """A file for every counterexample, by name."""
    found = [(outcome.target, one) for outcome in outcomes for one in outcome.counterexamples]
    return {_name(one): _file(one, suite=suite, target=target) for target, one in found}


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
        "schedule": msgspec.json.decode(one.played),
    }
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"
