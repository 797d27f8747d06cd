"""A case that may end its target's process runs where that is ours, or where the user allows it."""

from __future__ import annotations

import pytest

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.judging.scope import EmptySelection, Selection, scope_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side

RULE = "engine/turns/unknown-action-fails-turn-only"
CASE = "engine/turns/unknown-action"


@pytest.mark.parametrize(
    ("access", "unsafe", "runs"), [("started", False, True), ("attached", True, True), ("attached", False, False)]
)
def test_who_may_be_put_at_risk(access: str, *, unsafe: bool, runs: bool) -> None:
    load_suite()
    book = load_rulebook()
    selection = Selection(rules=(RULE,), unsafe=unsafe)
    profile = book.profile(Side.ENGINE, "reference")
    if runs:
        scope = scope_of(book, "engine", selection, access=access, profile=profile)
        assert [case.id for case in scope.cases] == [CASE]
    else:
        with pytest.raises(EmptySelection, match="--allow-unsafe"):
            scope_of(book, "engine", selection, access=access, profile=profile)
