"""Monitors of lifecycle and queries (chapter H)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings
from dwconf.suite.monitors.registry import Monitor, answered, monitor, sees
from dwconf.wire.values import GetInstanceResponse, OrchestrationStatus

STATES = ("GetInstance", "WaitForInstanceStart", "WaitForInstanceCompletion")


@monitor(
    "engine/lifecycle/continued-as-new-never-shown", "engine/continue-as-new/carrying", "engine/continue-as-new/thirty"
)
class NeverShown(Monitor):
    """No query shows the status CONTINUED_AS_NEW."""

    @sees(*answered(*STATES))
    def state(self, call: Call) -> Findings:
        state = call.response(GetInstanceResponse).workflow_state if call.ok else None
        if state is None:
            return
        self.seen()
        if state.workflow_status == OrchestrationStatus.CONTINUED_AS_NEW:
            yield Finding(expected="any other status", seen="CONTINUED_AS_NEW", at=call.at)
