"""What an engine may send: a turn or an activity, held against what the model knows of its instance.

Each function yields what is wrong as pairs of a rule and a finding, and stops at the first: whatever follows from an
engine's error is no error of its own. How a turn is worded follows the rules of chapters C to F, H and I.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

from dwconf.suite.evidence import Finding, Item
from dwconf.suite.evidence.events import started_of, told, without_openings
from dwconf.suite.schedules.histories import MARKS, compared
from dwconf.suite.schedules.life import Control, Events, Life, Task
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    EventRaised,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    HistoryEvent,
    TaskCompleted,
    TaskFailed,
    TimerFired,
)

Wrong = Iterator[tuple[str, Finding]]


def returned(life: Life, item: Item) -> Life:
    """The life that a turn is about: the present generation, or the last committed one if the turn goes back to it."""
    if life.fallback is None or life.lost is None or life.begun:
        return life
    started = started_of(item.turn.new_events)
    if started is not None and started.input == life.input:
        return life
    back = copy.copy(life.fallback)
    back.raised = life.raised
    return back


def turn_wrong(life: Life, item: Item, past: Events | None) -> Wrong:
    """What is wrong with a turn of an instance."""
    new = without_openings(item.turn.new_events)
    if life.ended:
        yield "engine/turns/nothing-after-the-end", Finding("no turn after the end", told(new), item.at)
        return
    if past is not None:
        wrong = list(compared(life, life.committed, without_openings(past), item.at))
        if wrong:
            yield from wrong[:1]
            return
    if life.lost and (life.begun or not life.generation) and new[: len(life.lost)] != life.lost:
        expected = f"what the lost turn brought, first: {told(life.lost)}"
        yield "engine/connection/lost-turn-keeps-events", Finding(expected, told(new), item.at)
        return
    yield from _first(_Turn(life, item).events_wrong(new))


def _first(found: Wrong) -> Wrong:
    one = next(found, None)
    if one is not None:
        yield one


class _Turn:
    """Reads the new events of one turn in their order, without changing the life that they belong to."""

    def __init__(self, life: Life, item: Item) -> None:
        self.life = life
        self.item = item
        self.begun = life.begun
        self.cursor = life.delivered
        self.controls = list(life.controls)
        self.resolved = set(life.resolved)

    def events_wrong(self, new: Events) -> Wrong:
        for event in new:
            rule, expected = self._wrong(event)
            if rule:
                yield rule, Finding(expected, in_a_line(event), self.item.at)
        if not self.begun:
            rule = "engine/turns/execution-started-present"
            yield rule, Finding("executionStarted in the first turn of an execution", told(new), self.item.at)

    def _wrong(self, event: HistoryEvent) -> tuple[str, str]:
        match event.body:
            case ExecutionStarted() as body:
                return self._start(body)
            case EventRaised() as body:
                return self._raised(body)
            case ExecutionSuspended(input=reason):
                return self._control(Control("suspend", reason or ""))
            case ExecutionResumed(input=reason):
                return self._control(Control("resume", reason or ""))
            case ExecutionTerminated(input=reason):
                return self._control(Control("terminate", reason or ""))
            case TaskCompleted(task_scheduled_id=number, result=result):
                return self._outcome(number, f"ok:{result}")
            case TaskFailed(task_scheduled_id=number, failure_details=details):
                return self._outcome(number, f"failed:{details.error_message if details else None}")
            case TimerFired(timer_id=number, fire_at=fire_at):
                return self._fired(number, fire_at or 0)
            case _:
                return "", ""

    def _start(self, body: ExecutionStarted) -> tuple[str, str]:
        if self.begun:
            return "engine/sequencing/one-start-per-execution", "one executionStarted"
        self.begun = True
        if body.input != self.life.input:
            again = bool(self.life.generation)
            rule = "engine/lifecycle/continue-as-new-restarts" if again else "engine/start/input-presence-kept"
            return rule, f"input {self.life.input}"
        return "", ""

    def _raised(self, body: EventRaised) -> tuple[str, str]:
        names = [event.name for event in self.life.raised]
        due = names[self.cursor] if self.cursor < len(names) else None
        if body.name == due:
            self.cursor += 1
            if body.input != f'"{body.name}"':
                return "engine/events/raised-event-delivered", f'input "{body.name}"'
            return "", ""
        if body.name in names[self.cursor :]:
            return "engine/events/fifo", f"event {due} first"
        if body.name in names:
            again = bool(self.life.generation)
            rule = "engine/lifecycle/events-across-generations" if again else "engine/events/raised-event-delivered"
            return rule, "each raised event once"
        return "engine/events/name-forwarded", f"event {due}" if due else "no event"

    def _control(self, seen: Control) -> tuple[str, str]:
        if seen in self.controls:
            self.controls.remove(seen)
            return "", ""
        return f"engine/lifecycle/{seen.kind}-event", f"a {seen.kind} once, and with its reason"

    def _outcome(self, number: int, outcome: str) -> tuple[str, str]:
        marked = next((rule for mark, rule in MARKS.items() if outcome.endswith(f':"{mark}"')), "")
        if marked:
            return marked, "no outcome from a completion that does not count"
        task = self.life.tasks.get(number)
        if task is None or task.outcome != outcome:
            return self._not_its_own(task, outcome)
        if ("task", number) in self.resolved:
            return "engine/sequencing/first-resolution-wins", f"task {number} resolved once"
        self.resolved.add(("task", number))
        return "", ""

    def _not_its_own(self, task: Task | None, outcome: str) -> tuple[str, str]:
        older = {one.outcome for one in self.life.work if one.generation < self.life.generation}
        if outcome in older or ("task", outcome) in self.life.earlier:
            purged = self.life.succeeds == "purge"
            rule = "purge-forgets-activities" if purged else "previous-generation-result"
            return f"engine/activities/{rule}", "no outcome of an activity of before"
        kind = "completion" if outcome.startswith("ok:") else "failure"
        expected = task.outcome if task is not None else None
        return f"engine/activities/{kind}-becomes-event", f"outcome {expected}"

    def _fired(self, number: int, fire_at: int) -> tuple[str, str]:
        if self.life.timers.get(number) != fire_at:
            earlier = ("timer", f"{number}@{fire_at}") in self.life.earlier
            rule = "engine/timers/previous-generation-timer" if earlier else "engine/timers/fires"
            return rule, f"fireAt {self.life.timers.get(number)}"
        if ("timer", number) in self.resolved:
            return "engine/timers/fires-once", f"timer {number} once"
        self.resolved.add(("timer", number))
        return "", ""


def activity_wrong(life: Life, item: Item) -> Wrong:
    """What is wrong with an activity of an instance."""
    name = item.activity.name
    if name in MARKS:
        yield MARKS[name], Finding("no activity of an answer that does not count", name, item.at)
        return
    task = next((task for task in life.work if task.name == name), None)
    if task is None or task.id != item.activity.task_id:
        wanted = f"activity {task.id}" if task is not None else "an activity that was scheduled"
        yield "engine/activities/request-fields", Finding(wanted, in_a_line(item.activity), item.at)
    elif task.accepted and (task.outcome or "").startswith("failed:"):
        yield "engine/activities/failure-not-retried", Finding("no second dispatch", in_a_line(item.activity), item.at)
    elif task.out:
        yield "engine/connection/each-item-once", Finding("one dispatch at a time", in_a_line(item.activity), item.at)
