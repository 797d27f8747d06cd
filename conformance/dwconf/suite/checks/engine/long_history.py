"""Checks about histories and batches that are longer than usual (chapter C)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.events import past_of, raised_names
from dwconf.suite.evidence.facts import of_kind
from dwconf.wire.values import GetInstanceHistoryResponse, RaiseEventRequest, TimerCreated, WorkflowResponse

MANY = "engine/long-history/many"


@check("engine/turns/past-is-history", MANY)
def a_long_past_is_whole(e: Evidence) -> Findings:
    last, call = e.item("last"), e.call("history-last")
    wanted = [action.id for action in e.call("answered").request(WorkflowResponse).actions]
    past, shown = past_of(last), call.response(GetInstanceHistoryResponse).events
    for events, at in ((past, last.at), (shown if call.ok else None, call.at)):
        ids = [event.event_id for event in of_kind(events or (), TimerCreated)]
        if events is not None and ids != wanted:
            expected, seen = f"{len(wanted)} timerCreated in their order", f"{len(ids)}, or another order"
            yield Finding(expected=expected, seen=seen, at=at)
    if past is None:
        raise NoEvidence("the past of the last turn")
    if call.ok and shown != past:
        yield Finding(
            expected=f"{len(past)} events as in the past", seen=f"{len(shown)} others", at=(*last.at, *call.at)
        )


@check("engine/turns/no-event-lost", MANY)
def of_many_events_none_is_lost(e: Evidence) -> Findings:
    e.item("second")
    last = e.item("last", due=True)
    wanted = [call.request(RaiseEventRequest).name for call in e.calls_to("RaiseEvent") if call.ok]
    turns = [item for item in e.turns(last.instance_id) if item.number <= last.number]
    names = [name for item in turns for name in raised_names(item.turn.new_events)]
    if names != wanted:
        lost = [name for name in wanted if name not in names]
        expected = f"{len(wanted)} raised events in their order, once each"
        yield Finding(expected=expected, seen=f"{len(names)}, without {lost}", at=last.at)
