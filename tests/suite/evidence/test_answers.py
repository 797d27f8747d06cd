"""What checks ask of a worker's answer: JSON is compared as JSON, and replays are compared by what matters."""

from __future__ import annotations

import pytest

from dwconf.suite.evidence.answers import Answer, as_json, completes, equal, same_actions, schedules
from dwconf.suite.evidence.facts import Call
from dwconf.wire.values import (
    ActionBody,
    CompleteWorkflow,
    CreateTimer,
    OrchestrationStatus,
    ScheduleTask,
    TaskFailureDetails,
    TaskRouter,
    TimerOriginActivityRetry,
    TimerOriginCreateTimer,
    WorkflowAction,
    WorkflowResponse,
)

DEPTH = 500
"""Deeper than a comparison that calls itself would get."""


def given(*bodies: ActionBody, first: int = 0, router: TaskRouter | None = None) -> Answer:
    actions = tuple(WorkflowAction(id=first + place, body=body, router=router) for place, body in enumerate(bodies))
    return Answer(Call(1, "/s/CompleteWorkflowTask", b"", 0), WorkflowResponse(actions=actions))


def completed(result: str | None) -> CompleteWorkflow:
    return CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED, result=result)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [2]}, {"b": [2.0], "a": 1}, True),
        ([1], [True], False),
        (0, False, False),
        ([1], [1, 2], False),
        ({"a": None}, {}, False),
        ("", None, False),
        ([], {}, False),
        ({}, None, False),
    ],
)
def test_json_values_are_compared_as_json(one: object, other: object, same: bool) -> None:  # noqa: FBT001
    assert equal(one, other) is same


def test_json_of_any_depth_is_compared() -> None:
    deep, other = (as_json("[" * DEPTH + end + "]" * DEPTH) for end in ("1", "2"))
    assert isinstance(deep, list)
    assert equal(deep, deep)
    assert not equal(deep, other)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * DEPTH + "]" * DEPTH])
def test_payloads_of_any_depth_are_compared_between_replays(text: str) -> None:
    once = given(ScheduleTask(name="echo", input=text))
    assert not list(same_actions(once, once))


def failed(message: str, cause: str) -> CompleteWorkflow:
    details = TaskFailureDetails(error_message=message, inner_failure=TaskFailureDetails(stack_trace=cause))
    return CompleteWorkflow(workflow_status=OrchestrationStatus.FAILED, failure_details=details)


def test_replays_that_fail_may_say_so_in_other_words() -> None:
    assert not list(same_actions(given(failed("at 0x1", "line 1")), given(failed("at 0x2", "line 2"))))
    assert list(same_actions(given(failed("at 0x1", "line 1")), given(completed(None))))


@pytest.mark.parametrize("text", [' { "a" : [ 1, null ] } ', '{"a":[1,null]}'])
def test_spacing_of_a_result_does_not_matter(text: str) -> None:
    assert not list(completes(given(completed(text)), {"a": [1, None]}))


@pytest.mark.parametrize("body", [completed("2"), completed("not JSON"), CompleteWorkflow(), CreateTimer()])
def test_another_end_is_found(body: ActionBody) -> None:
    assert [finding.at for finding in completes(given(body), 1)] == [(1,)]


def test_a_completion_beside_what_is_scheduled_is_found() -> None:
    assert list(schedules(given(ScheduleTask(name="echo", input="1"), completed(None)), 1))
    assert not list(schedules(given(ScheduleTask(name="echo", input="1")), 1))


def test_replays_may_differ_in_what_replay_does_not_need() -> None:
    once = given(
        ScheduleTask(name="echo", input='{"a":1}', task_execution_id="x"),
        CreateTimer(fire_at=1, origin=TimerOriginActivityRetry(task_execution_id="x")),
    )
    again = given(
        ScheduleTask(name="echo", input='{"a": 1}', task_execution_id="y"),
        CreateTimer(fire_at=1, origin=TimerOriginCreateTimer()),
        router=TaskRouter(source_app_id="app"),
    )
    assert not list(same_actions(once, again))


@pytest.mark.parametrize(
    "again",
    [
        given(ScheduleTask(name="echo", input="2")),
        given(ScheduleTask(name="other", input="1")),
        given(ScheduleTask(name="echo", input="1"), first=1),
        given(CreateTimer()),
        given(),
    ],
    ids=["input", "name", "id", "kind", "none"],
)
def test_replays_may_not_differ_in_what_replay_needs(again: Answer) -> None:
    assert list(same_actions(given(ScheduleTask(name="echo", input="1")), again))
