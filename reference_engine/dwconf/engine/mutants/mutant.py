"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass

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
