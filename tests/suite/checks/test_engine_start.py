"""Whether a delayed start was early can be told only of an engine that is quick enough to be early."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dwconf.suite.checks.engine.start import no_turn_comes_before_its_time
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    CreateInstanceRequest,
    ExecutionStarted,
    HistoryEvent,
    WorkflowRequest,
    WorkflowStarted,
    WorkItem,
)

SECOND = 10**9
START = TASK_HUB.methods["StartInstance"].path
STREAM = TASK_HUB.methods["GetWorkItems"].path


def started(*, due_after: float, delayed_after: float) -> Evidence:
    """A start that lies a second ahead and one that is due, both at 0, and their turns so many seconds later."""
    now = [0]
    tape = Tape("engine/start/scheduled", clock=lambda: now[0])
    for name, at in (("past-started", None), ("started", SECOND)):
        request = CreateInstanceRequest(instance_id=name, name="wf", scheduled_start_timestamp=at)
        record = tape.add(Actor.SUITE, Kind.REQUEST, method=START, payload=encode(request))
        tape.add(Actor.HARNESS, Kind.STEP, text=name, fields={"ref": record.number})
    for name, step, after in (("past-started", "past-first", due_after), ("started", "first", delayed_after)):
        now[0] = int(after * SECOND)
        bodies = (WorkflowStarted(), ExecutionStarted(name="wf"))
        events = tuple(HistoryEvent(event_id=-1, body=body) for body in bodies)
        item = WorkItem(request=WorkflowRequest(instance_id=name, new_events=events))
        record = tape.add(Actor.TARGET, Kind.ITEM, call=1, method=STREAM, payload=encode(item))
        tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": record.number})
    return Evidence(tape.records)


def found(evidence: Evidence) -> Iterator[str]:
    return (finding.expected for finding in no_turn_comes_before_its_time(evidence))


def test_a_start_in_time_is_right_and_one_before_is_early() -> None:
    assert not list(found(started(due_after=0.1, delayed_after=1.1)))
    assert list(found(started(due_after=0.1, delayed_after=0.5))) == ["no turn before the time"]


def test_an_engine_that_is_late_with_everything_shows_nothing() -> None:
    with pytest.raises(NoEvidence):
        list(found(started(due_after=1.2, delayed_after=1.3)))
