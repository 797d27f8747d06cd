"""The selftest: are the references clean, and is every mutant caught by the rule that it breaks?

This is what makes the suite trustworthy. It fails on a breach by a reference, on a mutant that survives or that only
other rules notice, on a check without a mutant, and on a rule of the rulebook without a check. Each mutant runs the
cases of its own rule in this process (or in pytest-xdist's), judged for every rule that those cases decide, so that the
table can also say who else noticed. A survivor is looked at once more, alone and with longer deadlines: hundreds of
mutants are not waited for at length, and a busy machine may have ended the case that would have caught it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib import metadata
from pathlib import Path

import msgspec

from dwconf.suite.cases.registry import CASES, Case, load_suite
from dwconf.suite.judging.scope import JUDGED, cases_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Plan, TargetSpec, Work, run_id
from dwconf.suite.running.session import run_plan
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.schedules.registry import PROPERTIES
from dwconf.suite.targets.references import Wrong, mutants

PATIENCE = 5.0
"""How many times longer a survivor's deadlines are when it is looked at again."""
LATE = "caught in the second look"


class MutantResult(msgspec.Struct, frozen=True):
    """One mutant: whether its own rule caught it, and which others did."""

    name: str
    breaks: str
    title: str
    killed: bool
    others: tuple[str, ...] = ()
    note: str = ""


class RuleResult(msgspec.Struct, frozen=True):
    """One rule: what the references did, and its mutants."""

    rule: str
    level: str
    clean: bool
    note: str
    mutants: tuple[MutantResult, ...]

    @property
    def proven(self) -> bool:
        """Whether the rule is kept by the reference and every way to break it is seen (INFO rules judge nothing)."""
        if self.level not in JUDGED:
            return self.clean
        return self.clean and bool(self.mutants) and all(mutant.killed for mutant in self.mutants)


class SelftestReport(msgspec.Struct, frozen=True):
    """The whole selftest. `problems` is empty when the suite can be trusted."""

    rules: tuple[RuleResult, ...]
    mutants: int
    killed: int
    problems: tuple[str, ...]


def selftest(
    sides: Iterable[str], *, rules: tuple[str, ...] = (), jobs: int = 1, tell: Callable[[CaseOutcome], None]
) -> SelftestReport:
    """Run the references and every mutant of the given sides ("engine", "worker"); `rules` are patterns.

    Raises UnknownPattern or RunError.
    """
    load_suite()
    rulebook = load_rulebook()
    chosen = {rule.id for rule in rulebook.select(rules)}
    wanted = [rule for rule in rulebook.rules.values() if rule.side in sides and rule.id in chosen]
    wrong = [m for side in sides for m in mutants(side) if m.breaks in chosen or _stray(rulebook, m, rules)]
    work = [w for side in sides for w in _reference_work(rulebook, side, [r.id for r in wanted])]
    work += [w for mutant in wrong for w in _mutant_work(rulebook, mutant)]
    outcomes = _perform(tuple(work), jobs, tell)
    killed = _mutant_results(wrong, outcomes, rulebook)
    if survivors := [m for m, result in zip(wrong, killed, strict=True) if not result.killed]:
        again = tuple(w for mutant in survivors for w in _mutant_work(rulebook, mutant, scale=PATIENCE))
        second = _mutant_results(survivors, _perform(again, 1, tell), rulebook, note=LATE)
        late = {(result.breaks, result.name): result for result in second}
        killed = [late.get((result.breaks, result.name), result) for result in killed]
    reference = [o for o in outcomes if o.target in ("reference engine", "reference worker")]
    results = tuple(
        _rule_result(rule.id, rule.level, reference, [m for m in killed if m.breaks == rule.id]) for rule in wanted
    )
    problems = tuple(_problems(results, killed, reference, rulebook))
    return SelftestReport(results, len(killed), sum(m.killed for m in killed), problems)


def _perform(work: tuple[Work, ...], jobs: int, tell: Callable[[CaseOutcome], None]) -> list[CaseOutcome]:
    suite = metadata.version("dwconf")
    with tempfile.TemporaryDirectory(prefix="dwconf-") as scratch, Stagehand(run_id(), suite=suite) as stagehand:
        plan = Plan(run_id(), suite, work)
        outcomes, interrupted = run_plan(plan, stagehand, jobs=jobs, folder=Path(scratch), tell=tell)
    if interrupted:
        raise KeyboardInterrupt
    return outcomes


def _choices(rulebook: Rulebook, side: str) -> Mapping[str, str]:
    return rulebook.profile(Side(side), "reference").overrides


def _stray(rulebook: Rulebook, mutant: Wrong, patterns: tuple[str, ...]) -> bool:
    """Whether a mutant breaks no rule that there is; a selftest of some rules only does not ask."""
    return not patterns and mutant.breaks not in rulebook.rules


def _runs_embedded(case: Case) -> bool:
    return not case.restarts or case.side == "engine"


def _reference_work(rulebook: Rulebook, side: str, rules: list[str]) -> Iterable[Work]:
    own = tuple(rule for rule in rules if rule.startswith(f"{side}/"))
    cases = dict.fromkeys(case for rule in own for case in cases_of(rule))
    spec = TargetSpec(side, "embedded", name=f"reference {side}")
    for case in cases:
        if _runs_embedded(CASES[case]):
            yield Work(case, spec, own, dict(_choices(rulebook, side)))


def _mutant_work(rulebook: Rulebook, mutant: Wrong, *, scale: float = 1) -> Iterable[Work]:
    spec = TargetSpec(mutant.side, "embedded", mutant=mutant.name, name=_label(mutant), scale=scale)
    rules = tuple(rule.id for rule in rulebook.rules.values() if rule.side == mutant.side)
    for case in cases_of(mutant.breaks) if mutant.breaks in rulebook.rules else ():
        if _runs_embedded(CASES[case]) and case not in PROPERTIES:  # whose power `tests/quality` shows
            yield Work(case, spec, rules, dict(_choices(rulebook, mutant.side)))


def _label(mutant: Wrong) -> str:
    return f"{mutant.side} mutant {mutant.name}"


def _mutant_results(
    wrong: list[Wrong], outcomes: list[CaseOutcome], rulebook: Rulebook, *, note: str = ""
) -> list[MutantResult]:
    by_target: dict[str, list[CaseOutcome]] = {}
    for outcome in outcomes:
        by_target.setdefault(outcome.target, []).append(outcome)
    return [_mutant_result(mutant, by_target.get(_label(mutant), []), rulebook, note) for mutant in wrong]


def _mutant_result(mutant: Wrong, outcomes: list[CaseOutcome], rulebook: Rulebook, note: str) -> MutantResult:
    noticed = {rule.rule for outcome in outcomes for rule in outcome.rules if rule.breaches}
    if mutant.breaks not in rulebook.rules:
        note = f"there is no rule {mutant.breaks}"
    elif mutant.breaks not in noticed:
        note = ""
    return MutantResult(
        name=mutant.name,
        breaks=mutant.breaks,
        title=mutant.title,
        killed=mutant.breaks in noticed,
        others=tuple(sorted(noticed - {mutant.breaks})),
        note=note or "; ".join(o.message for o in outcomes if o.status in ("error", "unreachable")),
    )


def _rule_result(rule: str, level: str, outcomes: list[CaseOutcome], killed: list[MutantResult]) -> RuleResult:
    said = [r for outcome in outcomes for r in outcome.rules if r.rule == rule]
    broken = [f"{b.check}: expected {b.expected}, saw {b.seen}" for r in said for b in r.breaches]
    errors = [r.error.strip().splitlines()[-1] for r in said if r.error]
    judged = any(not (r.breaches or r.error or r.untested) for r in said)
    if broken or errors:
        note = (broken + errors)[0]
    elif judged or level not in JUDGED:
        note = ""
    else:
        note = "; ".join(dict.fromkeys(r.untested for r in said)) or "no case gave evidence for it"
    return RuleResult(rule, level, not note, note, tuple(killed))


def _problems(
    results: tuple[RuleResult, ...], killed: list[MutantResult], reference: list[CaseOutcome], rulebook: Rulebook
) -> Iterable[str]:
    for outcome in reference:
        if outcome.status != "done":
            yield f"the reference does not come through {outcome.case}: {outcome.status} {outcome.message}"
    for rule in results:
        if not rule.clean:
            yield f"{rule.rule}: the reference: {rule.note}"
        if rule.level in JUDGED and not rule.mutants:
            yield f"{rule.rule}: no mutant breaks it, so nobody has seen its check fail"
    for mutant in killed:
        if mutant.breaks not in rulebook.rules:
            yield f"mutant {mutant.name}: {mutant.note}"
        elif not mutant.killed:
            by = f"; noticed only by {', '.join(mutant.others)}" if mutant.others else ""
            yield f"mutant {mutant.name} survives: {mutant.breaks} did not catch it{by} {mutant.note}".rstrip()
