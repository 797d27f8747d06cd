"""How long the suite waits: the one table of deadlines and observation windows, in seconds of real time.

A deadline is generous, because it is only waited out when something is missing. A window is what absence costs where
nothing in the protocol orders things, so it is short. References that run on a clock of ours answer at once or never.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Tolerances:
    """Deadlines and windows, in seconds."""

    reply: float
    """A unary call is answered."""
    dispatch: float
    """A work item comes that is due, or a worker answers one."""
    silent: float
    """A worker answers a turn, when it has just left several in a row unanswered."""
    quiet: float
    """Nothing comes (an observation window)."""
    reconnect: float
    """A worker comes back after its stream has ended."""
    crash: float
    """A sidecar that was killed and started again gives out once more what was in flight (ENG-K-03)."""
    stalled: float
    """A worker that does not read its stream is given up."""
    busy: float
    """An activity runs that mostly outlives the calls which a case makes meanwhile."""
    ready: float
    """A started command answers Hello, or its worker connects."""
    pace: float = 1
    """How long a second of a worker that a case starts takes: less for the reference, whose delays we shorten."""

    @property
    def impatient(self) -> float:
        """A client that is to give up does so: not before a busy machine has carried its request to the engine."""
        return max(0.4, 2 * self.quiet)

    def scaled(self, factor: float) -> Tolerances:
        """All of them, longer by a factor (`--timeout-scale`); windows, which are waited out, by `WIDEST` at most."""
        longer = replace(self, **{name: getattr(self, name) * factor for name in DEADLINES})
        return replace(longer, quiet=self.quiet * min(factor, WIDEST))


WIDEST = 10
"""How many times longer a window may become: under a debugger deadlines are as good as none."""
DEADLINES = tuple(field.name for field in fields(Tolerances) if field.name != "pace")
FOREIGN = Tolerances(reply=15, dispatch=10, silent=2, quiet=0.5, reconnect=20, crash=150, stalled=60, busy=3, ready=60)
"""A target that is not ours, in real time."""
OURS = Tolerances(
    reply=20, dispatch=20, silent=2, quiet=0.05, reconnect=5, crash=5, stalled=12, busy=1, ready=30, pace=0.05
)
"""The reference in our process: it answers at once, so that a deadline matters on an overloaded machine only."""
TOLD = replace(OURS, reply=5, dispatch=5)
"""An engine of its own process whose clock we hold: mostly the reference, but perhaps a mutant that owes much."""
MUTANT = replace(OURS, reply=2, dispatch=1, silent=0.5, reconnect=2, crash=1, stalled=4, busy=0.4)
"""A mutant in a selftest: what it owes it mostly never gives, and there are hundreds to wait for."""
