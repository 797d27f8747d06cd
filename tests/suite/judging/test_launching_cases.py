"""A case that starts the app itself runs where we have its command; of an app that is attached there is one process."""

from __future__ import annotations

import inspect

import pytest

from dwconf.suite.cases.registry import CASES, Depth, load_suite
from dwconf.suite.judging.scope import Selection, scope_of
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side

STARTING = ("own_app(", " own(s")


@pytest.mark.parametrize("access", ["attached", "started", "embedded"])
def test_an_attached_app_is_not_asked_for_another_process(access: str) -> None:
    load_suite()
    book = load_rulebook()
    selection = Selection(depth=Depth.SOAK, unsafe=True)
    scope = scope_of(book, "worker", selection, access=access, profile=book.profile(Side.WORKER, "reference"))
    starting = [case.id for case in scope.cases if any(word in inspect.getsource(case.drive) for word in STARTING)]
    assert bool(starting) == (access != "attached")
    if access == "attached":
        assert scope.outside["worker/connection/opens-stream"] == "needs a target that we start"


def test_cases_say_that_they_start_the_app() -> None:
    load_suite()
    for case in CASES.values():
        if case.side == "worker" and any(word in inspect.getsource(case.drive) for word in STARTING):
            assert case.launches, case.id
