"""Ctrl-C and SIGTERM end a run at once: exit code 130, a partial report that says so, and nothing left running."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dwconf.reports.load import read_report
from tests.suite.cli.commands import LIMIT, ours

WAITING = "import os, pathlib, time; pathlib.Path({pid!r}).write_text(str(os.getpid())); time.sleep(60)"


def started(*words: str, cwd: Path) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name not in ours()}
    return subprocess.Popen(
        [sys.executable, "-m", "dwconf.suite", *words],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_leaves_a_partial_report(tmp_path: Path, number: signal.Signals) -> None:
    with started("sidecar", "--", "dwconf", "engine", cwd=tmp_path) as process:
        assert process.stdout is not None
        assert "cases for" in process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, err
    assert "INCOMPLETE: the run was interrupted" in out
    assert err == ""
    report = read_report(tmp_path / "dwconf-report")
    assert report.run.incomplete
    assert report.exit_code == 130


def test_an_interrupted_start_leaves_no_process(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    os.mkfifo(pid)
    script = WAITING.format(pid=str(pid))
    with started("sidecar", "--", sys.executable, "-c", script, cwd=tmp_path) as process:
        child = int(pid.read_text("utf-8"))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, err
    assert "dwconf: interrupted" in err
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
