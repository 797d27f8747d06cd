"""What `dwconf init app` writes runs as it is: built by its own script, in an environment of its own, and judged.

The whole suite is for the peers, whose files these are; here a few rules show that a newcomer's first commands work.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.network, pytest.mark.timeout(300)]
DWCONF = [sys.executable, "-m", "dwconf.suite"]
RULES = ["--rule", "worker/timers/fire-time", "--rule", "worker/activities"]
NEEDS = {"python": "python3", "javascript": "npm"}


@pytest.mark.parametrize("language", NEEDS)
def test_a_skeleton_builds_and_is_judged(language: str, tmp_path: Path) -> None:
    if shutil.which(NEEDS[language]) is None:
        pytest.skip(f"needs {NEEDS[language]} on PATH")
    called([*DWCONF, "init", "app", "mine", "--language", language], cwd=tmp_path)
    folder = tmp_path / "mine"
    called([str(folder / "build")], cwd=folder)
    assert "✕" not in called([*DWCONF, "doctor", "worker"], cwd=folder)
    called([*DWCONF, "worker", *RULES, "--update-known"], cwd=folder, codes=(0, 1))
    known = (folder / "known.yaml").read_text("utf-8").replace("TODO: explain", "a first run")
    (folder / "known.yaml").write_text(known, "utf-8")
    said = called([*DWCONF, "worker", *RULES], cwd=folder)
    assert "rules in scope" in said
    assert (folder / "dwconf-report" / "report.html").is_file()


def called(command: list[str], *, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    """Run a command that must end with one of these codes; its standard output."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("DWCONF", "DAPR", "PYTEST", "COV"))
    }
    ended = subprocess.run(
        command, cwd=cwd, env={**env, "PYTHON": sys.executable}, check=False, capture_output=True, text=True
    )
    assert ended.returncode in codes, f"{command}: {ended.returncode}\n{ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
    return ended.stdout
