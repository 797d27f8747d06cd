"""Checks about child workflows (chapter G)."""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.evidence.events import execution_of, start_in, without_openings
from dwconf.suite.evidence.facts import as_known, body, of_kind
from dwconf.suite.trace.words import in_a_line, unlike
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    EventRaised,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    OrchestrationStatus,
    ParentInstanceInfo,
    TaskFailureDetails,
    WorkflowStarted,
)

OUTCOMES = "engine/children/outcomes"
ENDS = (ChildWorkflowInstanceCompleted, ChildWorkflowInstanceFailed)


def parent_in(item: Item) -> ParentInstanceInfo:
    """What a child's first turn tells of its parent; nothing, if it tells nothing."""
    return start_in(item).parent_instance or ParentInstanceInfo(task_scheduled_id=-1)


def ends_in(item: Item) -> tuple[HistoryEvent, ...]:
    """The ends of children that a turn brings."""
    return tuple(event for event in item.turn.new_events if isinstance(event.body, ENDS))


@check("engine/children/default-id", "engine/children/default-ids")
def children_without_an_id_get_the_default_one(e: Evidence) -> Findings:
    e.item("first")
    for number in (0, 10, 0xABCD):
        e.item(f"child-{number}", due=True)
    yield from ()


@check("engine/children/child-started-event", OUTCOMES)
def a_child_starts_with_name_input_and_an_execution_of_its_own(e: Evidence) -> Findings:
    parent, kid = e.item("first"), e.item("kid", due=True)
    start = start_in(kid)
    if (start.name, start.input) != ("kid", '{"kid": 0}'):
        seen = f"name {start.name!r}, input {start.input!r}"
        yield Finding(expected="name 'kid', input '{\"kid\": 0}'", seen=seen, at=kid.at)
    if execution_of(start) in ("", execution_of(start_in(parent))):
        yield Finding(expected="a fresh execution id", seen=repr(execution_of(start)), at=kid.at)


@check("engine/children/child-started-event", OUTCOMES)
def a_child_knows_its_parent(e: Evidence) -> Findings:
    parent, kid = e.item("first"), e.item("kid", due=True)
    told = parent_in(kid)
    instance = told.workflow_instance
    seen = (
        told.task_scheduled_id,
        told.name,
        instance.instance_id if instance is not None else None,
        (instance.execution_id if instance is not None else None) or "",
    )
    expected = (5, "parent", parent.instance_id, execution_of(start_in(parent)))
    for name, want, got in zip(("task", "name", "instance id", "execution id"), expected, seen, strict=True):
        if want != got:
            yield Finding(expected=f"parent's {name} {want!r}", seen=f"{got!r}", at=kid.at)


@check("engine/children/child-parent-app", OUTCOMES)
def a_child_knows_its_parents_app(e: Evidence) -> Findings:
    kid, app = e.item("kid", due=True), _app_of(e, e.item("first").instance_id)
    told = parent_in(kid).app_id
    if told is None or (app is not None and told != app):
        expected = "the parent's app id" if app is None else f"the parent's app id {app!r}"
        yield Finding(expected=expected, seen=f"{told!r}", at=kid.at)


def _app_of(e: Evidence, instance_id: str) -> str | None:
    """The app that an instance's own events name as their source, if its turns show one."""
    for turn in e.turns(instance_id):
        for event in of_kind(turn.turn.past_events, ChildWorkflowInstanceCreated):
            if event.router is not None:
                return event.router.source_app_id
    return None


@check("engine/children/child-completion", OUTCOMES)
def a_completed_childs_result_reaches_the_parent(e: Evidence) -> Findings:
    e.item("kid")
    turn = e.item("told-completed", due=True)
    told = body(turn.new(ChildWorkflowInstanceCompleted)[0], ChildWorkflowInstanceCompleted)
    given = _completion(e, "kid")
    if (told.task_scheduled_id, told.result) != (5, given.result):
        wanted, seen = unlike(given.result, told.result)
        seen = f"task {told.task_scheduled_id}, result {seen}"
        yield Finding(expected=f"task 5, result {wanted}", seen=seen, at=turn.at)
    yield from _told_once(e, 5)


@check("engine/children/child-completion", OUTCOMES)
def an_empty_result_and_none_reach_the_parent_as_they_are(e: Evidence) -> Findings:
    for step, task in (("empty", 8), ("bare", 9)):
        given = _completion(e, f"kid-{step}")
        turn = e.item(f"told-{step}", due=True)
        told = body(turn.new(ChildWorkflowInstanceCompleted)[0], ChildWorkflowInstanceCompleted)
        if (told.task_scheduled_id, told.result) != (task, given.result):
            seen = f"task {told.task_scheduled_id}, result {told.result!r}"
            yield Finding(expected=f"task {task}, result {given.result!r}", seen=seen, at=turn.at)


@check("engine/children/child-completion", "engine/children/default-ids")
def a_grandchilds_end_reaches_its_own_parent(e: Evidence) -> Findings:
    e.item("grandchild")
    e.item("told", due=True)
    yield from ()


def _completion(e: Evidence, step: str) -> CompleteWorkflow:
    """How the child of a step was completed."""
    end = answer(e, f"{step}-answered").end
    if end is None:
        raise NoEvidence(f"{step}-answered")
    return end


def _told_once(e: Evidence, task: int) -> Findings:
    """Whether the parent was told of a child's end once, as far as the case got."""
    wf = e.item("first").instance_id
    told = [turn for turn in e.turns(wf) for event in ends_in(turn) if _task(event) == task]
    if len(told) > 1:
        at = tuple(turn.number for turn in told)
        yield Finding(expected=f"the end of child {task} once", seen=f"{len(told)} times", at=at)


def _task(event: HistoryEvent) -> int:
    match event.body:
        case ChildWorkflowInstanceCompleted(task_scheduled_id=number):
            return number
        case ChildWorkflowInstanceFailed(task_scheduled_id=number):
            return number
        case _:
            return -1


@check("engine/children/child-failure", OUTCOMES)
def a_failed_childs_failure_reaches_the_parent(e: Evidence) -> Findings:
    e.item("failing")
    turn = e.item("told-failed", due=True)
    told = body(turn.new(ChildWorkflowInstanceFailed)[0], ChildWorkflowInstanceFailed)
    details, given = as_known(told.failure_details or TaskFailureDetails()), _completion(e, "failing").failure_details
    if told.task_scheduled_id != 6:  # noqa: PLR2004  (the second child's action)
        yield Finding(expected="task 6", seen=f"task {told.task_scheduled_id}", at=turn.at)
    for field in ("error_type", "error_message", "stack_trace"):
        wanted, seen = getattr(given, field), getattr(details, field)
        if wanted != seen:
            wanted, seen = unlike(wanted, seen)
            yield Finding(expected=f"{field} {wanted}", seen=seen, at=turn.at)
    if given is not None and (details.is_non_retriable, details.inner_failure) != (
        given.is_non_retriable,
        given.inner_failure,
    ):
        expected = f"isNonRetriable {given.is_non_retriable}, caused by {_cause(given)}"
        seen = f"isNonRetriable {details.is_non_retriable}, caused by {_cause(details)}"
        yield Finding(expected=expected, seen=seen, at=turn.at)
    yield from _told_once(e, 6)


def _cause(details: TaskFailureDetails) -> str:
    return "nothing" if details.inner_failure is None else in_a_line(details.inner_failure)


@check("engine/children/terminated-child-fails", OUTCOMES)
def a_terminated_childs_task_fails(e: Evidence) -> Findings:
    e.item("stopped")
    turn = e.item("told-terminated", due=True)
    told = body(turn.new(ChildWorkflowInstanceFailed)[0], ChildWorkflowInstanceFailed)
    if told.task_scheduled_id != 7:  # noqa: PLR2004  (the third child's action)
        yield Finding(expected="task 7", seen=f"task {told.task_scheduled_id}", at=turn.at)
    yield from _told_once(e, 7)


@check("engine/children/child-completion-router", OUTCOMES)
def the_end_of_a_child_names_both_apps(e: Evidence) -> Findings:
    parent_app = parent_in(e.item("kid")).app_id
    for step in ("told-completed", "told-failed"):
        turn = e.item(step)
        for event in ends_in(turn):
            router = event.router
            target = router.target_app_id if router is not None else None
            if router is None or target is None or (parent_app is not None and target != parent_app):
                expected = f"a router from the child's app to {parent_app!r}"
                yield Finding(expected=expected, seen=f"{router}", at=turn.at)


@check("engine/children/parent-ends-first", "engine/children/left-alone")
def a_child_goes_on_without_its_parent(e: Evidence) -> Findings:
    e.call("ended")
    e.item("kid-on", due=True)
    ended = e.call("kid-ended", due=True)
    if e.state("kid-ended").workflow_status != OrchestrationStatus.COMPLETED:
        seen = e.state("kid-ended").workflow_status.name
        yield Finding(expected="COMPLETED", seen=seen, at=ended.at)


@check("engine/children/parent-ends-first", "engine/children/left-alone")
def an_ended_parent_hears_nothing(e: Evidence) -> Findings:
    e.moment("window-over")
    ended = e.call("ended")
    for turn in e.turns(e.item("first").instance_id):
        if turn.number > (ended.ended or 0):
            yield Finding(expected="no turn of an ended parent", seen="a turn", at=turn.at)
    if e.call("history").ok and e.call("history-then").ok and e.history("history") != e.history("history-then"):
        yield Finding(expected="the parent's history as before", seen="another", at=e.call("history-then").at)


@check("engine/children/occupied-id-fails", "engine/children/occupied")
def a_child_with_a_taken_id_fails(e: Evidence) -> Findings:
    e.item("ping")
    turn = e.item("told", due=True)
    tasks = [_task(event) for event in ends_in(turn)]
    if tasks != [0]:
        yield Finding(expected="childWorkflowInstanceFailed of task 0", seen=f"of tasks {tasks}", at=turn.at)


@check("engine/children/occupant-untouched", "engine/children/occupied")
def the_occupant_is_left_alone(e: Evidence) -> Findings:
    yield from untouched(e)


def untouched(e: Evidence) -> Findings:
    """Whether an occupant got nothing but the two events raised on it, and its history says the same."""
    occupant = e.item("occupant")
    e.item("end")
    for turn in e.turns(occupant.instance_id):
        if turn.number > occupant.number and not without_openings(turn.turn.new_events):
            continue  # a turn that brings nothing is allowed (ENG-C-31)
        if turn.number > occupant.number and not turn.new(EventRaised):
            expected = "no turn but those of its own events"
            names = ", ".join(type(event.body).__name__ for event in turn.turn.new_events)
            yield Finding(expected=expected, seen=f"a turn with {names}", at=turn.at)
        elif turn.number > occupant.number and turn.new(ExecutionStarted):
            yield Finding(expected="no second executionStarted", seen="one", at=turn.at)
    yield from _history_untouched(e)


def _history_untouched(e: Evidence) -> Findings:
    before, after = e.call("occupant-history"), e.call("occupant-history-then")
    if not before.ok or not after.ok:
        return
    past, then = e.history("occupant-history"), e.history("occupant-history-then")
    if then[: len(past)] != past:
        yield Finding(expected="the history it had", seen="another", at=(*before.at, *after.at))
    alien = [event for event in then[len(past) :] if not isinstance(event.body, _OWN)]
    for event in alien:
        yield Finding(expected="only its own events", seen=type(event.body).__name__, at=after.at)


_OWN = (WorkflowStarted, EventRaised, ExecutionCompleted)


@check("engine/children/repeated-creation", "engine/children/repeated")
def a_child_is_started_once(e: Evidence) -> Findings:
    e.call("first-answered")
    kid = e.item("kid", due=True)
    starts = [turn for turn in e.turns(kid.instance_id) if turn.new(ExecutionStarted)]
    if len(starts) > 1:
        yield Finding(expected="one start", seen=f"{len(starts)}", at=tuple(turn.number for turn in starts))
    e.moment("window-over")
    told = [turn for turn in e.turns(e.item("first").instance_id) for _ in ends_in(turn)]
    if len(told) != 1:
        at = tuple(turn.number for turn in told)
        yield Finding(expected="the child's end once", seen=f"{len(told)} times", at=at)


def _haunted(e: Evidence) -> Iterator[Item]:
    """The turns since the new start that bring the old child's end."""
    again = e.item("again")
    e.call("old-ended")
    e.item("fence")
    for turn in e.turns(again.instance_id):
        results = [
            body(event, ChildWorkflowInstanceCompleted).result for event in turn.new(ChildWorkflowInstanceCompleted)
        ]
        if turn.number > again.number and '"old"' in results:
            yield turn


@check("engine/children/purged-parent-not-haunted", "engine/children/succeeded")
def a_successor_does_not_hear_of_its_predecessors_child(e: Evidence) -> Findings:
    if not e.call("purged").ok:
        raise NoEvidence("purged")
    for turn in _haunted(e):
        yield Finding(expected="nothing of the old child", seen="its childWorkflowInstanceCompleted", at=turn.at)


@check("engine/children/previous-generation-child", "engine/children/outlived")
def a_generation_does_not_hear_of_the_one_befores_child(e: Evidence) -> Findings:
    for turn in _haunted(e):
        yield Finding(expected="nothing of the old child", seen="its childWorkflowInstanceCompleted", at=turn.at)


@check("engine/children/parent-id-shown", "engine/children/shown")
def a_childs_state_names_its_parent(e: Evidence) -> Findings:
    wf = e.note("parent", "id")
    everywhere = e.choices.get("parent-in-state") == "always"
    for step in ("started", "ended", *(("state",) if everywhere else ())):
        told = e.state(step).parent_instance_id
        if told != wf:
            yield Finding(expected=f"parent instance id {wf!r}", seen=f"{told!r}", at=e.call(step).at)


@check("engine/children/retry-parent-copied", "engine/children/retried")
def the_first_attempt_is_recorded(e: Evidence) -> Findings:
    turn = e.item("told")
    created = of_kind(turn.turn.past_events, ChildWorkflowInstanceCreated)
    if not created:
        raise NoEvidence("a childWorkflowInstanceCreated in the past events")
    info = body(created[0], ChildWorkflowInstanceCreated).retry_parent_instance_info
    if info is None or info.instance_id != "first-attempt":
        yield Finding(expected="retryParentInstanceInfo 'first-attempt'", seen=f"{info}", at=turn.at)
