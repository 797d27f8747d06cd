"""Checks about external events (chapter F)."""

from __future__ import annotations

from collections import Counter

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import committed, of, raised_names, told
from dwconf.suite.trace.words import in_a_line, unlike
from dwconf.wire.values import (
    EventRaised,
    EventSent,
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    RaiseEventRequest,
    SendEvent,
    WorkflowResponse,
)

RAISED = "engine/events/raised"
CONTROL = (ExecutionSuspended, ExecutionResumed, ExecutionTerminated)


def raises_of(e: Evidence, instance_id: str) -> list[Call]:
    """The RaiseEvent calls to an instance that were accepted, in order."""
    calls = [call for call in e.calls_to("RaiseEvent") if call.ok]
    return [call for call in calls if call.request(RaiseEventRequest).instance_id == instance_id]


def asked(e: Evidence, instance_id: str) -> list[tuple[str, str | None]]:
    """The name and input of each accepted event."""
    requests = [call.request(RaiseEventRequest) for call in raises_of(e, instance_id)]
    return [(request.name, request.input) for request in requests]


def delivered(last: Item) -> list[tuple[str, str | None]]:
    """The name and input of each raised event, once each, in the order in which committed turns brought them."""
    events = (*last.turn.past_events, *last.turn.new_events)
    return [(body.name, body.input) for _, body in of(events, EventRaised)]


@check("engine/events/raised-event-delivered", RAISED)
def each_raised_event_comes_with_its_input(e: Evidence) -> Findings:
    last = e.item("last", due=True)
    got = delivered(last)
    by_name = dict(got)
    for name, data in asked(e, last.instance_id):
        if name in by_name and by_name[name] != data:
            wanted, seen = unlike(data, by_name[name])
            yield Finding(expected=f"{name!r} with input {wanted}", seen=seen, at=last.at)


@check("engine/events/raised-event-delivered", RAISED)
def each_raised_event_comes_once(e: Evidence) -> Findings:
    last = e.item("last", due=True)
    wanted, got = asked(e, last.instance_id), delivered(last)
    if len(got) != len(wanted):
        expected = f"{len(wanted)} events: {', '.join(name for name, _ in wanted)}"
        yield Finding(expected=expected, seen=", ".join(name for name, _ in got) or "none", at=last.at)


@check("engine/events/raise-does-not-wait", RAISED)
def raising_does_not_wait_for_the_turn(e: Evidence) -> Findings:
    """Every call of the first steps was made while the first turn was outstanding."""
    e.item("first")
    for step in ("raised-0", "raised-bare", "raised-equal"):
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/events/name-forwarded", RAISED)
def names_are_not_changed(e: Evidence) -> Findings:
    wf = e.item("first").instance_id
    wanted = {name for name, _ in asked(e, wf)}
    came = [(name, item) for item in e.turns(wf) for name in raised_names(item.turn.new_events)]
    if not came:
        raise NoEvidence("a raised event")
    for name, item in came:
        if name not in wanted:
            yield Finding(expected=f"one of {sorted(wanted)}", seen=repr(name), at=item.at)


@check("engine/events/name-forwarded", RAISED)
def no_name_comes_for_another(e: Evidence) -> Findings:
    """A name that is changed into another one's stands there once too often, and its own is missing."""
    last = e.item("last", due=True)
    wanted = Counter(name for name, _ in asked(e, last.instance_id))
    came = Counter(name for name, _ in delivered(last))
    surplus, missing = came - wanted, wanted - came
    if surplus and missing:
        yield Finding(expected=f"also {sorted(missing)}", seen=f"{sorted(surplus)} too often", at=last.at)


@check("engine/events/fifo", RAISED, "engine/events/lost")
def events_keep_their_order(e: Evidence) -> Findings:
    last = e.item("last", due=True)
    wanted = [name for name, _ in asked(e, last.instance_id)]
    got = [name for name, _ in delivered(last)]
    if sorted(got) == sorted(wanted) and got != wanted:
        yield Finding(expected=", ".join(wanted), seen=", ".join(got), at=last.at)


@check("engine/events/fifo", "engine/events/lost")
def a_lost_turn_does_not_change_the_order(e: Evidence) -> Findings:
    """ENG-A-11: no later event comes without the earlier ones."""
    taken = e.item("taken")
    names = ["one", "two", "three"]
    for step in ("taken-again", "taken-last"):
        item = e.item(step, due=True)
        got = raised_names(item.turn.new_events)
        if got != names[: len(got)] or not got:
            expected = "the events of the lost turn first: one, …"
            yield Finding(expected=expected, seen=", ".join(got) or "none", at=(*taken.at, *item.at))


@check("engine/turns/late-events-wait", "engine/events/lost")
def an_event_behind_a_lost_turn_waits_for_it(e: Evidence) -> Findings:
    e.item("taken")
    item = e.item("taken-last")
    got = raised_names(item.turn.new_events)
    if "one" not in got:
        yield Finding(expected="one, which was taken and lost, before later ones", seen=", ".join(got), at=item.at)


@check("engine/turns/no-event-lost", "engine/events/lost")
def a_lost_turn_loses_no_event(e: Evidence) -> Findings:
    e.item("taken-last", due=True)
    last = e.item("last", due=True)
    got = sorted(name for name, _ in delivered(last))
    if got != ["one", "three", "two"]:
        yield Finding(expected="one, two and three, once each", seen=", ".join(got), at=last.at)


@check("engine/events/unawaited-event-delivered", RAISED)
def an_event_that_nobody_waits_for_is_recorded(e: Evidence) -> Findings:
    """The worker has answered without actions, so it waits for nothing."""
    e.call("answered")
    e.item("last", due=True)
    events, at = committed(e)
    missing = {name for name, _ in asked(e, e.item("first").instance_id)} - set(raised_names(events))
    known = {name.lower() for name in raised_names(events)}
    if missing and not {name.lower() for name in missing} <= known:
        yield Finding(expected=f"{sorted(missing)} in history", seen=told(events), at=at)


@check("engine/events/identical-events-kept", RAISED)
def equal_events_are_two_events(e: Evidence) -> Findings:
    last = e.item("last")
    found = [name for name, _ in delivered(last) if name == "equal"]
    if len(found) != len([1 for step in ("raised-equal", "raised-equal-again") if e.call(step).ok]):
        yield Finding(expected="two events named equal", seen=f"{len(found)}", at=last.at)


@check("engine/events/to-ended-instance", "engine/turns/ended")
def an_event_to_an_ended_instance_is_taken(e: Evidence) -> Findings:
    call = e.call("raised-late", due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/events/to-ended-instance", "engine/turns/ended")
def an_event_to_an_ended_instance_changes_nothing(e: Evidence) -> Findings:
    e.call("raised-late")
    before, after, call = e.state("completed"), e.state("state-late"), e.call("state-late")
    for name in ("workflow_status", "output", "custom_status"):
        if getattr(before, name) != getattr(after, name):
            expected, seen = f"{name} {getattr(before, name)!r}", repr(getattr(after, name))
            yield Finding(expected=expected, seen=seen, at=(*e.call("completed").at, *call.at))


@check("engine/events/to-unknown-instance", "engine/events/unknown-instance")
def an_event_to_an_unknown_instance_fails(e: Evidence) -> Findings:
    """Other codes are in use."""
    call = e.call("raised")
    if call.code == "DEADLINE_EXCEEDED":  # a busy engine is late: that refuses nothing
        raise NoEvidence("raised")
    if call.ok:
        yield Finding(expected="NOT_FOUND", seen="OK", at=call.at)


@check("engine/events/unknown-instance-not-haunted", "engine/events/unknown-instance")
def nothing_sent_before_an_instance_existed_reaches_it(e: Evidence) -> Findings:
    first = e.item("first")
    for item in e.turns(first.instance_id):
        ghosts = [event for event in item.turn.new_events if isinstance(event.body, CONTROL)]
        ghosts += [event for event, body in of(item.turn.new_events, EventRaised) if body.name == "ghost"]
        if ghosts:
            yield Finding(expected="nothing from before its creation", seen=told(ghosts), at=item.at)
            return
    e.item("last")


@check("engine/events/accepted-while-suspended", "engine/events/suspended")
def an_event_is_accepted_during_a_suspension(e: Evidence) -> Findings:
    e.call("suspended")
    call = e.call("raised", due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)
    item = e.item("last", due=True)
    found = [body for _, body in of(item.turn.new_events, EventRaised) if body.name == "go"]
    if [body.input for body in found] != ['"data"']:
        yield Finding(expected="the event with its input", seen=told(item.turn.new_events), at=item.at)


# --- Events between workflows.


def _sent(e: Evidence) -> dict[int, SendEvent]:
    actions = e.call("answered").request(WorkflowResponse).actions
    return {action.id: action.body for action in actions if isinstance(action.body, SendEvent)}


@check("engine/events/send-event-delivered", "engine/events/sent")
def the_target_sees_an_event_raised(e: Evidence) -> Findings:
    e.call("answered")
    last = e.item("last", due=True)
    got = delivered(last)
    for body in _sent(e).values():
        if (body.name, body.data) not in got:
            expected = f"eventRaised {body.name!r} with {body.data!r}"
            yield Finding(expected=expected, seen=f"{got}", at=last.at)


@check("engine/events/send-event-recorded", "engine/events/sent")
def the_sender_records_an_event_sent(e: Evidence) -> Findings:
    e.call("completed")
    events, at = committed(e)
    found = {event.event_id: body for event, body in of(events, EventSent)}
    for number, wanted in _sent(e).items():
        body = found.get(number)
        target = wanted.instance.instance_id if wanted.instance is not None else ""
        if body is None or (body.instance_id, body.name, body.input) != (target, wanted.name, wanted.data):
            expected = f"EventSent#{number} to {target!r} with {wanted.name!r} and {wanted.data!r}"
            yield Finding(expected=expected, seen=in_a_line(body) if body is not None else told(events), at=at)


@check("engine/turns/unrecorded-actions", "engine/events/terminating")
def a_terminate_action_leaves_no_event_with_its_id(e: Evidence) -> Findings:
    events, at = committed(e)
    action = e.call("answered").request(WorkflowResponse).actions[0]
    found = [event for event in events if event.event_id == action.id]
    if found:
        yield Finding(expected=f"no event with the id {action.id}", seen=told(found), at=at)
    if not events:
        raise NoEvidence("history")
