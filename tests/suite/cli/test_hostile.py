"""No worker hangs the suite, crashes it, or gets a verdict that it does not deserve."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.repo.checkout import ROOT
from tests.suite.cli.commands import process
from tests.suite.cli.hostile_app import HOSTILE

RULES = (
    "worker/timers/fire-time",
    "worker/timers/zero-delay",
    "worker/activities",
    "worker/replay/one-answer",
)
BREAKS = {
    "says-nothing": "worker/timers/fire-time",
    "completes-what-it-was-not-given": "worker/activities/one-answer-per-item",
    "sends-garbage-without-end": "worker/replay/one-answer-per-item",
    "sends-huge-messages": "worker/activities/result-is-json",
}
"""What must be found, of workers that stay alive."""


def run(name: str, folder: Path) -> tuple[int, dict[str, Any]]:
    """The exit code of a run, and its report on the target."""
    words = [word for rule in RULES for word in ("--rule", rule)]
    script = str(Path(__file__).with_name("hostile_app.py"))
    command = ("worker", "--timeout-scale", "0.2", *words, "--", sys.executable, script, name)
    ended = process(*command, cwd=folder, environment={"PYTHONPATH": str(ROOT)})
    assert ended.code in (1, 3), ended.out + ended.err
    assert "error of dwconf" not in ended.out + ended.err
    report: dict[str, Any] = json.loads((folder / "dwconf-report" / "report.json").read_text("utf-8"))["targets"][0]
    return ended.code, report


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {rule["id"]: rule["verdict"] for rule in report["rules"]}


def test_all_hostile_apps_are_met() -> None:
    assert BREAKS.keys() | {"crashes-at-the-seventh-item"} == HOSTILE.keys()


@pytest.mark.parametrize(("name", "rule"), BREAKS.items(), ids=BREAKS)
def test_a_hostile_worker_is_found_out(name: str, rule: str, tmp_path: Path) -> None:
    code, report = run(name, tmp_path)
    assert code == 1
    assert report["verdict"] == "NOT CONFORMANT"
    assert verdicts(report)[rule] == "fail"
    assert "error" not in verdicts(report).values()


def test_a_worker_that_crashes_is_started_again_and_told(tmp_path: Path) -> None:
    """Its items stay without an answer, it passes nothing in a case where it ended, and the next case has a new one."""
    code, report = run("crashes-at-the-seventh-item", tmp_path)
    assert code == 1
    crashes = [notice for notice in report["preflight"] if "process ended with code 9" in notice["message"]]
    assert len(crashes) > 1
    assert verdicts(report)["worker/replay/one-answer-per-item"] == "fail"
    assert {"pass", "untested"} <= set(verdicts(report).values())
