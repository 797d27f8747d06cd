"""The pytest plugin: cases in somebody else's test run, and nothing at all where they are not asked for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dwconf.suite.running import guest
from dwconf.suite.targets.claim import RUN
from dwconf.suite.targets.errors import TargetError

THEIRS = "def test_of_theirs(): pass\n"


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_theirs.py").write_text(THEIRS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    ("option", "command", "rule"),
    [
        ("--dwconf-worker", "dwconf app", "worker/completion/return-completes"),
        ("--dwconf-sidecar", "dwconf engine", "engine/start/echoes-id"),
    ],
)
def test_cases_run_beside_theirs(tmp_path: Path, option: str, command: str, rule: str) -> None:
    done = run_pytest(tmp_path, option, command, "--dwconf-rule", rule, "--dwconf-profile", "reference", "-vv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_of_theirs PASSED" in done.stdout
    assert f"test_case[{rule.split('/', maxsplit=1)[0]}/" in done.stdout


def test_a_breach_fails_their_run_and_says_why(tmp_path: Path) -> None:
    target = "dwconf engine --mutant chooses-ids"
    done = run_pytest(tmp_path, "--dwconf-sidecar", target, "--dwconf-rule", "engine/start/echoes-id")
    assert done.returncode == 1
    assert "engine/start/echoes-id: expected instanceId" in done.stdout


def test_cases_are_selected_with_k(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--dwconf-sidecar", "dwconf engine", "-k", "theirs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_wrong_target_is_a_usage_error(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "--dwconf-sidecar", "/no/such/program")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "the command does not start" in done.stderr


def test_each_run_names_its_instances_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else what a run that was killed has left on a sidecar would be in the way of the next one."""
    runs: list[str] = []

    class Refusing:
        def __init__(self, run: str, *, suite: str) -> None:  # noqa: ARG002  (as a stagehand is made)
            runs.append(run)

        def target(self, spec: object) -> None:
            raise TargetError("nothing answers at the address", str(spec), "")

        def __exit__(self, *_: object) -> None: ...

    class Theirs:
        def getoption(self, name: str) -> str | list[str] | None:
            return {"--dwconf-sidecar": "127.0.0.1:50001", "--dwconf-rule": []}.get(name)  # type: ignore[return-value]

        def add_cleanup(self, clean: Callable[[], None]) -> None:
            cleanups.append(clean)

    cleanups: list[Callable[[], None]] = []
    monkeypatch.setattr(guest, "Stagehand", Refusing)
    for _ in range(2):
        with pytest.raises(pytest.UsageError):
            guest.join(Theirs())  # type: ignore[arg-type]
    for clean in cleanups:
        clean()
    assert len(set(runs)) == 2
    assert all(RUN.fullmatch(run) for run in runs)


def test_nothing_heavy_is_imported_unasked(tmp_path: Path) -> None:
    (tmp_path / "test_light.py").write_text(
        "import sys\ndef test_light():\n    heavy = {'grpc', 'hypothesis', 'dwconf.wire', 'msgspec'}\n"
        "    assert not heavy & set(sys.modules)\n",
        encoding="utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-q",
        "-p",
        "no:hypothesispytest",
        "test_light.py",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout
