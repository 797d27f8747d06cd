from __future__ import annotations

from dwconf.wire.values import (
    CreateTimer,
    EventRaised,
    ScheduleTask,
)
from tests.engine.rig import kinds, started


def test_each_turns_past_is_the_committed_history() -> None:
    rig = started()
    for number in range(4):
        committed = rig.history() if number else ()
        request = rig.answer(ScheduleTask(name="a"), first=number)
        assert request.past_events == committed
        rig.perform()


def test_events_from_outside_have_no_id() -> None:
    rig = started()
    rig.raise_event()
    rig.answer(ScheduleTask(name="a"), CreateTimer(fire_at=rig.now))
    rig.perform()
    while rig.items:
        rig.answer()
    recorded = {kind: event.event_id for kind, event in zip(kinds(rig.history()), rig.history(), strict=True)}
    outside = {"WorkflowStarted", "ExecutionStarted", "EventRaised", "TaskCompleted", "TimerFired"}
    assert {kind: number for kind, number in recorded.items() if number == -1} == dict.fromkeys(outside, -1)


def test_late_events_form_a_later_turn_in_order() -> None:
    rig = started()
    rig.answer()
    rig.raise_event("E1")
    for name in ("E2", "E3"):
        rig.raise_event(name)
    assert len(rig.items) == 1
    first, second = rig.answer(), rig.answer()
    names = [[e.body.name for e in r.new_events if isinstance(e.body, EventRaised)] for r in (first, second)]
    assert names == [["E1"], ["E2", "E3"]]
