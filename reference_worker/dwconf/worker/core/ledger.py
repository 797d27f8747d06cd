"""The ledger: every action that the code asked for in this replay, under its id, and what history says of it (WRK-B).

Code issues actions in program order, ids come from one counter. History then *records* them (TaskScheduled and its
like: the event's id is the action's id) and *settles* them (TaskCompleted and its like: they name the id). What is
issued and not recorded is what the turn answers with. Everything else is a contradiction between code and history,
and strictly a failure: another kind or name at an id (WRK-B-13, WRK-B-14), a record of something that the code never
issued (WRK-B-15, WRK-B-16). Settlements are forgiving instead: unknown and repeated ones are harmless (WRK-B-17,
WRK-B-18), early ones are kept until the code gets there (WRK-B-19).

One oddity: a wait without timeout issues an *optional* timer, which old histories lack. When another record sits at
its id, the timer was never there: it is dropped, and everything issued after it moves down by one (WRK-F-07).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dwconf.wire import values as v
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.settlement import Settlement, resolve
from dwconf.worker.core.tasks import Task

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions

Record = (
    v.TaskScheduled | v.TimerCreated | v.ChildWorkflowInstanceCreated | v.EventSent | v.DetachedWorkflowInstanceCreated
)

RECORDS: dict[type[Record], type[v.ActionBody]] = {
    v.TaskScheduled: v.ScheduleTask,
    v.TimerCreated: v.CreateTimer,
    v.ChildWorkflowInstanceCreated: v.CreateChildWorkflow,
    v.EventSent: v.SendEvent,
    v.DetachedWorkflowInstanceCreated: v.CreateDetachedWorkflow,
}
SETTLES: dict[type[Settlement], type[v.ActionBody]] = {
    v.TaskCompleted: v.ScheduleTask,
    v.TaskFailed: v.ScheduleTask,
    v.TimerFired: v.CreateTimer,
    v.ChildWorkflowInstanceCompleted: v.CreateChildWorkflow,
    v.ChildWorkflowInstanceFailed: v.CreateChildWorkflow,
}


def first_id(request: v.WorkflowRequest) -> int:  # noqa: ARG001  (a mutant may look at it)
    """WRK-B-01: ids start at 0 in every execution."""
    return 0


def first_id_one(request: v.WorkflowRequest) -> int:  # noqa: ARG001  (as first_id)
    """WRK-B-01: the other origin that SDKs use."""
    return 1


def next_id(used: int) -> int:
    """WRK-B-02, WRK-B-03: ids are unique within an execution, in program order."""
    return used + 1


def same_kind(action: v.ActionBody, record: Record) -> bool:
    """WRK-B-13: the record at an id is of the kind that the code asked for."""
    return isinstance(action, RECORDS[type(record)])


def same_name(action: v.ActionBody, record: Record) -> bool:
    """WRK-B-14, WRK-G-06: activities, children and events keep their names, detached workflows their instance ids."""
    match action, record:
        case v.ScheduleTask() | v.CreateChildWorkflow(), v.TaskScheduled() | v.ChildWorkflowInstanceCreated():
            return action.name == record.name
        case v.SendEvent(), v.EventSent():
            return action.name == record.name
        case v.CreateDetachedWorkflow(), v.DetachedWorkflowInstanceCreated():
            return action.instance_id == record.instance_id
    return True


def must_be_issued(record: Record) -> bool:
    """WRK-B-15, WRK-B-16, WRK-B-20: recorded work that nobody issued is a contradiction; notes of messages are not."""
    return isinstance(record, v.TaskScheduled | v.TimerCreated | v.ChildWorkflowInstanceCreated)


def checks_after_end(record: Record) -> bool:  # noqa: ARG001  (a mutant may look at it)
    """WRK-B-16: records are compared also when the code has ended, before history did."""
    return True


def settles(action: v.ActionBody, settlement: Settlement) -> bool:
    """WRK-B-05: a completion finds its task by the id that it names, and is of its kind."""
    return isinstance(action, SETTLES[type(settlement)])


def subject(settlement: Settlement) -> int:
    """WRK-B-05, WRK-E-06: the id that a completion names."""
    return settlement.timer_id if isinstance(settlement, v.TimerFired) else settlement.task_scheduled_id


def keeps_early(settlement: Settlement) -> bool:  # noqa: ARG001  (a mutant may look at it)
    """WRK-B-17, WRK-B-19: a completion for an id that is unknown so far is no failure, and is kept for later."""
    return True


def takes_repeated(settlement: Settlement) -> bool:  # noqa: ARG001  (as keeps_early)
    """WRK-B-18: a task is resolved once, later completions of it are ignored."""
    return False


def counts_record(in_past: bool) -> bool:  # noqa: ARG001, FBT001  (a mutant looks at it)
    """WRK-B-03: a recorded action counts wherever it stands, past and new events are one history."""
    return True


def is_optional_timer(record: Record) -> bool:
    """WRK-F-06, WRK-F-07: whether a record is that of the timer of a wait without timeout."""
    return (
        isinstance(record, v.TimerCreated)
        and record.fire_at == FOREVER
        and isinstance(record.origin, v.TimerOriginExternalEvent)
    )


FOREVER: v.Nanos = 253_402_300_799_999_999_999
"""9999-12-31T23:59:59.999999999Z: when the timer of a wait without timeout fires (WRK-F-06)."""


@dataclass(slots=True)
class Issued:
    """One action of the code, its task if it has one, and what history says of it."""

    action: v.WorkflowAction
    task: Task[Any] | None
    optional: bool
    recorded: bool = False
    settled: bool = False


def unrecorded(issued: Iterable[Issued]) -> tuple[v.WorkflowAction, ...]:
    """WRK-B-06: a turn answers with the actions that history does not have yet."""
    return tuple(entry.action for entry in issued if not entry.recorded and not entry.settled)


class Ledger:
    """All that was issued in one replay."""

    __slots__ = ("_early", "_issued", "_rules", "next_id")

    def __init__(self, rules: Decisions, first_id: int) -> None:
        self._rules = rules
        self._issued: dict[int, Issued] = {}
        self._early: dict[int, Settlement] = {}
        self.next_id = first_id

    def issue(
        self,
        body: v.ActionBody,
        *,
        task: Task[Any] | None = None,
        router: v.TaskRouter | None = None,
        optional: bool = False,
    ) -> None:
        """Note an action under the next id; a completion that was waiting for it settles it at once."""
        action_id = self.next_id
        self.next_id = self._rules.next_id(action_id)
        self._issued[action_id] = Issued(v.WorkflowAction(id=action_id, body=body, router=router), task, optional)
        early = self._early.pop(action_id, None)
        if early is not None:
            self.settle(early)

    def record(self, event_id: int, record: Record) -> None:
        """History recorded an action. Raises NonDeterminismError when the code did not issue it."""
        entry = self._issued.get(event_id)
        if entry is not None and self._was_never_there(entry, record):
            self._drop(event_id)
            entry = self._issued.get(event_id)
        if entry is None or entry.recorded:
            self._refuse_unissued(event_id, record)
        else:
            self._agree(event_id, entry, record)

    def settle(self, settlement: Settlement) -> None:
        """History finished a task."""
        number = self._rules.subject(settlement)
        entry = self._issued.get(number)
        if entry is None:
            self._keep(number, settlement)
        elif self._is_wanted(entry, settlement):
            if entry.settled and entry.task is not None:
                entry.task.reopen()
            entry.settled = True
            resolve(entry.task, entry.action.body, settlement, self._rules)

    def pending(self) -> tuple[v.WorkflowAction, ...]:
        """What the turn answers with, in the order of issue."""
        return self._rules.unrecorded(self._issued.values())

    def _is_wanted(self, entry: Issued, settlement: Settlement) -> bool:
        action = entry.action.body
        if action is None or not self._rules.settles(action, settlement):
            return False
        return not entry.settled or self._rules.takes_repeated(settlement)

    def _keep(self, number: int, settlement: Settlement) -> None:
        if self._rules.keeps_early(settlement):
            self._early.setdefault(number, settlement)

    def _was_never_there(self, entry: Issued, record: Record) -> bool:
        return entry.optional and not entry.recorded and not self._rules.is_optional_timer(record)

    def _drop(self, at: int) -> None:
        """WRK-F-07: take out an optional timer, and close the gap."""
        del self._issued[at]
        moved = {}
        for number, entry in self._issued.items():
            place = number - 1 if number > at else number
            entry.action = replace(entry.action, id=place)
            moved[place] = entry
        self._issued = moved
        self.next_id -= 1

    def _refuse_unissued(self, event_id: int, record: Record) -> None:
        if self._rules.must_be_issued(record):
            raise NonDeterminismError(
                f"history records {_name(record)} with id {event_id}, which the code never asked for"
            )

    def _agree(self, event_id: int, entry: Issued, record: Record) -> None:
        action = entry.action.body
        if action is None or not self._rules.same_kind(action, record):
            raise NonDeterminismError(
                f"history records {_name(record)} with id {event_id}, but the code asks there for {_name(action)}"
            )
        if not self._rules.same_name(action, record):
            raise NonDeterminismError(
                f"history records another name for {_name(record)} with id {event_id} than the code asks for"
            )
        entry.recorded = True


def _name(body: v.ActionBody | Record | Settlement | None) -> str:
    return type(body).__name__
