"""What the pages tell people to type exists: targets in the Makefile, commands of `dwconf`, the test command in CI."""

import re

import pytest
from click.testing import CliRunner

from dwconf.suite.cli import main
from tests.repo.checkout import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "tests/README.md")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE))
TEST_COMMAND = "make test"


def typed(program: str) -> set[str]:
    """Second words of every command in code, inline or in a block, that starts with the program."""
    pages = "\n".join((ROOT / page).read_text("utf-8") for page in PAGES)
    return set(re.findall(rf"(?:^|`|-- ){program} ([a-z]+)", pages, re.MULTILINE))


def test_make_targets_exist() -> None:
    assert typed("make") >= {"run", "test", "peers", "selftest"}
    assert typed("make") <= TARGETS


@pytest.mark.parametrize("command", sorted(typed("dwconf")))
def test_dwconf_commands_exist(command: str) -> None:
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0, result.output


def test_the_pipeline_runs_the_test_command_of_the_readme() -> None:
    assert TEST_COMMAND in (ROOT / "README.md").read_text("utf-8")
    pipeline = (ROOT / ".ci" / "run").read_text("utf-8")
    assert {
        target for target in TARGETS if re.search(rf"^step .* make {target}(?: [A-Z]+=\S+)?$", pipeline, re.MULTILINE)
    } == {
        "test",
        "selftest",
        "run",
        "peers",
    }


def test_a_second_call_installs_nothing() -> None:
    """Only pyproject.toml makes the environment stale: it is what the stamps depend on."""
    stamps = re.findall(r"^\$\(VENV\)/\.installed\S*: (.*)$", MAKEFILE, re.MULTILINE)
    assert stamps == ["pyproject.toml | $(BIN)/python"] * 2
