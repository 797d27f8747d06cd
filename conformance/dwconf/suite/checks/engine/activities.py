"""Checks about activities (chapter D)."""

from __future__ import annotations

from dwconf.suite.checks.engine.start import traces_by_itself
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import committed, of, resolves, told
from dwconf.suite.evidence.facts import as_known, same_work
from dwconf.suite.trace.words import in_a_line, unlike
from dwconf.wire.values import (
    ActivityResponse,
    CreateInstanceRequest,
    HistoryEvent,
    ScheduleTask,
    TaskCompleted,
    TaskFailed,
    TaskRouter,
    TaskScheduled,
    WorkflowAction,
    WorkflowResponse,
)

ROUNDTRIP = "engine/activities/roundtrip"
FAILING = ("engine/activities/failing", "engine/activities/failing-patiently")


def schedules(e: Evidence, step: str = "answered") -> dict[int, ScheduleTask]:
    """The activities that an answer asks for, by id."""
    actions: tuple[WorkflowAction, ...] = e.call(step).request(WorkflowResponse).actions
    return {action.id: action.body for action in actions if isinstance(action.body, ScheduleTask)}


def resolutions(events: tuple[HistoryEvent, ...], task: int) -> list[HistoryEvent]:
    """The events that resolve a task, in order."""
    return [event for event in events if resolves(event) == ("task", task)]


# --- What the worker is asked.


@check("engine/activities/request-fields", ROUNDTRIP)
def an_activity_item_repeats_its_schedule(e: Evidence) -> Findings:
    wf = e.item("first").instance_id
    for task, wanted in schedules(e).items():
        item = e.item(f"activity-{task}", due=True)
        for name in ("name", "version", "input"):
            given, seen = getattr(wanted, name), getattr(item.activity, name)
            if given != seen:
                wanted_text, seen_text = unlike(given, seen)
                yield Finding(expected=f"{name} {wanted_text}", seen=f"{name} {seen_text}", at=item.at)
        if item.instance_id != wf:
            yield Finding(expected=f"instanceId {wf!r}", seen=repr(item.instance_id), at=item.at)


@check("engine/activities/request-fields", ROUNDTRIP)
def an_activity_item_has_the_id_of_its_schedule(e: Evidence) -> Findings:
    names = {wanted.name: task for task, wanted in schedules(e).items()}
    seen = False
    for item in e.activities():
        seen = True
        if names.get(item.activity.name, item.activity.task_id) != item.activity.task_id:
            expected = f"taskId {names[item.activity.name]} for {item.activity.name}"
            yield Finding(expected=expected, seen=f"taskId {item.activity.task_id}", at=item.at)
    if not seen:
        raise NoEvidence("an activity")


@check("engine/activities/task-execution-id-passed", ROUNDTRIP)
def the_task_execution_id_is_passed_on(e: Evidence) -> Findings:
    for task, wanted in schedules(e).items():
        item = e.item(f"activity-{task}")
        if wanted.task_execution_id and item.activity.task_execution_id != wanted.task_execution_id:
            expected = f"taskExecutionId {wanted.task_execution_id!r}"
            yield Finding(expected=expected, seen=repr(item.activity.task_execution_id), at=item.at)


@check("engine/activities/activity-trace-context", "engine/activities/traced")
def an_activity_continues_the_trace(e: Evidence) -> Findings:
    first, item = e.item("first"), e.item("activity")
    started = e.first_call_to("StartInstance")
    given = started.request(CreateInstanceRequest).parent_trace_context
    trace = given.trace_parent.split("-")[1] if given is not None else ""
    found = item.activity.parent_trace_context
    if found is None or found.trace_parent.split("-")[1:2] != [trace]:
        seen = "no parentTraceContext" if found is None else found.trace_parent
        yield Finding(expected=f"a parentTraceContext of the trace {trace}", seen=seen, at=(*first.at, *item.at))


@check("engine/activities/activity-trace-context", ROUNDTRIP)
def an_activity_without_a_trace_has_none(e: Evidence) -> Findings:
    item = e.item("activity-0")
    found = item.activity.parent_trace_context
    if traces_by_itself(e.item("first")):
        raise NoEvidence("an instance that nobody traces")
    if found is not None and found.trace_parent:
        yield Finding(expected="no parentTraceContext", seen=in_a_line(found), at=item.at)


# --- What its answer becomes.


def _answers(e: Evidence) -> dict[int, ActivityResponse]:
    requests = [e.call(f"finished-{task}").request(ActivityResponse) for task in range(5)]
    return {request.task_id: request for request in requests}


@check("engine/activities/completion-becomes-event", ROUNDTRIP)
def a_result_becomes_one_task_completed(e: Evidence) -> Findings:
    e.item("out-of-order", due=True)
    e.item("last", due=True)
    events, at = committed(e)
    scheduled_ids = {event.event_id: body.task_execution_id for event, body in of(events, TaskScheduled)}
    for task, answer in _answers(e).items():
        if answer.failure_details is not None:
            continue
        found = [body for _, body in of(events, TaskCompleted) if body.task_scheduled_id == task]
        if len(found) != 1:
            yield Finding(expected=f"one taskCompleted of task {task}", seen=told(resolutions(events, task)), at=at)
            continue
        if found[0].result != answer.result:
            wanted, seen = unlike(answer.result, found[0].result)
            yield Finding(expected=f"result {wanted} of task {task}", seen=seen, at=at)
        if found[0].task_execution_id != scheduled_ids.get(task, ""):
            expected = f"taskExecutionId {scheduled_ids.get(task, '')!r} of task {task}"
            yield Finding(expected=expected, seen=repr(found[0].task_execution_id), at=at)


@check("engine/activities/failure-becomes-event", ROUNDTRIP, "engine/activities/failing")
def a_failure_becomes_one_task_failed(e: Evidence) -> Findings:
    last, task = (e.item("last", due=True), 1) if e.reached("finished-1") else (e.item("settled", due=True), 0)
    answer = e.call("finished-1" if task else "failed").request(ActivityResponse)
    events = (*last.turn.past_events, *last.turn.new_events)
    found = resolutions(events, task)
    bodies = [event.body for event in found if isinstance(event.body, TaskFailed)]
    if len(found) != 1 or not bodies:
        yield Finding(expected=f"one taskFailed of task {task}", seen=told(found) or "nothing", at=last.at)
    elif as_known(bodies[0]).failure_details != answer.failure_details:
        expected = in_a_line(answer.failure_details) if answer.failure_details is not None else "no details"
        yield Finding(expected=expected, seen=in_a_line(bodies[0]), at=last.at)


@check("engine/activities/completion-router", ROUNDTRIP)
def a_resolution_has_the_router_of_its_schedule(e: Evidence) -> Findings:
    """An empty router and none are the same word."""
    events, at = committed(e)
    routers = {event.event_id: event.router for event, _ in of(events, TaskScheduled)}
    found = [event for event in events if isinstance(event.body, TaskCompleted | TaskFailed)]
    if not found:
        raise NoEvidence("a resolution")
    for event in found:
        operation = resolves(event)
        router = routers.get(operation[1]) if operation is not None else None
        if (event.router or TaskRouter()) != (router or TaskRouter()):
            expected = in_a_line(router) if router is not None else "no router"
            seen = in_a_line(event.router) if event.router is not None else "no router"
            yield Finding(expected=f"{expected} on {in_a_line(event)}", seen=seen, at=at)


@check("engine/activities/out-of-order-completion", ROUNDTRIP)
def a_later_activity_may_complete_first(e: Evidence) -> Findings:
    e.call("finished-2")
    item = e.item("out-of-order", due=True)
    events = (*item.turn.past_events, *item.turn.new_events)
    others = [event for event in events if resolves(event) not in (None, ("task", 2))]
    if others:
        yield Finding(expected="a resolution of task 2 alone", seen=told(others), at=item.at)


@check("engine/activities/out-of-order-completion", ROUNDTRIP)
def each_result_comes_under_its_own_id(e: Evidence) -> Findings:
    events, at = committed(e)
    answers = _answers(e)
    for _, body in of(events, TaskCompleted):
        answer = answers.get(body.task_scheduled_id)
        if answer is None or (answer.result or "") != (body.result or ""):
            expected = f"result {answer.result!r}" if answer is not None else "one of the tasks 0 to 3"
            yield Finding(expected=expected, seen=in_a_line(body), at=at)


# --- Failure, loss, repetition.


@check("engine/activities/failure-not-retried", *FAILING)
def a_failed_activity_is_not_dispatched_again(e: Evidence) -> Findings:
    item = e.item("activity")
    e.moment("not-retried")
    again = [other for other in e.activities(item.instance_id) if other.number > item.number]
    for other in again:
        yield Finding(expected="no activity after the failure", seen=in_a_line(other.activity), at=other.at)


@check("engine/activities/failure-not-retried", *FAILING)
def a_failure_is_reported_once(e: Evidence) -> Findings:
    e.item("settled", due=True)
    events, at = committed(e)
    if len(resolutions(events, 0)) != 1:
        yield Finding(expected="one taskFailed", seen=told(resolutions(events, 0)), at=at)


@check("engine/activities/lost-activity-reruns", "engine/activities/lost")
def an_activity_without_an_outcome_comes_again(e: Evidence) -> Findings:
    item = e.item("activity")
    again = e.item("again", due=True)
    if not same_work(item, again):
        expected, seen = in_a_line(item.activity), in_a_line(again.activity)
        yield Finding(expected=expected, seen=seen, at=(*item.at, *again.at))


@check("engine/activities/lost-activity-reruns", "engine/activities/lost")
def the_outcome_of_the_second_run_counts(e: Evidence) -> Findings:
    call = e.call("finished")
    settled = e.item("settled", due=True)
    found = resolutions(settled.turn.new_events, 0)
    wanted = call.request(ActivityResponse).result
    if [event.body.result for event in found if isinstance(event.body, TaskCompleted)] != [wanted]:
        yield Finding(expected=f"taskCompleted with {wanted!r}", seen=told(found), at=(*call.at, *settled.at))


@check("engine/activities/second-completion-dropped", "engine/activities/twice", "engine/activities/lost")
def a_settled_activity_is_settled(e: Evidence) -> Findings:
    first = e.call("finished").request(ActivityResponse)
    events, at = committed(e)
    found = resolutions(events, 0)
    results = [event.body.result for event in found if isinstance(event.body, TaskCompleted)]
    if len(found) != 1 or results != [first.result]:
        yield Finding(expected=f"one taskCompleted with {first.result!r}", seen=told(found) or "none", at=at)


@check("engine/activities/correlation", "engine/activities/mistaken")
def a_completion_with_the_wrong_id_resolves_nothing(e: Evidence) -> Findings:
    call = e.call("mistaken")
    wrong = call.request(ActivityResponse).result
    seen = [event for item in e.turns() for event in item.turn.new_events]
    found = [event for event in seen if isinstance(event.body, TaskCompleted) and event.body.result == wrong]
    if found:
        yield Finding(expected=f"no resolution with {wrong!r}", seen=told(found), at=call.at)
    e.item("fence")


@check("engine/activities/correlation", "engine/activities/mistaken")
def both_activities_stay_outstanding(e: Evidence) -> Findings:
    e.call("mistaken")
    e.item("fence")
    last = e.item("last", due=True)
    events = (*last.turn.past_events, *last.turn.new_events)
    for task, wanted in ((0, '"zero"'), (1, '"one"')):
        found = resolutions(events, task)
        if [event.body.result for event in found if isinstance(event.body, TaskCompleted)] != [wanted]:
            yield Finding(expected=f"task {task} with {wanted}", seen=told(found) or "nothing", at=last.at)


@check("engine/activities/completion-order", "engine/activities/ordered")
def results_come_in_the_order_of_their_acceptance(e: Evidence) -> Findings:
    """The first result had come in a turn that was lost when the second was given."""
    lost, last = e.item("lost"), e.item("last", due=True)
    turns = [item for item in e.turns(last.instance_id) if lost.number < item.number <= last.number]
    order = [op[1] for item in turns for op in map(resolves, item.turn.new_events) if op is not None]
    if order != [1, 0]:
        yield Finding(expected="task 1, then task 0", seen=str(order), at=(*lost.at, *last.at))


# --- The end of the instance, of the execution, of the generation.


@check("engine/activities/survives-the-workflow", "engine/turns/ended")
def the_completion_of_an_activity_is_accepted_after_the_end(e: Evidence) -> Findings:
    e.call("completed")
    call = e.call("finished-late", due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/activities/survives-the-workflow", "engine/turns/several-completions")
def an_activity_beside_the_end_is_answerable(e: Evidence) -> Findings:
    e.item("activity")
    call = e.call("finished", due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)


@check("engine/activities/purge-forgets-activities", "engine/activities/purged")
def no_activity_of_a_purged_instance_is_dispatched(e: Evidence) -> Findings:
    purged, _ = e.call("purged"), e.item("activity-new")
    if not purged.ok:
        raise NoEvidence("a purge that succeeds")
    for item in e.activities():
        if item.number > purged.number and item.activity.name == e.item("activity").activity.name:
            yield Finding(expected="no activity of the purged run", seen=in_a_line(item.activity), at=item.at)


@check("engine/activities/purge-forgets-activities", "engine/activities/purged")
def a_result_of_a_purged_run_reaches_nobody(e: Evidence) -> Findings:
    if not e.call("purged").ok:
        raise NoEvidence("a purge that succeeds")
    yield from _old_result(e, e.call("finished-old").request(ActivityResponse), e.item("again"))


@check("engine/activities/previous-generation-result", "engine/activities/generations")
def a_result_of_an_earlier_generation_resolves_nothing(e: Evidence) -> Findings:
    yield from _old_result(e, e.call("finished-old").request(ActivityResponse), e.item("renewed"))


def _old_result(e: Evidence, old: ActivityResponse, again: Item) -> Findings:
    """Whether the turns from `again` on are free of an old result; they are seen whole when the case came to an end."""
    ended = e.reached("fence") or e.reached("last")
    found = [
        (item, event)
        for item in e.turns(again.instance_id)
        for event in item.turn.new_events
        if item.number >= again.number and isinstance(event.body, TaskCompleted) and event.body.result == old.result
    ]
    for item, event in found[:1]:
        yield Finding(expected=f"no result {old.result!r} after that", seen=in_a_line(event), at=item.at)
    if not found and not ended:
        raise NoEvidence("fence")


@check("engine/activities/previous-generation-result", "engine/activities/generations")
def the_new_tasks_with_the_ids_are_resolved_by_their_own_results(e: Evidence) -> Findings:
    e.item("fence")
    requests = [e.call(f"finished-new-{task}").request(ActivityResponse) for task in (0, 1)]
    last = e.item("last", due=True)
    events = (*last.turn.past_events, *last.turn.new_events)
    for request in requests:
        found = resolutions(events, request.task_id)
        if [event.body.result for event in found if isinstance(event.body, TaskCompleted)] != [request.result]:
            expected = f"one taskCompleted of task {request.task_id} with {request.result!r}"
            yield Finding(expected=expected, seen=told(found) or "none", at=last.at)


@check("engine/activities/dispatched-while-suspended", "engine/activities/suspended")
def a_suspension_does_not_hold_back_activities(e: Evidence) -> Findings:
    e.call("suspended")
    for step in ("activity-before", "activity-during"):
        e.item(step, due=True)
    yield from ()


@check("engine/activities/early-result-delivered", "engine/sequencing/early")
def an_early_result_reaches_the_worker(e: Evidence) -> Findings:
    renewed = e.item("renewed")
    if not resolutions(renewed.turn.new_events, 0):
        expected = "the result of task 0 that was carried over"
        yield Finding(expected=expected, seen=told(renewed.turn.new_events), at=renewed.at)


@check("engine/activities/early-result-delivered", "engine/sequencing/early")
def an_activity_with_an_early_result_is_not_dispatched(e: Evidence) -> Findings:
    e.item("last")
    for item in e.activities():
        if item.activity.task_id == 0:
            yield Finding(expected="no activity for task 0", seen=in_a_line(item.activity), at=item.at)


@check("engine/activities/oversize-result-refused", "engine/activities/oversize-result")
def a_result_above_the_limit_is_refused(e: Evidence) -> Findings:
    call = e.call("finished-oversize")
    if call.ok:
        raise NoEvidence("a result above the engine's message limit")
    if call.code != "RESOURCE_EXHAUSTED":
        yield Finding(expected="RESOURCE_EXHAUSTED", seen=call.outcome, at=call.at)


@check("engine/activities/oversize-result-refused", "engine/activities/oversize-result")
def the_item_of_a_refused_result_stays_outstanding(e: Evidence) -> Findings:
    refused, call = e.call("finished-oversize"), e.call("finished", due=True)
    if refused.ok:
        raise NoEvidence("a result above the engine's message limit")
    last = e.item("last", due=True)
    found = [body.result for _, body in of(last.turn.new_events, TaskCompleted)]
    if not call.ok or found != ['"small"']:
        yield Finding(expected="the small result", seen=f"{call.outcome}, {found}", at=(*call.at, *last.at))
