"""The page as text: what is in it, what can never be in it. How it behaves is asked of a browser (`test_browser`)."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from dwconf.reports.html import render_html
from dwconf.reports.model import Failure, RuleResult, RuleVerdict, WireLine, count_verdicts
from tests.reports.hostile import HOSTILE, SCRIPT, hostile_report
from tests.reports.sample import early_timer_log, engine_target, rule, sample_report

VOID = {"meta", "input", "br"}


class Outline(HTMLParser):
    """Tags, ids, links and texts of a page, and a check that tags close in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID and tag != "rect":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag != "rect":
            assert self._open.pop() == tag


def test_snapshot_of_a_failure(snapshot: SnapshotAssertion) -> None:
    page = render_html(sample_report())
    begin = page.index('<details class="rule card v-fail"')
    assert page[begin : page.index("</section>", begin)] == snapshot


def test_snapshot_of_the_verdict(snapshot: SnapshotAssertion) -> None:
    page = render_html(sample_report())
    assert page[page.index('<section class="hero') : page.index('<form class="tools')] == snapshot


def test_is_a_document() -> None:
    page = render_html(sample_report())
    assert page.startswith("<!doctype html>")
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))


def test_every_rule_has_one_anchor_and_every_inner_link_leads_somewhere() -> None:
    outline = Outline(render_html(sample_report()))
    for target in sample_report().targets:
        for result in target.rules:
            assert outline.ids.count(result.id) == 1
    links = {value for tag, name, value in outline.attributes if (tag, name) == ("a", "href") and value.startswith("#")}
    assert links
    assert {link[1:] for link in links} <= set(outline.ids)


def test_two_targets_of_one_side_share_no_anchor() -> None:
    report = sample_report()
    outline = Outline(render_html(msgspec.structs.replace(report, targets=[*report.targets, engine_target()])))
    assert len(outline.ids) == len(set(outline.ids))
    assert "3:engine/timers/never-early" in outline.ids


def test_asks_nothing_of_the_network() -> None:
    outline = Outline(render_html(sample_report()))
    assert not {"link", "img", "iframe", "object", "embed", "base"} & set(outline.tags)
    assert not [value for _, name, value in outline.attributes if name in ("src", "srcset", "action", "style")]
    assert not [name for _, name, _ in outline.attributes if name.startswith("on")]
    style = re.search(r"<style>(.*?)</style>", render_html(sample_report()), re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_names_our_own_code_by_its_hash(tag: str) -> None:
    page = render_html(sample_report())
    (code,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    policies = [value for tag_, name, value in Outline(page).attributes if (tag_, name) == ("meta", "content")]
    assert f"{tag}-src 'sha256-{digest}'" in policies[0]
    assert policies[0].startswith("default-src 'none';")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_peer_cannot_add_markup(text: str) -> None:
    page = render_html(hostile_report(text))
    page.encode("utf-8")
    same_shape = "x\nx" if "\n" in text else "x" if text else ""  # what lies behind a first line is folded
    harmless = Outline(render_html(hostile_report(same_shape)))
    outline = Outline(page)
    assert outline.tags == harmless.tags
    assert _names(outline) == _names(harmless)
    assert SCRIPT not in page
    assert not re.search("[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b]", page)
    assert not [value for _, name, value in outline.attributes if name == "href" and value.startswith("javascript")]
    assert len(page) < 2_000_000


def _names(outline: Outline) -> list[str]:
    return [name for _, name, _ in outline.attributes if name != "open"]  # a huge message stays closed


def test_a_long_log_keeps_its_decisive_lines() -> None:
    lines = [WireLine(number=n, at_ms=n, direction="<", what=f"message-{n}.") for n in range(1, 5001)]
    failure = Failure(title="Late", expected="-", seen="-", log=lines, highlight=[4000])
    page = _page_of([rule("engine/start/long", "Long", RuleVerdict.FAIL, failures=[failure])])
    assert all(f"message-{n}." in page for n in range(3995, 4006))
    assert "message-3000." not in page
    assert "4,989 lines not shown here" in page


def test_a_target_that_breaks_everything_still_gives_a_page_that_opens() -> None:
    failure = Failure(
        title="Nothing came", expected="an answer", seen="none", log=early_timer_log() * 10, highlight=[14]
    )
    rules = [rule(f"engine/start/{n}", f"Rule {n}", RuleVerdict.FAIL, failures=[failure] * 20) for n in range(200)]
    page = _page_of(rules)
    assert len(page) < 20_000_000
    assert page.count('<details class="rule card v-fail"') == 200
    assert "12 more failures of this rule" in page


def _page_of(rules: list[RuleResult]) -> str:
    target = msgspec.structs.replace(engine_target(), rules=rules, counts=count_verdicts(rules))
    return render_html(msgspec.structs.replace(sample_report(), targets=[target]))


def test_lines_far_from_the_decisive_one_are_folded() -> None:
    page = render_html(sample_report())
    assert page.count('<details class="fold">') == 2
    assert "8 lines further away" in page


def test_an_incomplete_report_says_so_first() -> None:
    report = sample_report()
    run = msgspec.structs.replace(report.run, incomplete=True, incomplete_reason="Interrupted after 3 cases.")
    page = render_html(msgspec.structs.replace(report, run=run))
    assert page.index("This report is incomplete.") < page.index('<section class="hero')
    assert "Interrupted after 3 cases." in page
