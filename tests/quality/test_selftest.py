"""The selftest tells a check that bites from one that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dwconf.engine.mutants import MUTANTS, Mutant
from dwconf.suite import selftest as subject
from dwconf.suite.checks.registry import CHECKS, Check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Work
from dwconf.suite.selftest import SelftestReport, selftest
from dwconf.suite.targets.references import Wrong

RULE = "engine/start/echoes-id"
CASE = "engine/start/plain"


def run(*, jobs: int = 1) -> SelftestReport:
    return selftest(["engine"], rules=(RULE,), jobs=jobs, tell=lambda _: None)


def test_a_sound_rule_has_no_problems() -> None:
    report = run()
    assert report.problems == ()
    assert report.mutants == report.killed > 0
    assert all(rule.proven for rule in report.rules)


def test_two_processes_say_the_same() -> None:
    assert run(jobs=2) == run()


def with_mutants(monkeypatch: pytest.MonkeyPatch, *made: Mutant) -> None:
    for mutant in made:
        monkeypatch.setitem(MUTANTS, mutant.name, mutant)
    wrong = tuple(Wrong("engine", mutant.name, mutant.breaks, mutant.title) for mutant in made)
    monkeypatch.setattr(subject, "mutants", lambda _side: wrong)


def test_a_survivor_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mutants(monkeypatch, Mutant(name="harmless", breaks=RULE, title="not wrong at all"))
    assert [problem[:24] for problem in run().problems] == ["mutant harmless survives"]


def test_a_mutant_that_got_away_on_a_busy_machine_is_caught_in_the_second_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    perform, looks = subject._perform, list[float]()

    def busy(work: tuple[Work, ...], jobs: int, tell: Callable[[CaseOutcome], None]) -> list[CaseOutcome]:
        looks.append(max(w.target.scale for w in work))
        return [o for o in perform(work, jobs, tell) if len(looks) > 1 or "mutant" not in o.target]

    monkeypatch.setattr(subject, "_perform", busy)
    report = run()
    assert report.problems == ()
    assert {mutant.note for rule in report.rules for mutant in rule.mutants} == {subject.LATE}
    assert looks == [1, subject.PATIENCE]


def test_a_check_without_a_mutant_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mutants(monkeypatch)
    assert run().problems == (f"{RULE}: no mutant breaks it, so nobody has seen its check fail",)


def test_a_mutant_of_no_rule_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    with_mutants(monkeypatch, Mutant(name="stray", breaks="engine/no/such-rule", title="breaks nothing we know"))
    monkeypatch.setattr(subject, "_reference_work", lambda *_: ())
    report = selftest(["engine"], tell=lambda _: None)
    assert "mutant stray: there is no rule engine/no/such-rule" in report.problems


def always(_: Evidence) -> Findings:
    yield Finding("nothing", "everything", ())


def blind(e: Evidence) -> Findings:
    e.item("no-such-step")
    yield from ()


def raising(e: Evidence) -> Findings:
    del e
    raise KeyError("our own fault")


@pytest.mark.parametrize("judge", [always, blind, raising])
def test_a_check_that_cries_wolf_or_sees_nothing_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, judge: Callable[[Evidence], Any]
) -> None:
    run()
    for key in [key for key in CHECKS if key[0] == RULE]:
        monkeypatch.delitem(CHECKS, key)
    monkeypatch.setitem(CHECKS, (RULE, judge.__name__), Check(RULE, (CASE,), judge))
    assert any(problem.startswith(f"{RULE}: the reference:") for problem in run().problems)
