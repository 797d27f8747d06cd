"""The order in which a run's cases begin."""

from __future__ import annotations

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.judging.scope import Selection, scope_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side


def test_slow_cases_begin_and_those_that_may_end_the_target_come_last() -> None:
    load_suite()
    book = load_rulebook()
    scope = scope_of(book, "engine", Selection(), access="started", profile=book.profile(Side.ENGINE, "reference"))
    shared = [case for case in scope.cases if not (case.alone or case.restarts or case.unsafe)]
    slow = [case for case in scope.cases if case.slow]
    assert slow
    assert list(scope.cases[: len(slow)]) == slow
    assert list(scope.cases[: len(shared)]) == shared
    assert scope.cases[-1].unsafe
