"""Probes of engines: each reads whether a capability is there from cases that show it anyway."""

from __future__ import annotations

from dwconf.suite.checks.engine.start import is_early
from dwconf.suite.evidence import Call, Evidence, NoEvidence
from dwconf.suite.evidence.facts import of_kind
from dwconf.suite.probes.registry import probe
from dwconf.wire.values import (
    EventRaised,
    ExecutionStarted,
    ExecutionTerminated,
    GetInstanceResponse,
    ListInstanceIDsResponse,
    PurgeInstancesResponse,
)

UNSERVED = "UNIMPLEMENTED"


def _done(call: Call) -> bool:
    """Whether a call was carried out. One that may never have got there says nothing of what the engine can."""
    if call.undecided:
        raise NoEvidence(f"an answer to {call.name}")
    return call.ok


def _exists(call: Call) -> bool:
    return _done(call) and call.response(GetInstanceResponse).exists


@probe("engine/instance-history", "engine/queries/chain")
def history_is_answered(e: Evidence) -> bool:
    """The history of a completed instance holds its executionStarted."""
    call = e.call("history")
    if call.code == UNSERVED:
        return False
    return bool(of_kind(e.history("history"), ExecutionStarted))


@probe("engine/list-instances", "engine/queries/lists")
def instances_are_listed(e: Evidence) -> bool:
    """The list holds the case's running instance."""
    call = e.call("all-0")
    return _done(call) and (e.reached("all-1") or e.item("running").instance_id in _ids(call))


@probe("engine/list-paging", "engine/queries/lists")
def lists_come_in_pages(e: Evidence) -> bool:
    """A page of at most two comes back, with a token: the case itself has three instances."""
    call = e.call("paged-0")
    answer = call.response(ListInstanceIDsResponse)
    return _done(call) and len(answer.instance_ids) <= 2 and bool(answer.continuation_token)  # noqa: PLR2004  (the size)


def _ids(call: Call) -> tuple[str, ...]:
    return call.response(ListInstanceIDsResponse).instance_ids


@probe("engine/force-purge", "engine/purge/forced")
def force_removes_what_runs(e: Evidence) -> bool:
    """A running instance is gone after a purge by force."""
    purged = e.call("purged")
    return _done(purged) and not _exists(e.call("state"))


@probe("engine/purge-filter", "engine/purge/filtered")
def a_filter_removes_what_it_fits(e: Evidence) -> bool:
    """An ended instance is gone after a purge by a filter that fits it."""
    purged = e.call("purged")
    count = purged.response(PurgeInstancesResponse).deleted_instance_count
    return _done(purged) and count > 0 and not _exists(e.call("state"))


@probe("engine/rerun", "engine/rerun/activity")
def an_ended_instance_is_run_again(e: Evidence) -> bool:
    """A re-run of a completed instance is accepted; UNIMPLEMENTED, or another refusal, means absent."""
    return _done(e.call("rerun"))


@probe("engine/history-propagation", "engine/propagation/activities")
def history_is_passed_on(e: Evidence) -> bool:
    """An activity that asks for its caller's history is given some."""
    return e.item("own").activity.propagated_history is not None


@probe("engine/message-limit", "engine/activities/oversize-result")
def five_megabytes_are_too_much(e: Evidence) -> bool:
    """A result of five megabytes is refused."""
    return not e.call("finished-oversize").ok


@probe("engine/send-event", "engine/capabilities/send-event-action")
def a_sent_event_arrives(e: Evidence) -> bool:
    """The target of a sendEvent action sees an eventRaised before a fence that was raised after it."""
    target = e.item("fence").instance_id
    raised = [event.body for turn in e.turns(target) for event in turn.new(EventRaised)]
    return any(isinstance(body, EventRaised) and body.name == "sent" for body in raised)


@probe("engine/terminate-action", "engine/capabilities/terminate-action")
def an_ordered_termination_arrives(e: Evidence) -> bool:
    """The target of a terminateWorkflow action sees an executionTerminated, and not only a fence raised after it."""
    e.call("answered")
    target = e.item("target").instance_id
    if any(turn.new(ExecutionTerminated) for turn in e.turns(target)):
        return True
    e.item("fence")
    return False


@probe("engine/detached", "engine/detached/fields")
def a_detached_workflow_starts(e: Evidence) -> bool:
    """A workflow that a turn detached gets its first turn."""
    e.item("first")
    if e.missed("full"):
        return False
    return bool(e.item("full").new(ExecutionStarted))


@probe("engine/detached-schedule", "engine/detached/scheduled")
def a_detached_start_waits(e: Evidence) -> bool:
    """A workflow that was detached to start later has no turn before."""
    at = e.note("due", "at")
    first = next(e.turns(e.item("late").instance_id), None)
    if first is None or not isinstance(at, int):
        raise NoEvidence("late")
    return not is_early(first, at)
