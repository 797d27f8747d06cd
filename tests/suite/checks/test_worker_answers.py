"""Checks of what is in an answer: odd values do not stop them, and nothing is no reason to pass."""

from __future__ import annotations

import json

import pytest

from dwconf.suite.checks.registry import Judge
from dwconf.suite.checks.worker.completion import an_input_that_counts_as_nothing_is_kept
from dwconf.suite.checks.worker.determinism import no_two_ids_are_the_same, replay_gives_the_same_ids
from dwconf.suite.checks.worker.retries import the_timer_names_the_first_child, the_timer_names_the_task_that_it_retries
from dwconf.suite.checks.worker.timers import the_origin_is_that_of_a_timer
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    ActionBody,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    OrchestrationStatus,
    ScheduleTask,
    WorkflowAction,
    WorkflowResponse,
)

DONE = TASK_HUB.methods["CompleteWorkflowTask"].path


def answers(**steps: ActionBody) -> Evidence:
    """Evidence in which the answer of each step holds one action."""
    tape = Tape("case")
    for step, body in steps.items():
        response = WorkflowResponse(instance_id="i", actions=(WorkflowAction(id=0, body=body),))
        asked = tape.add(Actor.TARGET, Kind.REQUEST, method=DONE, payload=encode(response))
        tape.add(Actor.SUITE, Kind.RESPONSE, call=asked.number, method=DONE, code="OK")
        tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": asked.number})
    return Evidence(tape.records)


def ids(*guids: object) -> Evidence:
    """Two instances whose last answers hold these ids, half of them each."""
    half = len(guids) // 2
    shown = {"wf/last": guids[:half], "other/last": guids[half:]}
    return answers(
        **{step: CompleteWorkflow(result=json.dumps([{"guid": one} for one in some])) for step, some in shown.items()}
    )


@pytest.mark.parametrize("first", [["a"], {"a": 1}, "a", 1])
def test_ids_of_any_shape_are_told_apart(first: object) -> None:
    assert not list(no_two_ids_are_the_same(ids(first, "b", "c", "d")))
    assert list(no_two_ids_are_the_same(ids(first, "b", first, "d")))


def test_ids_that_nobody_scheduled_with_say_nothing() -> None:
    shown = CompleteWorkflow(result='[{"guid": "a"}]')
    steps: dict[str, ActionBody] = {f"wf/{step}": shown for step in ("first", "last", "again")}
    with pytest.raises(NoEvidence):
        list(replay_gives_the_same_ids(answers(**steps)))


@pytest.mark.parametrize(
    "judge",
    [the_origin_is_that_of_a_timer, the_timer_names_the_task_that_it_retries, the_timer_names_the_first_child],
)
def test_no_timer_has_no_right_origin(judge: Judge) -> None:
    task = ScheduleTask(name="echo")
    steps: dict[str, ActionBody] = dict.fromkeys(("first", "failed-1", "failed-2", "fired-1", "fired-2"), task)
    with pytest.raises(NoEvidence):
        list(judge(answers(**steps)))
    child = dict.fromkeys(steps, CreateChildWorkflow(instance_id="c"))
    with pytest.raises(NoEvidence):
        list(the_timer_names_the_first_child(answers(**child)))


def test_a_timer_has_an_origin() -> None:
    assert list(the_origin_is_that_of_a_timer(answers(first=CreateTimer())))


@pytest.mark.parametrize(("zero", "right"), [("0", True), ("0.0", True), ("false", False), ("null", False)])
def test_a_new_input_is_compared_as_a_number(zero: str, right: bool) -> None:  # noqa: FBT001
    texts = {"zero": zero, "false": "false", "empty": '""'}
    continued = OrchestrationStatus.CONTINUED_AS_NEW
    e = answers(**{step: CompleteWorkflow(workflow_status=continued, result=text) for step, text in texts.items()})
    assert bool(list(an_input_that_counts_as_nothing_is_kept(e))) is not right
