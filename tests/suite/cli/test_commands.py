"""The commands by themselves: what they offer, and what they show."""

import json
import sys
from pathlib import Path

import click
import pytest
from syrupy.assertion import SnapshotAssertion

from dwconf.suite.cli import main
from dwconf.suite.cli.catalogue import Entry
from dwconf.suite.cli.explain import explained
from dwconf.suite.cli.group import COMMANDS
from dwconf.suite.cli.starting import dapr_address, split
from dwconf.suite.rulebook import load_rulebook
from tests.suite.cli.commands import here, process

RULE = "engine/start/echoes-id"
LATER = {"shard", "merge", "matrix", "diff", "proxy", "verify", "trace"}
HEAVY = {"grpc", "pytest", "hypothesis", "rich", "yaml", "google.protobuf", "dwconf.wire", "msgspec"}


def test_help(snapshot: SnapshotAssertion) -> None:
    assert here("--help").out == snapshot


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command(command: str, snapshot: SnapshotAssertion) -> None:
    ended = here(command, "--help")
    assert ended.code == 0
    assert ended.out == snapshot


def test_nothing_is_offered_that_is_not_built() -> None:
    context = click.Context(main)
    commands = main.list_commands(context)
    options = {
        name.lstrip("-")
        for each in commands
        for parameter in (main.get_command(context, each) or main).params
        for name in parameter.opts
    }
    assert not LATER & ({*commands} | options)


def test_the_version_is_told() -> None:
    assert here("--version").out.startswith("dwconf, version ")


@pytest.mark.parametrize("words", [("--version",), ("--help",), ("sidecar", "--help"), ("list", RULE)], ids=" ".join)
def test_light_commands_import_nothing_heavy(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = process(*words, cwd=tmp_path, environment={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.rpartition("|")[2].strip() for line in ended.err.splitlines() if line.startswith("import time:")}
    assert "dwconf.suite.cli.group" in imported
    allowed = {"msgspec"} if words[0] == "list" else set[str]()
    assert not (HEAVY - allowed) & imported


def test_list_shows_a_rule(snapshot: SnapshotAssertion) -> None:
    assert here("list", RULE).out == snapshot


def test_list_as_json_holds_every_field() -> None:
    (rule,) = json.loads(here("list", RULE, "--format", "json").out)
    assert {"id", "level", "side", "title", "statement", "sources", "since", "needs", "cases", "mutants"} <= rule.keys()
    assert (rule["id"], rule["level"], rule["side"]) == (RULE, "MUST", "engine")
    assert "engine/start/plain" in rule["cases"]
    assert rule["mutants"]


def test_list_narrows_by_level_and_release() -> None:
    musts = json.loads(here("list", "--level", "MUST", "--requirements", "1.16", "--format", "json").out)
    assert {rule["level"] for rule in musts} == {"MUST"}
    assert {rule["since"] for rule in musts} == {"1.16"}


def test_explain(snapshot: SnapshotAssertion) -> None:
    rulebook = load_rulebook()
    entry = Entry(rulebook.resolve(RULE), ("engine/start/plain",), ("the answer names the instance",), ("drops-ids",))
    assert "\n".join(explained(rulebook, entry)) == snapshot


def test_explain_finds_what_belongs_to_a_rule() -> None:
    said = here("explain", RULE).out
    assert "engine/start/plain" in said
    assert "--mutant " in said


def test_words_after_two_dashes_belong_to_the_target() -> None:
    assert split(["--rule", "x", "--", "app", "--", "--rule"]) == (["--rule", "x"], ["app", "--", "--rule"])
    assert split(["x"]) == (["x"], None)


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ""),
        ({"DAPR_GRPC_PORT": "50007"}, "127.0.0.1:50007"),
        ({"DAPR_GRPC_PORT": "50007", "DAPR_GRPC_ENDPOINT": "https://dapr.example:443"}, "https://dapr.example:443"),
        ({"DAPR_GRPC_PORT": "50007", "DAPR_RUNTIME_HOST": "10.0.0.1"}, "10.0.0.1:50007"),
    ],
    ids=["nothing", "port", "endpoint first", "host"],
)
def test_daprs_own_variables(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], address: str) -> None:
    for name in ("DAPR_GRPC_PORT", "DAPR_GRPC_ENDPOINT", "DAPR_RUNTIME_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert dapr_address() == address


def test_a_fault_of_ours_leaves_its_traceback_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("dwconf.suite.rulebook.load_rulebook", lambda: 1 // 0)
    ended = here("list")
    assert ended.code == 4
    assert "an error of dwconf, not of the target: ZeroDivisionError" in ended.err
    (trace,) = tmp_path.iterdir()
    assert str(trace) in ended.err
    assert "Traceback" in trace.read_text("utf-8")


def test_an_interrupt_has_its_own_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dwconf.suite.rulebook.load_rulebook", interrupted)
    assert here("list").code == 130


def test_doctor_says_what_is_here() -> None:
    ended = here("doctor", environment={"DAPR_API_TOKEN": "hunter2"})
    assert ended.code == 0
    assert sys.executable in ended.out
    assert "DAPR_API_TOKEN is set" in ended.out
    assert "hunter2" not in ended.out + ended.err
