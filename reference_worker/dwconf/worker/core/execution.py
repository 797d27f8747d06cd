"""One execution of one workflow function over one history.

Events are taken one at a time: they move the clock, settle tasks, fill the inbox; after each, the function is driven on
for as long as what it waits for is done. Past and new events are taken alike, which is why any split of a history gives
the same actions (WRK-B-03). The state below lives for one replay and is thrown away with it (WRK-B-23).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dwconf.wire import values as v
from dwconf.worker.core import completion
from dwconf.worker.core.context import Context, Continuation
from dwconf.worker.core.events import Inbox
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.ledger import Ledger
from dwconf.worker.core.registry import Registry, WorkflowFunction
from dwconf.worker.core.tasks import Task, Workflow
from dwconf.worker.core.versioning import NotAvailable, Patches, Resolved

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions


@dataclass(frozen=True, slots=True)
class Ended:
    """The code has returned this value."""

    value: object


class Execution:
    """The state of one replay."""

    __slots__ = (
        "_code",
        "_contradicted",
        "_held",
        "_registry",
        "_request",
        "_versions",
        "_waits_for",
        "completion",
        "continuation",
        "ended",
        "in_past",
        "inbox",
        "instance_id",
        "ledger",
        "now",
        "own_router",
        "patches",
        "rules",
        "started",
        "status",
        "suspended",
        "unavailable",
        "version",
    )

    def __init__(
        self,
        request: v.WorkflowRequest,
        registry: Registry,
        rules: Decisions,
        versions: Sequence[v.WorkflowVersion],
    ) -> None:
        self.rules = rules
        self.instance_id = rules.shown_instance(request)
        self.ledger = Ledger(rules, rules.first_id(request))
        self.inbox = Inbox(rules)
        self.patches = Patches(rules, versions)
        self.now: v.Nanos = 0
        self.in_past = True
        self.status: str | None = None
        self.continuation: Continuation | None = None
        self.completion: v.CompleteWorkflow | None = None
        self.suspended = False
        self.ended = False
        self.started = False
        self.unavailable = False
        self.version: str | None = None
        self.own_router: v.TaskRouter | None = None
        self._request = request
        self._registry = registry
        self._versions = versions
        self._held: list[v.HistoryEvent] = []
        self._contradicted = False
        self._code: Workflow[Any] | None = None
        self._waits_for: Task[Any] | None = None

    def take(self, event: v.HistoryEvent) -> None:
        """Take one event, or hold it back. Raises NonDeterminismError."""
        body = event.body
        self.now = self.rules.turn_time(self.now, event)
        match body:
            case None | v.WorkflowStarted():
                return
            case _ if self.ended:
                return
            case v.ExecutionTerminated() if not (self.suspended and self.rules.overlooks_terminate(body)):
                self._terminate(body)
            case v.ExecutionSuspended():
                self.suspended = self.rules.suspends(self.suspended)
            case v.ExecutionResumed():
                self._resume()
            case _ if self.suspended and self.rules.holds(body):
                self._held.append(event)
            case _:
                self._apply(event, body)
                self._drive()

    def fail(self, error: BaseException) -> None:
        """End with a failure."""
        self.completion = self.rules.failed(self.rules.workflow_failure(error, self.rules))

    def contradict(self, error: NonDeterminismError) -> None:
        """Code and history disagree: a failure, and nothing of what the code asked for (WRK-B-13 to WRK-B-16)."""
        self.fail(error)
        self._contradicted = True

    def answer(self) -> v.WorkflowResponse:
        """The response for the turn."""
        rules = self.rules
        return v.WorkflowResponse(
            instance_id=rules.answered_instance(self._request),
            actions=self._actions(),
            custom_status=rules.shown_status(self.status, self.suspended),
            version=rules.reported_version(self.version, self.patches.reported()),
        )

    def close(self) -> None:
        """Leave the function where it stands."""
        if self._code is not None:
            with suppress(Exception):
                self._code.close()

    def _apply(self, event: v.HistoryEvent, body: v.EventBody) -> None:
        match body:
            case v.ExecutionStarted():
                self._start(event, body)
            case _ if self.started and self._code is None and self.completion is None:
                return
            case v.EventRaised() if self.completion is not None:
                if self.rules.keeps_after_end(body):
                    self.inbox.keep(event, body)
            case v.EventRaised():
                self.inbox.raised(event, body)
            case (
                v.TaskScheduled()
                | v.TimerCreated()
                | v.ChildWorkflowInstanceCreated()
                | v.EventSent()
                | v.DetachedWorkflowInstanceCreated()
            ):
                ends = self.completion is not None and not self.rules.checks_after_end(body)
                if not ends and self.rules.counts_record(self.in_past):
                    self.ledger.record(event.event_id, body)
            case (
                v.TaskCompleted()
                | v.TaskFailed()
                | v.TimerFired()
                | v.ChildWorkflowInstanceCompleted()
                | v.ChildWorkflowInstanceFailed()
            ):
                self.ledger.settle(body)
            case _:
                self.rules.neutral(body)

    def _start(self, event: v.HistoryEvent, body: v.ExecutionStarted) -> None:
        if self.started or not self.rules.takes_start(self.in_past):
            return
        self.started = True
        self.now = self.now or event.timestamp or 0
        self.own_router = event.router
        match self.rules.resolve_version(
            self._registry.workflow_named(body.name), self.rules.pinned_version(self._versions)
        ):
            case Resolved(function, version):
                self.version = version
                self._begin(function, body.input)
            case NotAvailable():
                self.unavailable = True
            case None:
                self.fail(self.rules.unregistered_workflow(body.name))
                self.ended = True

    def _begin(self, function: WorkflowFunction, payload: str | None) -> None:
        try:
            self._code = function(Context(self), self.rules.read_input(payload))
        except Exception as error:  # noqa: BLE001  (user code: whatever it raises is its own failure)
            self.fail(error)

    def _drive(self) -> None:
        """Run the code until it waits for something that is not done, or ends."""
        while self._code is not None and self._may_run():
            ended = self._advance(self._code)
            if ended is not None:
                self._end(ended.value)

    def _advance(self, code: Workflow[Any]) -> Ended | None:
        """Run the code up to the next thing that it waits for."""
        try:
            self._waits_for = _task(next(code))
        except StopIteration as end:
            self._code = None
            return Ended(end.value)
        except BaseException as error:
            self._code = None
            if not self.rules.is_reported(error):
                raise
            self._break_off(error)
        return None

    def _may_run(self) -> bool:
        return self.rules.runs_code(self.completion) and (self._waits_for is None or self._waits_for.done)

    def _end(self, value: object) -> None:
        rules = self.rules
        self.completion = (
            completion.finished(value, rules)
            if self.continuation is None
            else rules.continued(self.continuation.new_input, ())
        )

    def _break_off(self, error: BaseException) -> None:
        if self.continuation is not None and self.rules.continues_after_failure(error):
            self.completion = self.rules.continued(self.continuation.new_input, ())
        else:
            self.fail(error)

    def _terminate(self, body: v.ExecutionTerminated) -> None:
        if self.rules.terminates(self.completion):
            self.completion = self.rules.terminated(body)
            self.suspended = False
            self.ended = self.rules.stops_taking(body)

    def _resume(self) -> None:
        self.suspended = False
        held, self._held = self._held, []
        for event in self.rules.release(held):
            self.take(event)

    def _actions(self) -> tuple[v.WorkflowAction, ...]:
        rules, pending = self.rules, () if self._contradicted else self.ledger.pending()
        end = self._completion()
        if end is not None:
            action_id = rules.completion_id(self.ledger.next_id)
            beside = pending if not isinstance(end, v.CompleteWorkflow) else rules.beside_completion(pending, end)
            pending = beside + rules.completions(v.WorkflowAction(id=action_id, body=end))
        return rules.while_suspended(pending) if self.suspended else rules.in_order(pending)

    def _completion(self) -> v.ActionBody | None:
        if self.completion is None:
            return self.rules.version_not_available() if self.unavailable else None
        if self.completion.workflow_status != v.OrchestrationStatus.CONTINUED_AS_NEW or self.continuation is None:
            return self.completion
        carried = self.inbox.carryover() if self.continuation.keep_events else ()
        return self.rules.continued(self.continuation.new_input, carried)


def _task(yielded: object) -> Task[Any]:
    if not isinstance(yielded, Task):
        raise TypeError(f"a workflow can wait for tasks only, not for a {type(yielded).__name__}")
    return yielded
