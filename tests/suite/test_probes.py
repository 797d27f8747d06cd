"""What probes take for a sign, and when they say that they cannot tell."""

from __future__ import annotations

import pytest

from dwconf.suite.probes import engine
from dwconf.suite.probes.registry import Probe, look
from dwconf.wire.values import RerunWorkflowFromEventRequest
from tests.suite.checks.talk import Talk

RERUN = RerunWorkflowFromEventRequest(source_instance_id="x")


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("OK", True),
        ("UNIMPLEMENTED", False),
        ("INTERNAL", False),
        ("UNAVAILABLE", None),
        ("DEADLINE_EXCEEDED", None),
        ("CANCELLED", None),
    ],
)
def test_a_rerun_that_did_not_get_through_tells_nothing(code: str, *, there: bool | None) -> None:
    talk = Talk().call("rerun", "RerunWorkflowFromEvent", RERUN, status=(code, "x"))
    assert look(Probe("engine/rerun", (), engine.an_ended_instance_is_run_again), talk.evidence) is there


@pytest.mark.parametrize(
    ("reading", "step", "method"),
    [
        (engine.instances_are_listed, "all-0", "ListInstanceIDs"),
        (engine.lists_come_in_pages, "paged-0", "ListInstanceIDs"),
        (engine.force_removes_what_runs, "purged", "PurgeInstances"),
        (engine.a_filter_removes_what_it_fits, "purged", "PurgeInstances"),
    ],
)
def test_a_call_that_did_not_get_through_says_of_no_capability_that_it_is_absent(
    reading: object, step: str, method: str
) -> None:
    for code, there in (("UNIMPLEMENTED", False), ("UNAVAILABLE", None)):
        talk = Talk().call(step, method, status=(code, "x"))
        assert look(Probe("engine/x", (), reading), talk.evidence) is there  # type: ignore[arg-type]
