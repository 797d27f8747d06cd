"""The probe registry: small functions that read from a case's evidence whether a capability works."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dwconf.suite.evidence import Evidence, Missed, NoEvidence

Reading = Callable[[Evidence], bool]


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe: its capability (`side/name`), the cases it reads, and the function that says whether it works."""

    capability: str
    cases: tuple[str, ...]
    read: Reading


PROBES: dict[str, Probe] = {}
"""All probes, by capability."""


def probe(capability: str, *cases: str) -> Callable[[Reading], Reading]:
    """Register a function that says whether a capability works; its docstring says which signs count."""

    def register(read: Reading) -> Reading:
        if capability in PROBES:
            raise TypeError(f"{capability} has two probes")
        PROBES[capability] = Probe(capability, cases, read)
        return read

    return register


def look(one: Probe, evidence: Evidence) -> bool | None:
    """Whether the capability works; None when the case gave no evidence."""
    try:
        return one.read(evidence)
    except NoEvidence:
        return None
    except Missed:
        return False
