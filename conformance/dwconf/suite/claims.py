"""What is said of a target before anybody looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dwconf.suite.rulebook import Rulebook, Side


@dataclass(frozen=True, slots=True)
class Claims:
    """The name of a target's profile, and capabilities that it lacks beside those that the profile denies."""

    profile: str | None = None
    lacks: tuple[str, ...] = ()

    def check(self, rulebook: Rulebook, side: Side) -> None:
        """Raises UnknownProfile or UnknownCapability for a name that the rulebook does not know."""
        if self.profile is not None:
            rulebook.profile(side, self.profile)
        for name in self.lacks:
            rulebook.capability(side, name)


NOTHING = Claims()
"""Nothing is said: the profile is the one that targets of this kind have."""
