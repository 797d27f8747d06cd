"""Observations: small functions that read one INFO or MAY rule's value from a case's evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dwconf.suite.evidence import Evidence, Missed, NoEvidence
from dwconf.suite.trace.words import shorten

Reading = Callable[[Evidence], str]


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation: its rule, the cases it reads, and the function that puts what it sees in words."""

    rule: str
    cases: tuple[str, ...]
    read: Reading


OBSERVATIONS: dict[str, Observation] = {}
"""All observations, by rule."""


def observation(rule: str, *cases: str) -> Callable[[Reading], Reading]:
    """Register a function that says what the target does about a rule that judges nothing."""

    def register(read: Reading) -> Reading:
        if rule in OBSERVATIONS:
            raise TypeError(f"{rule} has two observations")
        OBSERVATIONS[rule] = Observation(rule, cases, read)
        return read

    return register


def observe(one: Observation, evidence: Evidence) -> str | None:
    """What was seen, in words; None when the case gave no evidence."""
    try:
        return shorten(one.read(evidence), 200)
    except (NoEvidence, Missed):
        return None
