"""Checks about what outlives the engine's process (chapter K), and how its streams end (chapter A)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.facts import body, of_kind, same_work
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import EventRaised, GetInstanceResponse, TaskCompleted, TaskScheduled, TimerFired

KILLED = "engine/persistence/killed"
HELD = ("engine/persistence/stopped-while-held", "engine/persistence/killed-while-held")


@check("engine/connection/shutdown-ends-streams", "engine/persistence/stopped")
def a_graceful_stop_cancels_the_streams(e: Evidence) -> Findings:
    end = e.end("stream-ended")
    if end.text == "dropped by the suite":
        yield Finding(expected="the stream ends with CANCELLED", seen="it did not end", at=end.at)
    elif end.code != "CANCELLED":
        yield Finding(expected="the stream ends with CANCELLED", seen=f"{end.code} {end.text!r}", at=end.at)


@check("engine/persistence/committed-turn-survives", KILLED)
def what_was_committed_is_still_there(e: Evidence) -> Findings:
    e.moment("restarted")
    for name in ("timed", "ended"):
        before, call = e.state(f"{name}-before"), e.call(f"{name}-after")
        state = call.response(GetInstanceResponse).workflow_state
        if not call.ok or state is None:
            yield Finding(expected=f"the instance {before.instance_id}", seen=f"{call.outcome}, none", at=call.at)
            continue
        for field in ("name", "workflow_status", "input", "output", "custom_status"):
            was, now = getattr(before, field), getattr(state, field)
            if was != now:
                yield Finding(expected=f"{field} {was!r}", seen=repr(now), at=(*e.call(f"{name}-before").at, *call.at))
        yield from _same_history(e, name)


def _same_history(e: Evidence, name: str) -> Findings:
    before, after = e.call(f"{name}-history-before"), e.call(f"{name}-history-after")
    if not before.ok:
        return
    was = e.history(f"{name}-history-before")
    now = e.history(f"{name}-history-after") if after.ok else ()
    if was != now:
        seen = f"{after.outcome}, {len(now)} events that are not those"
        yield Finding(expected=f"the same {len(was)} events", seen=seen, at=(*before.at, *after.at))


@check("engine/persistence/pending-work-survives", KILLED)
@check("engine/timers/survives-restart", KILLED)
def a_timer_fires_after_a_restart(e: Evidence) -> Findings:
    e.moment("worker-comes")
    restarted = e.moment("restarted")
    if e.missed("told"):
        raise NoEvidence("fired")
    if any(item.number < restarted.number for item in e.turns() if item.new(TimerFired)):
        raise NoEvidence("a timer that is not due before the restart")
    e.item("fired", due=True)
    yield from ()


@check("engine/persistence/pending-work-survives", "engine/persistence/killed-with-activity")
def an_activity_without_an_outcome_comes_again(e: Evidence) -> Findings:
    e.moment("worker-comes")
    before, again = e.item("activity"), e.item("activity-again", due=True)
    if not same_work(before, again):
        yield Finding(expected="the same activity request", seen="another one", at=(*before.at, *again.at))


@check("engine/persistence/accepted-message-survives", KILLED)
def an_accepted_event_is_delivered(e: Evidence) -> Findings:
    if not e.call("raised").ok:
        raise NoEvidence("raised")
    item = e.item("told", due=True)
    inputs = [body(event, EventRaised).input for event in item.new(EventRaised)]
    if inputs != ['"kept"']:
        yield Finding(expected='the event, with input "kept"', seen=str(inputs), at=item.at)


@check("engine/persistence/old-completion-not-applied", *HELD)
def an_answer_to_an_earlier_process_is_not_applied(e: Evidence) -> Findings:
    for step in ("turn", "activity"):
        before = e.item(step)
        e.call(f"old-{step}")
        again = e.item(f"{step}-again", due=True)
        if before.token and before.token == again.token:
            at = (*before.at, *again.at)
            yield Finding(expected="a token that the earlier process did not give", seen="the old one", at=at)
    for item in [*e.turns(), *e.activities()]:
        if asked_by_the_old(item):
            at = (*e.call("old-turn").at, *item.at)
            yield Finding(expected="nothing of the old answer", seen="what it asked for", at=at)
            break
    results = [body(event, TaskCompleted).result for item in e.turns() for event in item.new(TaskCompleted)]
    if '"old"' in results:
        at = e.call("old-activity").at
        yield Finding(expected="the activity's own answer, after it was dispatched again", seen="the old one", at=at)


def asked_by_the_old(item: Item) -> bool:
    """Whether an item shows action 7, which only the answers to the old process have."""
    scheduled = of_kind(item.turn.past_events, TaskScheduled)
    return item.activity.task_id == 7 or any(event.event_id == 7 for event in scheduled)  # noqa: PLR2004


@check("engine/persistence/uncommitted-turn-returns", "engine/persistence/killed-at-answer", *HELD)
def a_turn_is_committed_or_comes_again(e: Evidence) -> Findings:
    e.item("turn")
    e.item("then" if e.reached("answer") else "turn-again", due=True)
    yield from ()


@observation("engine/persistence/redelivery-after-crash", "engine/persistence/killed-while-held")
def how_soon_lost_items_come(e: Evidence) -> str:
    waited = (e.item("turn-again").clock - e.moment("restarted").clock) / 1e9
    return f"after {waited:.0f} s"
