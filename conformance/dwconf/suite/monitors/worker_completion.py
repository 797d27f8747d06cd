"""What traffic alone says about completing a turn (worker chapter C)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings
from dwconf.suite.evidence.answers import COMPLETIONS, Answer
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.wire.values import CompleteWorkflow, WorkflowResponse


@monitor("worker/completion/one-completion", "worker/completion/plain-return")
class AResponseHoldsOneCompletionAtMost(Monitor):
    """A turn cannot end twice."""

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Call) or fact.name not in COMPLETIONS or fact.ended is not None:
            return
        given = Answer(fact, fact.request(WorkflowResponse))
        count = len(given.of(CompleteWorkflow))
        if count:
            self.seen()
        if count > 1:
            yield Finding(expected="one completion", seen=f"{count} completions: {given}", at=given.at)
