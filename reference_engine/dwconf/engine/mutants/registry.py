"""The registry of wrong engines."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, replace
from typing import Any

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.shell.faults import NO_FAULTS, Faults


@dataclass(frozen=True, slots=True)
class Mutant:
    """One wrong engine: how it is wrong, and the rule that must notice."""

    name: str
    breaks: str
    title: str
    decisions: Decisions
    faults: Faults


MUTANTS: dict[str, Mutant] = {}
"""All of them, by name."""


def mutant(name: str, breaks: str, title: str, *, faults: Faults = NO_FAULTS, **decisions: Any) -> None:  # noqa: ANN401
    """Register the reference with these decisions replaced; `title` says how it is wrong."""
    if name in MUTANTS:
        raise TypeError(f"two mutants are called {name}")
    MUTANTS[name] = Mutant(name, breaks, title, replace(REFERENCE, **decisions), faults)


def load() -> None:
    """Import every chapter's module."""
    package = importlib.import_module("dwconf.engine.mutants")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"dwconf.engine.mutants.{module.name}")
