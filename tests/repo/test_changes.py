"""Changelog fragments: towncrier passes over a file whose name it does not know, so a misnamed one would be lost."""

import re
import tomllib

import pytest

from tests.repo.checkout import ROOT, files

CONFIGURED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["towncrier"]
TYPES = [kind["directory"] for kind in CONFIGURED["type"]]
NOT_FRAGMENTS = {"README.md", "template.md.jinja"}
NAME = re.compile(rf"[a-z0-9]+(-[a-z0-9]+)*\.({'|'.join(TYPES)})\.md")


def test_the_kinds_are_those_that_the_page_names() -> None:
    page = (ROOT / "changes" / "README.md").read_text("utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == TYPES


def test_fragments_are_well_named_and_not_empty() -> None:
    fragments = [path for path in files("changes") if path.name not in NOT_FRAGMENTS]
    misnamed = [str(path) for path in fragments if path.parent.name != "changes" or not NAME.fullmatch(path.name)]
    empty = [str(path) for path in fragments if not (ROOT / path).read_text("utf-8").strip()]
    assert (misnamed, empty) == ([], [])


@pytest.mark.parametrize(
    "name", ["engine.md", "Engine.feature.md", "engine.bugfix.md", "an_engine.fix.md", "a.fix.txt"]
)
def test_a_misnamed_fragment_is_seen(name: str) -> None:
    assert not NAME.fullmatch(name)
