"""A rulebook that loads has no dangling reference; each defect is named with its file, its entry and a way out."""

from pathlib import Path

import pytest

from dwconf.suite.rulebook.errors import RulebookError
from dwconf.suite.rulebook.loader import read_rulebook
from dwconf.suite.rulebook.model import Evidence, Level, Rule, Side
from tests.suite.rulebook.folder import write_folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "data")


def test_a_rule_keeps_every_field(data: Path) -> None:
    assert read_rulebook(data).rules["engine/timers/fires-once"] == Rule(
        id="engine/timers/fires-once",
        side=Side.ENGINE,
        chapter="timers",
        slug="fires-once",
        level=Level.SHOULD,
        title="A timer fires once",
        statement="A timer fires once.",
        sources=("ENG-E-10",),
        since="1.18",
        evidence=Evidence.SOURCE_ONLY,
        needs=("persistence",),
        aliases=("engine/timers/no-duplicates",),
        choice="stale-event-timer",
        latitude="None.",
        tension=("T-4",),
    )


def test_chapters_come_in_the_order_of_the_catalogues(data: Path) -> None:
    early = data / "rules" / "engine" / "turns.toml"
    early.write_text('side = "engine"\nchapter = "turns"\nletter = "C"\ntitle = "Turns"\n', encoding="utf-8")
    book = read_rulebook(data)
    assert list(book.chapters) == ["engine/turns", "engine/timers", "worker/replay"]
    assert next(iter(book.rules)) == "engine/timers/fires"


def test_a_profile_claims_what_it_does_not_deny(data: Path) -> None:
    profile = read_rulebook(data).profile(Side.ENGINE, "durabletask-go")
    assert not profile.capabilities["rerun"]
    assert profile.capabilities["detached"]
    assert "UNIMPLEMENTED" in profile.denials["rerun"].reason
    assert profile.overrides["history-unknown"] == "empty"


RULES = "rules/engine/timers.toml"
DEFECTS = {
    "unknown level": (RULES, 'level = "MUST"', 'level = "SHALL"', "engine/timers/fires", "level"),
    "unknown key": (RULES, 'level = "MUST"', 'level = "MUST"\nlevle = "MUST"', "engine/timers/fires", "levle"),
    "wrong type": (RULES, 'sources = ["ENG-E-10"]', "sources = 10", "engine/timers/fires-once", "sources"),
    "missing field": (RULES, 'title = "A timer fires once"', "", "engine/timers/fires-once", "title"),
    "unknown source": (RULES, "ENG-E-10", "ENG-E-99", "engine/timers/fires-once", "'ENG-E-99'"),
    "no source": (RULES, '["ENG-E-10"]', "[]", "engine/timers/fires-once", "cites no source"),
    "unknown tension": (RULES, "T-4", "T-99", "engine/timers/fires-once", "'T-99'"),
    "unknown capability": (
        RULES,
        '["persistence"]',
        '["persistance"]',
        "engine/timers/fires-once",
        "near: engine/pers",
    ),
    "unknown choice": (RULES, "stale-event-timer", "stale-timer", "engine/timers/fires-once", "unknown choice"),
    "unknown release": (RULES, 'since = "1.18"', 'since = "1.15"', "engine/timers/fires-once", "unknown release"),
    "same id twice": (RULES, "engine/timers/fires-once", "engine/timers/fires", "engine/timers/fires", "twice"),
    "foreign id": (RULES, "engine/timers/fires-once", "engine/events/fires", "engine/events/fires", "<slug>"),
    "alias of another": (RULES, "engine/timers/no-duplicates", "engine/timers/fires", "fires-once", "is taken"),
    "misplaced chapter": (RULES, 'chapter = "timers"', 'chapter = "turns"', "file", "engine/turns"),
    "no TOML": (RULES, "[[rule]]", "[[rule]", "file", "TOML"),
    "unknown rule in a set": (
        "requirements/1.18.toml",
        "rules = []",
        'rules = ["engine/x/y"]',
        "rules",
        "'engine/x/y'",
    ),
    "misnamed set": ("requirements/1.18.toml", '"1.18"', '"1.17"', "file", "1.17"),
    "unknown lack": ("requirements/1.17.toml", "persistence", "endurance", "may_lack", "'engine/endurance'"),
    "unknown denial": ("profiles/engine/daprd.toml", "denied.retention", "denied.retain", "denied.retain", "unknown"),
    "unknown option": ("profiles/engine/daprd.toml", '"parks"', '"waits"', "choices.wait-unknown", "unknown option"),
    "no option": ("profiles/engine/daprd.toml", 'wait-unknown = "parks"', "", "choices", "wait-unknown"),
    "excluded and cited": ("exclusions.toml", "ENG-K-08", "ENG-E-01", "ENG-E-01", "a rule cites it"),
    "unknown exclusion": ("exclusions.toml", "ENG-K-08", "ENG-K-88", "ENG-K-88", "unknown source"),
}


@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_named(data: Path, defect: tuple[str, str, str, str, str]) -> None:
    file, sound, broken, where, says = defect
    text = (data / file).read_text(encoding="utf-8")
    assert sound in text
    (data / file).write_text(text.replace(sound, broken, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        read_rulebook(data)
    assert caught.value.file == data / file
    assert where in caught.value.where
    assert says in str(caught.value)
    assert str(caught.value).startswith(Path(file).name)


def test_a_missing_file_is_named(data: Path) -> None:
    (data / "choices.toml").unlink()
    with pytest.raises(RulebookError, match=r"choices\.toml: file: "):
        read_rulebook(data)
