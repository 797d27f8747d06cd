"""What a run finds by chance lies in its report directory, and can be played again on any target."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dwconf.reports.load import read_report
from dwconf.suite.counterexamples import digest
from tests.suite.cli.commands import here, process
from tests.suite.cli.peers import nobody

Content = dict[str, Any]

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


# --- a worker's

WORKERS = {
    "worker/replay/programs-do-what-they-mean": ("worker/programs/random", "timers-a-second-late"),
    "worker/replay/any-cut-same-actions": ("worker/histories/other-cuts", "takes-raised-events-last"),
}
"""Rules of a worker that chance or other cases' histories find broken, with the case that does and a mutant."""


def app(mutant: str = "") -> tuple[str, ...]:
    return ("--", "dwconf", "app", *(["--mutant", mutant] if mutant else []))


@pytest.mark.parametrize("rule", WORKERS)
def test_a_counterexample_of_a_worker_is_saved_and_played_again(tmp_path: Path, rule: str) -> None:
    case, mutant = WORKERS[rule]
    process("worker", "--rule", rule, "--out", "first", *app(mutant), cwd=tmp_path)
    file = tmp_path / "first" / f"counterexample-{rule.replace('/', '-')}.json"
    content = json.loads(file.read_text("utf-8"))
    assert (content["case"], content["rule"]) == (case, rule)
    assert content["target"].startswith("dwconf-reference ")
    assert file.name in read_report(tmp_path / "first").files

    again = process("replay", str(file), *app(mutant), cwd=tmp_path)
    assert again.code == 1, again.out + again.err
    (judged,) = read_report(tmp_path / "dwconf-report-replay").targets[0].rules
    assert (judged.id, {failure.case for failure in judged.failures}) == (rule, {case})

    kept = process("replay", str(file), *app(), cwd=tmp_path)
    assert kept.code == 0, kept.out + kept.err


PROGRAM = {"program": {"program": 1, "steps": [{"op": "return", "value": 1}], "vars": {}}, "choices": []}
HISTORY = {"case": "worker/events/buffered", "instance": "i1", "turns": 2}


def document(case: str, rule: str, **played: Any) -> Content:  # noqa: ANN401  (whatever JSON is)
    head = {"dwconf": "counterexample", "version": 1, "suite": "0", "case": case, "rule": rule, "target": ""}
    return {**head, **played}


def written(folder: Path, content: Content) -> str:
    file = folder / "x.json"
    file.write_text(json.dumps({**content, "digest": digest(content)}), "utf-8")
    return str(file)


def test_it_is_played_on_an_app_that_connects(tmp_path: Path) -> None:
    file = written(tmp_path, document("worker/programs/random", next(iter(WORKERS)), program=PROGRAM))
    address = nobody()
    environment = {"DAPR_GRPC_ENDPOINT": f"http://{address}"}
    with subprocess.Popen([sys.executable, "-m", "dwconf.suite", "app"], env=environment) as started:
        ended = process("replay", file, "--listen", address, cwd=tmp_path)
        started.terminate()
    assert ended.code == 0, ended.out + ended.err


def test_a_history_that_is_not_made_is_not_judged(tmp_path: Path) -> None:
    never = {**HISTORY, "turns": 1000}
    rule = "worker/replay/any-turns-same-actions"
    file = written(tmp_path, document("worker/histories/other-turns", rule, history=never))
    ended = process("replay", file, *app(), cwd=tmp_path)
    assert ended.code == 3, ended.out + ended.err


# --- files that are none

ENGINES = document("engine/schedules/life", RULE, schedule=[{"type": "Open"}])
PROGRAMS = document("worker/programs/random", "worker/replay/programs-do-what-they-mean", program=PROGRAM)
HISTORIES = document("worker/histories/other-cuts", "worker/replay/any-cut-same-actions", history=HISTORY)
OTHER_STEPS = {**PROGRAM, "program": {"program": 1, "steps": [{"op": "fly"}]}}


@pytest.mark.parametrize("content", [ENGINES, PROGRAMS, HISTORIES], ids=["engine", "program", "history"])
def test_what_is_a_counterexample_is_read(tmp_path: Path, content: Content) -> None:
    ended = here("replay", written(tmp_path, content), "--address", "nowhere", "--listen", "nowhere", "a:1", "more")
    assert "hint: give a counterexample" not in ended.err


@pytest.mark.parametrize(
    "content",
    [
        {},
        {**ENGINES, "version": 2},
        {**ENGINES, "case": "engine/start/plain"},
        {**ENGINES, "rule": "engine/start/echoes-id"},
        {**ENGINES, "schedule": [{"type": "Fly"}]},
        {**ENGINES, "more": 1},
        {**ENGINES, "program": PROGRAM},
        {**PROGRAMS, "case": "worker/timers/two-timers"},
        {**PROGRAMS, "rule": "worker/replay/any-cut-same-actions"},
        {**PROGRAMS, "program": OTHER_STEPS},
        {**PROGRAMS, "program": {"choices": []}},
        {**HISTORIES, "history": {**HISTORY, "case": "worker/connection/late-engine"}},
        {**HISTORIES, "history": {**HISTORY, "case": "worker/events/nobody-knows"}},
        {**HISTORIES, "history": {**HISTORY, "more": 1}},
    ],
)
def test_what_is_no_counterexample_is_a_usage_error(tmp_path: Path, content: Content) -> None:
    ended = here("replay", written(tmp_path, content), "--", "dwconf", "engine")
    assert ended.code == 2
    assert "hint: give a counterexample" in ended.err


@pytest.mark.parametrize(
    ("kept", "edit", "said"),
    [(0, "2", "truncated"), (100, "2", "truncated"), (None, "1", "it was changed after it was written")],
    ids=["empty", "truncated", "edited"],
)
def test_a_file_that_was_cut_off_or_edited_is_a_usage_error(
    tmp_path: Path, kept: int | None, edit: str, said: str
) -> None:
    file = Path(written(tmp_path, HISTORIES))
    text = file.read_text("utf-8").replace('"turns": 2', f'"turns": {edit}')
    file.write_text(text[:kept], "utf-8")
    ended = here("replay", str(file), "--", "dwconf", "app")
    assert ended.code == 2
    assert said in ended.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PROGRAMS, ("127.0.0.1:1",)),
        (PROGRAMS, ("--address", "127.0.0.1:1", "--", "dwconf", "app")),
        (ENGINES, ("--listen", "127.0.0.1:1", "--", "dwconf", "engine")),
        (ENGINES, ()),
    ],
)
def test_a_target_of_the_other_side_is_a_usage_error(tmp_path: Path, content: Content, words: tuple[str, ...]) -> None:
    ended = here("replay", written(tmp_path, content), *words)
    assert ended.code == 2
    assert "hint:" in ended.err
