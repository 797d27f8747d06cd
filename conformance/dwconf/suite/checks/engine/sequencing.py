"""Checks about deduplication and sequencing (chapter I)."""

from __future__ import annotations

from collections import Counter

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.events import committed, creates, of, resolves, told
from dwconf.wire.values import (
    CompleteWorkflow,
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    HistoryEvent,
    RaiseEventRequest,
    WorkflowResponse,
)


@check(
    "engine/sequencing/first-resolution-wins",
    "engine/activities/twice",
    "engine/activities/lost",
    "engine/activities/roundtrip",
)
def a_task_is_resolved_once(e: Evidence) -> Findings:
    yield from _once(e, "task")


@check("engine/sequencing/child-resolved-once", "engine/sequencing/children")
def a_child_is_resolved_once(e: Evidence) -> Findings:
    e.item("ended")
    yield from _once(e, "child")


def _once(e: Evidence, kind: str) -> Findings:
    e.item("last")
    events, at = committed(e)
    counted = Counter(op for event in events if (op := resolves(event)) is not None and op[0] == kind)
    if not counted:
        raise NoEvidence(f"a resolved {kind}")
    for operation, number in counted.items():
        if number > 1:
            found = [event for event in events if resolves(event) == operation]
            yield Finding(expected=f"one resolution of {kind} {operation[1]}", seen=told(found), at=at)


@check("engine/sequencing/kinds-do-not-interfere", "engine/sequencing/carried")
def resolutions_of_three_kinds_with_one_number_are_three(e: Evidence) -> Findings:
    renewed = e.item("renewed")
    carried = [op for event in _carryover(e) if (op := resolves(event)) is not None]
    got = [op for event in renewed.turn.new_events if (op := resolves(event)) is not None]
    if sorted(got) != sorted(carried):
        expected = ", ".join(f"{kind} {number}" for kind, number in sorted(carried))
        yield Finding(expected=expected, seen=told(renewed.turn.new_events), at=renewed.at)


@check("engine/sequencing/kinds-do-not-interfere", "engine/sequencing/same-number")
def operations_of_three_kinds_with_one_number_are_all_resolved(e: Evidence) -> Findings:
    e.call("finished")
    e.call("child-answered")
    e.moment("due")
    e.item("last", due=True)
    yield from ()


def _carryover(e: Evidence) -> tuple[HistoryEvent, ...]:
    bodies = [action.body for action in e.call("answered").request(WorkflowResponse).actions]
    return tuple(event for body in bodies if isinstance(body, CompleteWorkflow) for event in body.carryover_events)


@check("engine/sequencing/unmatched-resolution", "engine/sequencing/carried")
def a_resolution_of_nothing_reaches_the_worker(e: Evidence) -> Findings:
    renewed = e.item("renewed")
    if ("task", 7) not in [resolves(event) for event in renewed.turn.new_events]:
        yield Finding(expected="the resolution of task 7", seen=told(renewed.turn.new_events), at=renewed.at)


@check("engine/sequencing/unmatched-resolution", "engine/sequencing/carried")
def a_resolution_of_nothing_is_kept_as_the_profile_says(e: Evidence) -> Findings:
    contract = e.choices.get("unmatched-resolution")
    if contract is None:
        raise NoEvidence("a profile that says what becomes of it")
    e.item("renewed")
    last = e.item("last")
    found = [event for event in last.turn.past_events if resolves(event) == ("task", 7)]
    if contract == "recorded" and not found:
        yield Finding(expected="the resolution of task 7 in the past", seen=told(last.turn.past_events), at=last.at)
    if contract == "dropped" and found:
        yield Finding(expected="a past without it", seen=told(found), at=last.at)


@check("engine/sequencing/control-events-kept", "engine/sequencing/control-events")
def repeated_suspensions_and_resumptions_are_all_delivered(e: Evidence) -> Findings:
    """One step is due because the step before it was reached."""
    e.call("answered")
    e.item("suspended", due=True)
    e.item("resumed", due=True)
    last = e.item("last")
    events = (*last.turn.past_events, *last.turn.new_events)
    for kind in (ExecutionSuspended, ExecutionResumed):
        found = [event for event in events if isinstance(event.body, kind)]
        if len(found) != 2:  # noqa: PLR2004  (the case sends two of each)
            yield Finding(expected=f"two {kind.__name__}", seen=told(found), at=last.at)


@check("engine/sequencing/control-events-kept", "engine/sequencing/control-events")
def equal_events_between_them_are_all_delivered(e: Evidence) -> Findings:
    last = e.item("last")
    events = (*last.turn.past_events, *last.turn.new_events)
    found = [event for event, body in of(events, EventRaised) if body.name == "same"]
    if len(found) != 2:  # noqa: PLR2004
        yield Finding(expected="two events named same", seen=told(found), at=last.at)


@check("engine/sequencing/arrival-order-in-turn", "engine/turns/late-events", "engine/events/raised")
def events_of_one_kind_stand_in_the_order_of_acceptance(e: Evidence) -> Findings:
    last = e.item("last")
    asked = [call for call in e.calls_to("RaiseEvent") if call.ok]
    from_call = [call.request(RaiseEventRequest).name for call in asked]
    for item in e.turns(last.instance_id):
        names = [body.name for _, body in of(item.turn.new_events, EventRaised)]
        wanted = [name for name in dict.fromkeys(from_call) if name in names]
        if list(dict.fromkeys(names)) != wanted and set(names) <= set(from_call):
            yield Finding(expected=", ".join(wanted), seen=", ".join(names), at=item.at)


@check(
    "engine/sequencing/schedule-before-resolution",
    "engine/activities/roundtrip",
    "engine/timers/fires",
    "engine/sequencing/children",
)
def a_creation_stands_before_its_resolution(e: Evidence) -> Findings:
    e.item("last")
    events, at = committed(e)
    created: set[tuple[str, int]] = set()
    judged = False
    for event in events:
        operation = creates(event)
        created |= {operation} if operation is not None else set()
        resolved = resolves(event)
        judged |= resolved is not None
        if resolved is not None and resolved not in created:
            yield Finding(expected=f"the creation of {resolved[0]} {resolved[1]} before it", seen=told(events), at=at)
    if not judged:
        raise NoEvidence("a resolution")
