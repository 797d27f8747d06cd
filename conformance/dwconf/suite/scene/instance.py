"""One instance of the engine double: its history grows as an engine's would, from what the worker answers.

The double learns and does not assume: ids, names, fire times and child ids come from the worker's actions. `turn`
sends the committed past with new events (workflowStarted first, and executionStarted in the first turn), waits for the
answer, and commits both. A case that needs another history than an engine would write builds the lists itself with
`events` and sends them with `exchange`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.histories import Said
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire import codec
from dwconf.wire.values import (
    CachedHistory,
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventBody,
    EventRaised,
    EventSent,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    Nanos,
    ScheduleTask,
    SendEvent,
    TaskCompleted,
    TaskFailed,
    TaskFailureDetails,
    TaskScheduled,
    TimerCreated,
    TimerFired,
    Value,
    WorkflowAction,
    WorkflowInstance,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
)

SECOND = 1_000_000_000
EPOCH: Nanos = 1_893_456_000 * SECOND + 123_456_789
"""When the first turn of every fabricated history begins: 2030-01-01T00:00:00.123456789Z."""
LEAD: Nanos = 5 * SECOND
"""How long before its first turn an instance was started. No clock of a workflow shows that time (WRK-B-08)."""
EXECUTION = "22222222-2222-4222-8222-222222222222"
B = TypeVar("B", bound=Value)


@dataclass(frozen=True, slots=True)
class Turn:
    """One answered turn."""

    item: Item
    call: Call
    response: WorkflowResponse

    @property
    def actions(self) -> tuple[WorkflowAction, ...]:
        return self.response.actions

    def of(self, kind: type[B]) -> list[tuple[int, B]]:
        """The actions of a kind: id and body."""
        return [(action.id, cast("B", action.body)) for action in self.actions if isinstance(action.body, kind)]

    def one(self, kind: type[B]) -> tuple[int, B]:
        """The first action of a kind; a turn without one ends the case."""
        return self.several(kind, 1)[0]

    def several(self, kind: type[B], count: int) -> list[tuple[int, B]]:
        """So many actions of a kind, the first ones; a turn with fewer of them ends the case, more are for checks."""
        found = self.of(kind)
        if len(found) < count:
            raise CaseOver(f"the turn has {len(found)} {kind.__name__} actions instead of {count}")
        return found[:count]

    @property
    def task(self) -> int:
        """The id of the first activity that the turn schedules; a turn without one ends the case."""
        return self.one(ScheduleTask)[0]


class Instance:
    """One instance on the engine double."""

    def __init__(
        self,
        scene: WorkerScene,
        program: Mapping[str, object] | None = None,
        *,
        name: str = "interp",
        input: str | None = None,  # noqa: A002
        instance_id: str | None = None,
        execution_id: str = EXECUTION,
    ) -> None:
        self.scene = scene
        self.id = scene.new_id() if instance_id is None else instance_id
        self.name = name
        self.input = input if program is None else json.dumps(program)
        self.execution_id = execution_id
        self.past: tuple[HistoryEvent, ...] = ()
        self.clock: Nanos = EPOCH
        self._begun = False

    # --- events

    def event(self, body: EventBody, event_id: int = -1) -> HistoryEvent:
        """An event of now."""
        return HistoryEvent(event_id=event_id, timestamp=self.clock, body=body)

    def started(self) -> HistoryEvent:
        """This instance's executionStarted."""
        workflow = WorkflowInstance(instance_id=self.id, execution_id=self.execution_id)
        body = ExecutionStarted(name=self.name, input=self.input, workflow_instance=workflow)
        return replace(self.event(body), timestamp=self.clock - LEAD)

    def opening(self, version: WorkflowVersion | None = None) -> tuple[HistoryEvent, ...]:
        """What begins the next turn: workflowStarted, and executionStarted the first time."""
        begin = (self.event(WorkflowStarted(version=version)),)
        return begin if self._begun else (*begin, self.started())

    # --- turns

    async def turn(
        self,
        *bodies: EventBody | HistoryEvent,
        step: str = "",
        after: float = 1.0,
        within: float | None = None,
    ) -> Turn:
        """Send one turn with these new events, `after` seconds later on the workflow clock; commit the answer.

        `within` is the deadline of the answer in seconds of real time, where that is not the usual one.
        """
        new = self.new_events(*bodies, after=after)
        made = await self.exchange(self.request(new), step=step, within=within)
        self.scene.turns.setdefault(self.id, []).append(Said(made.item.turn, made.response))
        self.commit(new, made.response)
        return made

    def first_request(self) -> WorkflowRequest:
        """The request of the first turn."""
        return self.request(self.new_events())

    async def delta(self, *bodies: EventBody | HistoryEvent, cached: int, step: str = "", after: float = 1.0) -> Turn:
        """Send one turn as a delta: the worker is to have the first `cached` events; commit the answer."""
        new = self.new_events(*bodies, after=after)
        made = await self.exchange(self.delta_request(new, cached=cached), step=step)
        self.commit(new, made.response)
        return made

    def delta_request(self, new: tuple[HistoryEvent, ...], *, cached: int) -> WorkflowRequest:
        """The request of a delta that counts on the first `cached` events."""
        request = self.request(new)
        return replace(
            request, past_events=request.past_events[cached:], cached_history=CachedHistory(event_count=cached)
        )

    async def exchange(self, request: WorkflowRequest, *, step: str = "", within: float | None = None) -> Turn:
        """Send a request as it is; nothing is committed."""
        item = await self.scene.send(request, step=f"{step}/sent" if step else "")
        call = await self.scene.answered(item, step=step, within=within)
        return Turn(item, call, call.request(WorkflowResponse))

    async def again(self, turn: Turn, *, step: str) -> Turn:
        """Send a turn's request once more, under another token; nothing is committed."""
        item = await self.scene.send(turn.item.turn, step=f"{step}/sent")
        call = await self.scene.answered(item, step=step)
        return Turn(item, call, call.request(WorkflowResponse))

    def recorded(self, *events: HistoryEvent | EventBody, version: WorkflowVersion | None = None) -> None:
        """Make up the committed past: a first turn that begins with the start, and these events."""
        self._begun = False
        opening = self.opening(version)
        self._begun = True
        made = tuple(e if isinstance(e, HistoryEvent) else self.event(e) for e in events)
        self.past = (*opening, *made)
        self.scene.histories[self.id] = self.past

    def new_events(self, *bodies: EventBody | HistoryEvent, after: float = 1.0) -> tuple[HistoryEvent, ...]:
        """The new events of the next turn, opening included; moves the workflow clock."""
        if self._begun:
            self.clock += round(after * SECOND)
        opening = self.opening()
        events = tuple(b if isinstance(b, HistoryEvent) else self._before_the_turn(b, after) for b in bodies)
        self._begun = True
        return (*opening, *events)

    def _before_the_turn(self, body: EventBody, after: float) -> HistoryEvent:
        """An event as engines write it: of when it happened, which was before its turn began."""
        return replace(self.event(body), timestamp=self.clock - round(after * SECOND / 2))

    def request(self, new: tuple[HistoryEvent, ...]) -> WorkflowRequest:
        """The work item's request for new events on the committed past."""
        return WorkflowRequest(
            instance_id=self.id, execution_id=self.execution_id, past_events=self.past, new_events=new
        )

    async def send(self, new: tuple[HistoryEvent, ...], *, step: str = "") -> Turn:
        """Send a turn without committing its answer."""
        return await self.exchange(self.request(new), step=step)

    def commit(self, new: tuple[HistoryEvent, ...], response: WorkflowResponse) -> None:
        """Append a turn to the committed past, as an engine does."""
        first = new[0]
        if response.version is not None and isinstance(first.body, WorkflowStarted):
            first = replace(first, body=WorkflowStarted(version=self._new_version(response.version)))
        made = tuple(self._scheduled(action) for action in response.actions)
        self.past = (*self.past, first, *new[1:], *(event for event in made if event is not None))
        self.scene.histories[self.id] = self.past

    def _new_version(self, version: WorkflowVersion) -> WorkflowVersion:
        """The version as this turn's workflowStarted keeps it: only patches that history does not have yet."""
        known = [
            patch
            for event in self.past
            if isinstance(event.body, WorkflowStarted) and event.body.version
            for patch in event.body.version.patches
        ]
        return replace(version, patches=version.patches[len(known) :])

    def _scheduled(self, action: WorkflowAction) -> HistoryEvent | None:
        match action.body:
            case ScheduleTask() as task:
                body: EventBody = TaskScheduled(
                    name=task.name, version=task.version, input=task.input, task_execution_id=task.task_execution_id
                )
            case CreateTimer() as timer:
                body = TimerCreated(fire_at=timer.fire_at, name=timer.name, origin=timer.origin)
            case CreateChildWorkflow() as child:
                body = ChildWorkflowInstanceCreated(
                    instance_id=child.instance_id or f"{self.id}:{action.id:04x}",
                    name=child.name,
                    version=child.version,
                    input=child.input,
                    retry_parent_instance_info=child.retry_parent_instance_info,
                )
            case SendEvent() as sent:
                target = sent.instance.instance_id if sent.instance else ""
                body = EventSent(instance_id=target, name=sent.name, input=sent.data)
            case CreateDetachedWorkflow() as detached:
                body = DetachedWorkflowInstanceCreated(instance_id=detached.instance_id)
            case CompleteWorkflow() as done:
                body = ExecutionCompleted(
                    workflow_status=done.workflow_status, result=done.result, failure_details=done.failure_details
                )
            case _:
                return None
        return self.event(body, action.id)

    # --- what resolves an action

    def completed(self, task_id: int, result: str | None = '"ok"') -> TaskCompleted:
        """The activity of this id has completed."""
        return TaskCompleted(task_scheduled_id=task_id, result=result, task_execution_id=self._execution_of(task_id))

    def failed(
        self, task_id: int, message: str = "boom", *, error_type: str = "Failure", non_retriable: bool = False
    ) -> TaskFailed:
        """The activity of this id has failed."""
        details = TaskFailureDetails(error_type=error_type, error_message=message, is_non_retriable=non_retriable)
        return TaskFailed(
            task_scheduled_id=task_id, failure_details=details, task_execution_id=self._execution_of(task_id)
        )

    def fired(self, timer_id: int) -> TimerFired:
        """The timer of this id has fired; the workflow clock moves to its fire time, or stays if that has passed."""
        fire_at = next(
            (e.body.fire_at for e in self.past if isinstance(e.body, TimerCreated) and e.event_id == timer_id), None
        )
        self.clock = max(self.clock, fire_at or 0)
        return TimerFired(timer_id=timer_id, fire_at=fire_at)

    @staticmethod
    def raised(name: str, input: str | None = None) -> EventRaised:  # noqa: A002
        """An external event has been raised."""
        return EventRaised(name=name, input=input)

    @staticmethod
    def child_completed(task_id: int, result: str | None = '"ok"') -> ChildWorkflowInstanceCompleted:
        """The child of this id has completed."""
        return ChildWorkflowInstanceCompleted(task_scheduled_id=task_id, result=result)

    @staticmethod
    def child_failed(task_id: int, message: str = "boom") -> ChildWorkflowInstanceFailed:
        """The child of this id has failed."""
        details = TaskFailureDetails(error_type="Failure", error_message=message)
        return ChildWorkflowInstanceFailed(task_scheduled_id=task_id, failure_details=details)

    def _execution_of(self, task_id: int) -> str:
        return next(
            (
                e.body.task_execution_id
                for e in self.past
                if isinstance(e.body, TaskScheduled) and e.event_id == task_id
            ),
            "",
        )


def size(events: tuple[HistoryEvent, ...]) -> int:
    """The encoded size of events, in bytes."""
    return sum(len(codec.encode(event)) for event in events)
