"""Checks of children and lifecycle that tell right from wrong by more than one comparison."""

from __future__ import annotations

import pytest

from dwconf.suite.checks.engine.children import the_occupant_is_left_alone
from dwconf.suite.checks.engine.continue_as_new import no_generation_comes_twice
from dwconf.suite.checks.engine.queries import a_wait_for_nobody_does_as_declared
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    EventBody,
    EventRaised,
    ExecutionStarted,
    HistoryEvent,
    TimerFired,
    WorkflowRequest,
    WorkflowStarted,
    WorkItem,
)

STREAM = TASK_HUB.methods["GetWorkItems"].path
WAIT = TASK_HUB.methods["WaitForInstanceCompletion"].path


def turn(tape: Tape, *bodies: EventBody, step: str = "") -> None:
    """A turn of the instance `i` with these events behind a workflowStarted."""
    events = tuple(HistoryEvent(event_id=-1, body=body) for body in (WorkflowStarted(), *bodies))
    item = WorkItem(request=WorkflowRequest(instance_id="i", new_events=events), completion_token="t")
    record = tape.add(Actor.TARGET, Kind.ITEM, call=1, method=STREAM, payload=encode(item))
    if step:
        tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": record.number})


def generations(*inputs: str) -> Evidence:
    tape = Tape("engine/continue-as-new/thirty")
    for each in inputs:
        turn(tape, ExecutionStarted(input=each))
    return Evidence(tape.records)


def test_a_chain_without_repetition_is_right() -> None:
    assert not list(no_generation_comes_twice(generations("0", "1", "2")))


def test_a_generation_that_comes_back_is_found() -> None:
    found = list(no_generation_comes_twice(generations("0", "1", "0", "1")))
    assert [finding.seen for finding in found] == ["generation 0 2 times"]


def test_one_generation_is_no_chain() -> None:
    with pytest.raises(NoEvidence):
        list(no_generation_comes_twice(generations("0")))


def waits(code: str, choice: str | None) -> Evidence:
    tape = Tape("engine/queries/nobody")
    for step in ("end-awaited", "start-awaited"):
        call = tape.add(Actor.SUITE, Kind.REQUEST, method=WAIT)
        tape.add(Actor.TARGET, Kind.STATUS, call=call.number, method=WAIT, code=code)
        tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": call.number})
    return Evidence(tape.records, {} if choice is None else {"wait-unknown": choice})


@pytest.mark.parametrize(
    ("code", "choice", "kept"),
    [
        ("DEADLINE_EXCEEDED", "parks", True),
        ("UNKNOWN", "parks", False),
        ("UNKNOWN", "fails", True),
        ("DEADLINE_EXCEEDED", "fails", False),
        ("UNKNOWN", None, True),
        ("DEADLINE_EXCEEDED", None, True),
        ("OK", None, False),
    ],
)
def test_a_wait_for_nobody_is_held_to_its_profile(code: str, choice: str | None, kept: bool) -> None:  # noqa: FBT001
    assert (not list(a_wait_for_nobody_does_as_declared(waits(code, choice)))) is kept


def occupant(*turns: tuple[EventBody, ...]) -> Evidence:
    tape = Tape("engine/children/occupied")
    turn(tape, ExecutionStarted(), step="occupant")
    for bodies in turns:
        turn(tape, *bodies, step="end")
    for step in ("occupant-history", "occupant-history-then"):
        call = tape.add(Actor.SUITE, Kind.REQUEST, method=TASK_HUB.methods["GetInstanceHistory"].path)
        tape.add(Actor.TARGET, Kind.STATUS, call=call.number, method=call.method, code="UNIMPLEMENTED")
        tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": call.number})
    return Evidence(tape.records)


def test_an_occupant_gets_its_own_events() -> None:
    assert not list(the_occupant_is_left_alone(occupant((EventRaised(name="ping"),), (EventRaised(name="end"),))))


def test_a_turn_that_brings_nothing_is_allowed() -> None:
    assert not list(the_occupant_is_left_alone(occupant((), (EventRaised(name="end"),))))


@pytest.mark.parametrize("alien", [(TimerFired(timer_id=1),), (EventRaised(name="ping"), ExecutionStarted())])
def test_an_occupant_that_is_disturbed_is_found(alien: tuple[EventBody, ...]) -> None:
    assert len(list(the_occupant_is_left_alone(occupant(alien, (EventRaised(name="end"),))))) == 1
