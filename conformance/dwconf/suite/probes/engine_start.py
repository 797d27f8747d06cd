"""Probes of engines: ids that were used, deltas, and what outlives the process."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.probes.registry import probe
from dwconf.wire.values import GetInstanceResponse


@probe("engine/reuse-terminal-id", "engine/start-again/ended")
def an_ended_id_begins_a_new_execution(e: Evidence) -> bool:
    """A turn comes after a start with the id of an ended instance; ALREADY_EXISTS means absent."""
    return e.call("again-answered").ok and e.reached("second")


@probe("engine/unique-id-flag", "engine/start-again/unique")
def the_flag_refuses_an_ended_id(e: Evidence) -> bool:
    """A start with the flag and the id of an ended instance answers ALREADY_EXISTS."""
    return e.call("after-its-end").code == "ALREADY_EXISTS"


@probe("engine/subtree-guard", "engine/start-again/with-descendants")
def an_id_waits_for_its_descendants(e: Evidence) -> bool:
    """The start is refused while the child runs, and accepted after that."""
    return e.call("while-child-runs").code == "ALREADY_EXISTS" and e.call("again-answered").ok


@probe("engine/stateful-history", "engine/stateful-history/deltas")
def history_is_sent_as_deltas(e: Evidence) -> bool:
    """Any of the turns to a worker that remembers has cachedHistory."""
    e.item("turn-4")
    return any(item.turn.cached_history is not None for item in e.turns())


@probe("engine/persistence", "engine/persistence/killed")
def instances_outlive_the_process(e: Evidence) -> bool:
    """An instance is still there after the sidecar was killed and started again."""
    e.moment("restarted")
    return e.call("ended-after").response(GetInstanceResponse).exists


@probe("engine/management-api", "engine/management/nobody")
def the_dapr_api_is_served(e: Evidence) -> bool:
    """GetWorkflowBeta1 of an unknown instance answers OK or a typed error; UNIMPLEMENTED means absent."""
    return e.call("Beta1-GetWorkflow").code != "UNIMPLEMENTED"
