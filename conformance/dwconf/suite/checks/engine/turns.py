"""Checks about how turns are formed, and how they enter history (chapter C)."""

from __future__ import annotations

from itertools import pairwise

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.answers import COMPLETIONS, answers_item
from dwconf.suite.evidence.events import (
    MADE_FROM_ACTIONS,
    committed,
    of,
    past_of,
    raised_names,
    told,
    without_openings,
)
from dwconf.wire.values import (
    ExecutionStarted,
    GetInstanceHistoryResponse,
    HistoryEvent,
    TaskScheduled,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
)


@check("engine/turns/first-turn-events", "engine/turns/queued-at-start", "engine/turns/actions")
def the_first_turn_is_workflow_started_then_execution_started(e: Evidence) -> Findings:
    first = e.item("first")
    kinds = tuple(type(event.body) for event in first.turn.new_events[:2])
    if kinds != (WorkflowStarted, ExecutionStarted):
        expected = "new events workflowStarted, executionStarted, …"
        yield Finding(expected=expected, seen=told(first.turn.new_events) or "no new events", at=first.at)


@check("engine/turns/first-turn-events", "engine/turns/queued-at-start", "engine/turns/renewed")
def the_first_turn_of_an_execution_has_no_past(e: Evidence) -> Findings:
    first = e.item("first")
    for item in (first, e.item("renewed")) if e.reached("renewed") else (first,):
        if item.turn.past_events:
            yield Finding(expected="no past events", seen=told(item.turn.past_events), at=item.at)


@check("engine/turns/first-turn-events", "engine/turns/renewed")
def the_first_turn_of_a_new_generation_starts_it(e: Evidence) -> Findings:
    item = e.item("renewed")
    kinds = tuple(type(event.body) for event in item.turn.new_events[:2])
    if kinds != (WorkflowStarted, ExecutionStarted):
        expected = "new events workflowStarted, executionStarted, …"
        yield Finding(expected=expected, seen=told(item.turn.new_events) or "no new events", at=item.at)


@check("engine/turns/continue-as-new-turn-routers", "engine/turns/renewed")
def a_new_generation_names_its_app(e: Evidence) -> Findings:
    renewed, last = e.item("renewed"), e.item("last")
    scheduled = next(of(last.turn.past_events, TaskScheduled), None)
    app = scheduled[0].router.source_app_id if scheduled is not None and scheduled[0].router is not None else ""
    if not app:
        raise NoEvidence("an event made from an action that names the app")
    for kind in (WorkflowStarted, ExecutionStarted):
        event = next(iter(renewed.new(kind)), None)
        source = event.router.source_app_id if event is not None and event.router is not None else None
        if source != app:
            seen = "no router" if source is None else f"source {source!r}"
            yield Finding(expected=f"{kind.__name__} with a router whose source is {app!r}", seen=seen, at=renewed.at)


@check("engine/turns/committed-turns-are-marked", "engine/turns/actions", "engine/turns/late-events")
def history_has_a_workflow_started_for_each_turn(e: Evidence) -> Findings:
    events, at = committed(e)
    marks = len(list(of(events, WorkflowStarted)))
    turns = sum(accepted(e, turn) is not None for turn in e.turns(e.item("last").instance_id))
    if marks < turns:
        yield Finding(expected=f"at least {turns} workflowStarted", seen=f"{marks} in {told(events)}", at=at)


@check("engine/turns/past-is-history", "engine/turns/actions")
def the_past_of_a_turn_is_what_get_instance_history_answers(e: Evidence) -> Findings:
    second, call = e.item("second"), e.call("history-second")
    past = past_of(second)
    if not call.ok or past is None:
        raise NoEvidence("history-second")
    events = call.response(GetInstanceHistoryResponse).events
    if events != past:
        yield Finding(expected=f"past events {told(events)}", seen=told(past), at=(*second.at, *call.at))


@check("engine/turns/commit-appends-new-events", "engine/turns/actions", "engine/turns/late-events")
def a_turn_enters_history_as_it_was_sent_then_the_events_of_its_actions(e: Evidence) -> Findings:
    turns = list(e.turns(e.item("first").instance_id))
    if len(turns) == 1:
        raise NoEvidence("a second turn")
    judged = [pair for pair in pairwise(turns) if _committed_between(e, *pair)]
    if not judged:
        raise NoEvidence("a turn after a committed one")
    for before, after in judged:
        yield from _grown(before, after)


def accepted(e: Evidence, turn: Item) -> Call | None:
    """The first answer to a turn by its own token that was accepted, if there was one."""
    calls = (call for call in e.calls_to(*COMPLETIONS) if call.ok)
    return next((call for call in calls if answers_item(call, turn)), None)


def _committed_between(e: Evidence, before: Item, after: Item) -> bool:
    """Whether the pasts of two turns tell what a commit between them added.

    They do not when one of them was sent in part, when `after` begins a new execution, and when `before` comes again.
    """
    old, new, call = past_of(before), past_of(after), accepted(e, before)
    if old is None or new is None or call is None or call.number > after.number:
        return False
    sent = without_openings(before.turn.new_events)
    repeated = new == old and without_openings(after.turn.new_events)[: len(sent)] == sent
    return not after.new(ExecutionStarted) and not repeated


def _grown(before: Item, after: Item) -> Findings:
    """Whether `after`'s past is `before`'s, then its new events, then what its answer's actions made."""
    old, new = past_of(before) or (), past_of(after) or ()
    if new[: len(old)] != old:
        at = (before.number, after.number)
        yield Finding(expected=f"a past that begins with {told(old)}", seen=told(new) or "nothing", at=at)
        return
    sent, added = without_openings(before.turn.new_events), without_openings(new[len(old) :])
    at = (before.number, after.number)
    if added[: len(sent)] != sent:
        yield Finding(expected=f"the past to grow by {told(sent)}", seen=told(added) or "nothing", at=at)
        return
    strange = [event for event in added[len(sent) :] if not isinstance(event.body, MADE_FROM_ACTIONS)]
    if strange:
        yield Finding(expected="after that only events made from the actions", seen=told(strange), at=at)
    if not any(_same_opening(event, opening) for event in new[len(old) :] for opening in before.turn.new_events[:1]):
        yield Finding(expected=f"{told(before.turn.new_events[:1])} as sent", seen=told(new[len(old) :]), at=at)


def _same_opening(event: HistoryEvent, opening: HistoryEvent) -> bool:
    """The same workflowStarted; its version may have been filled in by the commit."""
    if not isinstance(event.body, WorkflowStarted) or not isinstance(opening.body, WorkflowStarted):
        return event == opening
    return (event.event_id, event.timestamp) == (opening.event_id, opening.timestamp)


@check("engine/turns/empty-actions-commit", "engine/turns/actions")
def an_answer_without_actions_is_accepted(e: Evidence) -> Findings:
    call = e.call("answered-empty", due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/turns/empty-actions-commit", "engine/turns/actions")
def an_answer_without_actions_commits_the_new_events(e: Evidence) -> Findings:
    second, last = e.item("second"), e.item("last", due=True)
    past = past_of(last)
    if past is None:
        raise NoEvidence("a full past")
    missing = [event for event in without_openings(second.turn.new_events) if event not in past]
    if missing:
        yield Finding(expected=f"{told(missing)} in the past", seen=told(past), at=(*second.at, *last.at))


# --- Events that come while a turn is out.


LATE = ("engine/turns/late-events",)


@check("engine/turns/late-events-wait", *LATE)
def an_event_raised_during_a_turn_is_not_committed_with_it(e: Evidence) -> Findings:
    second = e.item("second", due=True)
    early = raised_names(second.turn.past_events)
    if early:
        yield Finding(
            expected="the events raised during the first turn among the new events of a later one",
            seen=f"{early} in the past",
            at=second.at,
        )


@check("engine/turns/late-events-wait", *LATE)
def events_raised_during_a_turn_come_in_their_order(e: Evidence) -> Findings:
    names = _names(e)
    if "three" in names and names.index("three") < max(names.index(n) for n in ("one", "two") if n in names):
        yield Finding(expected="one and two before three", seen=", ".join(names), at=e.item("last").at)


@check("engine/turns/no-event-lost", *LATE)
def every_event_is_delivered_once(e: Evidence) -> Findings:
    e.item("second", due=True)
    last = e.item("last", due=True)
    names = _names(e)
    if sorted(names) != ["one", "three", "two"]:
        yield Finding(expected="one, two and three, once each", seen=", ".join(names) or "none", at=last.at)


@check("engine/turns/no-event-lost", *LATE)
def every_event_is_committed_once(e: Evidence) -> Findings:
    events, at = committed(e)
    names = raised_names(events)
    if names != ["one", "two", "three"]:
        yield Finding(expected="one, two, three in history", seen=", ".join(names) or "none", at=at)


def _names(e: Evidence) -> list[str]:
    last = e.item("last")
    turns = [item for item in e.turns(last.instance_id) if item.number <= last.number]
    return [name for item in turns for name in raised_names(item.turn.new_events)]


@check("engine/turns/queued-events-are-batched", *LATE)
def events_that_are_queued_come_together(e: Evidence) -> Findings:
    second = e.item("second", due=True)
    names = raised_names(second.turn.new_events)
    if names != ["one", "two"]:
        yield Finding(expected="one and two in one turn", seen=", ".join(names) or "neither", at=second.at)


# --- Versions.


@check("engine/turns/response-version-recorded", "engine/turns/versions")
def the_version_of_an_answer_stands_in_its_workflow_started(e: Evidence) -> Findings:
    """ENG-C-19: of the third answer, either all patches or those that are new."""
    contract = e.choices.get("patch-record")
    if contract is None:
        raise NoEvidence("a profile that says what is recorded")
    verbatim = contract == "verbatim"
    second, third, last = e.item("second"), e.item("third"), e.item("last")
    yield from _recorded(e, "answered-first", second, (), named=True)
    yield from _recorded(e, "answered-second", third, ("p1",), named=verbatim)
    yield from _recorded(e, "answered-third", last, ("p1", "p2") if verbatim else ("p2",), named=verbatim)


def _recorded(e: Evidence, answered: str, after: Item, patches: tuple[str, ...], *, named: bool) -> Findings:
    """The patches in the workflowStarted of the turn before `after`, and the name where it may not be left out.

    Who records the patches that are new writes the version anew, and then the name may be gone.
    """
    last = e.item("last")
    asked = e.call(answered).request(WorkflowResponse).version or WorkflowVersion()
    marks = list(of(last.turn.past_events, WorkflowStarted))
    turns = [item for item in e.turns(last.instance_id) if item.number < after.number]
    sent = turns[-1].turn.new_events[0]
    mark = next((body for event, body in marks if _same_opening(event, sent)), None)
    if mark is None:
        raise NoEvidence("the workflowStarted of the turn")
    version = mark.version or WorkflowVersion()
    if version.patches != patches:
        yield Finding(expected=f"patches {list(patches)}", seen=f"{list(version.patches)}", at=last.at)
    if named and version.name != asked.name:
        yield Finding(expected=f"version name {asked.name!r}", seen=repr(version.name), at=last.at)
