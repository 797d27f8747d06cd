"""Observations about timers, events, and sequencing (chapters E, F and I)."""

from __future__ import annotations

from dwconf.suite.checks.engine.timers import timers
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.events import committed, of, raised_names, resolves
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import (
    ExecutionTerminated,
    GetInstanceResponse,
    TaskCompleted,
    TimerFired,
)


@observation("engine/timers/order-of-due-timers", "engine/timers/together")
def order_of_due_timers(e: Evidence) -> str:
    """By what the timers of one turn are ordered."""
    asked = timers(e)
    orders = {
        "creation": list(asked),
        "fire time": sorted(asked, key=lambda t: asked[t].fire_at or 0),
        "id": sorted(asked),
    }
    for item in e.turns(e.item("last").instance_id):
        ids = [body.timer_id for _, body in of(item.turn.new_events, TimerFired)]
        if len(ids) == len(asked):
            found = [name for name, order in orders.items() if order == ids]
            return f"by {' or '.join(found)}" if found else f"{ids}, which is none of creation, fire time and id"
    return "they come in turns of their own"


@observation("engine/events/empty-name", "engine/events/empty-name")
def empty_name(e: Evidence) -> str:
    """What becomes of an event without a name."""
    call, last = e.call("raised"), e.item("last")
    came = "" in raised_names((*last.turn.past_events, *last.turn.new_events))
    return f"{call.outcome}; the event {'is' if came else 'is not'} delivered"


@observation("engine/events/terminate-action", "engine/events/terminating")
def terminate_action(e: Evidence) -> str:
    """What a terminateWorkflow action does to its target."""
    ended = e.call("target-ended").response(GetInstanceResponse).workflow_state
    told = any(item.new(ExecutionTerminated) for item in e.turns())
    status = ended.workflow_status.name if ended is not None else "unknown"
    return f"the target {'gets' if told else 'does not get'} executionTerminated, and ends {status}"


@observation("engine/sequencing/generation-mark", "engine/activities/generations")
def generation_mark(e: Evidence) -> str:
    """By what generations are told apart, as far as it shows."""
    first, renewed = e.item("first"), e.item("renewed")
    same = first.turn.execution_id == renewed.turn.execution_id
    crossed = any(
        isinstance(event.body, TaskCompleted) and event.body.result == '"old"'
        for item in e.turns(renewed.instance_id)
        for event in item.turn.new_events
    )
    mark = "the execution id stays the same" if same else "each has its own execution id"
    return f"{mark}; an old result {'crosses into' if crossed else 'does not reach'} the next"


@observation("engine/sequencing/resolution-dedup", "engine/activities/twice")
def resolution_dedup(e: Evidence) -> str:
    """What becomes of a second resolution."""
    again = e.call("finished-again")
    events, _ = committed(e)
    number = sum(resolves(event) == ("task", 0) for event in events)
    return f"a second completion answers {again.outcome}; history holds {number}"
