"""At quick depth a rule is in scope when one of its cases that can decide it is; else the report says why not."""

from __future__ import annotations

import pytest

from dwconf.suite.cases.registry import CASES, Depth, load_suite
from dwconf.suite.judging.scope import Selection, cases_of, scope_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Level, Side
from dwconf.suite.schedules.registry import properties_of

MOST = 0.7
"""How many of the rules that must be kept a quick run judges at least."""


@pytest.mark.parametrize("side", ["engine", "worker"])
def test_what_quick_depth_judges_it_can_decide(side: str) -> None:
    load_suite()
    book = load_rulebook()
    profile = book.profile(Side(side), "reference")
    scope = scope_of(book, side, Selection(depth=Depth.QUICK), access="embedded", profile=profile)
    for rule in scope.judged:
        deciding = set(cases_of(rule.id)) - set(properties_of(rule.id))
        assert any(CASES[case].depth is Depth.QUICK for case in deciding), rule.id
    left_out = [rule for rule, reason in scope.outside.items() if reason == "not in quick depth"]
    must = [rule for rule in book.rules.values() if rule.side == side and rule.level is Level.MUST]
    assert left_out
    assert sum(rule.id not in scope.outside for rule in must) > MOST * len(must)
