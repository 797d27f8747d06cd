"""How a check speaks: it yields findings, or says that there is no evidence.

A check that yields nothing has seen what it needed and found it right. A check that cannot tell must not return
quietly: looking up a step that the case never reached raises NoEvidence, and the rule stays untested.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule: what the rule expects, what was seen, and the numbers of the records that show it."""

    expected: str
    seen: str
    at: tuple[int, ...]


Findings = Iterator[Finding]


@dataclass(eq=False)
class NoEvidence(Exception):
    """The case never reached the step that the check needs."""

    step: str

    def __str__(self) -> str:
        return f"the case never reached the step {self.step!r}"


@dataclass(eq=False)
class Missed(Exception):
    """What the rule demands did not come before its deadline: a breach when the check says that it was due."""

    step: str
    expects: str
    number: int

    def __str__(self) -> str:
        return f"{self.expects} did not come in time (step {self.step!r})"
