import json

import msgspec
import pytest

from dwconf.reports.badge import render_badge
from dwconf.reports.model import Report, Verdict
from tests.reports.sample import sample_report


def with_run(report: Report, **changes: object) -> Report:
    return msgspec.structs.replace(report, run=msgspec.structs.replace(report.run, **changes))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_says_verdict_and_scope(verdict: Verdict) -> None:
    badge = json.loads(render_badge(msgspec.structs.replace(sample_report(), verdict=verdict)))
    assert badge["schemaVersion"] == 1
    assert badge["message"] == f"{verdict} · Dapr 1.18"
    assert "%" not in badge["message"]
    assert (badge["color"] == "brightgreen") == (verdict is Verdict.CONFORMANT)


def test_without_a_requirement_set() -> None:
    report = with_run(sample_report(), requirements=None)
    (target, *_) = report.targets
    newest = msgspec.structs.replace(target, scope=target.scope.replace("Dapr 1.18", "Dapr 1.19"))
    badge = json.loads(render_badge(msgspec.structs.replace(report, targets=[newest])))
    assert badge["message"] == "NOT CONFORMANT · Dapr 1.19"
    badge = json.loads(render_badge(msgspec.structs.replace(report, targets=[])))
    assert badge["message"] == "NOT CONFORMANT"


def test_an_incomplete_run_claims_nothing() -> None:
    report = msgspec.structs.replace(sample_report(), verdict=Verdict.CONFORMANT)
    badge = json.loads(render_badge(with_run(report, incomplete=True)))
    assert badge["message"] == "INCOMPLETE · Dapr 1.18"
    assert badge["color"] == "lightgrey"
