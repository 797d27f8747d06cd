"""What a worker does about activities where the protocol leaves it free (chapter D)."""

from __future__ import annotations

from dwconf.suite.checks.worker.activities import response
from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import observation


@observation("worker/activities/name-lookup", "worker/activities/unregistered")
def name_lookup(e: Evidence) -> str:
    return "by case" if response(e.call("loud")).failure_details is not None else "without regard to case"
