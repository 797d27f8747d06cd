"""Routers: what is for this app is done here, what is for another one is not (ENG-B-18, ENG-D-16, ENG-G-19)."""

from __future__ import annotations

import pytest

from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.outcome import Until
from dwconf.wire.values import (
    CreateChildWorkflow,
    CreateInstanceRequest,
    OrchestrationStatus,
    ScheduleTask,
    TaskRouter,
    WorkflowAction,
    WorkflowResponse,
)
from tests.engine.rig import Rig, started

HERE, ELSEWHERE = TaskRouter(target_app_id="dwconf"), TaskRouter(target_app_id="elsewhere")


def begin(router: TaskRouter | None) -> tuple[Rig, object]:
    rig = Rig()
    rig.connect()
    return rig, rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", router=router))


@pytest.mark.parametrize("router", [None, TaskRouter(), HERE], ids=["none", "empty", "own"])
def test_a_start_for_this_app_is_made_here(router: TaskRouter | None) -> None:
    rig, outcome = begin(router)
    assert isinstance(outcome, Until)
    assert rig.turn()[0].instance_id == "i"


def test_a_start_for_another_app_is_not_made_here() -> None:
    rig, outcome = begin(ELSEWHERE)
    assert isinstance(outcome, Refusal)
    assert outcome.code is Code.FAILED_PRECONDITION
    assert not rig.exists()


@pytest.mark.parametrize("name", ["a.b", "a b", "a/b", "a:b", "*", ".."])
def test_a_start_for_what_cannot_be_an_app_is_refused(name: str) -> None:
    rig, outcome = begin(TaskRouter(target_app_id=name))
    assert isinstance(outcome, Refusal)
    assert (outcome.code, f"workflow app ID '{name}' is invalid" in outcome.message) == (Code.INVALID_ARGUMENT, True)
    assert not rig.exists()


@pytest.mark.parametrize(
    "body", [ScheduleTask(name="a"), CreateChildWorkflow(name="c", instance_id="c")], ids=["activity", "child"]
)
@pytest.mark.parametrize(("router", "here"), [(HERE, True), (ELSEWHERE, False)], ids=["own", "other"])
def test_operations_for_another_app_wait(
    body: ScheduleTask | CreateChildWorkflow, router: TaskRouter, *, here: bool
) -> None:
    rig = started()
    request, token = rig.turn()
    action = WorkflowAction(id=0, body=body, router=router)
    rig.respond(WorkflowResponse(instance_id=request.instance_id, actions=(action,), completion_token=token))
    assert bool(rig.items) == here
    assert rig.state().workflow_status == OrchestrationStatus.RUNNING
    assert rig.exists("c") == (here and isinstance(body, CreateChildWorkflow))
