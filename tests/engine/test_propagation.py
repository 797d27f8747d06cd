from __future__ import annotations

from pathlib import Path

import pytest

from dwconf.engine.core.store import Store
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.sqlite import SqliteStore
from dwconf.wire.codec import decode
from dwconf.wire.values import (
    ActivityRequest,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateInstanceRequest,
    HistoryEvent,
    HistoryPropagationScope,
    OrchestrationStatus,
    PropagatedHistory,
    RerunWorkflowFromEventRequest,
    ScheduleTask,
    TaskScheduled,
    WorkflowRequest,
)
from tests.engine.rig import CONTINUED, Rig, complete, kinds, started

NONE, OWN, LINEAGE = HistoryPropagationScope.NONE, HistoryPropagationScope.OWN_HISTORY, HistoryPropagationScope.LINEAGE
Given = list[tuple[str, list[str]]]


def task(scope: HistoryPropagationScope | None, name: str = "a") -> ScheduleTask:
    return ScheduleTask(name=name, history_propagation_scope=scope)


def child(scope: HistoryPropagationScope | None, name: str) -> CreateChildWorkflow:
    return CreateChildWorkflow(name=name, instance_id=name, history_propagation_scope=scope)


def given(history: PropagatedHistory | None) -> Given | None:
    """Of each chunk: whose it is, and what it holds."""
    if history is None:
        return None
    return [
        (chunk.instance_id, kinds([decode(HistoryEvent, data) for data in chunk.raw_events]))
        for chunk in history.chunks
    ]


def told(rig: Rig) -> Given | None:
    """What the next item is given; it stays there."""
    request = rig.items[0][1].request
    assert isinstance(request, WorkflowRequest | ActivityRequest)
    return given(request.propagated_history)


FIRST = ["WorkflowStarted", "ExecutionStarted"]
A_TASK = [*FIRST, "TaskScheduled"]
A_CHILD = [*FIRST, "ChildWorkflowInstanceCreated"]


@pytest.mark.parametrize("scope", [OWN, LINEAGE])
def test_an_activity_is_given_its_callers_history(scope: HistoryPropagationScope) -> None:
    rig = started()
    rig.answer(task(scope))
    request, _ = rig.activity()
    assert request.propagated_history is not None
    assert request.propagated_history.scope == scope
    [chunk] = request.propagated_history.chunks
    assert (chunk.app_id, chunk.instance_id, chunk.workflow_name) == ("dwconf", "i", "wf")
    assert tuple(decode(HistoryEvent, data) for data in chunk.raw_events) == rig.history()


@pytest.mark.parametrize("scope", [None, NONE], ids=["unset", "none"])
def test_nobody_is_given_anything_unasked(scope: HistoryPropagationScope | None) -> None:
    rig = started()
    assert told(rig) is None
    rig.answer(task(scope), child(scope, "c"), CreateDetachedWorkflow(name="d", instance_id="d"))
    assert [given(item.request.propagated_history) for _, item in rig.items] == [None] * 3  # type: ignore[union-attr]


def test_each_is_given_what_there_is_when_it_is_created() -> None:
    rig = started()
    rig.answer(task(None))
    rig.perform()
    rig.answer(task(OWN), task(OWN), first=1)
    second = [*A_TASK, "WorkflowStarted", "TaskCompleted", "TaskScheduled"]
    assert told(rig) == [("i", second)]
    rig.take()
    assert told(rig) == [("i", [*second, "TaskScheduled"])]


def grandchild(first: HistoryPropagationScope, second: HistoryPropagationScope) -> Rig:
    """The next item is the first turn of c, the child of b, the child of i."""
    rig = started()
    rig.answer(child(first, "b"))
    assert told(rig) == [("i", A_CHILD)]
    rig.answer(child(second, "c"))
    return rig


def test_lineage_goes_all_the_way() -> None:
    assert told(grandchild(LINEAGE, LINEAGE)) == [("i", A_CHILD), ("b", A_CHILD)]
    assert told(grandchild(OWN, LINEAGE)) == [("i", A_CHILD), ("b", A_CHILD)]


def test_own_history_is_a_boundary() -> None:
    assert told(grandchild(LINEAGE, OWN)) == [("b", A_CHILD)]


def test_activities_of_a_child_are_given_its_lineage() -> None:
    rig = started()
    rig.answer(child(OWN, "b"))
    rig.answer(task(LINEAGE), task(OWN))
    assert told(rig) == [("i", A_CHILD), ("b", A_TASK)]
    rig.take()
    assert told(rig) == [("b", [*A_TASK, "TaskScheduled"])]


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "e.sqlite")


def test_what_was_given_comes_with_every_turn_and_survives_a_restart(store: Store) -> None:
    rig = started(store=store)
    rig.answer(child(OWN, "b"))
    rig.answer()
    rig.raise_event(instance_id="b")
    assert told(rig) == [("i", A_CHILD)]
    again = rig.restarted()
    again.connect()
    assert told(again) == [("i", A_CHILD)]
    store.close()


def test_the_next_generation_is_given_what_this_one_was_and_no_more() -> None:
    rig = started()
    rig.answer(complete(CONTINUED), task(LINEAGE))
    assert told(rig) is None
    rig.answer(child(OWN, "b"))
    rig.answer(complete(CONTINUED))
    assert told(rig) == [("i", A_CHILD)]


def test_a_child_stalls_whose_history_leaves_no_room_for_its_turn() -> None:
    rig = Rig(limit=4096)
    rig.connect()
    rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", input="x" * 2500))
    rig.answer(CreateChildWorkflow(name="b", instance_id="b", input="x" * 1200, history_propagation_scope=OWN))
    assert rig.state("b").workflow_status == OrchestrationStatus.STALLED
    assert not rig.items


def test_an_activity_that_is_run_again_is_given_the_new_instances_history() -> None:
    rig = started()
    rig.answer(task(LINEAGE))
    rig.perform()
    rig.answer(complete(), first=1)
    rig.hub.rerun(RerunWorkflowFromEventRequest(source_instance_id="i", new_instance_id="n"), rig.now)
    rig.flush()
    assert told(rig) == [("n", A_TASK)]


def test_durabletask_go_records_the_scope_and_passes_nothing_on() -> None:
    rig = started(DURABLETASK_GO)
    rig.answer(task(LINEAGE))
    assert told(rig) is None
    body = rig.history()[-1].body
    assert isinstance(body, TaskScheduled)
    assert body.history_propagation_scope == LINEAGE
