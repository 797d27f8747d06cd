"""Checks about what actions leave in history (chapter C)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.events import MADE_FROM_ACTIONS, Shown, committed, of, told
from dwconf.suite.evidence.facts import as_known
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    ExecutionCompleted,
    GetInstanceHistoryResponse,
    HistoryEvent,
    ScheduleTask,
    TaskScheduled,
    TimerCreated,
    Value,
    WorkflowAction,
    WorkflowResponse,
)

RECORD = "engine/turns/actions"
MADE: dict[type, type[Value]] = {
    ScheduleTask: TaskScheduled,
    CreateTimer: TimerCreated,
    CreateChildWorkflow: ChildWorkflowInstanceCreated,
    CreateDetachedWorkflow: DetachedWorkflowInstanceCreated,
    CompleteWorkflow: ExecutionCompleted,
}


def asked(e: Evidence, step: str = "answered") -> tuple[WorkflowAction, ...]:
    """The actions of an answer."""
    return e.call(step).request(WorkflowResponse).actions


def made(e: Evidence, step: str = "answered") -> Shown:
    """The events that an answer's actions made: those after the turn that it answered."""
    events, at = committed(e, last="last" if e.reached("last") else "second")
    own = [event for event in events if isinstance(event.body, MADE_FROM_ACTIONS)]
    if not own:
        raise NoEvidence("events made from actions")
    return tuple(own[: len(asked(e, step))]), at


@check("engine/turns/action-ids-kept", RECORD, "engine/turns/odd-ids")
def events_have_the_ids_of_their_actions(e: Evidence) -> Findings:
    events, at = made(e)
    expected = {(action.id, MADE[type(action.body)]) for action in asked(e) if type(action.body) in MADE}
    seen = {(event.event_id, type(event.body)) for event in events}
    if seen != expected:
        ids = ", ".join(f"{kind.__name__}#{number}" for number, kind in sorted(expected, key=str))
        yield Finding(expected=ids, seen=told(events), at=at)


@check("engine/turns/action-ids-kept", RECORD, "engine/turns/odd-ids")
def an_activity_has_the_id_of_its_action(e: Evidence) -> Findings:
    ids = {action.id for action in asked(e) if isinstance(action.body, ScheduleTask)}
    for item in e.activities():
        if item.activity.task_id not in ids:
            yield Finding(expected=f"a taskId of {sorted(ids)}", seen=f"taskId {item.activity.task_id}", at=item.at)
    if not list(e.activities()):
        raise NoEvidence("an activity")


@check("engine/turns/action-order-kept", RECORD, "engine/turns/odd-ids")
def events_stand_in_the_order_of_the_actions(e: Evidence) -> Findings:
    events, at = made(e)
    ids = [action.id for action in asked(e)]
    seen = [event.event_id for event in events]
    if seen != ids and sorted(seen) == sorted(ids):
        yield Finding(expected=f"ids in the order {ids}", seen=f"{seen}", at=at)


def _differences(e: Evidence, kind: type[Value], names: tuple[str, ...]) -> Iterator[Finding]:
    """The fields of the recorded events of one kind that are not as their actions say."""
    events, at = made(e)
    wanted = [a for a in asked(e) if MADE.get(type(a.body)) is kind]
    found = [event for event in events if isinstance(event.body, kind)]
    if len(wanted) != len(found):
        yield Finding(expected=f"{len(wanted)} {kind.__name__}", seen=told(found) or "none", at=at)
        return
    by_id = {event.event_id: event for event in found}
    for action in wanted:
        event = by_id.get(action.id)
        for name in names if event is not None else ():
            given, recorded = getattr(action.body, name), getattr(event and as_known(event).body, name)
            if given != recorded:
                expected = f"{name} {given!r} in {kind.__name__}#{action.id}"
                yield Finding(expected=expected, seen=f"{name} {recorded!r}", at=at)


@check("engine/turns/schedule-task-recorded", RECORD)
def a_scheduled_task_is_recorded_whole(e: Evidence) -> Findings:
    yield from _differences(e, TaskScheduled, ("name", "version", "input", "task_execution_id"))


@check("engine/turns/create-timer-recorded", RECORD)
def a_timer_is_recorded_whole(e: Evidence) -> Findings:
    yield from _differences(e, TimerCreated, ("fire_at", "name"))


@check("engine/turns/timer-origin-recorded", RECORD)
def the_origin_of_a_timer_is_recorded(e: Evidence) -> Findings:
    yield from _differences(e, TimerCreated, ("origin",))


@check("engine/turns/create-child-recorded", RECORD)
def a_child_is_recorded_whole(e: Evidence) -> Findings:
    yield from _differences(e, ChildWorkflowInstanceCreated, ("name", "version", "input"))


@check("engine/turns/create-child-recorded", RECORD)
def a_child_is_recorded_with_its_instance_id(e: Evidence) -> Findings:
    events, at = made(e)
    given = {a.id: a.body.instance_id for a in asked(e) if isinstance(a.body, CreateChildWorkflow)}
    for event, body in of(events, ChildWorkflowInstanceCreated):
        wanted = given.get(event.event_id, "")
        if not body.instance_id or (wanted and body.instance_id != wanted):
            yield Finding(expected=f"instanceId {wanted or 'made by the engine'}", seen=in_a_line(event), at=at)


@check("engine/turns/router-stamped", RECORD)
def events_made_from_actions_name_one_app(e: Evidence) -> Findings:
    """The worker's own word for the source is overwritten; nothing was targeted, so no target appears."""
    events, at = made(e)
    forged = {a.router.source_app_id for a in asked(e) if a.router is not None}
    sources = {event.router.source_app_id if event.router is not None else "" for event in events}
    if len(sources) != 1 or "" in sources or sources & forged:
        yield Finding(expected="one app as the source of all of them, the engine's", seen=f"{sorted(sources)}", at=at)
    for event in events:
        if event.router is not None and event.router.target_app_id:
            yield Finding(expected="no target, as in the action", seen=in_a_line(event.router), at=at)


@check("engine/turns/router-stamped", "engine/turns/targeted")
def an_event_keeps_the_target_of_its_action(e: Evidence) -> Findings:
    action, last = asked(e)[0], e.item("last")
    event = next((event for event, _ in of(last.turn.past_events, TaskScheduled, action.id)), None)
    if event is None or action.router is None:
        raise NoEvidence("an activity that is routed to the engine's own app")
    target = event.router.target_app_id if event.router is not None else None
    if target != action.router.target_app_id:
        yield Finding(expected=f"target {action.router.target_app_id!r}", seen=f"target {target!r}", at=last.at)


@check("engine/turns/complete-recorded", "engine/turns/endings")
def the_completion_is_recorded_as_given(e: Evidence) -> Findings:
    judged = 0
    for name in ("completed", "failed", "terminated", "bare-completed", "bare-failed", "empty-result"):
        if not e.reached(f"history-{name}") or not e.call(f"history-{name}").ok:
            continue
        judged += 1
        call = e.call(f"history-{name}")
        given = next(a for a in asked(e, f"answered-{name}") if isinstance(a.body, CompleteWorkflow))
        found = list(of(call.response(GetInstanceHistoryResponse).events, ExecutionCompleted))
        wanted = given.body
        if not isinstance(wanted, CompleteWorkflow) or len(found) != 1:
            yield Finding(expected="one executionCompleted", seen=told([event for event, _ in found]), at=call.at)
            continue
        yield from _changed(wanted, found[0], call.at)
    if not judged:
        raise NoEvidence("history-completed")


def _changed(wanted: CompleteWorkflow, found: tuple[HistoryEvent, ExecutionCompleted], at: tuple[int, ...]) -> Findings:
    event, body = found
    for name in (field.name for field in fields(ExecutionCompleted) if field.name != "unknown"):
        given, recorded = getattr(wanted, name), getattr(as_known(body), name)
        if given != recorded:
            yield Finding(expected=f"{name} {given!r}", seen=in_a_line(event), at=at)


@check("engine/turns/detached-recorded", "engine/turns/detached-workflow")
def a_detached_workflow_is_recorded_by_its_id(e: Evidence) -> Findings:
    events, at = committed(e)
    action = next(a for a in asked(e) if isinstance(a.body, CreateDetachedWorkflow))
    wanted = action.body.instance_id if isinstance(action.body, CreateDetachedWorkflow) else ""
    found = list(of(events, DetachedWorkflowInstanceCreated, action.id))
    if [body.instance_id for _, body in found] != [wanted]:
        expected = f"one DetachedWorkflowInstanceCreated#{action.id}({wanted!r})"
        yield Finding(expected=expected, seen=told(events), at=at)


@check("engine/turns/unrecorded-actions", "engine/turns/unavailable-version")
def an_unavailable_version_leaves_no_event_with_its_id(e: Evidence) -> Findings:
    events, at = committed(e)
    action = asked(e)[0]
    found = [event for event in events if event.event_id == action.id]
    if found:
        yield Finding(expected=f"no event with the id {action.id}", seen=told(found), at=at)


@check("engine/turns/first-completion-wins", "engine/turns/several-completions")
def of_several_completions_the_first_counts(e: Evidence) -> Findings:
    for done, answered in (("completed", "answered"), ("decided-other", "answered-other")):
        call, state = e.call(done, due=True), e.state(done)
        first = next(a.body for a in asked(e, answered) if isinstance(a.body, CompleteWorkflow))
        again = [item for item in e.turns() if item.instance_id == state.instance_id][1:]
        if again:
            yield Finding(expected="no turn after the first completion", seen="another turn", at=again[0].at)
        elif isinstance(first, CompleteWorkflow) and state.workflow_status != first.workflow_status:
            expected = f"status {first.workflow_status.name}"
            yield Finding(expected=expected, seen=state.workflow_status.name, at=call.at)
        elif isinstance(first, CompleteWorkflow) and (state.output or "") != (first.result or ""):
            yield Finding(expected=f"output {first.result!r}", seen=f"{state.output!r}", at=call.at)


@check("engine/turns/first-completion-wins", "engine/turns/several-completions", needs=("instance-history",))
def of_several_completions_one_is_recorded(e: Evidence) -> Findings:
    events, at = committed(e)
    found = [event for event, _ in of(events, ExecutionCompleted)]
    first = next(a.id for a in asked(e) if isinstance(a.body, CompleteWorkflow))
    if [event.event_id for event in found] != [first]:
        yield Finding(expected=f"one ExecutionCompleted#{first}", seen=told(found) or "none", at=at)


@check("engine/turns/actions-after-completion-applied", "engine/turns/several-completions", needs=("instance-history",))
def a_task_beside_a_completion_is_recorded(e: Evidence) -> Findings:
    events, at = committed(e)
    action = next(a for a in asked(e) if isinstance(a.body, ScheduleTask))
    if not list(of(events, TaskScheduled, action.id)):
        yield Finding(expected=f"TaskScheduled#{action.id} in history", seen=told(events), at=at)


@check("engine/turns/actions-after-completion-applied", "engine/turns/several-completions")
def a_task_beside_a_completion_is_dispatched(e: Evidence) -> Findings:
    e.item("activity", due=True)
    yield from ()
