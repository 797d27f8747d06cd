"""The verdict of each rule over all outcomes, and the verdict of the run.

A rule fails if any case shows a breach, whatever other cases say. It passes only on evidence: if each of its checks
judged it in at least one case and found it kept, and if the target survived its cases. An error of ours makes neither.

When the target's process ends in a case and no breach explains it, what that case was there to show is untested,
whatever other cases say of it: a crash is never made up for. What merely watched that case, as monitors watch all,
saw nothing there, and rests on the other cases.

Where a part of a rule can be seen only by what the target lacks, such as its histories, the rule is not applicable as a
whole unless another part is broken: it is never passed by halves.
A list of known failures changes the exit code, never the verdict of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from dwconf.reports.model import Failure, RuleResult, RuleVerdict, SourceText, Verdict
from dwconf.suite.checks.registry import CHECKS
from dwconf.suite.judging.scope import Scope, cases_of
from dwconf.suite.rulebook.model import Level, Rule
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.running.outcome import CaseOutcome, RuleOutcome, blind

MOST_FAILURES = 5


class KnownFailure(Protocol):
    """An entry of a list of known failures."""

    @property
    def reason(self) -> str: ...

    @property
    def link(self) -> str: ...


class Judge:
    """Everything that the verdict of a rule depends on.

    `may_lack` names the capabilities (`side/name`) whose lack is no failure, `probed` what probes saw of them,
    and `reproduce` gives the command that judges one rule again.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        scope: Scope,
        outcomes: Iterable[CaseOutcome],
        *,
        known: Mapping[str, KnownFailure],
        may_lack: frozenset[str],
        probed: Mapping[str, bool],
        reproduce: Callable[[str], str],
    ) -> None:
        self._rulebook = rulebook
        self._scope = scope
        self._known = known
        self._may_lack = may_lack
        self._probed = probed
        self._reproduce = reproduce
        self._seen: dict[str, list[tuple[CaseOutcome, RuleOutcome]]] = {}
        self._deciding = frozenset(
            case for rule in scope.judged if rule.level is Level.MUST for case in cases_of(rule.id)
        )
        self._trouble = {o.case: o.message for o in outcomes if o.status not in ("done", "over")}
        for outcome in outcomes:
            for rule in outcome.rules:
                self._seen.setdefault(rule.rule, []).append((outcome, rule))

    def results(self) -> list[RuleResult]:
        """A result for every rule in scope, in the order of the rulebook."""
        return [self.result(rule) for rule in self._scope.judged]

    def result(self, rule: Rule) -> RuleResult:
        """The result of one rule."""
        verdict, reason = self._verdict(rule)
        failures = self._failures(rule)
        known = self._known.get(rule.id)
        if known is not None:
            verdict, reason = _against_list(verdict, reason, known)
        return RuleResult(
            id=rule.id,
            chapter=rule.chapter,
            title=rule.title,
            statement=rule.statement,
            level=rule.level.value,
            verdict=verdict,
            sources=[SourceText(id=source, text=self._rulebook.source(source).text) for source in rule.sources],
            since=rule.since,
            needs=list(rule.needs),
            reason=reason,
            known_link=known.link if known is not None and verdict is RuleVerdict.KNOWN else "",
            tension="; ".join(f"{t}: {self._rulebook.source(t).text}" for t in rule.tension),
            cases=list(cases_of(rule.id)),
            failures=failures if verdict not in (RuleVerdict.PASS, RuleVerdict.FIXED) else [],
        )

    def _verdict(self, rule: Rule) -> tuple[RuleVerdict, str]:
        lacking = [f"{rule.side}/{need}" for need in rule.needs if f"{rule.side}/{need}" in self._scope.lacking]
        if lacking:
            return self._without(rule, lacking)
        seen = self._seen.get(rule.id, [])
        if any(outcome.breaches for _, outcome in seen):
            return _failed(rule.level), ""
        errors = [outcome.error for _, outcome in seen if outcome.error]
        if errors:
            return RuleVerdict.ERROR, f"a check of ours raised: {errors[0].strip().splitlines()[-1]}"
        crash = next((case for case, _ in seen if _unexplained_crash(case) and self._about(case, rule)), None)
        if crash is not None:
            return RuleVerdict.UNTESTED, f"{crash.case}: {crash.message.partition(chr(10))[0]}"
        survived = [outcome for case, outcome in seen if not _unexplained_crash(case)]
        unseen = blind(survived)
        if survived and not unseen:
            return RuleVerdict.PASS, ""
        if out_of_sight := self._out_of_sight(rule, unseen):
            return self._without(rule, out_of_sight)
        return RuleVerdict.UNTESTED, self._why_untested(rule, [outcome.untested for outcome in unseen])

    def _out_of_sight(self, rule: Rule, unseen: Iterable[RuleOutcome]) -> list[str]:
        """What the target lacks that would show the rest of a rule, where that alone keeps its checks from telling."""
        lacking: dict[str, None] = {}
        for outcome in unseen:
            one = CHECKS.get((rule.id, outcome.check))
            names = [f"{rule.side}/{need}" for need in (one.needs if one is not None else ())]
            found = [name for name in names if name in self._scope.lacking]
            if not found:
                return []
            lacking |= dict.fromkeys(found)
        return list(lacking)

    def _about(self, outcome: CaseOutcome, rule: Rule) -> bool:
        """Whether a case is there for a rule.

        One that is there for no MUST, such as a probe, counts as there for all: else its crash would not be told.
        """
        return outcome.case in cases_of(rule.id) or outcome.case not in self._deciding

    def _why_untested(self, rule: Rule, reasons: list[str]) -> str:
        for case in cases_of(rule.id):
            if self._trouble.get(case):
                return f"{case}: {self._trouble[case].splitlines()[0]}"
        return "; ".join(dict.fromkeys(reasons)) or "none of its cases ran"

    def _without(self, rule: Rule, lacking: list[str]) -> tuple[RuleVerdict, str]:
        names = ", ".join(name.split("/", 1)[1] for name in lacking)
        if not set(lacking) <= self._may_lack:
            return _failed(rule.level), f"the target's profile denies {names}, which this requirement set demands"
        if any(self._probed.get(name) is False for name in lacking):
            return RuleVerdict.NOT_APPLICABLE, f"the target does not claim {names}, and a probe agrees"
        if any(self._probed.get(name) for name in lacking):
            return (
                RuleVerdict.NOT_APPLICABLE,
                f"the target does not claim {names}, although a probe found that it works",
            )
        return RuleVerdict.UNTESTED, f"the target does not claim {names}, and no probe could tell"

    def _failures(self, rule: Rule) -> list[Failure]:
        found = [
            Failure(
                title=breach.check,
                expected=breach.expected,
                seen=breach.seen,
                case=outcome.case,
                reproduce=self._reproduce(rule.id),
                log=breach.log,
                highlight=breach.highlight,
            )
            for outcome, seen in self._seen.get(rule.id, [])
            for breach in seen.breaches
        ]
        return found[:MOST_FAILURES]


def _unexplained_crash(outcome: CaseOutcome) -> bool:
    """Whether the target's process ended in a case that shows no breach, which would explain it."""
    return outcome.status == "crashed" and not any(rule.breaches for rule in outcome.rules)


def _failed(level: Level) -> RuleVerdict:
    return RuleVerdict.FAIL if level is Level.MUST else RuleVerdict.WARN


def _against_list(verdict: RuleVerdict, reason: str, known: KnownFailure) -> tuple[RuleVerdict, str]:
    match verdict:
        case RuleVerdict.FAIL | RuleVerdict.WARN:
            return RuleVerdict.KNOWN, known.reason
        case RuleVerdict.PASS:
            return RuleVerdict.FIXED, f"listed as a known failure ({known.reason}), but it passes: take it off the list"
        case _:
            return verdict, reason


def verdict_of(results: Iterable[RuleResult]) -> Verdict:
    """The verdict of a target over its rules."""
    rules = list(results)
    musts = [rule.verdict for rule in rules if rule.level == "MUST"]
    if RuleVerdict.FAIL in musts or RuleVerdict.KNOWN in musts:
        return Verdict.NOT_CONFORMANT
    if RuleVerdict.UNTESTED in musts or any(rule.verdict is RuleVerdict.ERROR for rule in rules):
        return Verdict.INCONCLUSIVE
    notes = (RuleVerdict.WARN, RuleVerdict.KNOWN, RuleVerdict.UNTESTED)
    return Verdict.CONFORMANT_WITH_NOTES if any(rule.verdict in notes for rule in rules) else Verdict.CONFORMANT


def exit_code(results: Iterable[RuleResult], *, fail_on: str = "fail") -> int:
    """The exit code of a run over its rules: 0, 1, 3 or 4.

    `fail_on` "warn" counts warnings as failures, and "regressions" lets listed failures that pass be.
    """
    verdicts = [(rule.level, rule.verdict) for rule in results]
    failing = {RuleVerdict.FAIL}
    failing |= set() if fail_on == "regressions" else {RuleVerdict.FIXED}
    failing |= {RuleVerdict.WARN} if fail_on == "warn" else set()
    if any(verdict in failing for _, verdict in verdicts):
        return 1
    if any(verdict is RuleVerdict.ERROR for _, verdict in verdicts):
        return 4
    if any(level == "MUST" and verdict is RuleVerdict.UNTESTED for level, verdict in verdicts):
        return 3
    return 0
