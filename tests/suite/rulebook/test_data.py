"""The rulebook that we ship: whole, in agreement with itself and with the pages that people read."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from dwconf.suite.rulebook import Rulebook, Side, load_rulebook
from dwconf.suite.rulebook.freeze import expected

PAGES = Path(__file__).parents[3] / "docs" / "protocol"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SHORTHAND = re.compile(r"\b(SQ|DD|MG|MP|HEAD|durabletask|daprd|Dapr engine)\b")


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_rulebook()


def test_requirement_sets_hold_every_rule_up_to_their_release(book: Rulebook) -> None:
    for each in book.requirements.values():
        assert each.rules == expected(each.name, book.rules.values()), "run python -m dwconf.suite.rulebook.freeze"


def test_rule_ids_are_readable_slugs(book: Rulebook) -> None:
    names = [part for rule in book.rules.values() for part in rule.id.split("/")]
    assert [name for name in names if not SLUG.fullmatch(name)] == []


def test_rules_read_as_sentences_and_name_no_peer(book: Rulebook) -> None:
    for rule in book.rules.values():
        assert rule.statement.endswith(".")
        assert not rule.title.endswith(".")
        assert not SHORTHAND.search(f"{rule.title} {rule.statement}"), rule.id


def test_at_most_one_must_in_ten_is_excluded(book: Rulebook) -> None:
    entries = (PAGES / "engine.md").read_text("utf-8") + (PAGES / "worker.md").read_text("utf-8")
    musts = set(re.findall(r"\*\*(ENG-\w-\d\d)\*\* MUST|^\| (WRK-\w-\d\d) \| MUST", entries, re.MULTILINE))
    ids = {engine or worker for engine, worker in musts}
    assert len({each.source for each in book.exclusions} & ids) * 10 <= len(ids)
    assert len(ids) > 200


CATALOGUES = {
    "engine": ("engine.md", r"\*\*(ENG-[A-K]-\d\d)\*\*", "ENG-"),
    "management": ("management.md", r"\*\*(API-\d\d)\*\*", "API-"),
    "worker": ("worker.md", r"^\| (WRK-[A-N]-\d\d) \|", "WRK-"),
    "documents": (
        "documents.md",
        r"(?:^- |(?<=\. ))((?:OV|MG|EX|OL|AL|SH|VE|T)-\d+) ",
        ("OV-", "MG-", "EX-", "OL-", "AL-", "SH-", "VE-", "T-"),
    ),
}


@pytest.mark.parametrize(("page", "entry", "prefix"), CATALOGUES.values(), ids=CATALOGUES)
def test_each_page_holds_exactly_the_entries_of_the_data(
    book: Rulebook, page: str, entry: str, prefix: str | tuple[str, ...]
) -> None:
    on_page = re.findall(entry, (PAGES / page).read_text("utf-8"), re.MULTILINE)
    assert sorted(set(on_page)) == sorted(name for name in book.sources if name.startswith(prefix))
    assert len(on_page) == len(set(on_page))


def test_each_side_has_a_reference_profile_that_denies_only_what_it_says(book: Rulebook) -> None:
    for side in Side:
        profile = book.profile(side, "reference")
        assert {name for name, claimed in profile.capabilities.items() if not claimed} == set(profile.denials)
        assert all(denial.reason and denial.source for denial in profile.denials.values())


def test_the_features_of_the_contract_are_capabilities(book: Rulebook) -> None:
    contract = (PAGES.parent / "conformance-app.md").read_text("utf-8").partition("| feature | means |\n")[2]
    rows = [row.split("|")[1] for row in contract.partition("\n\n")[0].splitlines()[1:]]
    named = {f"worker/{name}" for row in rows for name in re.findall(r"`([a-z-]+)`", row)}
    assert named == {name for name, each in book.capabilities.items() if each.feature}


def test_operations_stand_for_capabilities_of_workers_alone(book: Rulebook) -> None:
    assert {each.side for each in book.capabilities.values() if each.operations} == {Side.WORKER}


def test_nothing_may_be_lacked_that_a_newer_line_may_lack_and_an_older_may_not(book: Rulebook) -> None:
    sets = list(book.requirements.values())
    for older, newer in pairwise(sets):
        assert newer.may_lack <= older.may_lack
