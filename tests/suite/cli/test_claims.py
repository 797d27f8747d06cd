"""What a user says that a target lacks beside what its profile denies."""

import json
from pathlib import Path

import pytest

from tests.suite.cli.commands import process

RULE = "engine/activities/oversize-result-refused"
LARGE = 20_000_000


@pytest.mark.parametrize(
    ("said", "code", "verdict"), [((), 3, "untested"), (("--lacks", "message-limit"), 0, "n/a")], ids=["silent", "said"]
)
def test_a_sidecar_whose_limit_is_raised(said: tuple[str, ...], code: int, verdict: str, tmp_path: Path) -> None:
    engine = ("dwconf", "engine", "--max-message-bytes", str(LARGE))
    ended = process("sidecar", "--rule", RULE, *said, "--out", "report", "--", *engine, cwd=tmp_path)
    assert ended.code == code, ended.err
    (target,) = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))["targets"]
    assert [(rule["id"], rule["verdict"]) for rule in target["rules"]] == [(RULE, verdict)]
