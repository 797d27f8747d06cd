"""Checks about purge (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.wire.values import (
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    OrchestrationStatus,
    PurgeInstancesResponse,
)


def exists(e: Evidence, step: str) -> bool:
    """Whether a query said that the instance exists; a failed query says nothing."""
    call = e.call(step)
    if not call.ok:
        raise NoEvidence(step)
    return call.response(GetInstanceResponse).exists


def _removed(e: Evidence, purge: str, state: str) -> Findings:
    """Whether a purge removed an instance: OK, a count of at least one, and nothing there afterwards."""
    call = e.call(purge, due=True)
    count = call.response(PurgeInstancesResponse).deleted_instance_count
    if not call.ok or count < 1:
        yield Finding(expected="OK, and a count of at least one", seen=f"{call.outcome}, count {count}", at=call.at)
    if exists(e, state):
        yield Finding(expected="no such instance any more", seen="it exists", at=e.call(state).at)


def _kept(e: Evidence, purge: str, state: str) -> Findings:
    """Whether a purge failed and left the instance there."""
    call = e.call(purge, due=True)
    if call.ok:
        count = call.response(PurgeInstancesResponse).deleted_instance_count
        yield Finding(expected="an error", seen=f"OK, count {count}", at=call.at)
    if not exists(e, state):
        yield Finding(expected="the instance as before", seen="it does not exist", at=e.call(state).at)


@check("engine/lifecycle/purge-ended", "engine/purge/gone")
def an_ended_instance_is_gone(e: Evidence) -> Findings:
    e.call("ended")
    yield from _removed(e, "purged", "state")


@check("engine/lifecycle/purge-ended", "engine/purge/gone")
def its_history_is_gone(e: Evidence) -> Findings:
    if not e.call("purged").ok:
        raise NoEvidence("purged")
    history = e.call("history")
    events = history.response(GetInstanceHistoryResponse).events
    if history.ok and events:
        yield Finding(expected="no history", seen=f"{len(events)} events", at=history.at)


@check("engine/lifecycle/purge-spares-children", "engine/purge/parent-alone")
def the_child_of_a_purged_parent_is_there(e: Evidence) -> Findings:
    if not e.call("purged").ok or exists(e, "parent"):
        raise NoEvidence("purged")
    if not exists(e, "kid"):
        yield Finding(expected="the child as before", seen="it does not exist", at=e.call("kid").at)


@check("engine/lifecycle/purge-running-fails", "engine/purge/running")
def a_running_instance_stays(e: Evidence) -> Findings:
    if not exists(e, "state-before"):
        raise NoEvidence("state-before")
    yield from _kept(e, "refused", "state")
    if exists(e, "state"):
        e.item("fence", due=True)


@check("engine/lifecycle/purge-unknown-fails", "engine/purge/unknown")
def a_purge_of_an_unknown_instance_fails(e: Evidence) -> Findings:
    call = e.call("refused", due=True)
    if call.ok:
        yield Finding(expected="an error", seen="OK", at=call.at)


@check("engine/lifecycle/recursive-purge", "engine/purge/tree")
def the_whole_tree_is_gone(e: Evidence) -> Findings:
    e.call("ended")
    call = e.call("purged", due=True)
    count = call.response(PurgeInstancesResponse).deleted_instance_count
    if not call.ok or count != 3:  # noqa: PLR2004  (a parent, a child and a grandchild)
        yield Finding(expected="OK, count 3", seen=f"{call.outcome}, count {count}", at=call.at)
    for step in ("parent", "kid", "grandchild"):
        if call.ok and exists(e, step):
            yield Finding(expected=f"no {step} any more", seen="it exists", at=e.call(step).at)


@check("engine/lifecycle/recursive-purge-needs-end", "engine/purge/unfinished-tree", "engine/purge/fresh-child")
def a_tree_with_a_running_member_is_not_purged(e: Evidence) -> Findings:
    e.call("ended")
    call = e.call("refused", due=True)
    if call.ok:
        count = call.response(PurgeInstancesResponse).deleted_instance_count
        yield Finding(expected="an error", seen=f"OK, count {count}", at=call.at)


@check("engine/lifecycle/force-purge", "engine/purge/forced")
def a_running_instance_is_gone(e: Evidence) -> Findings:
    e.call("running")
    yield from _removed(e, "purged", "state")


@check("engine/lifecycle/force-purge", "engine/purge/forced")
def a_suspended_instance_is_gone(e: Evidence) -> Findings:
    yield from _removed(e, "other-purged", "other-state")


@check("engine/lifecycle/canceled-is-terminal", "engine/purge/canceled")
def a_wait_for_a_canceled_instance_ends(e: Evidence) -> Findings:
    e.call("canceled")
    call = e.call("waited")
    status = call.response(GetInstanceResponse).workflow_state
    if not call.ok or status is None or status.workflow_status != OrchestrationStatus.CANCELED:
        yield Finding(expected="an answer with status CANCELED", seen=call.outcome, at=call.at)


@check("engine/lifecycle/canceled-is-terminal", "engine/purge/canceled")
def a_canceled_instance_can_be_purged(e: Evidence) -> Findings:
    e.call("canceled")
    yield from _removed(e, "purged", "state")
