"""Observations about the workflow turn (chapter C)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.events import raised_names
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import WorkflowStarted


@observation("engine/turns/num-events-processed", "engine/turns/events-processed")
def num_events_processed(e: Evidence) -> str:
    """Whether events behind the number come again."""
    second, last = e.item("second"), e.item("last")
    later = [item for item in e.turns(last.instance_id) if second.number < item.number <= last.number]
    names = [name for item in later for name in raised_names(item.turn.new_events)]
    again = [name for name in names if name in raised_names(second.turn.new_events)]
    return f"{', '.join(again)} came again" if again else "ignored: all events of the turn count as consumed"


@observation("engine/turns/empty-turn", "engine/activities/twice", "engine/turns/reused-id", "engine/activities/lost")
def empty_turn(e: Evidence) -> str:
    """Whether a turn came that brought nothing."""
    e.item("last")
    bare = [t for t in e.turns() if all(isinstance(event.body, WorkflowStarted) for event in t.turn.new_events)]
    return f"{len(bare)} turns with workflowStarted alone" if bare else "no turn with workflowStarted alone"
