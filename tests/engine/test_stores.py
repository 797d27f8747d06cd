"""What every store must do, and what only a file does: an engine that is started again goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dwconf.engine.core.store import Store
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.sqlite import SqliteStore, StoreError
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateInstanceRequest,
    CreateTimer,
    EventRaised,
    ExecutionSuspended,
    HistoryEvent,
    OrchestrationStatus,
    PurgeInstancesRequest,
    ScheduleTask,
    TaskCompleted,
    TaskFailureDetails,
    TimerFired,
    TimerOriginExternalEvent,
    WorkflowRequest,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)
from tests.engine.rig import CONTINUED, DAWN, FAILED, SECOND, Rig, complete, kinds

FAR_AWAY = 253_402_300_799_999_999_999
Reopen = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite", "sqlite-full"])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """A store, opened anew by each call; what was kept is still there."""
    memory, opened = MemoryStore(), list[SqliteStore]()

    def memory_again() -> Store:
        return memory

    def file_again() -> Store:
        while opened:
            opened.pop().close()
        opened.append(SqliteStore(tmp_path / "e.sqlite", durable="full" if "full" in request.param else "normal"))
        return opened[0]

    yield memory_again if request.param == "memory" else file_again
    while opened:
        opened.pop().close()


def again(rig: Rig, reopen: Reopen) -> Rig:
    rig.store = reopen()
    return rig.restarted()


def test_everything_of_an_instance_survives(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    rig.start(request=CreateInstanceRequest(instance_id="i", name="wf", input="1", tags=(("a", "b"),)))
    rig.answer(
        ScheduleTask(name="a"),
        CreateTimer(fire_at=FAR_AWAY, origin=TimerOriginExternalEvent(name="E")),
        CreateChildWorkflow(name="n"),
        custom_status="busy",
        version=WorkflowVersion(patches=("p",), name="v"),
    )
    rig.tell(ExecutionSuspended())
    rig.raise_event("X", "1")
    before, shown, history = rig.inside(), rig.state(), rig.history()
    child = rig.inside("i:0002")
    rig = again(rig, reopen)
    assert rig.inside() == before
    assert rig.state() == shown
    assert rig.history() == history
    assert rig.inside("i:0002") == child
    assert rig.hub.next_deadline() == FAR_AWAY


def test_a_stall_survives(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    rig.start()
    rig.answer(ScheduleTask(name="a"), version=WorkflowVersion(name="v1"))
    rig.perform('"kept"')
    rig.answer(WorkflowVersionNotAvailable())
    before, history = rig.inside(), rig.history()
    rig = again(rig, reopen)
    assert rig.inside() == before
    assert rig.state().workflow_status == OrchestrationStatus.STALLED
    assert rig.history() == history
    rig.connect()
    assert kinds(rig.answer(complete(), first=1).new_events) == ["WorkflowStarted", "TaskCompleted"]
    rig = again(rig, reopen)
    assert rig.state().workflow_status == OrchestrationStatus.COMPLETED
    assert rig.history()[: len(history)] == history


def test_queued_events_activities_and_turns_are_dispatched_after_a_restart(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    rig.start()
    rig.answer(ScheduleTask(name="a"), ScheduleTask(name="b"))
    old, token = rig.activity()
    rig.raise_event("E")
    rig = again(rig, reopen)
    rig.done(old, token, result='"old"')
    rig.connect()
    assert {type(item.request).__name__ for _, item in rig.items} == {"ActivityRequest", "WorkflowRequest"}
    names = [getattr(item.request, "name", "turn") for _, item in rig.items]
    assert sorted(names) == ["a", "b", "turn"]
    assert all(item.completion_token != token for _, item in rig.items)


def test_timers_and_delayed_starts_survive(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    rig.start()
    rig.answer(CreateTimer(fire_at=DAWN + 10 * SECOND))
    rig.start(request=CreateInstanceRequest(instance_id="d", name="wf", scheduled_start_timestamp=DAWN + 5 * SECOND))
    rig = again(rig, reopen)
    rig.connect()
    assert rig.items == []
    rig.advance(5 * SECOND)
    assert rig.answer().instance_id == "d"
    rig.advance(5 * SECOND)
    assert rig.answer().new_events[-1].body == TimerFired(fire_at=DAWN + 10 * SECOND)


def test_a_chain_with_a_restart_at_every_step(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.start()
    for number in range(4):
        rig = again(rig, reopen)
        rig.connect()
        rig.answer(ScheduleTask(name="a"), first=number)
        rig = again(rig, reopen)
        rig.connect()
        rig.perform(str(number))
    rig.answer(complete(result='"done"'), first=4)
    rig = again(rig, reopen)
    results = [event.body.result for event in rig.history() if isinstance(event.body, TaskCompleted)]
    assert results == ["0", "1", "2", "3"]
    assert (rig.state().workflow_status, rig.state().output) == (OrchestrationStatus.COMPLETED, '"done"')


def test_generations_replace_each_other(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    rig.start()
    carried = HistoryEvent(event_id=-1, body=EventRaised(name="kept"))
    for number in range(3):
        rig.raise_event(f"E{number}")
        rig.answer(CompleteWorkflow(workflow_status=CONTINUED, carryover_events=(carried,)))
        rig = again(rig, reopen)
        rig.connect()
    request = rig.answer(complete())
    assert kinds(request.new_events) == ["WorkflowStarted", "ExecutionStarted", "EventRaised", "EventRaised"]
    rig = again(rig, reopen)
    assert rig.history()[:4] == request.new_events


def test_failures_and_purges_are_kept(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    details = TaskFailureDetails(error_type="T", inner_failure=TaskFailureDetails(error_message="deep"))
    for name in ("a", "b"):
        rig.start(name)
    for _ in ("a", "b"):
        turn = next(item for item in rig.items if isinstance(item[1].request, WorkflowRequest))
        rig.items.remove(turn)
        rig.items.insert(0, turn)
        rig.answer(ScheduleTask(name="x"), CompleteWorkflow(workflow_status=FAILED, failure_details=details))
    rig.purge(PurgeInstancesRequest(instance_id="a"))
    rig = again(rig, reopen)
    assert not rig.exists("a")
    assert rig.history("b")[-1].body is not None
    assert rig.state("b").failure_details == details
    rig.items.clear()
    rig.connect()
    assert len(rig.items) == 1


def test_an_id_that_is_used_again_has_no_past(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    rig.connect()
    rig.start()
    rig.answer(complete(result='"old"'))
    rig.start()
    rig = again(rig, reopen)
    assert rig.history() == ()
    assert rig.state().output is None
    assert rig.state().workflow_status == OrchestrationStatus.PENDING


def test_ids_are_listed_in_order(reopen: Reopen) -> None:
    rig = Rig(store=reopen())
    for name in ("b", "ü", "a", "c"):
        rig.start(name)
    assert list(rig.store.ids(None, None)) == ["a", "b", "c", "ü"]
    assert list(rig.store.ids("a", 2)) == ["b", "c"]


def test_a_file_that_is_no_store_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("this is not a database, but it is long enough to look at" * 20)
    with pytest.raises(StoreError, match=r"notes\.txt"):
        SqliteStore(path)


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "e.sqlite")
    store._db.execute("PRAGMA user_version=99")
    store.close()
    with pytest.raises(StoreError, match="another version"):
        SqliteStore(tmp_path / "e.sqlite")
