"""Requirement sets change only by a change of their file."""

from pathlib import Path

from dwconf.suite.rulebook.freeze import freeze, frozen
from dwconf.suite.rulebook.loader import read_rulebook
from tests.suite.rulebook.folder import write_folder


def test_new_rules_enter_the_sets_of_their_release_and_later_ones(tmp_path: Path) -> None:
    data = write_folder(tmp_path / "data")
    assert freeze(data) == ("1.16", "1.17", "1.18", "1.19")
    sets = read_rulebook(data).requirements
    assert sets["1.17"].rules == ("engine/timers/fires",)
    assert sets["1.18"].rules == ("engine/timers/fires", "engine/timers/fires-once")
    assert sets["1.19"].rules[-1] == "worker/replay/unknown-resolution-ignored"
    assert sets["1.18"].may_lack == {"engine/persistence"}


def test_freezing_twice_changes_nothing(tmp_path: Path) -> None:
    data = write_folder(tmp_path / "data")
    freeze(data)
    assert freeze(data) == ()


def test_only_the_list_of_rules_is_written() -> None:
    before = '# kept\nrelease = "1.18"\nrules = [\n    "a",\n    "b",\n]\n\n[may_lack]\nengine = ["x"]\n'
    assert frozen(before, ["c"]) == before.replace('    "a",\n    "b",\n', '    "c",\n')
    assert frozen(before, []) == before.replace('[\n    "a",\n    "b",\n]', "[]")
