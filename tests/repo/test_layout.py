"""The layout's rules: what imports what, one import namespace over five roots, and a checkout that is of no machine."""

import re
import subprocess
import sysconfig
import tomllib
from pathlib import Path

import pytest

from tests.repo.checkout import ROOT, SOURCE_ROOTS, files, text_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]

# Paths of one machine or one person. Spelled in pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    "|".join(
        rf"(?<![\w.]){start}"
        for start in ("/" + "work/", "/" + "root/", "/" + "home/", "/" + "Users/", "/tmp/" + "(venv|team)")
    )
)


def test_layout_rules_are_kept() -> None:
    command: list[str | Path] = [Path(sysconfig.get_path("scripts")) / "lint-imports", "--no-cache"]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_no_root_owns_the_namespace() -> None:
    """A `dwconf/__init__.py` in one root would hide the other four."""
    assert files(*(f"{root}/dwconf/__init__.py" for root in SOURCE_ROOTS)) == []


def test_every_root_is_packaged_importable_and_typed() -> None:
    build = PROJECT["hatch"]["build"]
    assert build["dev-mode-dirs"] == list(SOURCE_ROOTS)
    assert sorted(build["targets"]["wheel"]["packages"]) == sorted(f"{root}/dwconf" for root in SOURCE_ROOTS)
    assert set(SOURCE_ROOTS) <= set(PROJECT["mypy"]["files"])


def test_no_file_holds_a_path_of_one_machine() -> None:
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in text_files()
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("line", ['"/' + 'work/main"', "cd /" + "home/me", "=/" + "root/x", "/tmp/" + "venv/bin"])
def test_a_path_of_one_machine_is_seen(line: str) -> None:
    assert MACHINE_PATHS.search(line)
