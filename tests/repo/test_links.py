"""Every link in a page that points into the repository leads to something that is there."""

import re
from pathlib import PurePosixPath

import pytest

from tests.repo.checkout import ROOT, files

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def links(page: str) -> list[str]:
    prose = CODE.sub("", FENCE.sub("", page))
    return [target for target in LINK.findall(prose) if not ELSEWHERE.match(target)]


def anchors(page: str) -> set[str]:
    """Anchors of a page's headings, as code hosts make them: lower case, punctuation dropped, blanks to hyphens."""
    names: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", page)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        again = sum(name == slug or re.fullmatch(rf"{re.escape(slug)}-\d+", name) is not None for name in names)
        names.add(f"{slug}-{again}" if again else slug)
    return names


def broken(page: PurePosixPath) -> list[str]:
    return [link for link in links((ROOT / page).read_text("utf-8")) if not resolves(page, link)]


def resolves(page: PurePosixPath, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (ROOT / page.parent / path).resolve() if path else ROOT / page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors(target.read_text("utf-8"))


def test_links_resolve() -> None:
    pages = files("*.md")
    assert len(pages) > 5
    assert {str(page): found for page in pages if (found := broken(page))} == {}


@pytest.mark.parametrize("link", ["missing.md", "../outside", "LICENSE/below", "README.md#no-such-heading"])
def test_a_broken_link_is_seen(link: str) -> None:
    assert not resolves(PurePosixPath("README.md"), link)


def test_links_are_found_in_prose_only() -> None:
    page = "[a](a.md) `[b](b.md)`\n```\n[c](c.md)\n```\n[d](https://d) ![e](e.png)\n"
    assert links(page) == ["a.md", "e.png"]
