"""Checks about retry policies (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.checks.worker.timers import MILLISECOND, fires_after, some_timers
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, as_json, completes, ends, goes_on, schedules
from dwconf.wire.values import (
    CreateChildWorkflow,
    CreateTimer,
    OrchestrationStatus,
    ScheduleTask,
    TimerOriginActivityRetry,
    TimerOriginChildWorkflowRetry,
)

FAILED = OrchestrationStatus.FAILED
NOTHING = {"program": 1, "steps": []}


def only_timer(given: Answer) -> Findings:
    """The answer asks for one timer and nothing else."""
    if len(given.response.actions) != 1 or len(given.of(CreateTimer)) != 1:
        yield Finding(expected="one createTimer and nothing else", seen=str(given), at=given.at)


def task_of(given: Answer) -> tuple[int, ScheduleTask]:
    """The activity that an answer schedules; without one there is no evidence."""
    found = given.of(ScheduleTask)
    if not found:
        raise NoEvidence("a scheduled activity")
    return found[0]


@check("worker/retries/retry-by-timer", "worker/retries/second-succeeds")
def a_retry_is_a_timer_and_then_the_task_again(e: Evidence) -> Findings:
    number, task = task_of(answer(e, "first"))
    yield from only_timer(answer(e, "failed", due=True))
    fired = answer(e, "fired", due=True)
    yield from schedules(fired, as_json(task.input))
    for again, retried in fired.of(ScheduleTask):
        if again == number or retried.name != task.name:
            expected = f"a scheduleTask of {task.name!r} with another id than {number}"
            yield Finding(expected=expected, seen=str(fired), at=fired.at)
    yield from completes(answer(e, "last", due=True), "second")


@check("worker/retries/attempts-counted", "worker/retries/growing-delays")
def the_fourth_attempt_is_the_last(e: Evidence) -> Findings:
    for attempt in (1, 2, 3):
        yield from goes_on(answer(e, f"failed-{attempt}", due=True))
    last = answer(e, "failed-4")
    yield from ends(last, FAILED, because=": all four attempts have failed")


@check("worker/retries/backoff", "worker/retries/growing-delays")
def delays_grow_up_to_the_longest(e: Evidence) -> Findings:
    for attempt, milliseconds in ((1, 1_000), (2, 1_500), (3, 2_200)):
        yield from fires_after(e, f"failed-{attempt}", milliseconds * MILLISECOND)


@check("worker/retries/origin-activity-retry", "worker/retries/growing-delays")
def the_timer_names_the_task_that_it_retries(e: Evidence) -> Findings:
    _, task = task_of(answer(e, "first"))
    given = answer(e, "failed-1")
    for timer in some_timers(given):
        origin = timer.origin
        if not isinstance(origin, TimerOriginActivityRetry) or origin.task_execution_id != task.task_execution_id:
            expected = f"the origin activityRetry with the taskExecutionId {task.task_execution_id!r}"
            yield Finding(expected=expected, seen=str(given), at=given.at)


@check("worker/retries/task-execution-id-kept", "worker/retries/growing-delays")
def attempts_have_one_task_execution_id(e: Evidence) -> Findings:
    _, first = task_of(answer(e, "first"))
    if not first.task_execution_id:
        raise NoEvidence("a taskExecutionId")
    for attempt in (1, 2, 3):
        given = answer(e, f"fired-{attempt}")
        _, again = task_of(given)
        if again.task_execution_id != first.task_execution_id:
            yield Finding(expected=f"the taskExecutionId {first.task_execution_id!r}", seen=str(given), at=given.at)


@check("worker/retries/attempts-counted", "worker/retries/child-exhausted")
def the_second_attempt_of_a_child_is_the_last(e: Evidence) -> Findings:
    yield from goes_on(answer(e, "failed-1", due=True))
    last = answer(e, "failed-2")
    if last.end is None:
        expected = "no further attempt: both attempts have failed, and the code catches that"
        yield Finding(expected=expected, seen=str(last), at=last.at)


@check("worker/retries/exhausted-failure", "worker/retries/exhausted", "worker/retries/child-exhausted")
def the_code_gets_the_last_failure(e: Evidence) -> Findings:
    given = answer(e, "failed-2", due=True)
    caught = given.result if isinstance(given.result, dict) else {}
    if "failure 2" not in str(caught.get("message")):
        expected = "the code catches an error that holds the message of the last attempt"
        yield Finding(expected=expected, seen=str(given), at=given.at)


@check("worker/retries/exhausted-failure", "worker/retries/growing-delays")
def the_last_failure_ends_the_workflow(e: Evidence) -> Findings:
    given = answer(e, "failed-4", due=True)
    details = given.end.failure_details if given.end is not None else None
    if details is None or "failure 4" not in str(details):
        yield Finding(expected="FAILED with the message of the last attempt", seen=str(given), at=given.at)


@check("worker/retries/non-retriable", "worker/retries/non-retriable")
def what_is_marked_is_not_retried(e: Evidence) -> Findings:
    given = answer(e, "last", due=True)
    yield from ends(given, FAILED, because=": the failure is marked as non-retriable")


@check("worker/retries/retries-in-all", "worker/retries/side-by-side")
def each_task_is_retried_on_its_own(e: Evidence) -> Findings:
    for name in ("a", "b"):
        yield from only_timer(answer(e, f"{name}-failed", due=True))
    for name in ("b", "a"):
        yield from schedules(answer(e, f"{name}-fired", due=True), name)
    yield from completes(answer(e, "last", due=True), ["A", "B"])


# --- children


def children(e: Evidence) -> list[tuple[Answer, CreateChildWorkflow]]:
    """The attempts of the child, in order; where one is missing there is no evidence."""
    answers = [answer(e, step) for step in ("first", "fired-1", "fired-2")]
    if not all(given.of(CreateChildWorkflow) for given in answers):
        raise NoEvidence("three attempts of the child")
    return [(given, given.of(CreateChildWorkflow)[0][1]) for given in answers]


@check("worker/children/create-action", "worker/retries/child-retry")
def every_attempt_carries_name_and_input(e: Evidence) -> Findings:
    for given, made in children(e):
        if (made.name, as_json(made.input)) != ("interp_child", NOTHING):
            expected = "a createChildWorkflow of interp_child with its input as JSON"
            yield Finding(expected=expected, seen=str(given), at=given.at)


@check("worker/retries/origin-child-retry", "worker/retries/child-retry")
def the_timer_names_the_first_child(e: Evidence) -> Findings:
    first = children(e)[0][1].instance_id
    for step in ("failed-1", "failed-2"):
        given = answer(e, step)
        for timer in some_timers(given):
            origin = timer.origin
            named = origin.instance_id if isinstance(origin, TimerOriginChildWorkflowRetry) else None
            if named is None or (first and named != first):
                expected = f"the origin childWorkflowRetry with the instance id {first!r}"
                yield Finding(expected=expected, seen=str(given), at=given.at)


@check("worker/retries/retry-parent-info", "worker/retries/child-retry")
def later_children_name_the_first(e: Evidence) -> Findings:
    made = children(e)
    first = made[0][1].instance_id
    for given, child in made[1:]:
        parent = child.retry_parent_instance_info
        if parent is None or (first and parent.instance_id != first):
            expected = f"retryParentInstanceInfo with the instance id {first!r}"
            yield Finding(expected=expected, seen=str(given), at=given.at)
