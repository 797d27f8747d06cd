from __future__ import annotations

import pytest

from dwconf.engine.core.messages import Refusal
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    ExecutionStarted,
    ExecutionTerminated,
    OrchestrationStatus,
    ParentInstanceInfo,
    PurgeInstancesRequest,
    TaskFailureDetails,
    TaskRouter,
    WorkflowInstance,
)
from tests.engine.rig import CONTINUED, DAWN, FAILED, SECOND, Rig, complete, kinds, started

BOOM = TaskFailureDetails(error_type="T", error_message="M")
TERMINATED = OrchestrationStatus.TERMINATED


def child(name: str = "n", instance_id: str = "") -> CreateChildWorkflow:
    return CreateChildWorkflow(name=name, instance_id=instance_id)


def start_of(rig: Rig) -> ExecutionStarted:
    body = rig.answer().new_events[1].body
    assert isinstance(body, ExecutionStarted)
    return body


@pytest.mark.parametrize(
    ("number", "name"), [(0, "i:0000"), (1, "i:0001"), (31, "i:001f"), (0xFFFF, "i:ffff")], ids=str
)
def test_default_ids_are_the_parents_and_the_actions(number: int, name: str) -> None:
    rig = started()
    rig.answer(child(), first=number)
    assert rig.turn()[0].instance_id == name


def test_a_child_knows_its_parent() -> None:
    rig = started()
    rig.answer(CreateChildWorkflow(name="n", instance_id="c", input="1"), first=5)
    body = start_of(rig)
    assert (body.name, body.input) == ("n", "1")
    assert body.parent_instance == ParentInstanceInfo(
        task_scheduled_id=5,
        name="wf",
        workflow_instance=WorkflowInstance(instance_id="i", execution_id=rig.inside().execution_id),
        app_id="dwconf",
    )
    assert body.workflow_instance is not None
    assert body.workflow_instance.execution_id != rig.inside().execution_id
    assert (rig.state("c").parent_instance_id, rig.state("c").parent_app_id) == ("i", "dwconf")


@pytest.mark.parametrize(
    ("ending", "event"),
    [
        (complete(result="1"), ChildWorkflowInstanceCompleted(task_scheduled_id=0, result="1")),
        (
            CompleteWorkflow(workflow_status=FAILED, failure_details=BOOM),
            ChildWorkflowInstanceFailed(task_scheduled_id=0, failure_details=BOOM),
        ),
        (complete(TERMINATED, "x"), ChildWorkflowInstanceFailed(task_scheduled_id=0)),
        (complete(OrchestrationStatus.CANCELED), ChildWorkflowInstanceFailed(task_scheduled_id=0)),
    ],
    ids=["completed", "failed", "terminated", "canceled"],
)
def test_a_parent_hears_how_its_child_ended(
    ending: CompleteWorkflow, event: ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed
) -> None:
    rig = started()
    rig.answer(child())
    rig.answer(ending)
    told = rig.answer().new_events[-1]
    assert told.body == event
    assert (told.event_id, told.router) == (-1, TaskRouter(source_app_id="dwconf", target_app_id="dwconf"))


def test_a_child_that_continues_as_new_is_still_a_child_and_ends_once() -> None:
    rig = started()
    rig.answer(child())
    parent = start_of(rig).parent_instance
    rig.raise_event(instance_id="i:0000")
    rig.answer(complete(CONTINUED))
    assert start_of(rig).parent_instance == parent
    rig.raise_event(instance_id="i:0000")
    rig.answer(complete(result="2"))
    assert rig.answer().new_events[-1].body == ChildWorkflowInstanceCompleted(result="2")
    assert rig.items == []


def test_a_child_outlives_its_parent_in_silence() -> None:
    rig = started()
    rig.answer(child(), complete())
    before = rig.history()
    rig.answer(complete())
    assert (rig.items, rig.history()) == ([], before)
    assert rig.state("i:0000").workflow_status == OrchestrationStatus.COMPLETED


def test_a_taken_id_fails_the_child_and_leaves_the_occupant_alone() -> None:
    rig = started()
    rig.start("taken")
    rig.answer(child(instance_id="taken"))
    occupant = rig.inside("taken")
    rig.answer()
    told = rig.answer().new_events[-1].body
    assert isinstance(told, ChildWorkflowInstanceFailed)
    assert told.failure_details is not None
    assert told.failure_details.error_type == "WorkflowInstanceAlreadyExists"
    assert "already exists" in told.failure_details.error_message
    assert rig.inside("taken").parent is None
    assert rig.inside("taken").epoch == occupant.epoch


def test_a_childs_end_does_not_reach_the_next_owner_of_its_parents_id() -> None:
    rig = started()
    rig.answer(child(), complete())
    rig.purge(PurgeInstancesRequest(instance_id="i"))
    rig.start()
    late = rig.items.pop(0)
    rig.answer(child(instance_id="other"))
    rig.items.insert(0, late)
    rig.answer(complete(result='"old"'))
    assert rig.answer(complete(result='"new"')).instance_id == "other"
    assert rig.answer().new_events[-1].body == ChildWorkflowInstanceCompleted(result='"new"')


def test_a_childs_end_does_not_reach_a_later_generation() -> None:
    rig = started()
    rig.answer(child(instance_id="old"))
    late = rig.items.pop(0)
    rig.raise_event()
    rig.answer(complete(CONTINUED), first=1)
    rig.answer(child(instance_id="new"))
    fresh = rig.items.pop(0)
    rig.items.append(late)
    rig.answer(complete(result='"old"'))
    assert rig.items == []
    rig.items.append(fresh)
    rig.answer(complete(result='"new"'))
    assert rig.answer().new_events[-1].body == ChildWorkflowInstanceCompleted(result='"new"')


def family() -> Rig:
    """A parent, its child and its grandchild, all of them running."""
    rig = started()
    rig.answer(child())
    rig.answer(child())
    rig.answer()
    return rig


def terminate(rig: Rig, *, recurse: bool) -> None:
    rig.tell(ExecutionTerminated(input='"why"', recurse=recurse))
    while rig.items:
        rig.answer()


@pytest.mark.parametrize("recurse", [True, False], ids=["recursive", "plain"])
def test_termination_reaches_the_family_if_it_is_told_to(recurse: bool) -> None:  # noqa: FBT001
    rig = family()
    terminate(rig, recurse=recurse)
    assert rig.state().workflow_status == TERMINATED
    for name in ("i:0000", "i:0000:0000"):
        expected = TERMINATED if recurse else OrchestrationStatus.RUNNING
        assert rig.state(name).workflow_status == expected
        assert rig.state(name).output == ('"why"' if recurse else None)


def test_termination_of_an_ended_parent_still_reaches_its_children() -> None:
    rig = started()
    rig.answer(child(), complete(result="1"))
    rig.answer()
    terminate(rig, recurse=True)
    assert (rig.state().workflow_status, rig.state().output) == (OrchestrationStatus.COMPLETED, "1")
    assert rig.state("i:0000").workflow_status == TERMINATED


def test_termination_does_not_reach_a_stranger_on_a_childs_id() -> None:
    rig = started()
    rig.start("taken")
    rig.answer(child(instance_id="taken"))
    rig.answer()
    rig.answer()
    terminate(rig, recurse=True)
    assert rig.state("taken").workflow_status == OrchestrationStatus.RUNNING


def test_a_detached_workflow_is_on_its_own() -> None:
    rig = started()
    rig.answer(
        CreateDetachedWorkflow(instance_id="d", name="n", version="v", input="1", execution_id="e", tags=(("a", "b"),))
    )
    body = start_of(rig)
    assert body == ExecutionStarted(
        name="n",
        input="1",
        workflow_instance=WorkflowInstance(instance_id="d", execution_id="e"),
        tags=(("a", "b"),),
    )
    terminate(rig, recurse=True)
    assert rig.state("d").workflow_status == OrchestrationStatus.RUNNING
    rig.raise_event(instance_id="d")
    rig.answer(complete())
    assert rig.items == []
    rig.purge(PurgeInstancesRequest(instance_id="i", recursive=True))
    assert rig.exists("d")


def test_a_detached_workflow_starts_at_its_time_with_an_execution_id_of_its_own() -> None:
    rig = started()
    rig.answer(CreateDetachedWorkflow(instance_id="d", name="n", scheduled_start_timestamp=DAWN + SECOND))
    assert rig.items == []
    rig.advance(SECOND)
    body = start_of(rig)
    assert body.workflow_instance is not None
    assert body.workflow_instance.execution_id


def test_a_detached_workflow_whose_id_is_taken_is_dropped() -> None:
    rig = started()
    rig.start("taken")
    epoch = rig.inside("taken").epoch
    rig.answer(CreateDetachedWorkflow(instance_id="taken", name="n"))
    assert rig.inside("taken").epoch == epoch
    assert kinds(rig.history())[-1] == "DetachedWorkflowInstanceCreated"


def test_a_living_descendant_blocks_reuse_and_purge() -> None:
    rig = family()
    rig.raise_event()
    rig.answer(complete(), first=1)
    assert isinstance(rig.start(), Refusal)
    assert isinstance(rig.purge(PurgeInstancesRequest(instance_id="i", recursive=True)), Refusal)
    assert rig.exists()
    for name in ("i:0000", "i:0000:0000"):
        rig.tell(ExecutionTerminated(), name)
        rig.answer()
    purged = rig.purge(PurgeInstancesRequest(instance_id="i", recursive=True))
    assert not isinstance(purged, Refusal)
    assert purged.deleted_instance_count == 3
    assert not any(rig.exists(name) for name in ("i", "i:0000", "i:0000:0000"))


def test_purge_leaves_children_unless_it_is_told_to() -> None:
    rig = started()
    rig.answer(child(), complete())
    rig.answer(complete())
    rig.purge(PurgeInstancesRequest(instance_id="i"))
    assert (rig.exists(), rig.exists("i:0000")) == (False, True)
