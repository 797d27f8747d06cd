from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.sqlite import SqliteStore
from dwconf.wire.values import (
    ActivityRequest,
    ChildWorkflowInstanceCreated,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    ExecutionStarted,
    HistoryEvent,
    OrchestrationStatus,
    RerunParentInstanceInfo,
    RerunWorkflowFromEventRequest,
    ScheduleTask,
    TaskCompleted,
    TaskScheduled,
    TimerCreated,
    WorkflowRequest,
    WorkflowVersion,
)
from tests.engine.rig import DAWN, FAILED, SECOND, Rig, complete, holds, kinds, started

INFO = RerunParentInstanceInfo(instance_id="i")


def task(name: str = "a", payload: str | None = None) -> ScheduleTask:
    return ScheduleTask(name=name, input=payload, task_execution_id=f"x-{name}")


def to_the_end(rig: Rig, result: str | None = None) -> None:
    """Do every activity, answer every turn with nothing, and complete each instance that has nothing open."""
    while rig.items:
        request = rig.items[0][1].request
        if isinstance(request, ActivityRequest):
            rig.perform()
            continue
        assert isinstance(request, WorkflowRequest)
        state = rig.inside(request.instance_id)
        waits = state.open_tasks or state.open_children or state.open_timers
        rig.answer(*(() if waits else (complete(result=result),)), first=9)


def source(rig: Rig | None = None) -> Rig:
    """`i` has done a (0), while b (1) was still to do when it asked for c (2) and d (3); then it ended."""
    made = rig if rig is not None else started()
    made.answer(task("a"), task("b"))
    made.perform('"A"')
    made.items.append(made.items.pop(0))  # b is left for later
    made.answer(task("c", '"old"'), task("d"), first=2)
    to_the_end(made)
    made.now += SECOND
    return made


def rerun(rig: Rig, number: int = 2, **more: object) -> Refusal | str:
    """Ask for a re-run; the refusal, or the id of the new instance, which has started."""
    fields: dict[str, object] = {"source_instance_id": "i", "new_instance_id": "n", **more}
    outcome = rig.hub.rerun(RerunWorkflowFromEventRequest(event_id=number, **fields), rig.now)  # type: ignore[arg-type]
    rig.flush()
    if isinstance(outcome, Refusal):
        return outcome
    assert holds(outcome, rig)
    return outcome.instance_id  # type: ignore[union-attr]


def event_of(events: tuple[HistoryEvent, ...], number: int) -> HistoryEvent:
    return next(event for event in events if event.event_id == number)


def test_it_begins_with_what_was_before_the_target_and_what_was_unfinished_then() -> None:
    rig = source()
    before = rig.history()
    assert rerun(rig) == "n"
    assert rig.history() == before
    assert kinds(rig.history("n")) == [
        "WorkflowStarted",
        "ExecutionStarted",
        "TaskScheduled",
        "WorkflowStarted",
        "TaskCompleted",
        "TaskScheduled",
        "TaskScheduled",
    ]
    kept = tuple(e for e in rig.history("n") if e.event_id not in (1, 2))
    assert kept == tuple(e for e in before[:6] if e.event_id != 1)
    for number in (1, 2):
        was, now = event_of(before, number), event_of(rig.history("n"), number)
        assert isinstance(was.body, TaskScheduled)
        assert now == replace(was, timestamp=rig.now, body=replace(was.body, rerun_parent_instance_info=INFO))


def test_what_is_done_again_is_dispatched_and_the_rest_is_not() -> None:
    rig = source()
    rerun(rig)
    assert [(rig.perform().name) for _ in range(2)] == ["b", "c"]
    turn, _ = rig.turn()
    assert turn.instance_id == "n"
    assert turn.execution_id == rig.inside("i").execution_id
    assert [type(e.body) for e in turn.new_events][1:] == [TaskCompleted]
    assert not [item for _, item in rig.items]


def test_the_new_instance_has_started_and_runs_on_to_its_end() -> None:
    rig = source()
    rerun(rig)
    shown = rig.state("n")
    assert (shown.workflow_status, shown.name, shown.created_timestamp) == (OrchestrationStatus.RUNNING, "wf", DAWN)
    rig.perform()
    rig.items.append(rig.items.pop(0))
    rig.answer(task("d"), first=3)
    to_the_end(rig, '"again"')
    assert rig.state("n").output == '"again"'


@pytest.mark.parametrize(
    ("more", "given"),
    [
        ({}, '"old"'),
        ({"input": '"new"'}, '"old"'),
        ({"input": '"new"', "overwrite_input": True}, '"new"'),
        ({"overwrite_input": True}, None),
    ],
    ids=["kept", "not-overwritten", "overwritten", "cleared"],
)
def test_the_targets_input(more: dict[str, object], given: str | None) -> None:
    rig = source()
    rerun(rig, **more)  # type: ignore[arg-type]
    rig.take()
    assert rig.activity()[0].input == given


def test_an_id_is_found_when_none_is_given() -> None:
    rig = source()
    one, other = rerun(rig, new_instance_id=None), rerun(rig, new_instance_id=None)
    assert isinstance(one, str)
    assert len({one, other, "i"}) == 3


def test_timers_are_set_again_and_those_that_have_fired_are_not() -> None:
    rig = started()
    rig.answer(CreateTimer(fire_at=DAWN + SECOND), CreateTimer(fire_at=DAWN + 60 * SECOND))
    rig.advance(SECOND)
    rig.answer(CreateTimer(fire_at=DAWN + 30 * SECOND), first=2)
    rig.advance(30 * SECOND)
    rig.answer(complete(), first=9)
    rerun(rig)
    assert [event.event_id for event in rig.history("n") if isinstance(event.body, TimerCreated)] == [0, 1, 2]
    turn, _ = rig.turn()
    assert [getattr(event.body, "timer_id", None) for event in turn.new_events] == [None, 2]
    rig.advance(60 * SECOND)
    assert {timer.id for timer in rig.inside("n").open_timers} == set()


def family() -> Rig:
    """`i` has had the child 0, while its child 1 was still to end when it asked for child 2; then it ended."""
    rig = started()
    rig.answer(CreateChildWorkflow(name="old"), CreateChildWorkflow(name="beside"))
    rig.answer(complete())
    rig.items.append(rig.items.pop(0))
    rig.answer(CreateChildWorkflow(name="target", input="1"), first=2)
    to_the_end(rig)
    return rig


def test_children_that_begin_again_have_ids_of_the_new_instance() -> None:
    rig = family()
    rerun(rig)
    created = [e.body for e in rig.history("n") if isinstance(e.body, ChildWorkflowInstanceCreated)]
    assert [body.instance_id for body in created] == ["i:0000", "n:0001", "n:0002"]
    starts = {rig.turn()[0].instance_id for _ in range(2)}
    assert starts == {"n:0001", "n:0002"}
    parent = rig.inside("n:0002").start.parent_instance
    assert parent is not None
    assert parent.workflow_instance is not None
    assert (parent.workflow_instance.instance_id, parent.task_scheduled_id) == ("n", 2)


def test_the_targets_child_may_be_given_an_id_and_an_input() -> None:
    rig = family()
    rerun(rig, new_child_workflow_instance_id="kid", input="2", overwrite_input=True)
    assert rig.inside("kid").start.input == "2"
    assert rig.exists("n:0001")


def test_a_child_whose_id_is_taken_fails() -> None:
    rig = family()
    rerun(rig)
    assert rerun(rig, new_instance_id="m", new_child_workflow_instance_id="n") == "m"
    items = [item.request for _, item in rig.items if getattr(item.request, "instance_id", "") == "m"]
    assert kinds(items[0].new_events)[1:] == ["ChildWorkflowInstanceFailed"]  # type: ignore[union-attr]


def refusal_of(rig: Rig, number: int = 2, **more: object) -> tuple[Code, str]:
    found = rerun(rig, number, **more)
    assert isinstance(found, Refusal)
    return found.code, found.message


def mixed() -> Rig:
    """`i` has ended: an activity (0), a timer (1), a child (2), a detached workflow (3), its end (4)."""
    rig = started()
    rig.answer(
        task(),
        CreateTimer(fire_at=DAWN),
        CreateChildWorkflow(name="kid", instance_id="kid"),
        CreateDetachedWorkflow(name="d", instance_id="d"),
        complete(),
    )
    rig.items.clear()
    return rig


INVALID, MISSING = Code.INVALID_ARGUMENT, Code.NOT_FOUND


@pytest.mark.parametrize(
    ("number", "more", "code", "message"),
    [
        (0, {"source_instance_id": ""}, INVALID, "rerun workflow source instance ID is required"),
        (
            0,
            {"new_instance_id": "i"},
            INVALID,
            "rerun workflow instance ID must be different from the original instance ID",
        ),
        (0, {"source_instance_id": "x"}, MISSING, "workflow instance does not exist with ID 'x'"),
        (0, {"source_instance_id": "d"}, INVALID, "'d' is not in a terminal state"),
        (7, {}, MISSING, "does not have history event with ID '7'"),
        (
            4,
            {},
            MISSING,
            "target event '*protos.HistoryEvent_ExecutionCompleted' with ID '4' is not an event that can be rerun",
        ),
        (
            2**32 - 1,
            {},
            MISSING,
            "target event '*protos.HistoryEvent_WorkflowStarted' with ID '-1' is not an event that can be rerun",
        ),
        (1, {"overwrite_input": True}, INVALID, "cannot write input to timer event '1'"),
        (
            1,
            {"new_child_workflow_instance_id": "k"},
            INVALID,
            "cannot set new child workflow instance ID on timer event '1'",
        ),
        (
            0,
            {"new_child_workflow_instance_id": "k"},
            INVALID,
            "cannot set new child workflow instance ID on activity event '0'",
        ),
        (3, {}, INVALID, "cannot rerun detached workflow event '3'"),
        (0, {"new_instance_id": "d"}, Code.ALREADY_EXISTS, "workflow 'd' has already been created"),
    ],
)
def test_refusals(number: int, more: dict[str, object], code: Code, message: str) -> None:
    rig = mixed()
    assert refusal_of(rig, number, **more) == (code, message)
    assert not rig.exists("n")
    assert not rig.items


def test_a_child_is_not_run_again_by_itself() -> None:
    rig = family()
    assert refusal_of(rig, source_instance_id="i:0000") == (INVALID, "'i:0000': cannot rerun from child-workflows")


def test_what_is_wrong_first_is_said_first() -> None:
    rig = mixed()
    assert refusal_of(rig, 99, new_instance_id="d")[1] == "does not have history event with ID '99'"
    assert refusal_of(rig, 99, source_instance_id="d", new_instance_id="i")[1] == "'d' is not in a terminal state"
    assert refusal_of(rig, 99, source_instance_id="", new_instance_id="")[1].endswith("is required")


def test_a_failed_instance_can_be_run_again_and_one_that_was_run_again_too() -> None:
    rig = started()
    rig.answer(task())
    rig.perform()
    rig.answer(complete(FAILED), first=1)
    assert rerun(rig, 0) == "n"
    rig.perform()
    rig.answer(complete(), first=1)
    assert rerun(rig, 0, source_instance_id="n", new_instance_id="m") == "m"
    body = event_of(rig.history("m"), 0).body
    assert isinstance(body, TaskScheduled)
    assert body.rerun_parent_instance_info == RerunParentInstanceInfo(instance_id="n")


def test_an_end_that_the_source_had_come_to_is_none_of_the_new_instance() -> None:
    rig = started()
    rig.answer(complete(), task(), first=0)
    rig.items.clear()
    rerun(rig, 1)
    assert kinds(rig.history("n")) == ["WorkflowStarted", "ExecutionStarted", "TaskScheduled"]
    assert rig.state("n").workflow_status == OrchestrationStatus.RUNNING


def test_versions_and_patches_of_kept_turns_are_known() -> None:
    rig = started()
    version = WorkflowVersion(patches=("p",), name="v1")
    rig.answer(task(), version=version)
    rig.perform()
    rig.answer(complete(), first=1, version=version)
    rerun(rig, 0)
    assert (rig.inside("n").patches, rig.inside("n").version_name) == (("p",), "v1")


@pytest.mark.parametrize("kept", ["memory", "sqlite"])
def test_what_was_begun_again_survives_a_restart(kept: str, tmp_path: Path) -> None:
    store = MemoryStore() if kept == "memory" else SqliteStore(tmp_path / "e.sqlite")
    rig = source(started(store=store))
    rerun(rig)
    history = rig.history("n")
    rig.items.clear()
    again = rig.restarted()
    again.connect()
    assert again.history("n") == history
    assert {again.perform().name for _ in range(2)} == {"b", "c"}
    store.close()


def test_the_start_is_that_of_the_source() -> None:
    rig = source()
    rerun(rig)
    [was] = [e for e in rig.history() if isinstance(e.body, ExecutionStarted)]
    [now] = [e for e in rig.history("n") if isinstance(e.body, ExecutionStarted)]
    assert was == now


def test_durabletask_go_does_not_serve_it() -> None:
    rig = started(DURABLETASK_GO)
    rig.answer(task())
    assert refusal_of(rig, 0) == (Code.UNIMPLEMENTED, "not implemented")
