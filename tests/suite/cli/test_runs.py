"""Whole runs by the command line: exit codes, the report, lists of known failures, and what standard output holds."""

import asyncio
import json
from pathlib import Path

import pytest

from dwconf.engine.shell.server import EngineServer
from dwconf.engine.shell.tls import credentials
from dwconf.reports.load import read_report
from dwconf.reports.model import RuleVerdict, Verdict
from dwconf.suite.known import TODO
from dwconf.suite.targets.endpoint import free_port
from tests.grpc.certificates import make_certificate
from tests.suite.cli.commands import Ended, process

RULE = "engine/start/echoes-id"
MUTANT = "chooses-ids"
ENGINE = ("--", "dwconf", "engine")
BROKEN = (*ENGINE, "--mutant", MUTANT)


def sidecar(cwd: Path, *words: str, rule: str = RULE) -> Ended:
    return process("sidecar", "--rule", rule, *words, cwd=cwd)


def test_a_reference_is_conformant(tmp_path: Path) -> None:
    ended = sidecar(tmp_path, *ENGINE)
    assert ended.code == 0, ended.out + ended.err
    assert "\nCONFORMANT · " in ended.out
    assert {path.name for path in (tmp_path / "dwconf-report").iterdir()} >= {"report.html", "report.json", "junit.xml"}


def test_a_mutant_is_not_and_its_failure_comes_with_everything(tmp_path: Path) -> None:
    ended = sidecar(tmp_path, *BROKEN)
    assert ended.code == 1, ended.out + ended.err
    report = read_report(tmp_path / "dwconf-report")
    (rule,) = report.targets[0].rules
    assert (rule.id, rule.verdict, report.verdict) == (RULE, RuleVerdict.FAIL, Verdict.NOT_CONFORMANT)
    for part in (rule.title, rule.statement, rule.failures[0].expected, rule.failures[0].seen):
        assert part in ended.out
    assert ended.out.rstrip().endswith(f"dwconf sidecar --rule {RULE} -- dwconf engine --mutant {MUTANT}")
    assert report.run.command[:2] == ["dwconf", "sidecar"]


def test_a_list_of_known_failures_lives_and_dies(tmp_path: Path) -> None:
    known = tmp_path / "known.yaml"
    assert sidecar(tmp_path, "--known", "known.yaml", "--update-known", *BROKEN).code == 1
    assert TODO in known.read_text("utf-8")
    unexplained = sidecar(tmp_path, "--known", "known.yaml", *BROKEN)
    assert unexplained.code == 2
    assert "has no reason" in unexplained.err
    known.write_text(known.read_text("utf-8").replace(TODO, "on purpose"), "utf-8")
    listed = sidecar(tmp_path, "--known", "known.yaml", *BROKEN)
    assert listed.code == 0, listed.out
    assert "NOT CONFORMANT · " in listed.out
    fixed = sidecar(tmp_path, "--known", "known.yaml", *ENGINE)
    assert fixed.code == 1
    assert "take it off the list" in fixed.out
    assert sidecar(tmp_path, "--known", "known.yaml", "--fail-on", "regressions", *ENGINE).code == 0
    assert sidecar(tmp_path, "--known", "known.yaml", "--update-known", *ENGINE).code == 1
    assert known.read_text("utf-8") == "[]\n"


def test_only_the_reference_that_is_meant_runs(tmp_path: Path) -> None:
    ended = process("run", "--rule", RULE, cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert [target.side for target in read_report(tmp_path / "dwconf-report").targets] == ["engine"]


@pytest.mark.parametrize("github", [False, True])
def test_annotations_under_github_actions(tmp_path: Path, github: bool) -> None:  # noqa: FBT001
    environment = {"GITHUB_ACTIONS": "true"} if github else {}
    ended = process("sidecar", "--rule", RULE, *BROKEN, cwd=tmp_path, environment=environment)
    assert ("::error title=" in ended.out) is github


def test_the_users_own_pytest_is_left_alone(tmp_path: Path) -> None:
    """Neither a conftest nor an ini nor a variable of whoever runs us changes a run."""
    (tmp_path / "conftest.py").write_text("raise RuntimeError('imported')", "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n", "utf-8")
    environment = {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such_plugin"}
    ended = process("run", "--rule", RULE, cwd=tmp_path, environment=environment)
    assert ended.code == 0, ended.out + ended.err


def test_a_secret_reaches_neither_report_nor_output(tmp_path: Path) -> None:
    ended = process("sidecar", "--rule", RULE, *BROKEN, cwd=tmp_path, environment={"DAPR_API_TOKEN": "hunter2-secret"})
    assert ended.code == 1, ended.out + ended.err
    assert "hunter2-secret" not in ended.out + ended.err
    for path in (tmp_path / "dwconf-report").iterdir():
        assert b"hunter2-secret" not in path.read_bytes()


def test_a_selftest_shows_what_killed_each_mutant(tmp_path: Path) -> None:
    ended = process("selftest", "engine", "--rule", RULE, "--format", "json", cwd=tmp_path)
    document = json.loads(ended.out)
    (rule,) = document["rules"]
    assert rule["rule"] == RULE
    (mutant,) = (each for each in rule["mutants"] if each["name"] == MUTANT)
    assert mutant["killed"]
    assert mutant["killed_by"][0] == RULE


def test_a_sidecar_that_wants_a_token_is_shown_it_and_the_report_is_not(tmp_path: Path) -> None:
    """Also where a case moves the clock of a reference that was started."""
    environment = {"DAPR_API_TOKEN": "hunter2"}
    ended = process("sidecar", "--rule", "engine/timers/fires", *ENGINE, cwd=tmp_path, environment=environment)
    assert ended.code == 0, ended.out + ended.err
    written = list((tmp_path / "dwconf-report").iterdir())
    assert any(path.suffix == ".dwt" for path in written)
    assert [path.name for path in written if b"hunter2" in path.read_bytes()] == []


def test_a_sidecar_with_tls_is_reached_by_its_https_address(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path / "tls")
    trusting = {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(certificate), "DAPR_API_TOKEN": "secret-of-tls"}
    served = ("dwconf", "engine", "--tls-cert", str(certificate), "--tls-key", str(key))
    address = f"https://127.0.0.1:{free_port()}"
    ended = process("sidecar", "--address", address, "--rule", RULE, "--", *served, cwd=tmp_path, environment=trusting)
    assert (ended.code, "CONFORMANT" in ended.out) == (0, True), ended.err


def test_a_certificate_that_nobody_trusts_is_what_the_hint_is_about(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path / "tls")

    async def attach(server: EngineServer) -> Ended:
        address = f"https://127.0.0.1:{server.port}"
        return await asyncio.to_thread(process, "sidecar", address, "--rule", RULE, cwd=tmp_path)

    async def test() -> Ended:
        async with await EngineServer.start(credentials=credentials(certificate, key)) as server:
            return await attach(server)

    ended = asyncio.run(test())
    assert (ended.code, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH" in ended.err) == (5, True), ended.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tls-cert", "c.pem"), "--tls-cert and --tls-key go together"),
        (("--tls-cert", "c.pem", "--tls-key", "k.pem"), "TLS cannot be served with c.pem and k.pem"),
        (("--retention", "soon"), "'soon' is none"),
        (("--retention", "any=5"), "'any=5' is none"),
    ],
    ids=["half-a-pair", "no-certificate", "no-policy", "no-unit"],
)
def test_an_engine_is_not_served_with_what_makes_no_sense(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    ended = process("engine", "--port", "0", *words, cwd=tmp_path)
    assert (ended.code, said in ended.err) == (2, True), ended.err
