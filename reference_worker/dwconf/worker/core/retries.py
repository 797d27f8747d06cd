"""Retries (WRK-H): made in the worker, of a timer and a new action with a new id for each further attempt (T-4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dwconf.wire import values as v
from dwconf.worker.core.failures import TaskFailedError
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.ledger import FOREVER
from dwconf.worker.core.tasks import Task

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and after which delays. All times are nanoseconds."""

    max_attempts: int
    first: v.Nanos
    coefficient: float = 1.0
    max_interval: v.Nanos | None = None
    timeout: v.Nanos | None = None


def attempts_left(policy: RetryPolicy, attempts: int) -> bool:
    """WRK-H-02: the first execution counts as an attempt."""
    return attempts < policy.max_attempts


def delay(policy: RetryPolicy, retry: int) -> v.Nanos:
    """WRK-H-03: before retry n (from 1) first * coefficient^(n-1), at most the largest interval."""
    limit = FOREVER if policy.max_interval is None else policy.max_interval
    try:
        grown = policy.first * policy.coefficient ** (retry - 1)
    except OverflowError:
        return limit
    return limit if grown >= limit else round(grown)


def in_time(policy: RetryPolicy, started: v.Nanos, now: v.Nanos) -> bool:
    """WRK-H-08: no further attempt once the policy's timeout has passed on the workflow's clock."""
    return policy.timeout is None or now < started + policy.timeout


def retriable(failure: BaseException | None) -> bool:
    """WRK-H-09: a failure that says so of itself is not tried again; nor is anything but a failed task."""
    return isinstance(failure, TaskFailedError) and not failure.details.is_non_retriable


def activity_origin(task_execution_id: str) -> v.TimerOrigin | None:
    """WRK-H-04: the timer names the task execution that it retries."""
    return v.TimerOriginActivityRetry(task_execution_id=task_execution_id)


def child_origin(first_child: str) -> v.TimerOrigin | None:
    """WRK-H-04: the timer names the first child of the series."""
    return v.TimerOriginChildWorkflowRetry(instance_id=first_child)


def same_task_execution(first: str, fresh: str) -> str:  # noqa: ARG001  (a mutant takes it)
    """WRK-H-05: every attempt carries the first one's task execution id."""
    return first


def retry_parent(first_child: str) -> v.RetryParentInstanceInfo | None:
    """WRK-H-07: the second and later children name the first."""
    return v.RetryParentInstanceInfo(instance_id=first_child)


def retry_timer(at: v.Nanos, origin: v.TimerOrigin | None) -> v.CreateTimer:
    """WRK-H-01: between two attempts stands a timer."""
    return v.CreateTimer(fire_at=at, origin=origin)


class RetryingTask(Task[Json]):
    """A task that is tried again.

    Args:
        policy: when to stop.
        rules: the decisions.
        clock: the workflow's time now, in nanoseconds.
        attempt: issues attempt n (from 1) and gives its task.
        pause: issues the timer of that many nanoseconds and gives its task.
    """

    __slots__ = ("_attempt", "_clock", "_number", "_pause", "_policy", "_rules", "_started")

    def __init__(
        self,
        policy: RetryPolicy,
        rules: Decisions,
        *,
        clock: Callable[[], v.Nanos],
        attempt: Callable[[int], Task[Json]],
        pause: Callable[[v.Nanos], Task[None]],
    ) -> None:
        super().__init__()
        self._policy, self._rules = policy, rules
        self._clock, self._attempt, self._pause = clock, attempt, pause
        self._started = clock()
        self._number = 0
        self._try()

    def _try(self) -> None:
        self._number += 1
        self._attempt(self._number).watch(self._judge)

    def _judge(self, attempt: Task[Json]) -> None:
        """WRK-H-13: the last failure is the whole task's."""
        if attempt.failure is None:
            self.succeed(attempt.result())
        elif self._tries_again(attempt.failure):
            self._pause(self._rules.retry_delay(self._policy, self._number)).watch(lambda _: self._try())
        else:
            self.fail(attempt.failure)

    def _tries_again(self, failure: BaseException) -> bool:
        return (
            self._rules.retriable(failure)
            and self._rules.attempts_left(self._policy, self._number)
            and self._rules.in_time(self._policy, self._started, self._clock())
        )
