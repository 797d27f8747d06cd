"""What an accepted answer does to an instance's life: its turn's events are consumed, its actions carried out."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from dwconf.suite.evidence import Item
from dwconf.suite.evidence.events import resolves, without_openings
from dwconf.suite.schedules.histories import FORCED_ID
from dwconf.suite.schedules.life import PENDING, RUNNING, SUSPENDED, TERMINATED, Control, Events, Life, Made, Task
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateTimer,
    EventRaised,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    OrchestrationStatus,
    ScheduleTask,
    WorkflowAction,
    WorkflowResponse,
)

CONTINUED = OrchestrationStatus.CONTINUED_AS_NEW


def answer(life: Life, item: Item, response: WorkflowResponse) -> None:
    """Carry out an answer to the turn that is out."""
    new = without_openings(item.turn.new_events)
    completion = next((a for a in response.actions if isinstance(a.body, CompleteWorkflow)), None)
    ending = completion.body if completion is not None and isinstance(completion.body, CompleteWorkflow) else None
    terminated = next((e.body for e in new if isinstance(e.body, ExecutionTerminated)), None)
    if ending is not None and ending.workflow_status == CONTINUED and terminated is None:
        _continue(life, item, new, ending)
        return
    life.before = (life.committed, life.status)
    _consume(life, new)
    life.committed += (*new, *_made(life, response.actions))
    life.out, life.lost, life.answered, life.fallback = None, None, item, None
    if ending is not None and ending.workflow_status != CONTINUED:
        life.status = ending.workflow_status
    elif terminated is not None:
        _force(life, terminated.input)


def _force(life: Life, result: str | None) -> None:
    """engine/lifecycle/terminate-enforced: what the worker does not end, the engine ends, and dispatches nothing."""
    life.committed += (Made("end", FORCED_ID, f"TERMINATED:{result}"),)
    life.status, life.forced = TERMINATED, True
    life.confused = True  # which of its activities an engine dispatched before it knew is not ordered


def _continue(life: Life, item: Item, new: Events, ending: CompleteWorkflow) -> None:
    """ENG-H-14 to ENG-H-17: a new generation, with what the worker carries over, and whatever is still queued."""
    fallback = life.fallback
    if fallback is None:
        fallback = copy.copy(life)
        fallback.out, fallback.lost = None, new
    carried = len(ending.carryover_events)
    _consume(life, new)
    life.fallback = fallback
    life.delivered -= carried
    life.before = (fallback.committed, fallback.status)
    life.vague = life.vague or life.status is SUSPENDED
    life.status = RUNNING if life.status is PENDING else life.status
    timers = {("timer", f"{number}@{fire_at}") for number, fire_at in life.timers.items()}
    life.earlier, life.succeeds = life.earlier | timers, "generation"
    life.generation += 1
    life.input, life.begun = ending.result, False
    life.committed, life.tasks, life.timers, life.resolved = (), {}, {}, set()
    life.next_id = 0
    life.out, life.lost, life.answered = None, None, item


def _consume(life: Life, new: Events) -> None:
    life.controls, life.resolved = list(life.controls), set(life.resolved)
    for event in new:
        _consumed(life, event)
    if life.status is PENDING:
        life.status = RUNNING


def _consumed(life: Life, event: HistoryEvent) -> None:
    match event.body:
        case ExecutionStarted():
            life.begun = True
        case EventRaised():
            life.delivered += 1
        case ExecutionSuspended(input=reason):
            _drop(life, Control("suspend", reason or ""))
            life.status, life.vague = SUSPENDED, False
        case ExecutionResumed(input=reason):
            _drop(life, Control("resume", reason or ""))
            life.status, life.vague = RUNNING, False
        case ExecutionTerminated(input=reason):
            _drop(life, Control("terminate", reason or ""))
        case _:
            operation = resolves(event)
            if operation is not None:
                life.resolved.add(operation)


def _drop(life: Life, control: Control) -> None:
    if control in life.controls:
        life.controls.remove(control)


def _made(life: Life, actions: Iterable[WorkflowAction]) -> Iterable[Made]:
    """What the commit adds for the actions; their activities and timers are owed from now on."""
    life.tasks, life.work, life.timers = dict(life.tasks), list(life.work), dict(life.timers)
    for action in actions:
        life.next_id = max(life.next_id, action.id + 1)
        match action.body:
            case ScheduleTask(name=name):
                task = life.tasks[action.id] = Task(name, action.id, life.generation)
                life.work.append(task)
                yield Made("task", action.id, name)
            case CreateTimer(fire_at=fire_at):
                life.timers[action.id] = fire_at or 0
                yield Made("timer", action.id, str(fire_at or 0))
            case CompleteWorkflow(workflow_status=status, result=result) if status != CONTINUED:
                yield Made("end", action.id, f"{status.name}:{result}")
            case _:
                pass
