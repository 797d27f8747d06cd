"""What workflow code can do. Everything that it schedules gets its id here, in program order (WRK-B-03)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dwconf.wire import values as v
from dwconf.worker.core.combinators import AllTask, AnyTask
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.retries import RetryingTask, RetryPolicy
from dwconf.worker.core.tasks import Task

if TYPE_CHECKING:
    from dwconf.worker.core.execution import Execution


@dataclass(frozen=True, slots=True)
class Continuation:
    """A request to continue as new: the new input's text, and whether unused events go along."""

    new_input: str | None
    keep_events: bool


class Context:
    """A workflow's view of its own execution. All durations and times are nanoseconds."""

    __slots__ = ("_execution", "_guids")

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._guids = 0

    @property
    def instance_id(self) -> str:
        """The id of this instance (WRK-B-12)."""
        return self._execution.instance_id

    @property
    def now(self) -> v.Nanos:
        """The workflow's clock (WRK-B-08)."""
        return self._execution.rules.shown_time(self._execution.now)

    @property
    def is_replaying(self) -> bool:
        """Whether the code runs over events that an earlier turn has seen (WRK-B-10)."""
        return self._execution.rules.is_replaying(self._execution.in_past)

    def activity(
        self,
        name: str,
        value: Json = None,
        *,
        retry: RetryPolicy | None = None,
        app: str | None = None,
        scope: v.HistoryPropagationScope | None = None,
    ) -> Task[Json]:
        """Schedule an activity, in another app if `app` names one."""
        rules, ledger = self._execution.rules, self._execution.ledger
        payload = rules.write_activity_input(value)
        first = rules.task_execution_id(self.instance_id, self._execution.now, ledger.next_id)

        def attempt(number: int) -> Task[Json]:
            fresh = rules.task_execution_id(self.instance_id, self._execution.now, ledger.next_id)
            identity = first if number == 1 else rules.retried_task_execution_id(first, fresh)
            return self._issue(rules.schedule_task(name, payload, identity, scope), app)

        return self._retried(retry, attempt, lambda: rules.activity_retry_origin(first))

    def child(
        self,
        name: str,
        value: Json = None,
        *,
        instance_id: str | None = None,
        retry: RetryPolicy | None = None,
        app: str | None = None,
        scope: v.HistoryPropagationScope | None = None,
    ) -> Task[Json]:
        """Start a child workflow, in another app if `app` names one."""
        rules, ledger = self._execution.rules, self._execution.ledger
        payload = rules.write_child_input(value)
        first = rules.child_attempt_id(instance_id, rules.child_instance_id(self.instance_id, ledger.next_id))

        def attempt(number: int) -> Task[Json]:
            own = rules.child_instance_id(self.instance_id, ledger.next_id)
            identity = first if number == 1 else rules.child_attempt_id(instance_id, own)
            body = rules.create_child(name, payload, identity, scope)
            retried = body if number == 1 else replace(body, retry_parent_instance_info=rules.retry_parent(first))
            return self._issue(retried, app)

        return self._retried(retry, attempt, lambda: rules.child_retry_origin(first))

    def timer(self, delay: v.Nanos) -> Task[None]:
        """A timer that fires `delay` after now; none and less fire at once, but through the engine (WRK-E-05)."""
        return self.timer_at(self._execution.rules.fire_at(self._execution.now, delay))

    def timer_at(self, at: v.Nanos) -> Task[None]:
        """A timer that fires at a time."""
        return self._issue(self._execution.rules.user_timer(at))

    def event(self, name: str, timeout: v.Nanos | None = None) -> Task[Json]:
        """Wait for an external event; without timeout, or with a negative one, for as long as it takes."""
        execution = self._execution
        return execution.inbox.wait(name, timeout=timeout, now=execution.now, ledger=execution.ledger)

    def all(self, tasks: Sequence[Task[Any]]) -> Task[tuple[Any, ...]]:
        """All of several tasks: their results in the order given."""
        return AllTask(tasks, self._execution.rules)

    def any(self, tasks: Sequence[Task[Any]]) -> Task[int]:
        """The first of several tasks that finishes: its place in the order given."""
        return AnyTask(tasks, self._execution.rules)

    def send_event(self, instance_id: str, name: str, data: Json = None) -> None:
        """Send an event to another instance; there is nothing to wait for."""
        rules = self._execution.rules
        self._execution.ledger.issue(rules.send_event(instance_id, name, rules.write_event_data(data)))

    def detach(self, name: str, value: Json = None, *, instance_id: str | None = None) -> str:
        """Start a workflow that is nobody's child, and give its id; there is nothing to wait for."""
        rules, ledger = self._execution.rules, self._execution.ledger
        chosen = rules.detached_instance_id(self.instance_id, ledger.next_id) if instance_id is None else instance_id
        ledger.issue(rules.create_detached(name, rules.write_child_input(value), chosen))
        return chosen

    def set_status(self, status: str) -> None:
        """Set the custom status, which every response repeats from now on (WRK-C-25)."""
        execution = self._execution
        if execution.rules.notes_status(execution.in_past, execution.status):
            execution.status = execution.rules.write_status(status)

    def continue_as_new(self, value: Json = None, *, keep_events: bool | None = None) -> None:
        """End this execution when the code returns, and begin the next with another input (WRK-C-15, WRK-C-19)."""
        rules = self._execution.rules
        self._execution.continuation = Continuation(rules.write_carried_input(value), rules.keeps_events(keep_events))

    def patched(self, name: str) -> bool:
        """Whether the code may take the path that patch `name` introduced (WRK-K)."""
        return self._execution.patches.check(name, replaying=self.is_replaying)

    def new_guid(self) -> str:
        """An identifier that is the same on every replay (WRK-L-01)."""
        guid = self._execution.rules.new_guid(self.instance_id, self._execution.now, self._guids)
        self._guids += 1
        return guid

    def _issue(self, body: v.ActionBody, app: str | None = None) -> Task[Any]:
        task: Task[Any] = Task()
        execution = self._execution
        execution.ledger.issue(body, task=task, router=execution.rules.router(app, execution.own_router))
        return task

    def _retried(
        self,
        policy: RetryPolicy | None,
        attempt: Callable[[int], Task[Json]],
        origin: Callable[[], v.TimerOrigin | None],
    ) -> Task[Json]:
        if policy is None:
            return attempt(1)
        execution = self._execution

        def pause(delay: v.Nanos) -> Task[None]:
            at = execution.rules.fire_at(execution.now, delay)
            return self._issue(execution.rules.retry_timer(at, origin()))

        return RetryingTask(policy, execution.rules, clock=lambda: execution.now, attempt=attempt, pause=pause)
