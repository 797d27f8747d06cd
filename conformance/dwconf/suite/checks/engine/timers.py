"""Checks about timers (chapter E)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.events import committed, of, resolves, told, without_openings
from dwconf.suite.trace.words import in_a_line, instant
from dwconf.wire.values import (
    CreateTimer,
    EventRaised,
    HistoryEvent,
    TimerCreated,
    TimerFired,
    WorkflowResponse,
)

FIRES = "engine/timers/fires"


def timers(e: Evidence, step: str = "answered") -> dict[int, CreateTimer]:
    """The timers that an answer asks for, by id."""
    actions = e.call(step).request(WorkflowResponse).actions
    return {action.id: action.body for action in actions if isinstance(action.body, CreateTimer)}


def fired(events: tuple[HistoryEvent, ...], timer_id: int) -> list[HistoryEvent]:
    """The firings of a timer, in order."""
    return [event for event in events if resolves(event) == ("timer", timer_id)]


@check("engine/timers/fires", FIRES)
def a_timer_fires_with_its_id_and_time(e: Evidence) -> Findings:
    e.moment("due")
    item = e.item("fired", due=True)
    for timer_id, wanted in timers(e).items():
        for event in fired(item.turn.new_events, timer_id):
            if isinstance(event.body, TimerFired) and event.body.fire_at != wanted.fire_at:
                expected = f"fireAt {instant(wanted.fire_at or 0)}"
                yield Finding(expected=expected, seen=in_a_line(event), at=item.at)


@check("engine/timers/fires-once", FIRES, "engine/timers/together")
def history_holds_one_firing_of_each_timer(e: Evidence) -> Findings:
    e.item("last")
    events, at = committed(e)
    for timer_id in timers(e):
        if len(fired(events, timer_id)) > 1:
            expected = f"one timerFired of timer {timer_id}"
            yield Finding(expected=expected, seen=told(fired(events, timer_id)), at=at)


@check("engine/timers/fired-timestamp", FIRES)
def a_firing_is_stamped_when_it_happens(e: Evidence) -> Findings:
    item = e.item("fired")
    for event, body in of(item.turn.new_events, TimerFired):
        if event.timestamp is None or event.timestamp < (body.fire_at or 0):
            expected = f"a timestamp of {instant(body.fire_at or 0)} or later"
            seen = instant(event.timestamp) if event.timestamp is not None else "no timestamp"
            yield Finding(expected=expected, seen=seen, at=item.at)


@check("engine/timers/past-fires-at-once", "engine/timers/past")
def a_timer_in_the_past_fires_at_once(e: Evidence) -> Findings:
    e.call("answered")
    item = e.item("last", due=True)
    between = [other for other in e.turns(item.instance_id) if other.number < item.number][1:]
    for other in between:
        if not without_openings(other.turn.new_events):
            continue  # a turn that brings nothing is allowed (ENG-C-31)
        yield Finding(expected="the firing in the next turn", seen=told(other.turn.new_events), at=other.at)


@check("engine/timers/all-due-timers-delivered", "engine/timers/together")
def all_timers_that_are_due_are_delivered_once(e: Evidence) -> Findings:
    e.moment("due")
    last = e.item("last", due=True)
    events = (*last.turn.past_events, *last.turn.new_events)
    for timer_id in timers(e):
        if len(fired(events, timer_id)) != 1:
            yield Finding(expected=f"one timerFired of timer {timer_id}", seen=told(events), at=last.at)


@check("engine/timers/stale-event-timer", "engine/timers/event-timeout")
def the_timer_of_an_answered_wait_does_what_the_profile_says(e: Evidence) -> Findings:
    contract = e.choices.get("stale-event-timer")
    if contract is None:
        raise NoEvidence("a profile that says what becomes of the timer")
    e.item("last")
    events, at = committed(e)
    found = fired(events, 1)
    answered = [event for event, body in of(events, EventRaised) if body.name == "Approval"]
    if not answered or (found and events.index(found[0]) < events.index(answered[0])):
        raise NoEvidence("an event before the timer of its wait")
    if contract == "fires" and not found:
        yield Finding(expected="a timerFired of timer 1", seen=told(events), at=at)
    if contract == "deleted" and found:
        yield Finding(expected="no timerFired of timer 1", seen=told(found), at=at)


@check("engine/timers/other-timers-not-cancelled", "engine/timers/event-timeout")
def an_event_leaves_other_timers_running(e: Evidence) -> Findings:
    """A missed step is a breach only once the event and the due time were reached."""
    e.item("event")
    e.moment("due")
    e.item("last", due=True)
    yield from ()


@check("engine/timers/run-while-suspended", "engine/timers/suspended")
def a_timer_that_was_due_during_a_suspension_fires(e: Evidence) -> Findings:
    suspended = e.call("suspended")
    e.moment("due")
    firings = [item for item in e.turns() if fired(item.turn.new_events, 0)]
    if firings and firings[0].number < suspended.number:
        raise NoEvidence("a timer that becomes due during the suspension")
    if not firings:
        e.item("last", due=True)
    yield from ()


@check("engine/timers/previous-generation-timer", "engine/timers/generations")
def a_timer_of_an_earlier_generation_stays_silent(e: Evidence) -> Findings:
    renewed, old = e.item("renewed"), timers(e)
    e.moment("due")
    before = [item for item in e.turns(renewed.instance_id) if item.number < renewed.number]
    if any(fired(item.turn.new_events, timer_id) for item in before for timer_id in old):
        raise NoEvidence("timers that are not yet due when their generation ends")
    for item in e.turns(renewed.instance_id):
        found = [event for timer_id in old for event in fired(item.turn.new_events, timer_id)]
        if found and item.number >= renewed.number:
            yield Finding(expected=f"no timerFired of the timers {list(old)}", seen=told(found), at=item.at)
            return
    e.item("last")


@check("engine/timers/silent-after-end", "engine/timers/after-the-end", "engine/turns/ended")
def a_timer_does_not_wake_an_ended_instance(e: Evidence) -> Findings:
    completed, wf = e.call("completed"), e.item("first").instance_id
    if not completed.ok:
        raise NoEvidence("completed")
    late = [item for item in e.turns(wf) if item.number > completed.number and item.new(TimerFired)]
    for item in late:
        yield Finding(expected="no turn after the end", seen=told(item.turn.new_events), at=item.at)
    if not e.reached("fence") and not e.reached("still-ended"):
        raise NoEvidence("fence")


@check("engine/timers/far-future-accepted", "engine/timers/forever")
def a_timer_at_the_end_of_time_is_accepted(e: Evidence) -> Findings:
    answered = e.call("answered", due=True)
    if not answered.ok:
        yield Finding(expected="OK", seen=answered.outcome, at=answered.at)
    e.item("last", due=True)
    events, at = committed(e)
    wanted = timers(e)[0].fire_at
    found = [body.fire_at for _, body in of(events, TimerCreated, 0)]
    if found != [wanted]:
        seen = ", ".join(instant(time) if time is not None else "no time" for time in found)
        yield Finding(expected=f"one timerCreated for {instant(wanted or 0)}", seen=seen or "none", at=at)
    early = [event for number in timers(e) for event in fired(events, number)]
    if early:
        yield Finding(expected="no timerFired", seen=told(early), at=at)
