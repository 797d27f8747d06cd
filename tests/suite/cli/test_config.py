"""The configuration file: where it is found, what it may say, and what goes before it."""

from pathlib import Path

import pytest

from dwconf.suite.config import ConfigError, defaults_for, find_config


def test_nothing_is_configured_without_a_file(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n", "utf-8")
    assert defaults_for("sidecar", tmp_path) == {}


def test_the_nearest_folder_with_a_file_decides(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (tmp_path / "dwconf.toml").write_text("seed = 1\n", "utf-8")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.dwconf]\nseed = 2\n", "utf-8")
    (below / "pyproject.toml").write_text("[tool.other]\n", "utf-8")
    assert defaults_for("run", below) == {"given_seed": 2}
    (tmp_path / "a" / "dwconf.toml").write_text("seed = 3\n", "utf-8")
    found = find_config(below)
    assert found is not None
    assert found[0] == tmp_path / "a" / "dwconf.toml"


def test_a_commands_table_goes_before_the_top(tmp_path: Path) -> None:
    text = 'level = ["MUST"]\njobs = 1\n[worker]\njobs = 2\ncommand = ["./app"]\n[sidecar]\njobs = 3\n'
    (tmp_path / "dwconf.toml").write_text(text, "utf-8")
    assert defaults_for("worker", tmp_path) == {"levels": ["MUST"], "jobs": 2, "command": ["./app"]}
    assert defaults_for("run", tmp_path) == {"levels": ["MUST"], "jobs": 1}


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "dwconf.toml").write_text('known = "lists/known.yaml"\nout = "/elsewhere"\n', "utf-8")
    below = tmp_path / "below"
    below.mkdir()
    assert defaults_for("run", below) == {"known": str(tmp_path / "lists" / "known.yaml"), "out": "/elsewhere"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("x = [", ("not TOML", "line"), id="no TOML"),
        pytest.param(
            'requirments = "1.18"', ("requirments", "unknown key", "did you mean requirements"), id="near key"
        ),
        pytest.param("zzz = 1", ("zzz", "unknown key", "it may hold", "requirements"), id="far key"),
        pytest.param('[sidecar]\nadress = "x"', ("sidecar.adress", "did you mean address"), id="key of a table"),
        pytest.param('[worker]\naddress = "x"', ("worker.address", "unknown key"), id="key of another table"),
        pytest.param("requirements = 1.18", ("requirements", "must be a text", '"1.18"'), id="a number for a text"),
        pytest.param("jobs = true", ("jobs", "must be a whole number"), id="a flag for a number"),
        pytest.param('rules = "engine"', ("rules", "must be a list of texts"), id="a text for a list"),
        pytest.param('level = ["must"]', ("level", "one of MUST, SHOULD"), id="not one of the list's choices"),
        pytest.param('depth = "deep"', ("depth", "one of quick, full, soak"), id="not one of the choices"),
        pytest.param("allow-unsafe = 1", ("allow-unsafe", "true or false"), id="a number for a flag"),
        pytest.param('timeout-scale = "2"', ("timeout-scale", "a number"), id="a text for a number"),
        pytest.param("sidecar = 1", ("sidecar", "must be a table"), id="no table"),
    ],
)
def test_what_cannot_stand_is_refused_with_its_place(tmp_path: Path, text: str, said: tuple[str, ...]) -> None:
    file = tmp_path / "dwconf.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        defaults_for("run", tmp_path)
    assert str(caught.value).startswith(str(file))
    for part in (*said, "hint: "):
        assert part in str(caught.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dwconf.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        defaults_for("run", tmp_path)
