"""The two phases of a run against a sidecar that works in real time.

First the cases that can share it run side by side: overlapping in this process, or, with more jobs, in as many
processes of pytest-xdist; the router keeps their work apart. Then, with the router's stream closed, those that need the
sidecar for themselves run one after the other: cases about streams, cases that restart it, cases that may end it. What
came to nothing by chance is driven once more (see `again`).

A sidecar may end in the first phase. What was under way then is left for the second, in which it shows which case ends
it; the rest goes on beside each other on a new one, so that a case that ends a sidecar costs little time.

A worker's cases run one after the other, but for those that bring an engine and a process of their own: they begin with
the first, and mostly wait.

A target on a clock of ours is never shared: what one case does to the clock, it would do to all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from dwconf.suite.cases.registry import CASES
from dwconf.suite.running.again import by_chance
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Plan, TargetSpec, Work
from dwconf.suite.running.session import run_plan
from dwconf.suite.running.stagehand import Stagehand

OVERLAP = 8
"""How many cases are under way at a time in one process."""
LONG = 4.0
"""After how many seconds a case on a sidecar mostly waits, and another one may begin beside it."""
APART = 3
"""How many cases of a worker are under way beside the others, each with a process of its own."""
Tell = Callable[[CaseOutcome], None]
Outcomes = tuple[list[CaseOutcome], bool]


def run_phases(
    plan: Plan, stagehand: Stagehand, spec: TargetSpec, *, jobs: int, overlap: int = OVERLAP, folder: Path, tell: Tell
) -> Outcomes:
    """Run a plan's work on its one target; its outcomes, and whether it was interrupted. Raises RunError."""
    if not stagehand.shares(spec) or len(plan.work) == 1 or jobs * overlap == 1:
        if jobs == 1 and overlap > 1 and (spec.side, spec.access) == ("worker", "started"):
            stagehand.begin((work for work in plan.work if CASES[work.case].apart), width=APART)
        return run_plan(plan, stagehand, jobs=1 if spec.access == "attached" else jobs, folder=folder, tell=tell)
    together = tuple(work for work in plan.work if not needs_all(work))
    outcomes: list[CaseOutcome] = []
    while together:
        more, interrupted = _together(
            _part(plan, together), stagehand, spec, jobs=jobs, overlap=overlap, folder=folder, tell=tell
        )
        outcomes = [*outcomes, *more]
        if interrupted:
            return outcomes, True
        together = tuple(_left(together, more, stagehand.hit()))
    for chosen in (_not_yet, _once_more):
        work = tuple(chosen(plan, outcomes))
        if work:
            later, interrupted = run_plan(_part(plan, work), stagehand, folder=folder, tell=tell)
            outcomes = [*outcomes, *later]
            if interrupted:
                return outcomes, True
    return outcomes, False


def _left(begun: tuple[Work, ...], outcomes: list[CaseOutcome], hit: frozenset[str]) -> Iterator[Work]:
    """What goes on beside each other on a new sidecar, because the one before was lost before it began."""
    done = {outcome.case for outcome in outcomes}
    return (work for work in begun if hit and work.case not in done and work.id not in hit)


def _not_yet(plan: Plan, outcomes: list[CaseOutcome]) -> Iterator[Work]:
    """What needs the sidecar for itself, and what did not come through beside others."""
    done = {outcome.case for outcome in outcomes}
    return (work for work in plan.work if work.case not in done)


def _once_more(plan: Plan, outcomes: list[CaseOutcome]) -> Iterator[Work]:
    """What came to nothing by chance; a case that may end the sidecar last."""
    chosen = by_chance(outcomes)
    return (work for work in plan.work if work.case in chosen)


def needs_all(work: Work) -> bool:
    """Whether a case needs the sidecar for itself."""
    case = CASES[work.case]
    return case.alone or case.restarts or case.unsafe


def _together(
    plan: Plan, stagehand: Stagehand, spec: TargetSpec, *, jobs: int, overlap: int, folder: Path, tell: Tell
) -> Outcomes:
    with stagehand.sharing(spec) as shared:
        if jobs == 1:
            stagehand.begin(plan.work, width=overlap, long=LONG)
            return run_plan(plan, stagehand, folder=folder, tell=tell)
        work = tuple(msgspec.structs.replace(one, target=shared) for one in plan.work)
        outcomes, interrupted = run_plan(
            msgspec.structs.replace(plan, work=work), stagehand, jobs=min(jobs, len(work)), folder=folder, tell=tell
        )
        if stagehand.lost(spec):  # nobody can say in which case: what did not come through is run again by itself
            outcomes = [outcome for outcome in outcomes if outcome.status == "done"]
    return outcomes, interrupted


def _part(plan: Plan, work: tuple[Work, ...]) -> Plan:
    return msgspec.structs.replace(plan, work=work)
