"""Checks of the connection that look at when something came, and convict or clear only where that can tell."""

from __future__ import annotations

import pytest

from dwconf.suite.checks.registry import Judge
from dwconf.suite.checks.worker.connection import (
    a_refused_worker_does_not_try_in_a_hot_loop,
    a_result_outlives_its_stream,
    a_stopping_worker_delivers_what_is_running,
    an_idle_worker_shows_that_it_lives,
)
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.trace.record import Actor, Kind, Record, Tape
from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import ActivityRequest, ActivityResponse, TaskFailureDetails, WorkflowInstance, WorkItem

STREAM, HELLO, DONE = (TASK_HUB.methods[name].path for name in ("GetWorkItems", "Hello", "CompleteActivityTask"))
SECOND = 1_000_000_000


def window(seconds: int, *tries: float, doubtful: int = 0) -> Evidence:
    """A window of so many seconds, and as many `doubtful` ones, with a stream opened at each of these moments."""
    half = seconds / 2
    steps = [(0, "opens", 0.0), (half, "half", half), (half, "half-gone", 0), (seconds, "closes", half)]
    if doubtful:
        steps += [(seconds, "in-doubt", 0), (seconds + doubtful, "out-of-doubt", doubtful)]
    made: list[Record] = []
    for at, text, lasted in sorted([*steps, *((at, "", 0.0) for at in tries)], key=lambda step: step[0]):
        number, nanos = len(made) + 1, round(at * SECOND)
        if text:
            fields: dict[str, str | int | float | bool | None] = {"seconds": lasted}
            made.append(Record(number, nanos, nanos, "case", Actor.HARNESS, Kind.STEP, text=text, fields=fields))
        else:
            made.append(Record(number, nanos, nanos, "case", Actor.TARGET, Kind.OPEN, method=STREAM))
    return Evidence(made)


def rate(gap: float, seconds: float) -> tuple[float, ...]:
    return tuple(0.01 + number * gap for number in range(int(seconds / gap)))


def test_half_a_minutes_number_in_a_moment_is_a_hot_loop() -> None:
    e = window(3, *rate(0.04, 2.4))
    assert [f.seen for f in a_refused_worker_does_not_try_in_a_hot_loop(e)] == ["60 attempts in 3.0 s"]


def test_who_slows_down_passes() -> None:
    assert not list(a_refused_worker_does_not_try_in_a_hot_loop(window(3, 0.1, 0.3, 0.7, 1.7)))


@pytest.mark.parametrize("tries", [(), rate(0.25, 3)], ids=["no attempt", "a fast rate"])
def test_a_short_window_cannot_tell(tries: tuple[float, ...]) -> None:
    with pytest.raises(NoEvidence):
        list(a_refused_worker_does_not_try_in_a_hot_loop(window(3, *tries)))


def test_half_a_minute_can() -> None:
    assert not list(a_refused_worker_does_not_try_in_a_hot_loop(window(30, *rate(0.6, 30))))
    assert list(a_refused_worker_does_not_try_in_a_hot_loop(window(30, *rate(0.4, 30))))
    assert not list(a_refused_worker_does_not_try_in_a_hot_loop(window(3, *rate(0.25, 3), doubtful=27)))
    assert list(a_refused_worker_does_not_try_in_a_hot_loop(window(3, *rate(0.25, 20), doubtful=27)))


def call(tape: Tape, method: str, payload: bytes = b"") -> int:
    asked = tape.add(Actor.TARGET, Kind.REQUEST, method=method, payload=payload)
    tape.add(Actor.SUITE, Kind.RESPONSE, call=asked.number, method=method, code="OK")
    return asked.number


def step(tape: Tape, name: str, ref: int = 0, **fields: int) -> None:
    tape.add(Actor.HARNESS, Kind.STEP, text=name, fields={"ref": ref, **fields})


@pytest.mark.parametrize(
    ("hellos", "pings", "lives"),
    [(0, 0, False), (1, 0, False), (0, 1, False), (1, 1, True), (2, 0, True), (0, 9, True)],
)
def test_two_signs_of_life_are_due(hellos: int, pings: int, lives: bool) -> None:  # noqa: FBT001
    tape = Tape("case")
    call(tape, HELLO)
    step(tape, "opens")
    for _ in range(hellos):
        call(tape, HELLO)
    step(tape, "closes")
    step(tape, "counted", pings=pings)
    assert bool(list(an_idle_worker_shows_that_it_lives(Evidence(tape.records)))) is not lives


def running(when: str, *, before: bool, failure: str = "") -> Evidence:
    """An activity whose result comes before or after what happens at the step `when`."""
    tape = Tape("case")
    instance = WorkflowInstance(instance_id="i")
    item = WorkItem(request=ActivityRequest(name="block", workflow_instance=instance), completion_token="t")
    step(tape, "block/sent", tape.add(Actor.SUITE, Kind.ITEM, call=1, method=STREAM, payload=encode(item)).number)
    step(tape, "fence", call(tape, HELLO))
    if not before:
        step(tape, when)
    details = TaskFailureDetails(error_message=failure) if failure else None
    result = call(tape, DONE, encode(ActivityResponse(instance_id="i", completion_token="t", failure_details=details)))
    if before:
        step(tape, when)
    step(tape, "result", result)
    return Evidence(tape.records)


OUTLIVING = pytest.mark.parametrize(
    ("judge", "when"),
    [(a_stopping_worker_delivers_what_is_running, "stopping"), (a_result_outlives_its_stream, "ended")],
)


@OUTLIVING
def test_a_result_that_came_before_says_nothing(judge: Judge, when: str) -> None:
    with pytest.raises(NoEvidence):
        list(judge(running(when, before=True)))


@OUTLIVING
def test_a_result_that_came_after_is_judged(judge: Judge, when: str) -> None:
    assert not list(judge(running(when, before=False)))
    assert list(judge(running(when, before=False, failure="cancelled")))
