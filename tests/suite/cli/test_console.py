"""What a run shows: the same lines on a terminal and in a log, failures first, nothing a peer said unfiltered."""

import io
from pathlib import Path

import msgspec
import pytest
from syrupy.assertion import SnapshotAssertion

from dwconf.reports.model import Failure, Report, RuleResult, RuleVerdict
from dwconf.suite.cli.console.annotations import workflow_commands
from dwconf.suite.cli.console.console import Live, Plain, console_for, troubles
from dwconf.suite.cli.console.report import closing, first_reproduction, in_full, totals
from dwconf.suite.running.outcome import Breach, CaseOutcome, RuleOutcome
from tests.reports.sample import sample_report

OUT = Path("dwconf-report")
REPORT: Report = sample_report()
HOSTILE = "\x1b[2Jgone\r\u202eevil\x07"


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def plain(report: Report, *, github: bool = False) -> str:
    stream = io.StringIO()
    Plain(stream, github=github).finished(report, OUT)
    return stream.getvalue()


def test_a_failing_run(snapshot: SnapshotAssertion) -> None:
    assert plain(REPORT) == snapshot


def test_failures_come_first_and_the_reproduction_last() -> None:
    lines = [text for _, text in closing(REPORT, OUT) if text]
    assert lines[0].startswith("✕ ")
    assert lines[-1].strip() == first_reproduction(REPORT)


def test_the_totals_add_up() -> None:
    for target in REPORT.targets:
        counted = [int(part.split()[0]) for part in totals(target).partition("): ")[2].split(" · ")]
        assert counted[0] == sum(counted[1:]) == len(target.rules)


def test_what_was_drawn_afresh_is_told() -> None:
    soak = msgspec.structs.replace(REPORT.run, depth="soak", seed=4711)
    assert "--seed 4711" in plain(msgspec.structs.replace(REPORT, run=soak))
    assert "drawn from" not in plain(REPORT)


def test_an_interrupted_run_says_so() -> None:
    run = REPORT.run.__class__(
        id="x",
        started="",
        finished="",
        command=[],
        mode="run",
        seed=1,
        depth="full",
        requirements=None,
        incomplete=True,
        incomplete_reason="the run was interrupted",
    )
    report = Report(tool=REPORT.tool, run=run, verdict=REPORT.verdict, exit_code=130, targets=[])
    assert "INCOMPLETE: the run was interrupted" in plain(report)


def test_the_slowest_cases_are_shown_when_asked_for() -> None:
    stream = io.StringIO()
    Plain(stream, durations=2).finished(REPORT, OUT)
    assert "the 2 slowest cases:\n     0.200 s  listing\n     0.180 s  start\n" in stream.getvalue()
    assert "0 of 3 cases waited in real time, 0.0 s in all" in stream.getvalue()


def hostile_rule() -> RuleResult:
    failure = Failure(title="t", expected="e", seen=HOSTILE, case=HOSTILE, reproduce=HOSTILE)
    return RuleResult(
        id="engine/a/b",
        chapter="a",
        title=HOSTILE,
        statement="s",
        level="MUST",
        verdict=RuleVerdict.FAIL,
        reason=HOSTILE,
        failures=[failure],
    )


def test_what_a_peer_said_cannot_move_the_cursor() -> None:
    said = "\n".join(text for _, text in in_full(hostile_rule()))
    assert "gone" in said
    assert not [char for char in said if not char.isprintable() and char != "\n"]


def test_a_crash_is_told_on_one_harmless_line() -> None:
    outcome = CaseOutcome("engine/a/b", "target", "crashed", 0, 0, message=f"it ended\n{HOSTILE}")
    (line,) = troubles(outcome)
    assert line.isprintable()


def test_a_breach_is_told_while_the_run_goes_on() -> None:
    breach = Breach("c", "e", "s", [], [])
    rules = [RuleOutcome("engine/a/b", breaches=[breach, breach]), RuleOutcome("engine/a/c")]
    assert troubles(CaseOutcome("engine/a/case", "target", "done", 0, 0, rules)) == [
        "engine/a/b is broken in engine/a/case"
    ]


def test_annotations(snapshot: SnapshotAssertion) -> None:
    assert list(workflow_commands(REPORT)) == snapshot


def test_annotations_are_for_github_alone() -> None:
    assert "::error" in plain(REPORT, github=True)
    assert "::error" not in plain(REPORT)


@pytest.mark.parametrize(
    ("stream", "environment", "kind"),
    [
        (io.StringIO(), {}, Plain),
        (Terminal(), {}, Live),
        (Terminal(), {"TERM": "dumb"}, Plain),
        (Terminal(), {"GITHUB_ACTIONS": "true"}, Plain),
    ],
    ids=["a file", "a terminal", "a dumb terminal", "github"],
)
def test_the_console_suits_the_stream(stream: io.StringIO, environment: dict[str, str], kind: type) -> None:
    assert isinstance(console_for(stream=stream, environment=environment), kind)


def live(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    with Live(stream) as console:
        console.planned(1, 1)
        console.case_done(CaseOutcome("engine/[a]/b", "target", "done", 0, 0))
        console.finished(REPORT, OUT)
    return stream.getvalue()


def test_a_terminal_has_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31m" in live(monkeypatch, {})


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[1;31m" not in live(monkeypatch, {"NO_COLOR": "1"})
