"""Deliberately wrong engines: how we know that a check bites.

One module per chapter of the rulebook, each with a tuple `MUTANTS`. To add one, write a function that says in its
docstring how it is wrong, and name it in that tuple, with the rule that must notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from dwconf.engine.mutants import (
    activities,
    children,
    connection,
    events,
    lifecycle,
    persistence,
    sequencing,
    start,
    timers,
    turns,
)
from dwconf.engine.mutants.mutant import Mutant as Mutant

_CHAPTERS = (connection, start, turns, activities, timers, events, children, lifecycle, sequencing, persistence)

MUTANTS: Mapping[str, Mutant] = {
    mutant.name: mutant for mutant in chain.from_iterable(chapter.MUTANTS for chapter in _CHAPTERS)
}
"""Every mutant of the reference engine by its name."""
