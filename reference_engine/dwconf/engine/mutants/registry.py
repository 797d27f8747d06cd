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
    """Declare the reference with these decisions replaced; `title` says how it is wrong, `breaks` who must notice.

    Raises TypeError when the name is taken.
    """
    if name in DECLARED:
        raise TypeError(f"two mutants are called {name}")
    decided = replace(REFERENCE, **decisions)
    DECLARED[name] = Mutant(name=name, breaks=breaks, title=title, decisions=decided, faults=faults)
