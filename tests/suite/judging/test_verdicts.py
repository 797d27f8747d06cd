"""Verdict algebra: from what cases said of a rule to the verdict of a run, and its exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from dwconf.reports.model import RuleResult, RuleVerdict, Verdict
from dwconf.suite.checks.registry import CHECKS, Check
from dwconf.suite.judging import verdicts
from dwconf.suite.judging.scope import Scope
from dwconf.suite.judging.verdicts import Judge, exit_code, verdict_of
from dwconf.suite.rulebook.model import Evidence, Level, Rule, Side
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.running.outcome import Breach, CaseOutcome, RuleOutcome

RULE = Rule(
    id="engine/x/y",
    side=Side.ENGINE,
    chapter="x",
    slug="y",
    level=Level.MUST,
    title="t",
    statement="s",
    sources=(),
    since="1.16",
    evidence=Evidence.STATED,
)
BOOK = Rulebook(
    rules={RULE.id: RULE},
    aliases={},
    chapters={},
    sources={},
    capabilities={},
    choices={},
    profiles={},
    requirements={},
    exclusions=(),
)
KEPT = RuleOutcome(RULE.id, "c")
BROKEN = RuleOutcome(RULE.id, "c", breaches=[Breach("c", "this", "that", [], [1])])
BLIND = RuleOutcome(RULE.id, "c", untested="never got there")
RAISED = RuleOutcome(RULE.id, "c", error="Traceback\nKeyError: 1")


@dataclass(frozen=True)
class Listed:
    reason: str = "a bug of theirs"
    link: str = "https://example.org/1"


def judged(
    *said: RuleOutcome,
    level: Level = Level.MUST,
    known: Mapping[str, Listed] | None = None,
    needs: tuple[str, ...] = (),
    may_lack: frozenset[str] = frozenset(),
    probed: Mapping[str, bool] | None = None,
    status: str = "done",
) -> RuleResult:
    rule = replace(RULE, level=level, needs=needs)
    scope = Scope((rule,), (), (), lacking=frozenset(f"engine/{need}" for need in needs))
    judge = Judge(
        BOOK,
        scope,
        [CaseOutcome(f"case-{n}", "target", status, 0, 0, [one]) for n, one in enumerate(said)],
        known=known or {},
        may_lack=may_lack,
        probed=probed or {},
        reproduce=lambda rule: f"again {rule}",
    )
    return judge.result(rule)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ([KEPT], "pass"),
        ([KEPT, BLIND], "pass"),
        ([KEPT, BROKEN], "fail"),
        ([BROKEN, RAISED], "fail"),
        ([KEPT, RAISED], "error"),
        ([BLIND], "untested"),
        ([], "untested"),
    ],
)
def test_a_rule_fails_on_any_breach_and_passes_only_on_evidence(said: list[RuleOutcome], verdict: str) -> None:
    assert judged(*said).verdict == verdict


def test_a_rule_passes_only_when_each_of_its_checks_could_tell() -> None:
    other = RuleOutcome(RULE.id, "another", untested="its case broke off")
    watched = RuleOutcome(RULE.id, "Monitor", by_monitor=True)
    assert judged(KEPT, other).verdict is RuleVerdict.UNTESTED
    assert judged(KEPT, watched).verdict is RuleVerdict.PASS
    assert judged(BLIND, watched).verdict is RuleVerdict.UNTESTED
    assert judged(watched).verdict is RuleVerdict.PASS


@pytest.mark.parametrize(("said", "verdict"), [(KEPT, "untested"), (BROKEN, "fail"), (BLIND, "untested")])
def test_a_target_that_ends_in_a_case_passes_nothing_there(said: RuleOutcome, verdict: str) -> None:
    assert judged(said, status="crashed").verdict.value == verdict


def test_a_crash_is_not_made_up_for_by_another_case() -> None:
    result = judged(KEPT, KEPT, status="crashed")
    assert result.verdict is RuleVerdict.UNTESTED
    assert result.reason.startswith("case-0")


def seen_in_part(*said: RuleOutcome, lacking: frozenset[str], probed: Mapping[str, bool]) -> RuleResult:
    """The result of a rule, one check of which (`h`) reads histories."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(CHECKS, (RULE.id, "h"), Check(RULE.id, ("case-1",), lambda _: iter(()), ("instance-history",)))
        judge = Judge(
            BOOK,
            Scope((RULE,), (), (), lacking=lacking),
            [CaseOutcome(f"case-{n}", "t", "done", 0, 0, [one]) for n, one in enumerate(said)],
            known={},
            may_lack=frozenset({"engine/instance-history"}),
            probed=probed,
            reproduce=str,
        )
        return judge.result(RULE)


def test_a_rule_of_which_a_part_is_out_of_sight_is_not_passed_by_halves() -> None:
    lacking, gone = frozenset({"engine/instance-history"}), {"engine/instance-history": False}
    blind_there = RuleOutcome(RULE.id, "h", untested="no history")
    assert seen_in_part(KEPT, blind_there, lacking=lacking, probed=gone).verdict is RuleVerdict.NOT_APPLICABLE
    assert seen_in_part(BROKEN, blind_there, lacking=lacking, probed=gone).verdict is RuleVerdict.FAIL
    assert seen_in_part(BLIND, blind_there, lacking=lacking, probed=gone).verdict is RuleVerdict.UNTESTED
    assert seen_in_part(KEPT, blind_there, lacking=lacking, probed={}).verdict is RuleVerdict.UNTESTED
    assert seen_in_part(KEPT, blind_there, lacking=frozenset(), probed=gone).verdict is RuleVerdict.UNTESTED


OTHER = replace(RULE, id="engine/x/z", slug="z")


def beside_a_crash(*said: RuleOutcome, crashed_for: Rule, level: Level = Level.MUST) -> dict[str, str]:
    """The verdicts of both rules when `said` came of RULE from cases, the first of which ended the target.

    That one showed OTHER kept as well, as did one of OTHER's own.
    """
    there_for = {"case-0": crashed_for.id, "case-1": RULE.id, "case-2": OTHER.id}
    other = replace(OTHER, level=level)
    kept = RuleOutcome(OTHER.id, "c")
    outcomes = [
        CaseOutcome(f"case-{n}", "t", "done" if n else "crashed", 0, 0, [one, kept]) for n, one in enumerate(said)
    ]
    outcomes += [CaseOutcome("case-2", "t", "done", 0, 0, [kept])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verdicts, "cases_of", lambda rule: tuple(case for case, id_ in there_for.items() if id_ == rule))
        judge = Judge(
            replace(BOOK, rules={RULE.id: RULE, OTHER.id: other}),
            Scope((RULE, other), (), ()),
            outcomes,
            known={},
            may_lack=frozenset(),
            probed={},
            reproduce=str,
        )
        return {result.id: result.verdict.value for result in judge.results()}


WATCHED = RuleOutcome(RULE.id, "Monitor", by_monitor=True)


def test_a_crash_leaves_untested_what_its_case_was_there_to_show() -> None:
    assert beside_a_crash(KEPT, KEPT, crashed_for=RULE)[RULE.id] == "untested"


def test_what_only_watched_the_case_of_a_crash_rests_on_the_others() -> None:
    assert beside_a_crash(WATCHED, KEPT, crashed_for=OTHER) == {RULE.id: "pass", OTHER.id: "untested"}
    assert beside_a_crash(WATCHED, WATCHED, crashed_for=OTHER)[RULE.id] == "pass"
    assert beside_a_crash(WATCHED, BLIND, crashed_for=OTHER)[RULE.id] == "untested"
    assert beside_a_crash(WATCHED, crashed_for=OTHER)[RULE.id] == "untested"


def test_a_crash_in_a_case_that_is_there_for_no_must_is_told_all_the_same() -> None:
    assert beside_a_crash(WATCHED, KEPT, crashed_for=OTHER, level=Level.SHOULD)[RULE.id] == "untested"
    nobody = replace(RULE, id="engine/x/nobody")
    assert beside_a_crash(WATCHED, KEPT, crashed_for=nobody)[RULE.id] == "untested"


def test_a_should_that_is_broken_is_a_warning() -> None:
    assert judged(BROKEN, level=Level.SHOULD).verdict is RuleVerdict.WARN


@pytest.mark.parametrize(
    ("said", "verdict"), [(BROKEN, "known"), (KEPT, "fixed"), (BLIND, "untested"), (RAISED, "error")]
)
def test_a_list_of_known_failures_excuses_failures_only(said: RuleOutcome, verdict: str) -> None:
    assert judged(said, known={RULE.id: Listed()}).verdict == verdict


def test_a_failure_says_what_why_and_how_to_see_it_again() -> None:
    failure = judged(BROKEN).failures[0]
    assert (failure.expected, failure.seen, failure.case, failure.reproduce) == (
        "this",
        "that",
        "case-0",
        "again engine/x/y",
    )


@pytest.mark.parametrize(
    ("may_lack", "probed", "verdict"),
    [
        (True, {"engine/rerun": False}, "n/a"),
        (True, {"engine/rerun": True}, "n/a"),
        (True, {}, "untested"),
        (False, {"engine/rerun": False}, "fail"),
    ],
)
def test_what_may_be_lacking_is_not_applicable_only_when_a_probe_could_tell(
    *, may_lack: bool, probed: dict[str, bool], verdict: str
) -> None:
    lackable = frozenset({"engine/rerun"}) if may_lack else frozenset()
    assert judged(needs=("rerun",), may_lack=lackable, probed=probed).verdict == verdict


@pytest.mark.parametrize(
    ("probed", "verdict"),
    [
        ({"engine/a": False, "engine/b": False}, "n/a"),
        ({"engine/a": False}, "n/a"),
        ({"engine/a": False, "engine/b": True}, "n/a"),
        ({}, "untested"),
    ],
)
def test_one_need_that_is_not_there_makes_a_rule_not_applicable(probed: dict[str, bool], verdict: str) -> None:
    result = judged(needs=("a", "b"), may_lack=frozenset({"engine/a", "engine/b"}), probed=probed)
    assert result.verdict == verdict


def test_an_untested_rule_says_that_its_case_went_wrong() -> None:
    assert judged(BLIND, status="done").reason == "never got there"


MUST, SHOULD = Level.MUST, Level.SHOULD
FAIL, WARN, KNOWN, FIXED = RuleVerdict.FAIL, RuleVerdict.WARN, RuleVerdict.KNOWN, RuleVerdict.FIXED
PASS, NA, UNTESTED, ERROR = RuleVerdict.PASS, RuleVerdict.NOT_APPLICABLE, RuleVerdict.UNTESTED, RuleVerdict.ERROR


@pytest.mark.parametrize(
    ("rules", "verdict", "code"),
    [
        ([(MUST, PASS), (MUST, NA)], Verdict.CONFORMANT, 0),
        ([(MUST, PASS), (SHOULD, WARN)], Verdict.CONFORMANT_WITH_NOTES, 0),
        ([(MUST, PASS), (SHOULD, UNTESTED)], Verdict.CONFORMANT_WITH_NOTES, 0),
        ([(SHOULD, KNOWN)], Verdict.CONFORMANT_WITH_NOTES, 0),
        ([(MUST, FAIL), (MUST, UNTESTED)], Verdict.NOT_CONFORMANT, 1),
        ([(MUST, KNOWN)], Verdict.NOT_CONFORMANT, 0),
        ([(MUST, PASS), (MUST, FIXED)], Verdict.CONFORMANT, 1),
        ([(MUST, UNTESTED)], Verdict.INCONCLUSIVE, 3),
        ([(SHOULD, ERROR)], Verdict.INCONCLUSIVE, 4),
        ([(MUST, KNOWN), (MUST, UNTESTED)], Verdict.NOT_CONFORMANT, 3),
    ],
)
def test_the_verdict_and_the_exit_code_of_a_run(
    rules: list[tuple[Level, RuleVerdict]], verdict: Verdict, code: int
) -> None:
    results = [
        RuleResult(id=f"engine/x/{n}", chapter="x", title="", statement="", level=level.value, verdict=one)
        for n, (level, one) in enumerate(rules)
    ]
    assert (verdict_of(results), exit_code(results)) == (verdict, code)


def test_what_counts_as_failing_can_be_chosen() -> None:
    def results(verdict: RuleVerdict) -> list[RuleResult]:
        return [RuleResult(id="engine/x/y", chapter="x", title="", statement="", level="SHOULD", verdict=verdict)]

    assert exit_code(results(WARN), fail_on="warn") == 1
    assert exit_code(results(FIXED), fail_on="regressions") == 0
    assert exit_code(results(FAIL), fail_on="regressions") == 1
