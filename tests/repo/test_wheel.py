"""What a user gets: the wheel, built through the sdist, in an empty environment, outside the checkout.

A layout of several roots can build an empty wheel and exit 0, and an editable install hides every file that packaging
forgot; so the wheel's files are compared with the checkout's, and the installed command is run where nothing of the
checkout is importable.
"""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dwconf.suite.cli.init.skeleton import APPS
from tests.repo.checkout import ROOT, SOURCE_ROOTS, files

pytestmark = [pytest.mark.network, pytest.mark.timeout(420)]


def checked(command: list[str | Path], *, cwd: Path) -> str:
    """Run a command that must succeed, away from the checkout's environment; its standard output."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "DWCONF", "DAPR", "COV"))
    }
    ended = subprocess.run(
        command, cwd=cwd, env=env, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert ended.returncode == 0, f"{command}\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    checked([sys.executable, "-m", "build", "--outdir", out, ROOT], cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and its dependencies, and nothing else."""
    venv = tmp_path_factory.mktemp("empty") / "venv"
    checked([sys.executable, "-m", "venv", venv], cwd=venv.parent)
    checked([venv / "bin" / "python", "-m", "pip", "install", "--quiet", wheel], cwd=venv.parent)
    return venv


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    expected = {path.relative_to(root).as_posix() for root in SOURCE_ROOTS for path in files(f"{root}/dwconf")}
    expected |= {f"dwconf/suite/cli/init/apps/{name}/{file}" for name, app in APPS.items() for file in app.files}
    with zipfile.ZipFile(wheel) as archive:
        packaged = {name for name in archive.namelist() if name.startswith("dwconf/")}
    assert packaged == expected


def test_the_installed_command_runs_outside_the_checkout(environment: Path, tmp_path: Path) -> None:
    checked([environment / "bin" / "dwconf", "run", "--depth", "quick", "--out", tmp_path / "report"], cwd=tmp_path)
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    assert {target["verdict"] for target in report["targets"]} == {"CONFORMANT"}
    assert (tmp_path / "report" / "report.html").stat().st_size > 0


def test_the_installed_command_writes_the_apps(environment: Path, tmp_path: Path) -> None:
    for name, app in APPS.items():
        checked([environment / "bin" / "dwconf", "init", "app", name, "--language", name], cwd=tmp_path)
        assert all((tmp_path / name / file).is_file() for file in app.files)


def test_the_plugin_leaves_a_foreign_test_suite_alone(environment: Path, tmp_path: Path) -> None:
    """The pytest plugin is loaded in every environment that holds dwconf, whether its tests are wanted or not."""
    (tmp_path / "test_foreign.py").write_text("def test_nothing():\n    pass\n", "utf-8")
    command: list[str | Path] = [
        environment / "bin" / "python",
        "-W",
        "error",
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
    ]
    assert "1 passed" in checked(command, cwd=tmp_path)
