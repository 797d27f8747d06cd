"""The doctor finds what is wrong with an app, and nothing where nothing is."""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dwconf.suite.cli.doctor.contract import ACTIVITIES, ELSEWHERE, FEATURES, OPERATIONS, judged
from dwconf.suite.programs import schema
from dwconf.wire.values import (
    ActivityResponse,
    CompleteWorkflow,
    OrchestrationStatus,
    ScheduleTask,
    TaskFailureDetails,
    WorkflowAction,
    WorkflowResponse,
)
from tests.repo.checkout import ROOT
from tests.suite.cli.broken_app import BROKEN
from tests.suite.cli.commands import Ended, process
from tests.suite.cli.peers import EXITS


def operations_of_the_language() -> set[str]:
    def consts(node: object) -> set[str]:
        if isinstance(node, Mapping):
            here = {node["op"]["const"]} if isinstance(node.get("op"), Mapping) and "const" in node["op"] else set()
            return here.union(*map(consts, node.values()))
        return set().union(*map(consts, node)) if isinstance(node, list) else set()

    return consts(schema())


def test_every_operation_is_examined() -> None:
    assert operations_of_the_language() == set(OPERATIONS)


def ended(status: OrchestrationStatus, result: str | None = None, failure: str = "") -> WorkflowResponse:
    details = TaskFailureDetails(error_type=failure, error_message="m") if failure else None
    body = CompleteWorkflow(workflow_status=status, result=result, failure_details=details)
    return WorkflowResponse(actions=(WorkflowAction(id=1, body=body),))


NOTHING = WorkflowResponse()
TASK = WorkflowResponse(actions=(WorkflowAction(id=0, body=ScheduleTask(name="echo")),))
COMPLETED = OrchestrationStatus.COMPLETED
FAILED = OrchestrationStatus.FAILED


@pytest.mark.parametrize(
    ("operation", "response", "said"),
    [
        ("call", NOTHING, "must give 1 ScheduleTask action(s), but gave no action"),
        ("call", TASK, ""),
        ("all", TASK, "must give 2 ScheduleTask"),
        ("send", ended(FAILED, failure="Unsupported"), "the manifest declares it, but the app says Unsupported"),
        ("send", ended(FAILED, failure="BadProgram"), "does not understand the program"),
        ("wait", ended(COMPLETED), "must wait, but ended with COMPLETED"),
        ("wait", NOTHING, ""),
        ("return", ended(COMPLETED, "7"), 'must return {"a": 1}, but returned'),
        ("return", ended(COMPLETED, '{"a":1}'), ""),
        ("throw", ended(COMPLETED), "must end the workflow as FAILED, but gave COMPLETED with None"),
        ("throw", ended(FAILED, failure="Error"), ""),
        ("status", ended(COMPLETED), "must set the custom status"),
        ("bad", NOTHING, ""),  # that is the SDK's matter
        ("bad", ended(FAILED, failure="TypeError"), ""),
        ("bad", ended(COMPLETED, '"a text"'), "cannot turn into JSON"),
        ("loop", ended(FAILED, failure="TypeError"), "a failed workflow (TypeError: m)"),
    ],
)
def test_what_is_wrong_with_an_operation(operation: str, response: WorkflowResponse, said: str) -> None:
    complaint = judged(OPERATIONS[operation], response)
    assert said in complaint if said else complaint == ""


@pytest.mark.parametrize(
    ("activity", "result", "said"),
    [
        ("echo", '{"a":[1,null,"ü"]}', ""),
        ("echo", '{"a":[1]}', "must return its input, but returned"),
        ("echo", "{", "its result is no JSON"),
        ("fail", "null", "must throw, but returned"),
        ("ctx", '{"taskId":1}', "must return an object with taskId"),
        ("block", None, ""),
        ("big", json.dumps("x" * 1000), ""),
        ("big", json.dumps("x" * 999), "must return 1000 characters"),
    ],
)
def test_what_is_wrong_with_an_activity(activity: str, result: Any, said: str) -> None:  # noqa: ANN401
    exam = next(each for each in ACTIVITIES if each.name == activity)
    complaint = exam.judge(ActivityResponse(result=result))
    assert said in complaint if said else complaint == ""


def test_an_activity_that_fails_is_told_with_its_failure() -> None:
    details = TaskFailureDetails(error_type="TypeError", error_message="no")
    assert "TypeError: no" in ACTIVITIES[0].judge(ActivityResponse(failure_details=details))


def test_the_reference_app_keeps_the_contract(tmp_path: Path) -> None:
    ended = process("doctor", "worker", "--", "dwconf", "app", cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "✕" not in ended.out
    assert all(f"✓ {name}\n" in ended.out for name in OPERATIONS)
    assert not list(tmp_path.iterdir()), "the doctor leaves nothing behind"


def test_the_features_are_those_of_the_contract() -> None:
    """The table of the page, and its examinations."""
    page = (ROOT / "docs" / "conformance-app.md").read_text("utf-8")
    table = page[page.index("| feature | means |") : page.index("Rules that need something undeclared")]
    rows = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([\w-]+)`", row)}
    assert named == FEATURES.keys() | ELSEWHERE


def examined(name: str, folder: Path) -> Ended:
    script = Path(__file__).with_name("broken_app.py")
    environment = {"PYTHONPATH": str(ROOT)}
    return process("doctor", "worker", "--", sys.executable, str(script), name, cwd=folder, environment=environment)


@pytest.mark.parametrize("name", ["declares-next-to-nothing", "slow-and-talkative"])
def test_an_app_in_order_is_not_complained_of(name: str, tmp_path: Path) -> None:
    ended = examined(name, tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "✕" not in ended.out


def test_an_app_that_does_not_stop_is_noted(tmp_path: Path) -> None:
    ended = examined("stays", tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "· a second process: is told to stop by SIGTERM, and still runs" in ended.out


WRONG = {
    "nameless": ["manifest: `sdk` is missing"],
    "invents-operations": ["manifest: 'fly' is no operation of the language"],
    "invents-features": ["manifest: 'retries' is no feature that there is"],
    "declares-too-little": ["timer: not declared, so the app must fail with Unsupported, but it gave CreateTimer"],
    "declares-too-much": ["send: the manifest declares it, but the app says Unsupported: Unsupported: send"],
    "no-big": ["activity big: must return 1000 characters, but failed with"],
    "no-interp": ['workflow interp: must return {"a": 1}, but gave a failed workflow'],
    "no-interp-child": ['workflow interp_child: must return {"a": 1}, but gave a failed workflow'],
    "one-version": ['workflow ver, version v2: must call `echo` with "v2" first, but gave'],
    "registers-everything": ["no activity missing_act: must not be", "no workflow missing_wf: must not be"],
    "echo-as-text": ["activity echo: must return its input, but returned", "a text that holds JSON"],
    "fail-that-returns": ["activity fail: must throw, but returned"],
    "short-ctx": ["activity ctx: must return an object with taskId, taskExecutionId"],
    "any-without-index": ['any: must return {"index": 1, "value": "B"}, but returned'],
    "catches-without-message": ["try: must return an object with `type`, and `message`"],
    "stops-at-names": ['language: a name inside a value: must return [{"x": 3}], but returned'],
    "silent": ["workflow interp: a turn gets no answer within 10 s"],
    "dies": ["the app's process ended with code 7 while it was asked\nout of paper"],
    "one-address": ["a second process: does not connect to the address in its DAPR_GRPC_ENDPOINT"],
    "ends-badly": ["a second process: is told to stop by SIGTERM, and ends with code 3 instead of 0"],
}
"""Broken apps, and what must be said of them."""
REFUSED = {
    "no-manifest": "the app must register the activity `manifest`",
    "manifest-as-text": "it is a text: return the object itself",
    "manifest-of-old": 'give "program": 1',
}
"""Apps that cannot be examined at all, and the hint that is given."""


def test_all_broken_apps_are_examined() -> None:
    assert WRONG.keys() | REFUSED.keys() | {"declares-next-to-nothing", "slow-and-talkative", "stays"} == BROKEN.keys()


@pytest.mark.parametrize(("name", "said"), WRONG.items(), ids=WRONG)
def test_what_is_wrong_with_an_app_is_said_and_nothing_else(name: str, said: list[str], tmp_path: Path) -> None:
    ended = examined(name, tmp_path)
    assert ended.code == 1, ended.out + ended.err
    assert all(words in ended.out for words in said), ended.out
    assert ended.out.count("✕") <= len(said) + 2, ended.out


@pytest.mark.parametrize(("name", "hint"), REFUSED.items(), ids=REFUSED)
def test_an_app_without_a_manifest_is_refused_with_a_hint(name: str, hint: str, tmp_path: Path) -> None:
    ended = examined(name, tmp_path)
    assert ended.code == 5, ended.out + ended.err
    assert hint in ended.err


def test_the_reference_engine_is_recognised(tmp_path: Path) -> None:
    ended = process("doctor", "--", "dwconf", "engine", cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "speaks the Dapr task hub protocol" in ended.out


def test_an_app_that_exits_is_unreachable(tmp_path: Path) -> None:
    ended = process("doctor", "worker", "--", *EXITS, cwd=tmp_path)
    assert ended.code == 5
    assert "no database" in ended.err


def test_a_broken_configuration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dwconf.toml").write_text("x = [", "utf-8")
    assert process("doctor", cwd=tmp_path).code == 2


def test_the_configured_app_is_examined(tmp_path: Path) -> None:
    (tmp_path / "dwconf.toml").write_text(f"[worker]\ncommand = {json.dumps(EXITS)}\n", "utf-8")
    ended = process("doctor", "worker", cwd=tmp_path)
    assert ended.code == 5
    assert "no database" in ended.err
