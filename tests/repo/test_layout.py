"""The layout's rules: what imports what, one import namespace over five roots, and a checkout that is of no machine."""

import os
import re
import shutil
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


# What a contract must catch: a module that exists, an import it must not hold, and the contract that says so.
FORBIDDEN = [
    ("protos/dwconf/wire/codec.py", "dwconf.engine", "wire-alone"),
    ("protos/dwconf/wire/codec.py", "dwconf.reports.model", "wire-alone"),
    ("reference_engine/dwconf/engine/__init__.py", "dwconf.worker", "references-apart"),
    ("reference_worker/dwconf/worker/__init__.py", "dwconf.engine", "references-apart"),
    ("reference_engine/dwconf/engine/core/timers.py", "time", "cores-pure"),
    ("reference_engine/dwconf/engine/core/timers.py", "dwconf.wire.rpc", "cores-pure"),
    ("reference_worker/dwconf/worker/core/guid.py", "uuid", "cores-pure"),
    ("reference_worker/dwconf/worker/core/guid.py", "dwconf.worker.shell.client", "cores-pure"),
    ("reference_engine/dwconf/engine/__init__.py", "dwconf.suite", "references-below-the-suite"),
    ("reference_worker/dwconf/worker/__init__.py", "dwconf.reports.model", "references-below-the-suite"),
    ("reports/dwconf/reports/html.py", "dwconf.suite", "reports-see-the-model"),
    ("conformance/dwconf/suite/checks/registry.py", "dwconf.worker", "judge-apart-from-the-judged"),
    ("conformance/dwconf/suite/monitors/registry.py", "dwconf.suite.targets.references", "judge-apart-from-the-judged"),
    ("conformance/dwconf/suite/__init__.py", "dwconf.engine", "targets-start-the-references"),
    ("conformance/dwconf/suite/checks/registry.py", "dwconf.worker", "targets-start-the-references"),
]


def lint_imports(checkout: Path, *, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    command: list[str | Path] = [Path(sysconfig.get_path("scripts")) / "lint-imports", "--no-cache"]
    if contract is not None:
        command += ["--contract", contract]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(str(checkout / root) for root in SOURCE_ROOTS)}
    return subprocess.run(command, cwd=checkout, env=env, check=False, capture_output=True, text=True)


def test_layout_rules_are_kept() -> None:
    ended = lint_imports(ROOT)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_layout_rule_has_an_import_that_breaks_it() -> None:
    contracts = {contract["id"] for contract in PROJECT["importlinter"]["contracts"]}
    assert {contract for _, _, contract in FORBIDDEN} == contracts


@pytest.mark.parametrize(("module", "imported", "contract"), FORBIDDEN)
def test_a_forbidden_import_is_seen(module: str, imported: str, contract: str, tmp_path: Path) -> None:
    for path in files("pyproject.toml", *(f"{root}/dwconf/*.py" for root in SOURCE_ROOTS)):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, tmp_path / path)
    (tmp_path / module).write_text(f"import {imported}\n", "utf-8")
    ended = lint_imports(tmp_path, contract=contract)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "BROKEN" in ended.stdout


def test_no_root_owns_the_namespace() -> None:
    """A `dwconf/__init__.py` in one root would hide the other four."""
    assert files(*(f"{root}/dwconf/__init__.py" for root in SOURCE_ROOTS)) == []


def test_every_root_is_packaged_importable_and_typed() -> None:
    build = PROJECT["hatch"]["build"]
    assert build["dev-mode-dirs"] == list(SOURCE_ROOTS)
    wheel = build["targets"]["wheel"]
    assert {f"{root}/dwconf" for root in SOURCE_ROOTS} <= set(wheel["only-include"])
    assert {root for root, place in wheel["sources"].items() if place == ""} == set(SOURCE_ROOTS)
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
