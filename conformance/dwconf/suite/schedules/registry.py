"""The property registry: cases that look for counterexamples by chance, and who reads what they found.

A property says nothing of a rule that it did not see broken: chance passes nothing. So the rules that it may find
broken have checks of their own besides, and the selftest asks those; that properties find mutants is shown by
`tests/quality`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dwconf.suite.evidence import Finding
from dwconf.suite.trace.record import Record


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A rule that was broken, the findings of the last time, and what has to be played to see it again, as JSON.

    No findings: it was played again, and the rule was kept.
    """

    rule: str
    findings: tuple[Finding, ...]
    played: str


@dataclass(frozen=True, slots=True)
class Property:
    """A case that looks by chance, the rules that it may find broken, and how its records are read."""

    case: str
    rules: tuple[str, ...]
    read: Callable[[tuple[Record, ...]], tuple[Counterexample, ...]]


PROPERTIES: dict[str, Property] = {}
"""All properties, by case."""


def register(one: Property) -> None:
    """Enter a property."""
    if one.case in PROPERTIES:
        raise TypeError(f"two properties are {one.case}")
    PROPERTIES[one.case] = one


def properties_of(rule: str) -> tuple[str, ...]:
    """The cases that look for breaches of a rule by chance."""
    return tuple(case for case, one in PROPERTIES.items() if rule in one.rules)
