"""Probes of engines: whether an instance that cannot go on is stalled."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.probes.registry import probe
from dwconf.wire.values import OrchestrationStatus


def _is_stalled(e: Evidence, step: str) -> bool:
    return e.state(step).workflow_status == OrchestrationStatus.STALLED


@probe("engine/stalled", "engine/stalling/version-not-available")
def a_missing_version_stalls(e: Evidence) -> bool:
    """The answer workflowVersionNotAvailable makes the status STALLED; absent when the turn commits."""
    return _is_stalled(e, "stalled")


@probe("engine/patch-diff", "engine/stalling/another-patch")
def another_patch_stalls(e: Evidence) -> bool:
    """Patch a in one turn and patch b alone in the next make the status STALLED; absent when both turns commit."""
    return _is_stalled(e, "stalled")


@probe("engine/payload-stall", "engine/stalling/large-payloads")
def a_turn_above_the_limit_stalls(e: Evidence) -> bool:
    """A history that grows past the message limit makes the status STALLED; absent when the turn is sent."""
    return _is_stalled(e, "turn-sent-or-stalled")
