"""What traffic alone says about completing a turn (worker chapter C)."""

from __future__ import annotations

from dwconf.suite.evidence import Finding, Findings
from dwconf.suite.evidence.answers import Answer
from dwconf.suite.monitors.registry import Monitor, monitor, sees
from dwconf.wire.values import CompleteWorkflow


@monitor("worker/completion/one-completion", "worker/completion/plain-return")
class AResponseHoldsOneCompletionAtMost(Monitor):
    """A turn cannot end twice."""

    @sees(Answer)
    def answer(self, given: Answer) -> Findings:
        count = len(given.of(CompleteWorkflow))
        if count:
            self.seen()
        if count > 1:
            yield Finding(expected="one completion", seen=f"{count} completions: {given}", at=given.at)
