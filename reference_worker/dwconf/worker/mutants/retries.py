"""Workers that break rules of the chapter retries."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.retries import RetryPolicy
from dwconf.worker.mutants.registry import mutant


def one_more(policy: RetryPolicy, attempts: int) -> bool:
    """Does not count the first execution."""
    return attempts <= policy.max_attempts


def constant_delay(policy: RetryPolicy, retry: int) -> v.Nanos:
    """Waits equally long each time."""
    return policy.first


mutant(
    "one-attempt-too-many",
    "worker/retries/attempts-counted",
    "makes one attempt more than allowed",
    attempts_left=one_more,
)
mutant(
    "constant-backoff",
    "worker/retries/backoff",
    "waits equally long before each retry",
    retry_delay=constant_delay,
)
