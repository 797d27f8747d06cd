"""What `dwconf init` writes is complete, can be used as it is, and replaces nothing by itself."""

import re
import stat
import tomllib
from pathlib import Path

import pytest
import yaml

from dwconf.suite.cli.init.skeleton import APPS
from dwconf.suite.cli.worker import command as worker
from dwconf.suite.config import SHARED, TABLES, defaults_for
from tests.repo.checkout import ROOT, files
from tests.suite.cli.commands import process

NOT_OF_THE_APP = {"peer.toml", "expectations.yaml"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    assert process("init", cwd=tmp_path).code == 0
    return tmp_path / "dwconf.toml"


def uncommented(config: Path) -> str:
    return re.sub(r"^# (?=[a-z-]+ = )", "", config.read_text("utf-8"), flags=re.MULTILINE)


def test_a_fresh_configuration_sets_nothing(config: Path) -> None:
    assert all(defaults_for(command, config.parent) == {} for command in TABLES)


def test_every_key_stands_there_and_may_be_taken_as_it_is(config: Path) -> None:
    text = uncommented(config)
    config.write_text(text, "utf-8")
    content = tomllib.loads(text)
    assert content.keys() == SHARED.keys() | TABLES.keys()
    own = {table: content[table].keys() for table in ("worker", "sidecar")}
    assert own == {table: TABLES[table].keys() - SHARED.keys() for table in own}
    assert all(defaults_for(command, config.parent) for command in TABLES)


def test_the_values_that_are_shown_are_the_defaults(config: Path) -> None:
    shown = tomllib.loads(uncommented(config))
    defaults = {name: parameter.default for parameter in worker.params if (name := parameter.name)}
    for key in ("depth", "jobs", "timeout-scale", "out", "fail-on", "durations"):
        assert str(shown[key]) == str(defaults[key.replace("-", "_")]), key


def test_a_file_that_is_there_is_kept(config: Path) -> None:
    config.write_text("jobs = 2\n", "utf-8")
    ended = process("init", cwd=config.parent)
    assert ended.code == 2
    assert "dwconf.toml" in ended.err
    assert config.read_text("utf-8") == "jobs = 2\n"
    assert process("init", "--force", cwd=config.parent).code == 0
    assert config.read_text("utf-8") != "jobs = 2\n"


@pytest.mark.parametrize("language", APPS)
def test_a_skeleton_is_the_peers_app(language: str, tmp_path: Path) -> None:
    """No file of it is missing, none differs, and what can be started can be started."""
    assert process("init", "app", "mine", "--language", language, cwd=tmp_path).code == 0
    folder = ROOT / "peers" / "apps" / language
    for path in files(f"peers/apps/{language}"):
        name = path.relative_to(f"peers/apps/{language}").as_posix()
        if name not in NOT_OF_THE_APP:
            assert (tmp_path / "mine" / name).read_bytes() == (folder / name).read_bytes(), name
            assert mode(tmp_path / "mine" / name) == mode(folder / name), name


def mode(path: Path) -> int:
    return path.stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("language", APPS)
def test_what_surrounds_it_can_be_read(language: str, tmp_path: Path) -> None:
    """The pipeline and the list are YAML, the configuration is ours, and no word was left out."""
    assert process("init", "app", "deep/mine", "--language", language, cwd=tmp_path).code == 0
    folder = tmp_path / "deep" / "mine"
    pipeline = yaml.safe_load((folder / "ci.yml").read_text("utf-8"))
    assert pipeline["jobs"]["worker"]["defaults"]["run"]["working-directory"] == "deep/mine"
    assert yaml.safe_load((folder / "known.yaml").read_text("utf-8")) is None
    assert defaults_for("worker", folder)["command"] == ["./run"]
    assert "%{" not in "".join((folder / name).read_text("utf-8") for name in ("ci.yml", "README.md", "dwconf.toml"))


def test_an_app_replaces_nothing_by_itself(tmp_path: Path) -> None:
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "run").write_text("mine", "utf-8")
    ended = process("init", "app", cwd=tmp_path)
    assert ended.code == 2
    assert "conformance/run" in ended.err
    assert [path.name for path in (tmp_path / "conformance").iterdir()] == ["run"]
    assert process("init", "app", "--force", cwd=tmp_path).code == 0
    assert (tmp_path / "conformance" / "run").read_text("utf-8").startswith("#!")


def test_a_language_without_an_app_is_not_offered(tmp_path: Path) -> None:
    ended = process("init", "app", "--language", "csharp", cwd=tmp_path)
    assert ended.code == 2
    assert all(f"'{language}'" in ended.err for language in APPS)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "conformance").write_text("a file", "utf-8")
    ended = process("init", "app", "conformance/deep", cwd=tmp_path)
    assert ended.code == 2
    assert "cannot be written" in ended.err
