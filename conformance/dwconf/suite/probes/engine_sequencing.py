"""Probes of what engines do with resolutions that come early (chapter D)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.events import resolves
from dwconf.suite.probes.registry import probe


@probe("engine/early-resolution", "engine/sequencing/early")
def an_early_result_spares_the_activity(e: Evidence) -> bool:
    """A result that came before its schedule reaches the worker, and the activity is not dispatched then."""
    renewed = e.item("renewed")
    e.item("last")
    came = any(resolves(event) == ("task", 0) for event in renewed.turn.new_events)
    return came and all(item.activity.task_id for item in e.activities(renewed.instance_id))
