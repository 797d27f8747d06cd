"""What a worker does about a suspend where the protocol leaves it free (chapter I)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation


@observation("worker/control/actions-before-suspend", "worker/control/suspended-at-start")
def actions_before_suspend(e: Evidence) -> str:
    if answer(e, "first").response.actions:
        return "sent at once"
    return "sent after the resume" if answer(e, "resumed").response.actions else "not sent"
