"""What can be wrong with a rulebook, and with what a user asks of it.

A defect of the data is our own fault (`RulebookError`): it says which file, which entry and which field, and how to
mend it. A name that nobody knows is the user's (`UnknownName` and its kinds): it says what was meant, probably.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

SUGGESTIONS = 3


@dataclass(eq=False)
class RulebookError(Exception):
    """An entry of the rulebook's data that cannot stand as it is: an error of ours, never of a target."""

    file: Path
    where: str
    problem: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file.name}: {self.where}: {self.problem}{hint}"


@dataclass(eq=False)
class UnknownName(Exception):
    """A name that the rulebook does not hold, with those that look like it."""

    name: str
    near: tuple[str, ...]

    kind = "name"

    def __str__(self) -> str:
        return f"unknown {self.kind} {self.name!r}{_suggest(self.near)}"


class UnknownRule(UnknownName):
    """No rule has this id or alias."""

    kind = "rule"


class UnknownPattern(UnknownName):
    """A pattern that selects nothing."""

    kind = "rule pattern"


class UnknownSource(UnknownName):
    """No document and no catalogue has this id."""

    kind = "source"


class UnknownProfile(UnknownName):
    """No profile of this side has this name."""

    kind = "profile"


class UnknownCapability(UnknownName):
    """No capability of this side has this name."""

    kind = "capability"


class UnknownRequirements(UnknownName):
    """There is no requirement set of this name."""

    kind = "requirement set"


def near_matches(name: str, candidates: Iterable[str]) -> tuple[str, ...]:
    """The few candidates that look most like `name`, best first."""
    return tuple(get_close_matches(name, sorted(set(candidates)), n=SUGGESTIONS, cutoff=0.5))


def _suggest(near: tuple[str, ...]) -> str:
    return f"; did you mean {' or '.join(near)}?" if near else ""
