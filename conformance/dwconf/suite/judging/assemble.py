"""From outcomes to the report of one target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dwconf.reports.model import (
    Access,
    CapabilityResult,
    CaseResult,
    CaseStatus,
    FingerprintEntry,
    Notice,
    OutsideRule,
    RuleResult,
    RuleVerdict,
    Side,
    TargetReport,
    count_verdicts,
)
from dwconf.suite.cases.registry import CASES
from dwconf.suite.judging.scope import Scope, Selection
from dwconf.suite.judging.verdicts import verdict_of
from dwconf.suite.rulebook.model import Profile
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import AnyTarget


def target_report(
    rulebook: Rulebook,
    scope: Scope,
    outcomes: list[CaseOutcome],
    rules: list[RuleResult],
    *,
    side: Side,
    access: Access,
    target: AnyTarget,
    version: str,
    address: str,
    profile: Profile,
    selection: Selection,
    probed: Mapping[str, bool],
    preflight: Iterable[Notice] = (),
    trace_file: str | None = None,
) -> TargetReport:
    """Everything that a report says of one target."""
    verdict = verdict_of(rules)
    return TargetReport(
        side=side,
        name=target.name,
        version=version,
        address=address,
        access=access,
        profile=profile.name,
        verdict=verdict,
        scope=f"{verdict.value} · {scope_line(rulebook, rules, selection, access=access, side=side)}",
        counts=count_verdicts(rules),
        rules=rules,
        outside=[OutsideRule(rule=r, title=rulebook.rules[r].title, reason=why) for r, why in scope.outside.items()],
        capabilities=list(_capabilities(profile, probed)),
        cases=[_case(outcome) for outcome in outcomes],
        preflight=[*preflight, *_troubles(outcomes)],
        fingerprint=list(_fingerprint(scope, outcomes)),
        trace_file=trace_file,
    )


def scope_line(rulebook: Rulebook, rules: list[RuleResult], selection: Selection, *, access: str, side: str) -> str:
    """The scope as the verdict line says it: `Dapr 1.18 · full · attached · 171 of 201 rules in scope, 6 n/a`."""
    judged = [r for r in rulebook.rules.values() if r.side == side and r.level in ("MUST", "SHOULD")]
    release = selection.requirements or list(rulebook.requirements)[-1]
    count = f"{len(rules)} of {len(judged)} {side} rules in scope"
    beside = sum(rule.verdict is RuleVerdict.NOT_APPLICABLE for rule in rules)
    return " · ".join([f"Dapr {release}", selection.depth.value, access, count + (f", {beside} n/a" if beside else "")])


def _capabilities(profile: Profile, probed: Mapping[str, bool]) -> Iterable[CapabilityResult]:
    for name, declared in profile.capabilities.items():
        seen = probed.get(f"{profile.side}/{name}")
        denial = profile.denials.get(name)
        note = f"{denial.reason} ({denial.source})" if denial is not None else ""
        if seen and not declared:
            note = "denied by the profile, but it works"
        yield CapabilityResult(name=name, declared=declared, probed=seen, note=note)


def _case(outcome: CaseOutcome) -> CaseResult:
    broken = any(rule.breaches for rule in outcome.rules)
    status: CaseStatus = "error" if outcome.status in ("error", "crashed", "unreachable") else "passed"
    return CaseResult(
        id=outcome.case,
        title=CASES[outcome.case].title,
        status="failed" if broken and status == "passed" else status,
        seconds=round(outcome.clock, 3),
        real_seconds=round(outcome.seconds, 3),
        waited_seconds=round(outcome.waited, 3),
        error=outcome.message,
    )


def _troubles(outcomes: list[CaseOutcome]) -> Iterable[Notice]:
    for outcome in outcomes:
        if outcome.status == "crashed":
            yield Notice(
                level="error",
                title="the target's process ended during a case",
                message=f"{outcome.case}: {outcome.message}",
                hint="a peer must survive every case; its last output stands in the message",
            )
        elif outcome.status == "error":
            yield Notice(
                level="error",
                title="a case of ours raised",
                message=f"{outcome.case}: {outcome.message}",
                hint="this is a fault of dwconf, not of the target: please report it",
            )


def _fingerprint(scope: Scope, outcomes: list[CaseOutcome]) -> Iterable[FingerprintEntry]:
    seen: dict[str, list[str]] = {}
    for outcome in outcomes:
        for rule in outcome.rules:
            if rule.value is not None:
                seen.setdefault(rule.rule, []).append(rule.value)
    for recorded in scope.recorded:
        if recorded.id in seen:
            value = "; ".join(dict.fromkeys(seen[recorded.id]))
            yield FingerprintEntry(rule=recorded.id, title=recorded.title, value=value)
