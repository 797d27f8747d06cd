"""Checks about history that is passed on to activities and children."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import creates, of, told, without_openings
from dwconf.suite.evidence.facts import as_known
from dwconf.wire import codec
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    HistoryEvent,
    HistoryPropagationScope,
    PropagatedHistory,
    PropagatedHistoryChunk,
    TaskScheduled,
)

NONE, OWN, LINEAGE = HistoryPropagationScope.NONE, HistoryPropagationScope.OWN_HISTORY, HistoryPropagationScope.LINEAGE
ACTIVITIES, FAMILY = "engine/propagation/activities", "engine/propagation/family"
GENERATIONS = "engine/propagation/generations"


def given(item: Item) -> PropagatedHistory | None:
    """What an item is told of its callers' histories."""
    return item.activity.propagated_history or item.turn.propagated_history


def callers(item: Item) -> list[str]:
    """Whose histories an item is told, in order."""
    history = given(item)
    return [chunk.instance_id for chunk in history.chunks] if history is not None else []


def last_chunk(item: Item) -> PropagatedHistoryChunk:
    """The history of whoever called; no chunk at all is no evidence."""
    history = given(item)
    if history is None or not history.chunks:
        raise NoEvidence(f"a chunk of history in record {item.number}")
    return history.chunks[-1]


def _is_told(e: Evidence, step: str, scope: HistoryPropagationScope, caller: str, name: str) -> Findings:
    """Whether an item was told of its caller, with this scope."""
    item = e.item(step)
    history = given(item)
    if history is None or not history.chunks:
        seen = "no propagatedHistory" if history is None else "propagatedHistory without a chunk"
        yield Finding(expected=f"the history of {caller!r}", seen=seen, at=item.at)
        return
    if history.scope != scope:
        yield Finding(expected=f"scope {scope.name}", seen=history.scope.name, at=item.at)
    own = history.chunks[-1]
    if (own.instance_id, own.workflow_name) != (caller, name):
        seen = f"{own.workflow_name!r}, instance {own.instance_id!r}"
        yield Finding(expected=f"a last chunk of {name!r}, instance {caller!r}", seen=seen, at=item.at)


@check("engine/propagation/activity-history", ACTIVITIES)
def an_activity_is_told_of_its_caller(e: Evidence) -> Findings:
    caller = e.item("first").instance_id
    yield from _is_told(e, "own", OWN, caller, "caller")
    yield from _is_told(e, "lineage", LINEAGE, caller, "caller")


@check("engine/propagation/activity-history", FAMILY)
def an_activity_of_a_child_is_told_of_the_child(e: Evidence) -> Findings:
    kid = e.item("kid").instance_id
    yield from _is_told(e, "activity-lineage", LINEAGE, kid, "kid")
    yield from _is_told(e, "activity-own", OWN, kid, "kid")


@check("engine/propagation/child-history", FAMILY)
def a_child_is_told_of_its_parent(e: Evidence) -> Findings:
    kid = e.item("kid").instance_id
    yield from _is_told(e, "kid", LINEAGE, e.item("parent").instance_id, "parent")
    yield from _is_told(e, "grandchild-lineage", LINEAGE, kid, "kid")
    yield from _is_told(e, "grandchild-own", OWN, kid, "kid")


@check("engine/propagation/own-events", ACTIVITIES)
def an_activity_is_told_what_its_caller_has_recorded(e: Evidence) -> Findings:
    for number, step in enumerate(("own", "lineage")):
        yield from _as_recorded(e, step, "history", ("task", number))


@check("engine/propagation/own-events", FAMILY)
def a_child_is_told_what_its_parent_has_recorded(e: Evidence) -> Findings:
    yield from _as_recorded(e, "kid", "history", ("child", 0))
    yield from _as_recorded(e, "grandchild-lineage", "kid-history", ("child", 0))
    yield from _as_recorded(e, "grandchild-own", "kid-history", ("child", 1))


def _as_recorded(e: Evidence, step: str, history: str, operation: tuple[str, int]) -> Findings:
    """Whether what an item was told is what its caller's history begins with, its own creation included."""
    item, recorded = e.item(step), without_openings(e.history(history))
    at = (*item.at, *e.call(history).at)
    try:
        events = without_openings(codec.decode(HistoryEvent, data) for data in last_chunk(item).raw_events)
    except codec.WireError as error:
        yield Finding(expected="history events", seen=f"bytes that are none: {error}", at=at)
        return
    if [as_known(event) for event in events] != [as_known(event) for event in recorded[: len(events)]]:
        yield Finding(expected=f"the beginning of {told(recorded)}", seen=told(events), at=at)
    if operation not in {creates(event) for event in events}:
        kind, number = operation
        yield Finding(expected=f"all until {kind} {number} is created", seen=told(events) or "nothing", at=at)


@check("engine/propagation/not-unasked", ACTIVITIES)
def an_activity_that_does_not_ask_is_told_nothing(e: Evidence) -> Findings:
    for step in ("none", "unset", "first"):
        yield from _told_nothing(e, step)


@check("engine/propagation/not-unasked", FAMILY)
def a_child_that_does_not_ask_is_told_nothing(e: Evidence) -> Findings:
    yield from _told_nothing(e, "grandchild-plain")


@check("engine/propagation/detached-told-nothing", "engine/propagation/from-a-child")
def a_detached_workflow_is_told_nothing(e: Evidence) -> Findings:
    last_chunk(e.item("kid"))
    yield from _told_nothing(e, "detached")


def _told_nothing(e: Evidence, step: str) -> Findings:
    item = e.item(step)
    if given(item) is not None:
        yield Finding(expected="no propagatedHistory", seen=f"that of {callers(item)}", at=item.at)


@check("engine/propagation/lineage", FAMILY)
def lineage_reaches_from_the_first_caller_on(e: Evidence) -> Findings:
    expected = [e.item("parent").instance_id, e.item("kid").instance_id]
    for step in ("grandchild-lineage", "activity-lineage"):
        item = e.item(step)
        if callers(item) != expected:
            yield Finding(expected=f"the histories of {expected}", seen=f"those of {callers(item)}", at=item.at)
    handed = given(e.item("kid"))
    passed = given(e.item("grandchild-lineage"))
    if handed is not None and passed is not None and passed.chunks[:1] != handed.chunks[:1]:
        expected_text = "the parent's chunk as the child was given it"
        yield Finding(expected=expected_text, seen="another", at=(*e.item("kid").at, *e.item("grandchild-lineage").at))


@check("engine/propagation/own-history-boundary", FAMILY)
def own_history_stops_at_the_caller(e: Evidence) -> Findings:
    expected = [e.item("kid").instance_id]
    last_chunk(e.item("kid"))
    for step in ("grandchild-own", "activity-own"):
        item = e.item(step)
        if callers(item) != expected:
            yield Finding(expected=f"the history of {expected}", seen=f"that of {callers(item)}", at=item.at)


@check("engine/propagation/every-turn", FAMILY)
def a_later_turn_has_what_the_first_had(e: Evidence) -> Findings:
    first, later = e.item("kid"), e.item("later")
    last_chunk(first)
    if given(first) != given(later):
        seen = f"that of {callers(later)}" if given(later) is not None else "none"
        yield Finding(expected=f"the history of {callers(first)} again", seen=seen, at=(*first.at, *later.at))


@check("engine/propagation/next-generation", GENERATIONS)
def a_generation_after_one_that_was_told_nothing_is_told_nothing(e: Evidence) -> Findings:
    e.item("parent-first")
    yield from _told_nothing(e, "parent-next")


@check("engine/propagation/next-generation", GENERATIONS)
def a_generation_is_told_what_the_one_before_was(e: Evidence) -> Findings:
    first, following = e.item("kid-first"), e.item("kid-next")
    handed, kept = given(first), given(following)
    if handed is None:
        raise NoEvidence("history that a child was given")
    if kept is None or kept.chunks[: len(handed.chunks)] != handed.chunks:
        at = (*first.at, *following.at)
        yield Finding(expected=f"the history of {callers(first)} first", seen=f"that of {callers(following)}", at=at)


@check("engine/propagation/scope-recorded", ACTIVITIES)
def the_scope_of_an_activity_is_recorded(e: Evidence) -> Findings:
    scopes = {event.event_id: body.history_propagation_scope for event, body in of(e.history("history"), TaskScheduled)}
    for number, scope in enumerate((OWN, LINEAGE)):
        if scopes.get(number) != scope:
            at = e.call("history").at
            yield Finding(expected=f"scope {scope.name} of task {number}", seen=f"{scopes.get(number)}", at=at)


@check("engine/propagation/scope-recorded", FAMILY)
def the_scope_of_a_child_is_recorded(e: Evidence) -> Findings:
    created = of(e.history("kid-history"), ChildWorkflowInstanceCreated)
    scopes = {event.event_id: body.history_propagation_scope for event, body in created}
    for number, scope in enumerate((LINEAGE, OWN)):
        if scopes.get(number) != scope:
            at = e.call("kid-history").at
            yield Finding(expected=f"scope {scope.name} of child {number}", seen=f"{scopes.get(number)}", at=at)


@check("engine/propagation/rerun", "engine/propagation/rerun")
def an_activity_that_is_run_again_is_told_of_the_new_instance(e: Evidence) -> Findings:
    last_chunk(e.item("given"))
    item = e.item("given-again")
    if callers(item) != [item.instance_id]:
        yield Finding(expected=f"the history of {item.instance_id!r}", seen=f"that of {callers(item)}", at=item.at)
