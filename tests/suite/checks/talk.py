"""Conversations that are written down, for what checks make of them."""

from __future__ import annotations

from dwconf.suite.checks.registry import Check, Decision, Judge, decide
from dwconf.suite.evidence import Evidence
from dwconf.suite.trace.record import Actor, Kind, Scalar, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import DAPR, TASK_HUB
from dwconf.wire.values import GetWorkflowRequest, GetWorkflowResponse, Value

METHODS = {**TASK_HUB.methods, **DAPR.methods}
NOBODY = GetWorkflowRequest(instance_id="x")


class Talk:
    """A tape of calls, each a step."""

    def __init__(self) -> None:
        self.tape = Tape("case")

    def step(self, name: str, ref: int = 0, **fields: Scalar) -> Talk:
        self.tape.add(Actor.HARNESS, Kind.STEP, text=name, fields={"ref": ref, **fields})
        return self

    def call(
        self,
        step: str,
        method: str,
        request: Value = NOBODY,
        *,
        answer: Value | None = None,
        status: tuple[str, str] = ("OK", ""),
    ) -> Talk:
        path, (code, text) = METHODS[method].path, status
        made = self.tape.add(Actor.SUITE, Kind.REQUEST, method=path, payload=codec.encode(request))
        kind = Kind.RESPONSE if code == "OK" else Kind.STATUS
        payload = codec.encode(answer) if answer is not None else b""
        self.tape.add(Actor.TARGET, kind, call=made.number, method=path, payload=payload, code=code, text=text)
        return self.step(step, made.number)

    def get(self, step: str, **fields: object) -> Talk:
        answer = GetWorkflowResponse(**fields)  # type: ignore[arg-type]
        return self.call(step, "GetWorkflowBeta1", answer=answer)

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.tape.records)

    def said(self, judge: Judge) -> Decision:
        return decide(Check("rule", ("case",), judge), self.evidence)


def kept(decision: Decision) -> bool:
    return not decision.findings and not decision.untested
