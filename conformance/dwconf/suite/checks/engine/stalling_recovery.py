"""How an instance that has stalled goes on: with another worker, after another stall, and after a restart."""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.checks.engine.stalling import (
    AGAIN,
    has_stalled,
    stalls,
    words_of,
)
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import of, raised_names, resolves, told
from dwconf.suite.evidence.facts import of_kind
from dwconf.wire.values import (
    ExecutionCompleted,
    ExecutionStalled,
    GetInstanceResponse,
    OrchestrationStatus,
    TimerFired,
    WorkflowState,
)

RECOVERED = "engine/stalling/recovered"
ON_TIMER = "engine/stalling/stalled-on-timer"
RESTARTED = "engine/stalling/restarted"


@check("engine/stalling/goes-on", RECOVERED)
def another_worker_lets_it_go_on(e: Evidence) -> Findings:
    has_stalled(e)
    e.moment("again/connected")
    e.item("again", due=True)
    e.call("again/answered")
    e.call("running", due=True)
    e.item("last", due=True)
    call = e.call("completed", due=True)
    state = e.state("completed")
    if state.workflow_status != OrchestrationStatus.COMPLETED:
        yield Finding(expected="status COMPLETED", seen=state.workflow_status.name, at=call.at)


@check("engine/stalling/wait-outlasts-stall", RECOVERED)
def a_wait_for_the_end_is_answered_at_the_end(e: Evidence) -> Findings:
    has_stalled(e)
    e.call("completed")
    call = e.call("wait-answered", due=True)
    state = call.response(GetInstanceResponse).workflow_state or WorkflowState()
    if not call.ok or state.workflow_status != OrchestrationStatus.COMPLETED:
        seen = state.workflow_status.name if call.ok else call.outcome
        yield Finding(expected="status COMPLETED", seen=seen, at=call.at)
    elif (call.ended or 0) < e.call("last/answered").number:
        yield Finding(expected="no answer before the end", seen="one", at=(*call.at, *e.call("last/answered").at))


@check("engine/stalling/events-kept", RECOVERED)
def what_was_queued_comes_again_in_order(e: Evidence) -> Findings:
    has_stalled(e)
    lost, again = e.item("turn"), e.item("again")
    kept = raised_names(lost.turn.new_events)
    if not kept:
        raise NoEvidence("a turn with events that stalls")
    came = raised_names(again.turn.new_events)
    if came[: len(kept)] != kept:
        seen = ", ".join(came) or "no events"
        yield Finding(expected=f"{', '.join(kept)}, first", seen=seen, at=(*lost.at, *again.at))
        return
    e.moment("running")
    last = e.item("last", due=True)
    names = [name for item in _after(e, again) for name in raised_names(item.turn.new_events)]
    if names != ["two", "three", "end"]:
        seen = ", ".join(names)
        yield Finding(expected="two, three and end, each once, in this order", seen=seen, at=(*again.at, *last.at))


@check("engine/stalling/events-kept", RECOVERED)
def what_came_meanwhile_comes_once(e: Evidence) -> Findings:
    has_stalled(e)
    if not e.call("finished").ok:
        raise NoEvidence("an activity that ends while its workflow is stalled")
    again = e.item("again")
    e.moment("running")
    last = e.item("last", due=True)
    results = [x for item in _after(e, again) for x in item.turn.new_events if resolves(x) == ("task", 0)]
    if len(results) != 1:
        seen = f"{len(results)} of them"
        yield Finding(expected="one result of the activity", seen=seen, at=(*e.call("finished").at, *last.at))


@check("engine/stalling/events-kept", ON_TIMER)
def a_timer_that_fired_comes_again(e: Evidence) -> Findings:
    has_stalled(e)
    lost = e.item("turn")
    e.moment("again/connected")
    again = e.item("again", due=True)
    if not again.new(TimerFired):
        seen = told(again.turn.new_events)
        yield Finding(expected="the turn with the timerFired", seen=seen, at=(*lost.at, *again.at))


def _after(e: Evidence, item: Item) -> Iterator[Item]:
    return (one for one in e.turns(item.instance_id) if one.number >= item.number)


@check("engine/stalling/same-cause-recorded-once", AGAIN)
def the_same_stall_is_recorded_once(e: Evidence) -> Findings:
    has_stalled(e)
    e.moment("second/over")
    found = of_kind(e.history("history-third"), ExecutionStalled)
    if len(found) != 1:
        at = e.call("history-third").at
        yield Finding(expected="one executionStalled", seen=told(found) or "none", at=at)


@check("engine/stalling/other-cause-recorded", AGAIN)
def another_stall_is_recorded_too(e: Evidence) -> Findings:
    has_stalled(e)
    before = len(of_kind(e.history("history-third"), ExecutionStalled))
    e.call("third/answered")
    call = e.call("other", due=True)
    found = [body for _, body in of(e.history("other"), ExecutionStalled)]
    last = found[-1].description or "" if found else ""
    if len(found) != before + 1 or "c" not in words_of(last):
        expected = "one more executionStalled, which names patch c"
        yield Finding(expected=expected, seen=f"{len(found) - before} more, the last one {last!r}", at=call.at)


@check("engine/stalling/survives-restart", RESTARTED)
def a_stall_outlives_the_process(e: Evidence) -> Findings:
    has_stalled(e)
    e.moment("restarted")
    yield from stalls(e, "state-after")
    before, after = e.call("history-before"), e.call("history-after")
    if before.ok and (not after.ok or e.history("history-after") != e.history("history-before")):
        expected = f"the same {len(e.history('history-before'))} events"
        yield Finding(expected=expected, seen=f"{after.outcome}, others", at=(*before.at, *after.at))


@check("engine/stalling/survives-restart", RESTARTED)
def it_goes_on_after_a_restart(e: Evidence) -> Findings:
    has_stalled(e)
    e.moment("worker-comes")
    e.item("again", due=True)
    call = e.call("completed", due=True)
    ends = of_kind(e.history("history-after"), ExecutionCompleted) if e.call("history-after").ok else ()
    if ends:
        yield Finding(expected="no end before another worker came", seen=told(ends), at=call.at)
