"""What workers carried over from one generation of an instance to the next: those events are the worker's own word.

Kept by instance, and of each only what the answers of its generation and of the one before carried over, because no
later history shows more.
"""

from __future__ import annotations

from dataclasses import dataclass

from dwconf.suite.evidence.events import execution_of, started_of
from dwconf.suite.evidence.facts import Item, as_known
from dwconf.wire.values import CompleteWorkflow, HistoryEvent, WorkflowResponse

Events = frozenset[HistoryEvent]
NOTHING: Events = frozenset()


def holds(carried: Events, event: HistoryEvent) -> bool:
    """Whether an event is one of those carried over, whatever fields an engine that is newer than we are adds to it."""
    return bool(carried) and as_known(event) in carried


@dataclass(frozen=True, slots=True)
class Generation:
    """One execution of an instance: what it was given, and what its answers have carried over so far."""

    execution_id: str
    given: Events = NOTHING
    passed_on: Events = NOTHING


class Carried:
    """Which events of which instance were carried over, from the turns and answers of a conversation."""

    def __init__(self) -> None:
        self._newest: dict[str, Generation] = {}
        self._dropped = False

    def turn(self, item: Item) -> None:
        """Take note of a turn: an execution that is new was given what the one before passed on."""
        execution = item.turn.execution_id or execution_of(started_of(item.turn.new_events))
        before = self._newest.get(item.instance_id)
        if before is None or (execution and execution != before.execution_id):
            given = NOTHING if before is None else before.passed_on
            self._newest[item.instance_id] = Generation(execution, given)

    def answer(self, given: WorkflowResponse) -> None:
        """Take note of an answer, as it is made, whether it will count or not."""
        for action in given.actions:
            if isinstance(action.body, CompleteWorkflow) and action.body.carryover_events:
                now = self._newest.get(given.instance_id, Generation(""))
                passed_on = now.passed_on.union(map(as_known, action.body.carryover_events))
                self._newest[given.instance_id] = Generation(now.execution_id, now.given, passed_on)

    def into(self, instance_id: str) -> Events | None:
        """The events that an instance's history may show as carried over (see `holds`); None if that was forgotten."""
        now = self._newest.get(instance_id)
        if now is None:
            return None if self._dropped else NOTHING
        return now.given | now.passed_on if now.passed_on else now.given

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        gone = self._newest.pop(instance_id, None)
        self._dropped = self._dropped or bool(gone is not None and (gone.given or gone.passed_on))
