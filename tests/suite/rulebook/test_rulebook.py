"""Looking things up: by id, by an id that a rule once had, by pattern; and what is said when nothing is there."""

import pytest

from dwconf.suite.rulebook import (
    Rulebook,
    Side,
    UnknownPattern,
    UnknownProfile,
    UnknownRequirements,
    UnknownRule,
    UnknownSource,
)
from dwconf.suite.rulebook.loader import read_rulebook
from tests.suite.rulebook.folder import write_folder

FIRES, ONCE = "engine/timers/fires", "engine/timers/fires-once"
IGNORED = "worker/replay/unknown-resolution-ignored"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    return read_rulebook(write_folder(tmp_path_factory.mktemp("rulebook") / "data"))


def test_an_alias_resolves_to_its_rule(book: Rulebook) -> None:
    assert book.resolve("engine/timers/no-duplicates") is book.resolve(ONCE)


def test_an_unknown_rule_comes_with_near_ones(book: Rulebook) -> None:
    with pytest.raises(UnknownRule, match="did you mean engine/timers/fires"):
        book.resolve("engine/timer/fires")


SELECTIONS = {
    "nothing asked": ([], [FIRES, ONCE, IGNORED]),
    "an id, not those that begin with it": ([FIRES], [FIRES]),
    "an alias": (["engine/timers/no-duplicates"], [ONCE]),
    "a side": (["worker"], [IGNORED]),
    "a chapter": (["engine/timers"], [FIRES, ONCE]),
    "a chapter with a slash": (["engine/timers/"], [FIRES, ONCE]),
    "a beginning": (["engine/timers/fires-"], [ONCE]),
    "a glob": (["*/replay/*"], [IGNORED]),
    "a glob on an alias": (["*/no-dup*"], [ONCE]),
    "two, in the rulebook's order": (["worker/replay", FIRES], [FIRES, IGNORED]),
    "the same twice": ([FIRES, FIRES], [FIRES]),
}


@pytest.mark.parametrize(("patterns", "selected"), SELECTIONS.values(), ids=SELECTIONS)
def test_patterns_select(book: Rulebook, patterns: list[str], selected: list[str]) -> None:
    assert [rule.id for rule in book.select(patterns)] == selected


@pytest.mark.parametrize("pattern", ["", "/", "engine/timer/*", "imers", "ENGINE", "engine/timers/fires/more"])
def test_a_pattern_that_matches_nothing_is_refused(book: Rulebook, pattern: str) -> None:
    with pytest.raises(UnknownPattern) as caught:
        book.select([FIRES, pattern])
    assert caught.value.name == pattern


def test_an_unknown_pattern_comes_with_near_ones(book: Rulebook) -> None:
    with pytest.raises(UnknownPattern, match="did you mean engine/timers"):
        book.select(["engine/tmers"])


def test_sources_are_found_with_their_page(book: Rulebook) -> None:
    assert book.source("ENG-E-01").page == "docs/protocol/engine.md"
    assert book.source("EX-8").page.endswith("/workflow-protocol-execution-api")
    assert book.source("EX-8").text.startswith("TimerCreated records why")
    with pytest.raises(UnknownSource, match="EX-8"):
        book.source("EX-88")


def test_unknown_profiles_and_sets_are_answered_with_those_there_are(book: Rulebook) -> None:
    with pytest.raises(UnknownProfile, match="durabletask-go"):
        book.profile(Side.ENGINE, "sdk")
    with pytest.raises(UnknownRequirements, match=r"1\.19"):
        book.requirement_set("2.0")


def test_uncited_entries_are_those_without_rule_and_exclusion(book: Rulebook) -> None:
    uncited = book.uncited()
    assert "ENG-E-02" in uncited
    assert not {"ENG-E-01", "ENG-E-10", "WRK-B-17", "ENG-K-06", "OV-1"} & set(uncited)
