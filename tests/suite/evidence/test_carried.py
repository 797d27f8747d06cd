"""What was carried over is known as long as a history can show it, and no longer."""

from __future__ import annotations

from dataclasses import replace

from dwconf.suite.evidence import Item
from dwconf.suite.evidence.carried import Carried, holds
from dwconf.wire.values import (
    CompleteWorkflow,
    EventRaised,
    HistoryEvent,
    OrchestrationStatus,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkItem,
)


def kept(name: str) -> HistoryEvent:
    return HistoryEvent(event_id=7, timestamp=1, body=EventRaised(name=name))


def turn(execution: str, instance_id: str = "i") -> Item:
    request = WorkflowRequest(instance_id=instance_id, execution_id=execution)
    return Item(number=1, stream=1, clock=0, data=b"", item=WorkItem(request=request))


def renewal(*events: HistoryEvent, instance_id: str = "i") -> WorkflowResponse:
    end = CompleteWorkflow(workflow_status=OrchestrationStatus.CONTINUED_AS_NEW, carryover_events=events)
    return WorkflowResponse(instance_id=instance_id, actions=(WorkflowAction(id=0, body=end),))


def test_a_generation_shows_what_the_one_before_passed_on() -> None:
    carried = Carried()
    carried.turn(turn("first"))
    assert carried.into("i") == frozenset()
    carried.answer(renewal(kept("a")))
    carried.turn(turn("second"))
    assert carried.into("i") == frozenset({kept("a")})
    carried.turn(turn("second"))
    carried.answer(renewal(kept("b")))
    assert carried.into("i") == frozenset({kept("a"), kept("b")})
    assert carried.into("another") == frozenset()


def test_fields_that_we_do_not_know_make_no_other_event() -> None:
    carried = Carried()
    carried.turn(turn("first"))
    carried.answer(renewal(replace(kept("a"), unknown=b"\xf8\x07\x01")))
    shown = carried.into("i")
    assert shown is not None
    assert holds(shown, replace(kept("a"), unknown=b"\xf0\x07\x02"))
    assert not holds(shown, kept("b"))


def test_a_generation_that_no_history_shows_any_more_is_dropped() -> None:
    carried = Carried()
    for generation in range(50):
        carried.turn(turn(f"{generation}"))
        carried.answer(renewal(*(kept(f"{generation}/{number}") for number in range(20))))
    seen = carried.into("i")
    assert seen is not None
    assert len(seen) == 40


def test_what_was_forgotten_is_not_taken_for_nothing() -> None:
    carried = Carried()
    carried.turn(turn("first"))
    carried.forget("i")
    assert carried.into("i") == frozenset()
    carried.turn(turn("first"))
    carried.answer(renewal(kept("a")))
    carried.forget("i")
    assert carried.into("i") is None
    carried.turn(turn("second"))
    assert carried.into("i") == frozenset()
