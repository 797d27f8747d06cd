"""What is registered fits together: rules, checks, cases, monitors, observations and probes."""

from __future__ import annotations

import pytest

from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.checks.registry import CHECKS
from dwconf.suite.fingerprint.registry import OBSERVATIONS
from dwconf.suite.judging.scope import JUDGED, cases_of
from dwconf.suite.monitors.registry import MONITORS
from dwconf.suite.probes.registry import PROBES
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.schedules.registry import PROPERTIES

load_suite()
BOOK = load_rulebook()
NAMED = {
    **{f"check {c.name} of {c.rule}": c.cases for c in CHECKS.values()},
    **{f"monitor of {rule}": monitor.CASES for rule, monitor in MONITORS.items()},
    **{f"observation of {rule}": one.cases for rule, one in OBSERVATIONS.items()},
    **{f"probe of {name}": one.cases for name, one in PROBES.items()},
    **{f"property {case}": (case,) for case in PROPERTIES},
}


@pytest.mark.parametrize("who", sorted(NAMED))
def test_every_named_case_exists(who: str) -> None:
    assert set(NAMED[who]) <= set(CASES)


@pytest.mark.parametrize("rule", sorted({rule for rule, _ in CHECKS} | set(MONITORS) | set(OBSERVATIONS)))
def test_whatever_judges_has_a_rule_of_its_level(rule: str) -> None:
    assert rule in BOOK.rules
    judged = rule in MONITORS or any(key[0] == rule for key in CHECKS)
    assert judged == (BOOK.rules[rule].level in JUDGED)


@pytest.mark.parametrize("rule", list(BOOK.rules))
def test_every_rule_has_something_that_decides_it(rule: str) -> None:
    assert cases_of(rule)


@pytest.mark.parametrize("capability", sorted(PROBES))
def test_every_probe_is_of_a_capability(capability: str) -> None:
    assert capability in BOOK.capabilities


@pytest.mark.parametrize("case", sorted(PROPERTIES))
def test_what_looks_by_chance_speaks_of_rules_that_have_checks_besides(case: str) -> None:
    checked = {rule for rule, _ in CHECKS} | set(MONITORS)
    assert set(PROPERTIES[case].rules) <= checked


def test_every_case_gives_evidence_for_something() -> None:
    used = {case for cases in NAMED.values() for case in cases}
    assert set(CASES) - used == set()


@pytest.mark.parametrize("case", sorted(CASES))
def test_every_case_says_what_it_is(case: str) -> None:
    assert CASES[case].title != case
    assert len(CASES[case].title) < 160


def test_what_a_check_needs_is_a_capability() -> None:
    needed = {f"{BOOK.rules[one.rule].side}/{need}" for one in CHECKS.values() for need in one.needs}
    assert needed
    assert needed <= set(BOOK.capabilities)
