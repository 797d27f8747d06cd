"""How long is waited on a target that has let every one of its last cases down.

A deadline is generous, because a correct target never needs it. One that owes nearly everything would be waited for in
full by hundreds of cases. After many in a row that ended because what they awaited did not come, less time is given to
the next ones, until one comes to its end: then the target was late, and has its time again. A verdict does not rest on
it: by then the target has failed in full time what its cases begin with. Windows in which nothing may come stay as
long as they are, or something would be missed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.tolerances import Tolerances

MANY = 12
"""Cases in a row. A target with many faults fails many cases, but others in between come to their end."""
SHORTER = 0.2


@dataclass(slots=True)
class Patience:
    """What is known of one target's cases."""

    let_down: int = 0

    def heard(self, outcome: CaseOutcome) -> None:
        """A case has ended."""
        self.let_down = self.let_down + 1 if outcome.status == "over" else 0

    def granted(self, tolerances: Tolerances) -> Tolerances:
        """The deadlines of the next case."""
        if self.let_down < MANY:
            return tolerances
        return replace(tolerances, reply=tolerances.reply * SHORTER, dispatch=tolerances.dispatch * SHORTER)
