from __future__ import annotations

import pytest

from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.values import CreateTimer, ExecutionSuspended, TimerFired, TimerOriginExternalEvent
from tests.engine.rig import CONTINUED, DAWN, SECOND, complete, kinds, started

NEVER = 253_402_300_799_999_999_999


def test_a_timer_fires_at_its_time_and_not_before() -> None:
    rig = started()
    rig.answer(CreateTimer(fire_at=DAWN + 10 * SECOND), first=3)
    rig.advance(10 * SECOND - 1)
    assert rig.items == []
    rig.advance(1)
    event = rig.answer().new_events[-1]
    assert event.body == TimerFired(timer_id=3, fire_at=DAWN + 10 * SECOND)
    assert (event.event_id, event.router, event.timestamp) == (-1, None, DAWN + 10 * SECOND)


@pytest.mark.parametrize("fire_at", [DAWN - SECOND, DAWN, 0, None], ids=["past", "now", "epoch", "unset"])
def test_a_timer_that_is_due_fires_in_the_next_turn(fire_at: int | None) -> None:
    rig = started()
    rig.answer(CreateTimer(fire_at=fire_at))
    assert rig.answer().new_events[-1].body == TimerFired(fire_at=fire_at)


def test_timers_that_are_due_together_all_fire() -> None:
    rig = started()
    rig.answer(*[CreateTimer(fire_at=DAWN + SECOND) for _ in range(3)])
    rig.advance(SECOND)
    fired = []
    while rig.items:
        events = rig.answer().new_events
        fired += [event.body.timer_id for event in events if isinstance(event.body, TimerFired)]
    assert fired == [0, 1, 2]


def test_a_timer_for_ever_is_accepted() -> None:
    rig = started()
    rig.answer(CreateTimer(fire_at=NEVER))
    rig.advance(1_000 * 86_400 * SECOND)
    assert rig.items == []
    assert rig.hub.next_deadline() == NEVER


def test_timers_run_while_suspended() -> None:
    rig = started()
    rig.answer(CreateTimer(fire_at=DAWN + SECOND))
    rig.tell(ExecutionSuspended())
    rig.answer()
    rig.advance(SECOND)
    assert kinds(rig.answer().new_events) == ["WorkflowStarted", "TimerFired"]


@pytest.mark.parametrize("waiting", [False, True], ids=["pending", "fired-and-queued"])
def test_a_timer_does_not_cross_generations(waiting: bool) -> None:  # noqa: FBT001
    rig = started()
    rig.answer(CreateTimer(fire_at=DAWN + SECOND))
    rig.raise_event()
    turn = rig.items[0]
    if waiting:
        rig.advance(SECOND)
    rig.items[:] = [turn]
    rig.answer(complete(CONTINUED), first=1)
    assert kinds(rig.answer().new_events) == ["WorkflowStarted", "ExecutionStarted"]
    rig.advance(SECOND)
    assert rig.items == []


def test_an_end_silences_timers() -> None:
    rig = started()
    rig.answer(CreateTimer(fire_at=DAWN + SECOND), complete())
    assert rig.hub.next_deadline() is None


def wait(name: str, seconds: int) -> CreateTimer:
    return CreateTimer(fire_at=DAWN + seconds * SECOND, origin=TimerOriginExternalEvent(name=name))


def test_an_event_stops_the_oldest_timer_of_its_wait_alone() -> None:
    rig = started()
    rig.answer(wait("E", 1), wait("e", 2), wait("F", 3), CreateTimer(fire_at=DAWN + 4 * SECOND))
    rig.raise_event("E")
    rig.answer()
    fired = []
    for _ in range(4):
        rig.advance(SECOND)
        while rig.items:
            events = rig.answer().new_events
            fired += [event.body.timer_id for event in events if isinstance(event.body, TimerFired)]
    assert fired == [1, 2, 3]


def test_a_timer_made_in_the_turn_of_an_event_is_not_stopped_by_it() -> None:
    rig = started()
    rig.raise_event("E")
    rig.answer()
    rig.answer(wait("E", 1))
    rig.advance(SECOND)
    assert kinds(rig.answer().new_events) == ["WorkflowStarted", "TimerFired"]


def test_in_the_other_profile_an_event_stops_nothing() -> None:
    rig = started(DURABLETASK_GO)
    rig.answer(wait("E", 1))
    rig.raise_event("E")
    rig.answer()
    rig.advance(SECOND)
    assert kinds(rig.answer().new_events) == ["WorkflowStarted", "TimerFired"]
