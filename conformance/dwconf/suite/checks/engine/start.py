"""Checks about starting instances (chapter B)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.wire.values import CreateInstanceRequest, CreateInstanceResponse


@check("engine/start/echoes-id", "engine/start/plain")
def start_instance_answers_with_the_id(e: Evidence) -> Findings:
    call = e.call("start-answered", due=True)
    asked = call.request(CreateInstanceRequest).instance_id
    answered = call.response(CreateInstanceResponse).instance_id
    if answered != asked:
        yield Finding(expected=f"instanceId {asked!r}", seen=f"{call.outcome}, instanceId {answered!r}", at=call.at)
