"""Deliberately wrong engines: how we know that a check bites.

One module per chapter of the rulebook. To add one, write a function that says in its docstring how it is wrong, and
declare it with `mutant(name, rule that must notice, how it is wrong, decision=function)`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from dwconf.engine.mutants.mutant import Mutant as Mutant
from dwconf.engine.mutants.registry import DECLARED


def _load() -> Mapping[str, Mutant]:
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
    return DECLARED


MUTANTS: Mapping[str, Mutant] = _load()
"""Every mutant of the reference engine by its name."""
