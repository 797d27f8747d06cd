"""How a mutant is declared: the reference, with the decisions or faults replaced that make it wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.mutants.mutant import Mutant
from dwconf.engine.shell.faults import NO_FAULTS, Faults

DECLARED: dict[str, Mutant] = {}
"""Every mutant declared so far, by its name."""


def mutant(name: str, breaks: str, title: str, *, faults: Faults = NO_FAULTS, **decisions: Any) -> None:  # noqa: ANN401
    """Declare the reference with these decisions replaced; `title` says how it is wrong, `breaks` who must notice."""
    declare(Mutant(name=name, breaks=breaks, title=title, decisions=replace(REFERENCE, **decisions), faults=faults))


def declare(made: Mutant) -> None:
    """Add a mutant. Raises TypeError when its name is taken."""
    if made.name in DECLARED:
        raise TypeError(f"two mutants are called {made.name}")
    DECLARED[made.name] = made
