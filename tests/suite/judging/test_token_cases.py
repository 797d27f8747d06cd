"""Rules about the API token are judged where the target has one; elsewhere the scope says what is missing."""

from __future__ import annotations

import pytest

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.judging.scope import EmptySelection, Selection, scope_of
from dwconf.suite.planning import has_token
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side
from dwconf.suite.running.plan import TargetSpec

RULE = "engine/management/token-for-calls"
CASE = "engine/management-refusals/strangers"


@pytest.mark.parametrize("access", ["attached", "started", "embedded"])
def test_the_token_decides_and_not_the_access(access: str) -> None:
    load_suite()
    book = load_rulebook()
    selection, profile = Selection(rules=(RULE,)), book.profile(Side.ENGINE, "reference")
    scope = scope_of(book, "engine", selection, access=access, profile=profile, token=True)
    assert [case.id for case in scope.cases] == [CASE]
    with pytest.raises(EmptySelection, match="needs a target with an API token: set DAPR_API_TOKEN"):
        scope_of(book, "engine", selection, access=access, profile=profile)


@pytest.mark.parametrize(
    ("spec", "token", "has"),
    [
        (TargetSpec("engine", "attached", address="127.0.0.1:1"), "secret", True),
        (TargetSpec("engine", "attached", address="127.0.0.1:1"), "", False),
        (TargetSpec("engine", "started", command=("x",), folder="x"), "secret", True),
        (TargetSpec("engine", "started", command=("x",), folder="x"), "", False),
        (TargetSpec("engine", "embedded"), "", True),
        (TargetSpec("worker", "embedded"), "secret", False),
    ],
    ids=lambda each: getattr(each, "access", str(each)),
)
def test_who_has_a_token(spec: TargetSpec, token: str, *, has: bool) -> None:
    assert has_token(spec.make(token)) is has
