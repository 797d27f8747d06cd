"""Checks about re-runs from an event (chapter H)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import (
    Operation,
    creates,
    of,
    resolves,
    start_in,
    started_of,
    told,
    without_openings,
)
from dwconf.suite.evidence.facts import as_known
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    RerunParentInstanceInfo,
    RerunWorkflowFromEventRequest,
    RerunWorkflowFromEventResponse,
    TaskScheduled,
    TimerCreated,
)

ACTIVITY, TIMERS, CHILDREN = "engine/rerun/activity", "engine/rerun/timers", "engine/rerun/children"
WAIT = "engine/rerun/wait"
TARGETS = (ACTIVITY, TIMERS, CHILDREN, WAIT)
TARGET = 2
"""The id of the target in each of these cases."""


def accepted(e: Evidence, step: str = "rerun") -> Call:
    """The call of a re-run that a check has use for; a refused one is none."""
    call = e.call(step)
    if not call.ok:
        raise NoEvidence(step)
    return call


def source_before(e: Evidence) -> tuple[HistoryEvent, ...]:
    """What the source had recorded before the target."""
    events = e.history("source")
    place = next((n for n, event in enumerate(events) if event.event_id == TARGET), None)
    if place is None:
        raise NoEvidence("the target in the source's history")
    return events[:place]


def unfinished(before: Iterable[HistoryEvent]) -> set[Operation]:
    """The operations that had no outcome yet."""
    events = tuple(before)
    made = {creates(event) for event in events} - {resolves(event) for event in events}
    return {operation for operation in made if operation is not None}


def new_history(e: Evidence) -> tuple[HistoryEvent, ...]:
    """What the new instance has recorded; a call that failed is no evidence."""
    accepted(e)
    return e.history("history", due=True)


def made_again(e: Evidence, event_id: int) -> HistoryEvent | None:
    """The creation of an operation in the new instance's history."""
    found = (event for event in new_history(e) if event.event_id == event_id and creates(event) is not None)
    return next(found, None)


@check("engine/rerun/new-instance", *TARGETS)
def a_rerun_answers_the_new_instances_id(e: Evidence) -> Findings:
    call = e.call("rerun", due=True)
    wanted = call.request(RerunWorkflowFromEventRequest).new_instance_id
    got = call.response(RerunWorkflowFromEventResponse).new_instance_id
    if not call.ok or got != wanted:
        yield Finding(expected=f"OK, newInstanceID {wanted!r}", seen=f"{call.outcome}, {got!r}", at=call.at)


@check("engine/rerun/new-instance", ACTIVITY)
def the_new_instance_is_there(e: Evidence) -> Findings:
    accepted(e)
    call = e.call("state")
    if call.ok and not call.response(GetInstanceResponse).exists:
        yield Finding(expected="the new instance", seen="no such instance", at=call.at)


@check("engine/rerun/fresh-id", "engine/rerun/without-id")
def an_id_is_found_where_none_is_given(e: Evidence) -> Findings:
    seen: set[str] = set()
    for step in ("rerun-one", "rerun-other"):
        call = e.call(step, due=True)
        seen.add(call.request(RerunWorkflowFromEventRequest).source_instance_id)
        new = call.response(RerunWorkflowFromEventResponse).new_instance_id
        if not call.ok or not new or new in seen:
            yield Finding(expected="OK, and an id that nobody has", seen=f"{call.outcome}, {new!r}", at=call.at)
        seen.add(new)


@check("engine/rerun/answers-when-started", ACTIVITY)
def the_new_instance_has_started_when_the_call_is_answered(e: Evidence) -> Findings:
    accepted(e)
    status = e.state("state").workflow_status
    if status == OrchestrationStatus.PENDING:
        yield Finding(expected="a status other than PENDING", seen=status.name, at=e.call("state").at)


@check("engine/rerun/history-before-target", *TARGETS)
def what_was_before_the_target_is_there(e: Evidence) -> Findings:
    before, now = source_before(e), without_openings(new_history(e))
    operations = [event for event in before if creates(event) is not None]
    rest = [event for event in without_openings(before) if creates(event) is None]
    wanted = [*rest, *(event for event in operations if creates(event) not in unfinished(before))]
    lost = [event for event in wanted if event not in now]
    if lost:
        yield Finding(expected=f"as in the source: {told(wanted)}", seen=f"without {told(lost)}", at=_at(e))
    kept = [event for event in now if event in rest]
    if not lost and kept != rest:
        yield Finding(expected=f"in this order: {told(rest)}", seen=told(kept), at=_at(e))


def _at(e: Evidence) -> tuple[int, ...]:
    return (*e.call("source").at, *e.call("history").at)


@check("engine/rerun/history-before-target", *TARGETS)
def an_operation_is_there_before_its_outcome_and_once(e: Evidence) -> Findings:
    now = new_history(e)
    made = [creates(event) for event in now]
    for operation in {one for one in made if one is not None}:
        if made.count(operation) > 1:
            yield Finding(expected=f"{operation} once", seen=f"{made.count(operation)} times", at=_at(e))
        outcomes = [place for place, event in enumerate(now) if resolves(event) == operation]
        if outcomes and outcomes[0] < made.index(operation):
            yield Finding(expected=f"{operation} before its outcome", seen=told(now), at=_at(e))


@check("engine/rerun/history-before-target", ACTIVITY, CHILDREN)
def what_was_after_the_target_is_not_there(e: Evidence) -> Findings:
    before = source_before(e)
    after = [event for event in without_openings(e.history("source")[len(before) :]) if event.event_id != TARGET]
    found = [event for event in without_openings(new_history(e)) if event in after]
    if found:
        yield Finding(expected="nothing of what came after the target", seen=told(found), at=_at(e))


@check("engine/rerun/start-copied", *TARGETS)
def the_new_instance_has_the_start_of_its_source(e: Evidence) -> Findings:
    was, now = started_of(e.history("source")), started_of(new_history(e))
    if was != now:
        expected = f"{in_a_line(was)}" if was is not None else "an executionStarted"
        yield Finding(expected=expected, seen=in_a_line(now) if now is not None else "none", at=_at(e))


@check("engine/rerun/target-again", *TARGETS)
def the_target_is_recorded_as_it_was_but_of_now(e: Evidence) -> Findings:
    source = e.history("source")
    was = next(event for event in source[len(source_before(e)) :] if event.event_id == TARGET)
    now = made_again(e, TARGET)
    if now is None:
        yield Finding(expected=in_a_line(was), seen=f"none: {told(new_history(e))}", at=_at(e))
    elif _as_asked_for(now) != _as_asked_for(was):
        yield Finding(expected=in_a_line(was), seen=in_a_line(now), at=_at(e))
    elif (now.timestamp or 0) <= (was.timestamp or 0):
        yield Finding(expected="a timestamp of the re-run", seen=in_a_line(now), at=_at(e))


def _as_asked_for(event: HistoryEvent) -> object:
    """What the workflow's code asked for: without what tells of when, and of which instance."""
    match event.body:
        case TaskScheduled() as body:
            return replace(body, rerun_parent_instance_info=None, parent_trace_context=None)
        case TimerCreated() as body:
            return replace(body, rerun_parent_instance_info=None)
        case ChildWorkflowInstanceCreated() as body:
            return replace(body, rerun_parent_instance_info=None, parent_trace_context=None, instance_id="")
        case body:
            return body


@check("engine/rerun/target-again", ACTIVITY)
def the_target_is_dispatched(e: Evidence) -> Findings:
    accepted(e)
    item = e.item("target", due=True)
    seen = (item.activity.name, item.activity.input, item.activity.task_execution_id)
    if seen != ("target", '"t"', "the-target"):
        yield Finding(expected="the activity 'target', input '\"t\"', of its execution id", seen=f"{seen}", at=item.at)


@check("engine/rerun/target-again", TIMERS)
def the_targets_timer_fires(e: Evidence) -> Findings:
    accepted(e)
    e.item("told", due=True)
    yield from ()


@check("engine/rerun/target-again", CHILDREN)
def the_targets_child_starts(e: Evidence) -> Findings:
    accepted(e)
    start_in(e.item("target", due=True))
    yield from ()


@check("engine/rerun/names-source", *TARGETS)
def the_target_names_the_instance_that_is_run_again(e: Evidence) -> Findings:
    event = made_again(e, TARGET)
    if event is None:
        raise NoEvidence("the target in the new history")
    source = e.call("rerun").request(RerunWorkflowFromEventRequest).source_instance_id
    info = getattr(event.body, "rerun_parent_instance_info", None)
    if info is None or as_known(info) != RerunParentInstanceInfo(instance_id=source):
        yield Finding(expected=f"rerunParentInstanceInfo of {source!r}", seen=in_a_line(event), at=_at(e))


@check("engine/rerun/unfinished-again", ACTIVITY, TIMERS, CHILDREN)
def what_was_unfinished_is_recorded_anew(e: Evidence) -> Findings:
    before = source_before(e)
    pending = unfinished(before)
    if not pending:
        raise NoEvidence("an unfinished operation")
    for was in (event for event in before if creates(event) in pending):
        now = made_again(e, was.event_id)
        if now is None or _as_asked_for(now) != _as_asked_for(was) or (now.timestamp or 0) <= (was.timestamp or 0):
            seen = in_a_line(now) if now is not None else "none"
            yield Finding(expected=f"of now: {in_a_line(was)}", seen=seen, at=_at(e))


@check("engine/rerun/unfinished-again", ACTIVITY)
def an_unfinished_activity_is_dispatched(e: Evidence) -> Findings:
    accepted(e)
    e.item("told")
    e.item("beside", due=True)
    yield from ()


@check("engine/rerun/unfinished-again", CHILDREN)
def an_unfinished_child_starts(e: Evidence) -> Findings:
    accepted(e)
    e.item("told")
    start_in(e.item("beside", due=True))
    yield from ()


@check("engine/rerun/finished-not-again", ACTIVITY)
def a_finished_activity_is_not_done_again(e: Evidence) -> Findings:
    fence = e.item("fence")
    for item in e.activities(fence.instance_id):
        if item.activity.task_id not in (1, TARGET):
            yield Finding(expected="activities 1 and 2 alone", seen=f"activity {item.activity.task_id}", at=item.at)


@check("engine/rerun/finished-not-again", TIMERS)
def a_timer_that_has_fired_does_not_fire_again(e: Evidence) -> Findings:
    fence = e.item("fence")
    for item in e.turns(fence.instance_id):
        if any(resolves(event) == ("timer", 0) for event in item.turn.new_events):
            yield Finding(expected="the timers 1 and 2 alone", seen="timer 0 fires again", at=item.at)


@check("engine/rerun/finished-not-again", CHILDREN)
def a_child_that_has_ended_does_not_begin_again(e: Evidence) -> Findings:
    fence = e.item("fence")
    for item in e.turns():
        if item.number > e.call("rerun").number and item.instance_id.endswith(":0000"):
            yield Finding(expected="the children 1 and 2 alone", seen=f"a turn of {item.instance_id}", at=item.at)
    kept = next((b for _, b in of(new_history(e), ChildWorkflowInstanceCreated, 0)), None)
    if kept is not None and kept.instance_id == f"{fence.instance_id}:0000":
        yield Finding(expected="the id of the child that ended", seen=repr(kept.instance_id), at=_at(e))


@check("engine/rerun/children-renamed", CHILDREN)
def children_that_begin_again_have_new_ids(e: Evidence) -> Findings:
    new = accepted(e).response(RerunWorkflowFromEventResponse).new_instance_id
    for number in (1, TARGET):
        event = made_again(e, number)
        if event is None:
            raise NoEvidence(f"child {number} in the new history")
        wanted = f"{new}:{number:04x}"
        if not isinstance(event.body, ChildWorkflowInstanceCreated) or event.body.instance_id != wanted:
            yield Finding(expected=f"a child {wanted!r}", seen=in_a_line(event), at=_at(e))


@check("engine/rerun/child-id-given", CHILDREN)
def the_targets_child_has_the_id_that_it_is_given(e: Evidence) -> Findings:
    accepted(e, "rerun-named")
    e.item("named", due=True)
    yield from ()


@check("engine/rerun/child-id-taken", "engine/rerun/occupied")
def a_child_whose_id_is_taken_fails(e: Evidence) -> Findings:
    accepted(e)
    item = e.item("told", due=True)
    failed = [body.task_scheduled_id for _, body in of(item.turn.new_events, ChildWorkflowInstanceFailed)]
    if failed != [0]:
        yield Finding(expected="the failure of child 0", seen=f"failures of {failed}", at=item.at)


@check("engine/rerun/child-id-taken", "engine/rerun/occupied")
def whoever_has_the_id_is_left_alone(e: Evidence) -> Findings:
    accepted(e)
    e.item("told")
    e.item("end", due=True)
    yield from ()


@check("engine/rerun/input-overwritten", CHILDREN)
def the_targets_child_has_the_input_that_it_is_given(e: Evidence) -> Findings:
    accepted(e, "rerun-named")
    item = e.item("named")
    if start_in(item).input != '"new"':
        yield Finding(expected="input '\"new\"'", seen=repr(start_in(item).input), at=item.at)


@check("engine/rerun/input-kept", "engine/rerun/inputs")
def an_input_that_does_not_overwrite_is_not_used(e: Evidence) -> Findings:
    accepted(e, "rerun-kept")
    yield from _has_input(e, "kept", '"old"')


@check("engine/rerun/input-overwritten", "engine/rerun/inputs")
def an_input_that_overwrites_is_used(e: Evidence) -> Findings:
    accepted(e, "rerun-overwritten")
    yield from _has_input(e, "overwritten", '"new"')


@check("engine/rerun/input-overwritten", "engine/rerun/inputs")
def no_input_overwrites_too(e: Evidence) -> Findings:
    accepted(e, "rerun-cleared")
    yield from _has_input(e, "cleared", None)


def _has_input(e: Evidence, step: str, wanted: str | None) -> Findings:
    item = e.item(step)
    if (item.activity.input or None) != wanted:
        yield Finding(expected=f"input {wanted!r}", seen=repr(item.activity.input), at=item.at)


@check("engine/rerun/runs-on", *TARGETS)
def the_targets_outcome_reaches_the_new_instance(e: Evidence) -> Findings:
    accepted(e)
    e.item("told", due=True)
    e.call("ended", due=True)
    state = e.state("ended")
    if state.workflow_status != OrchestrationStatus.COMPLETED:
        yield Finding(expected="status COMPLETED", seen=state.workflow_status.name, at=e.call("ended").at)


@check("engine/rerun/source-unchanged", ACTIVITY)
def the_source_is_as_it_was(e: Evidence) -> Findings:
    e.call("ended")
    before, after = e.history("source"), e.history("source-then")
    if before != after:
        at = (*e.call("source").at, *e.call("source-then").at)
        yield Finding(expected=f"the same {len(before)} events", seen=told(after), at=at)


@check("engine/rerun/any-end", "engine/rerun/other-ends")
def a_failed_instance_can_be_run_again(e: Evidence) -> Findings:
    if e.state("failed").workflow_status != OrchestrationStatus.FAILED:
        raise NoEvidence("failed")
    yield from _is_accepted(e, "rerun-failed")


@check("engine/rerun/any-end", "engine/rerun/other-ends")
def a_terminated_instance_can_be_run_again(e: Evidence) -> Findings:
    if e.state("terminated").workflow_status != OrchestrationStatus.TERMINATED:
        raise NoEvidence("terminated")
    yield from _is_accepted(e, "rerun-terminated")


def _is_accepted(e: Evidence, step: str) -> Findings:
    call = e.call(step, due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/rerun/survives-a-kill", "engine/rerun/killed")
def a_new_instance_is_there_after_a_kill(e: Evidence) -> Findings:
    accepted(e)
    e.moment("restarted")
    call = e.call("state", due=True)
    if call.ok and not call.response(GetInstanceResponse).exists:
        yield Finding(expected="the new instance", seen="no such instance", at=call.at)


@check("engine/rerun/survives-a-kill", "engine/rerun/killed")
def what_it_began_with_is_there_after_a_kill(e: Evidence) -> Findings:
    accepted(e)
    e.moment("restarted")
    if not e.call("state").response(GetInstanceResponse).exists:
        raise NoEvidence("the new instance")
    item = e.item("told", due=True)
    if creates_none(item, "timer", TARGET):
        yield Finding(expected="a turn whose past has the target", seen=told(item.turn.past_events), at=item.at)


def creates_none(item: Item, kind: str, number: int) -> bool:
    """Whether nothing in a turn's past creates this operation."""
    return (kind, number) not in {creates(event) for event in item.turn.past_events}
