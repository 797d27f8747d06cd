"""`--debug` runs one case and keeps its target; `--durations` says where the time went."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from dwconf.reports.load import read_report
from tests.suite.cli.commands import LIMIT
from tests.suite.cli.test_interrupted import started


def test_a_case_is_debugged_alone_and_its_target_is_kept_until_an_interrupt(tmp_path: Path) -> None:
    case = "engine/connection/idle"  # of soak depth
    with started("sidecar", "--debug", case, "--", "dwconf", "engine", cwd=tmp_path) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        over = next(line for line in lines if "is over" in line)
        address = next(line for line in lines if "is kept" in line).split("at ")[1].split(":")
        hello = [sys.executable, "-m", "dwconf.suite", "doctor", f"127.0.0.1:{address[1]}"]
        alive = subprocess.run(hello, check=False, capture_output=True, timeout=LIMIT)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT)
    assert over.startswith(f"{case} is over (done)")
    assert alive.returncode == 0
    assert err == ""
    (target,) = read_report(tmp_path / "dwconf-report").targets
    assert [case.id for case in target.cases] == [case]
    assert "report: " in out
