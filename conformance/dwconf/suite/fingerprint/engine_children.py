"""What engines do about children where they are free (chapter G)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import ChildWorkflowInstanceFailed, GetInstanceResponse


@observation("engine/children/terminal-occupant", "engine/children/vacated")
def a_child_onto_an_ended_instance(e: Evidence) -> str:
    """What the parent is told, and what the id then is."""
    state = e.call("heir").response(GetInstanceResponse).workflow_state
    e.moment("asked")
    if any(turn.new(ChildWorkflowInstanceFailed) for turn in e.turns()):
        return "the child's task fails"
    return "nothing" if state is None or state.name != "heir" else "the child takes the place of the ended instance"
