"""The two phases of a run against a sidecar that works in real time.

First the cases that can share it run side by side: overlapping in this process, or, with more jobs, in as many
processes of pytest-xdist; the router keeps their work apart. Then, with the router's stream closed, those that need the
sidecar for themselves run one after the other: cases about streams, cases that restart it, cases that may end it.

A worker's cases run one after the other, but for those that bring an engine and a process of their own: they begin with
the first, and mostly wait.

A target on a clock of ours is never shared: what one case does to the clock, it would do to all.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from dwconf.suite.cases.registry import CASES
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Plan, TargetSpec, Work
from dwconf.suite.running.session import run_plan
from dwconf.suite.running.stagehand import Stagehand

OVERLAP = 8
"""How many cases are under way at a time in one process."""
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
    if together:
        outcomes, interrupted = _together(
            _part(plan, together), stagehand, spec, jobs=jobs, overlap=overlap, folder=folder, tell=tell
        )
        if interrupted:
            return outcomes, True
    done = {outcome.case for outcome in outcomes}
    alone = tuple(work for work in plan.work if work.case not in done)
    if not alone:
        return outcomes, False
    later, interrupted = run_plan(_part(plan, alone), stagehand, folder=folder, tell=tell)
    return [*outcomes, *later], interrupted


def needs_all(work: Work) -> bool:
    """Whether a case needs the sidecar for itself."""
    case = CASES[work.case]
    return case.alone or case.restarts or case.unsafe


def _together(
    plan: Plan, stagehand: Stagehand, spec: TargetSpec, *, jobs: int, overlap: int, folder: Path, tell: Tell
) -> Outcomes:
    with stagehand.sharing(spec) as shared:
        if jobs == 1:
            stagehand.begin(plan.work, width=overlap)
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
