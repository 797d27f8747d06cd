"""Checks of events that tell a refusal from an answer that was too late."""

from __future__ import annotations

import pytest

from dwconf.suite.checks.engine.events import an_event_to_an_unknown_instance_fails
from dwconf.wire.values import RaiseEventRequest, RaiseEventResponse
from tests.suite.checks.talk import Talk, kept


@pytest.mark.parametrize(
    ("code", "verdict"),
    [("NOT_FOUND", "kept"), ("UNKNOWN", "kept"), ("OK", "broken"), ("DEADLINE_EXCEEDED", "untested")],
)
def test_an_event_to_nobody_is_refused_and_not_merely_late(code: str, verdict: str) -> None:
    request = RaiseEventRequest(instance_id="x", name="ghost")
    answer = RaiseEventResponse() if code == "OK" else None
    said = Talk().call("raised", "RaiseEvent", request, answer=answer, status=(code, ""))
    decision = said.said(an_event_to_an_unknown_instance_fails)
    assert ("broken" if decision.findings else "kept" if kept(decision) else "untested") == verdict
