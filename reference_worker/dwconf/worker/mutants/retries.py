"""Workers that break rules of the chapter retries."""

from __future__ import annotations

from dataclasses import replace

from dwconf.wire import values as v
from dwconf.worker.core.clock import SECOND
from dwconf.worker.core.combinators import AllDone, Tasks, all_outcome
from dwconf.worker.core.failures import failed_task
from dwconf.worker.core.retries import RetryPolicy, delay
from dwconf.worker.mutants.registry import mutant


def one_more(policy: RetryPolicy, attempts: int) -> bool:
    """Does not count the first execution."""
    return attempts <= policy.max_attempts


def constant_delay(policy: RetryPolicy, retry: int) -> v.Nanos:
    """Waits equally long each time."""
    return policy.first


def one_fewer(policy: RetryPolicy, attempts: int) -> bool:
    """Counts retries as attempts and stops too early."""
    return attempts < policy.max_attempts - 1


def no_longest_delay(policy: RetryPolicy, retry: int) -> v.Nanos:
    """Overlooks the longest delay."""
    return round(policy.first * policy.coefficient ** (retry - 1))


def whole_coefficient(policy: RetryPolicy, retry: int) -> v.Nanos:
    """Takes only the whole part of the coefficient."""
    return delay(replace(policy, coefficient=float(int(policy.coefficient))), retry)


def whole_delays(policy: RetryPolicy, retry: int) -> v.Nanos:
    """Waits for whole seconds only."""
    return delay(policy, retry) // SECOND * SECOND


def grows_at_once(policy: RetryPolicy, retry: int) -> v.Nanos:
    """Lets the first delay grow already."""
    return min(round(policy.first * policy.coefficient**retry), policy.max_interval or policy.first)


def never_again(failure: BaseException | None) -> bool:
    """Does not retry."""
    return False


def always_again(failure: BaseException | None) -> bool:
    """Retries whatever failed."""
    return True


def no_origin(task_execution_id: str) -> v.TimerOrigin | None:
    """Says that a retry's timer is one of the code's own."""
    return v.TimerOriginCreateTimer()


def another_execution(task_execution_id: str) -> v.TimerOrigin | None:
    """Names another task execution than it retries."""
    return v.TimerOriginActivityRetry(task_execution_id=f"{task_execution_id}-other")


def another_child(first_child: str) -> v.TimerOrigin | None:
    """Names another child than the first one."""
    return v.TimerOriginChildWorkflowRetry(instance_id=f"{first_child}-other")


def fresh_execution(first: str, fresh: str) -> str:
    """Gives each attempt a task execution id of its own."""
    return fresh


def no_parent(first_child: str) -> v.RetryParentInstanceInfo | None:
    """Does not name the first attempt."""
    return None


def without_words(what: str, details: v.TaskFailureDetails | None) -> Exception:
    """Forgets what a failed attempt said."""
    kind = "" if details is None else details.error_type
    return failed_task(what, v.TaskFailureDetails(error_type=kind))


def fails_with_the_first(tasks: Tasks, finished: Tasks) -> AllDone | None:
    """Takes results in the order in which tasks finished, retried ones too."""
    outcome = all_outcome(tasks, finished)
    return outcome if outcome is None or outcome.failure else AllDone(tuple(task.result() for task in finished))


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
mutant(
    "backoff-of-whole-coefficients",
    "worker/retries/backoff",
    "overlooks the fraction of the coefficient",
    retry_delay=whole_coefficient,
)
mutant(
    "backoff-of-whole-seconds",
    "worker/retries/backoff",
    "waits for whole seconds before a retry",
    retry_delay=whole_delays,
)
mutant(
    "one-attempt-too-few",
    "worker/retries/attempts-counted",
    "makes one attempt fewer than allowed",
    attempts_left=one_fewer,
)
mutant(
    "no-longest-delay",
    "worker/retries/backoff",
    "lets delays grow beyond the longest one",
    retry_delay=no_longest_delay,
)
mutant(
    "first-delay-grows",
    "worker/retries/backoff",
    "lets the first delay grow already",
    retry_delay=grows_at_once,
)
mutant(
    "never-retries",
    "worker/retries/retry-by-timer",
    "does not retry",
    retriable=never_again,
)
mutant(
    "retries-what-is-final",
    "worker/retries/non-retriable",
    "retries a failure that is marked as final",
    retriable=always_again,
)
mutant(
    "retry-timer-of-code",
    "worker/retries/origin-activity-retry",
    "says that a retry's timer is the code's",
    activity_retry_origin=no_origin,
)
mutant(
    "retry-timer-of-another",
    "worker/retries/origin-activity-retry",
    "names another task execution on a retry's timer",
    activity_retry_origin=another_execution,
)
mutant(
    "child-retry-timer-of-code",
    "worker/retries/origin-child-retry",
    "says that the timer of a child's retry is the code's",
    child_retry_origin=no_origin,
)
mutant(
    "child-retry-timer-of-another",
    "worker/retries/origin-child-retry",
    "names another child on the timer of a retry",
    child_retry_origin=another_child,
)
mutant(
    "fresh-execution-ids",
    "worker/retries/task-execution-id-kept",
    "gives each attempt another task execution id",
    retried_task_execution_id=fresh_execution,
)
mutant(
    "retry-without-parent",
    "worker/retries/retry-parent-info",
    "does not name the first attempt in later children",
    retry_parent=no_parent,
)
mutant(
    "last-failure-without-words",
    "worker/retries/exhausted-failure",
    "forgets what the last attempt said",
    failed_task=without_words,
)
mutant(
    "retried-results-as-they-came",
    "worker/retries/retries-in-all",
    "lists the results of retried tasks in the order of their ends",
    all_outcome=fails_with_the_first,
)
