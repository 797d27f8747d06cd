"""What a run finds by chance lies in its report directory, and can be played again on any engine."""

import json
from pathlib import Path

import pytest

from dwconf.reports.load import read_report
from tests.suite.cli.commands import here, process

RULE = "engine/events/raised-event-delivered"
FILE = "counterexample-engine-events-raised-event-delivered.json"
BROKEN = ("--", "dwconf", "engine", "--mutant", "events-doubled")


def test_a_counterexample_is_saved_and_played_again(tmp_path: Path) -> None:
    ended = process("sidecar", "--rule", RULE, "--out", "first", *BROKEN, cwd=tmp_path)
    assert ended.code == 1, ended.out + ended.err
    file = tmp_path / "first" / FILE
    content = json.loads(file.read_text("utf-8"))
    assert (content["case"], content["rule"]) == ("engine/schedules/life", RULE)
    assert FILE in read_report(tmp_path / "first").files

    again = process("replay", str(file), *BROKEN, cwd=tmp_path)
    assert again.code == 1, again.out + again.err
    (rule,) = read_report(tmp_path / "dwconf-report-replay").targets[0].rules
    assert (rule.id, {failure.case for failure in rule.failures}) == (RULE, {"engine/schedules/life"})

    kept = process("replay", str(file), "--", "dwconf", "engine", cwd=tmp_path)
    assert kept.code == 0, kept.out + kept.err


GOOD = {
    "dwconf": "counterexample",
    "version": 1,
    "suite": "0",
    "case": "engine/schedules/life",
    "rule": RULE,
    "target": "",
    "schedule": [{"type": "Open"}],
}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        json.dumps({**GOOD, "version": 2}),
        json.dumps({**GOOD, "case": "engine/start/plain"}),
        json.dumps({**GOOD, "rule": "engine/start/echoes-id"}),
        json.dumps({**GOOD, "schedule": [{"type": "Fly"}]}),
        json.dumps({**GOOD, "more": 1}),
    ],
)
def test_what_is_no_counterexample_is_a_usage_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(content, "utf-8")
    ended = here("replay", str(file), "--", "dwconf", "engine")
    assert ended.code == 2
    assert "hint: give a counterexample" in ended.err
