"""What engines do about lifecycle and queries where they are free (chapter H)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import GetInstanceResponse, PurgeInstancesResponse


@observation("engine/lifecycle/continue-as-new-custom-status", "engine/continue-as-new/carrying")
def custom_status_after_a_continuation(e: Evidence) -> str:
    """Set with the continuation; the next answer leaves it unset."""
    state = e.state("state-then")
    return "none" if not state.custom_status else f"it stays {state.custom_status}"


@observation("engine/lifecycle/purge-filter", "engine/purge/filtered")
def a_purge_by_filter(e: Evidence) -> str:
    """By creation time and status."""
    call = e.call("purged")
    if not call.ok:
        return call.outcome
    count = call.response(PurgeInstancesResponse).deleted_instance_count
    there = "still there" if e.call("state").response(GetInstanceResponse).exists else "gone"
    return f"OK, count {count}; the instance is {there}"


@observation("engine/lifecycle/get-version", "engine/queries/a-life")
def the_version_of_an_instance_without_one(e: Evidence) -> str:
    """In the state of a running instance."""
    version = e.state("running").version
    return "unset" if version is None else f"{version!r}"


@observation("engine/lifecycle/without-stalling", "engine/queries/unavailable")
def the_answer_that_a_version_is_not_available(e: Evidence) -> str:
    """A workflowVersionNotAvailable in the first turn."""
    wf = e.item("first").instance_id
    e.moment("window-over")
    again = len(list(e.turns(wf))) - 1
    status = e.state("state").workflow_status.name
    return f"status {status}, " + ("no further turn" if not again else "the turn comes again")


@observation("engine/rerun/refusal-order", "engine/rerun/refusals")
def which_fault_of_a_rerun_is_told(e: Evidence) -> str:
    """An unknown event, with an id that is taken, and with a source that runs."""
    taken, runs = e.call("taken-and-no-event"), e.call("runs-and-no-event")
    return f"event and taken id: {taken.code}; event and running source: {runs.code}"
