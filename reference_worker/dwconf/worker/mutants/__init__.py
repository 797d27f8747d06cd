"""Workers that are wrong on purpose: the reference with one decision replaced.

Each names the one rule that it breaks, and that must catch it. One module per chapter of the rulebook.
"""

from dwconf.worker.mutants.registry import MUTANTS as MUTANTS, Mutant as Mutant, load as _load

_load()
