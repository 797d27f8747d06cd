"""Engines that are wrong on purpose: the reference with one decision, or one fault of wire or store, replaced.

Each names the one rule that it breaks, and that must catch it. One module per chapter of the rulebook.
"""

from dwconf.engine.mutants.registry import MUTANTS as MUTANTS
from dwconf.engine.mutants.registry import Mutant as Mutant
from dwconf.engine.mutants.registry import load as _load

_load()
