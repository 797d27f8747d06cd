"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.shell.faults import NO_FAULTS, Faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The reference with something replaced, so that it breaks exactly one rule.

    `breaks` is the id of the rule whose check must notice; `title` says in a few words what is wrong with it.
    """

    name: str
    breaks: str
    title: str
    decisions: Decisions = REFERENCE
    faults: Faults = NO_FAULTS


def mutant(name: str, breaks: str, title: str, *, faults: Faults = NO_FAULTS, **decisions: Any) -> Mutant:  # noqa: ANN401
    """The reference with these decisions replaced, in one line."""
    return Mutant(name=name, breaks=breaks, title=title, decisions=replace(REFERENCE, **decisions), faults=faults)
