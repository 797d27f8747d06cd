"""What a worker does about retries where the protocol leaves it free (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.worker.retries import children
from dwconf.suite.checks.worker.timers import turn_time
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import CreateTimer, ScheduleTask


@observation("worker/retries/child-retry-id", "worker/retries/child-retry")
def child_retry_id(e: Evidence) -> str:
    ids = [child.instance_id for _, child in children(e)]
    if not ids[0]:
        return "left to the engine"
    return "the same for every attempt" if len(set(ids)) == 1 else "another one for each attempt"


@observation("worker/retries/retry-timeout", "worker/retries/retry-timeout")
def retry_timeout(e: Evidence) -> str:
    attempts = sum(1 for step in range(1, 9) if e.reached(f"failed-{step}"))
    return f"{attempts} attempts, one each second, with a timeout of three seconds"


@observation("worker/retries/zero-delay-retry", "worker/retries/no-delay")
def zero_delay(e: Evidence) -> str:
    given = answer(e, "failed")
    if given.of(CreateTimer):
        delay = (given.of(CreateTimer)[0][1].fire_at or 0) - turn_time(e, "failed")
        return f"a timer of {max(delay, 0) / 1e9:g} s"
    return "another attempt without a timer" if given.of(ScheduleTask) else "no retry"
