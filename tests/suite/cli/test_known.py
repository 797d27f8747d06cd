"""The list of known failures: strict when read, stable when written."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from dwconf.reports.model import RuleResult, RuleVerdict
from dwconf.suite.known import TODO, Known, KnownError, load_known, render, updated
from dwconf.suite.rulebook import Rule, Rulebook, load_rulebook

TODAY = date(2026, 6, 1)
RULEBOOK: Rulebook = load_rulebook()
FIRST, SECOND = (rule.id for rule in sorted(RULEBOOK.rules.values(), key=lambda rule: rule.id)[:2])


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "known.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path: Path) -> None:
    text = f"- rule: {FIRST}\n  reason: rounds down\n  link: https://example.org/1\n  expires: 2026-06-01\n"
    known = load_known(written(tmp_path, text), RULEBOOK, today=TODAY)
    assert known == {FIRST: Known(FIRST, "rounds down", "https://example.org/1", TODAY)}


def test_an_empty_file_is_an_empty_list(tmp_path: Path) -> None:
    assert load_known(written(tmp_path, "# nothing fails\n"), RULEBOOK, today=TODAY) == {}


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("- rule: [", 1, "not YAML", id="no YAML"),
        pytest.param("- rule: \x00", 0, "not YAML", id="a control character"),
        pytest.param("- rule: x\n  expires: 2026-02-31\n", 0, "not YAML", id="a day that is none"),
        pytest.param("rule: x\n", 1, "must be a list", id="no list"),
        pytest.param("- x\n", 1, "is no entry", id="no entry"),
        pytest.param(f"- reason: {FIRST}\n", 1, "without a rule", id="no rule"),
        pytest.param("- rule: 7\n  reason: x\n", 1, "rule is 7", id="a number for a rule"),
        pytest.param(f"# one\n- rule: {FIRST}x\n  reason: x\n", 2, "unknown rule", id="unknown rule"),
        pytest.param(f"- rule: {FIRST}\n  reason: x\n  url: y\n", 1, "unknown key 'url'", id="unknown key"),
        pytest.param(f"- rule: {FIRST}\n", 1, "has no reason", id="no reason"),
        pytest.param(f"- rule: {FIRST}\n  reason: '  '\n", 1, "has no reason", id="a blank reason"),
        pytest.param(f"- rule: {FIRST}\n  reason: '{TODO}'\n", 1, "has no reason", id="a reason to be written"),
        pytest.param(f"- rule: {FIRST}\n  reason: [x]\n", 1, "reason is", id="a list for a reason"),
        pytest.param(f"- rule: {FIRST}\n  reason: x\n  expires: soon\n", 1, "expires is 'soon'", id="no date"),
        pytest.param(
            f"- rule: {FIRST}\n  reason: x\n  expires: 2026-05-31\n", 1, "expired on 2026-05-31", id="expired"
        ),
        pytest.param(
            f"- rule: {FIRST}\n  reason: x\n- rule: {FIRST}\n  reason: y\n", 3, "listed twice", id="listed twice"
        ),
    ],
)
def test_what_cannot_stand_is_refused_with_its_place(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(KnownError, match="hint: ") as caught:
        load_known(path, RULEBOOK, today=TODAY)
    assert caught.value.line == line
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_unknown_rule_is_told_what_it_looks_like(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        load_known(written(tmp_path, f"- rule: {FIRST}x\n  reason: x\n"), RULEBOOK, today=TODAY)
    assert FIRST in caught.value.hint


def test_a_missing_file_is_only_fine_when_it_is_about_to_be_written(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    assert load_known(missing, RULEBOOK, today=TODAY, renewing=True) == {}
    with pytest.raises(KnownError, match="no such file"):
        load_known(missing, RULEBOOK, today=TODAY)


def test_renewing_takes_stale_entries(tmp_path: Path) -> None:
    text = f"- rule: {FIRST}\n- rule: {SECOND}\n  reason: x\n  expires: 2020-01-01\n"
    assert set(load_known(written(tmp_path, text), RULEBOOK, today=TODAY, renewing=True)) == {FIRST, SECOND}


def result(rule: Rule, verdict: RuleVerdict) -> RuleResult:
    return RuleResult(
        id=rule.id,
        chapter=rule.chapter,
        title=rule.title,
        statement=rule.statement,
        level=rule.level.value,
        verdict=verdict,
    )


def results(*verdicts: RuleVerdict) -> Sequence[RuleResult]:
    rules = [RULEBOOK.rules[FIRST], RULEBOOK.rules[SECOND]]
    return [result(rule, verdict) for rule, verdict in zip(rules, verdicts, strict=False)]


def test_an_update_adds_failures_without_a_reason() -> None:
    assert updated({}, results(RuleVerdict.FAIL)) == {FIRST: Known(FIRST, TODO)}


def test_an_update_keeps_reasons_and_drops_what_passes() -> None:
    known = {SECOND: Known(SECOND, "gone"), FIRST: Known(FIRST, "still", "https://example.org/1")}
    after = updated(known, results(RuleVerdict.KNOWN, RuleVerdict.FIXED))
    assert after == {FIRST: known[FIRST]}


@pytest.mark.parametrize("verdict", [RuleVerdict.UNTESTED, RuleVerdict.ERROR, RuleVerdict.NOT_APPLICABLE])
def test_an_update_leaves_alone_what_was_not_judged(verdict: RuleVerdict) -> None:
    known = {FIRST: Known(FIRST, "still"), SECOND: Known(SECOND, "not in this run")}
    assert updated(known, results(verdict)) == known


@pytest.mark.parametrize(("warnings", "listed"), [(False, set[str]()), (True, {FIRST})])
def test_warnings_are_listed_when_they_fail_the_run(warnings: bool, listed: set[str]) -> None:  # noqa: FBT001
    assert set(updated({}, results(RuleVerdict.WARN), warnings=warnings)) == listed


def test_what_is_written_reads_back_and_is_always_the_same(tmp_path: Path) -> None:
    known = {
        SECOND: Known(SECOND, "a reason: with a colon, and 'quotes' and ü"),
        FIRST: Known(FIRST, "x", "https://example.org/1", date(2027, 1, 31)),
    }
    text = render(known)
    assert text == render(dict(reversed(known.items())))
    assert load_known(written(tmp_path, text), RULEBOOK, today=TODAY) == known
    assert load_known(written(tmp_path, render({})), RULEBOOK, today=TODAY) == {}
