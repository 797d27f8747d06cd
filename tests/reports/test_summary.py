import re

import msgspec
import pytest
from markdown_it import MarkdownIt
from syrupy.assertion import SnapshotAssertion

from dwconf.reports.model import Failure, RuleVerdict, count_verdicts
from dwconf.reports.summary import render_summary
from tests.reports.hostile import HOSTILE, hostile_report
from tests.reports.sample import engine_target, rule, sample_report


def test_snapshot(snapshot: SnapshotAssertion) -> None:
    assert render_summary(sample_report()) == snapshot


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_peer_cannot_add_markup(text: str) -> None:
    """The same blocks and the same inline markup come out as for a peer that says nothing special."""
    harmless, hostile = (_shape(render_summary(hostile_report(words))) for words in ("x", text or "x"))
    assert hostile == harmless


def _shape(markdown: str) -> list[str]:
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown)
    return [
        child.type
        for token in tokens
        for child in [token, *(token.children or [])]
        if child.type not in ("text", "text_special")
    ]


def test_nobody_is_mentioned() -> None:
    summary = render_summary(hostile_report(HOSTILE["markdown"]))
    assert "&#64;everyone" in summary
    assert "@" not in re.sub(r"^(````+)sh$.*?^\1$", "", summary, flags=re.DOTALL | re.MULTILINE)


def test_a_summary_stays_small() -> None:
    failure = Failure(title="t" * 5000, expected="e" * 5000, seen="s" * 5000, reproduce="r" * 50_000)
    rules = [rule(f"engine/start/{n}", "T", RuleVerdict.FAIL, failures=[failure] * 9) for n in range(300)]
    target = msgspec.structs.replace(engine_target(), rules=rules, counts=count_verdicts(rules))
    summary = render_summary(msgspec.structs.replace(sample_report(), targets=[target]))
    assert len(summary) < 500_000
    assert "and 275 more failing rules" in summary
