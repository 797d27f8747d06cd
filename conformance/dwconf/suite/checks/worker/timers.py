"""Checks about timers (chapter E)."""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, asks_nothing, completes, goes_on, schedules
from dwconf.suite.trace.words import instant
from dwconf.wire.values import CreateTimer, TimerOriginCreateTimer, WorkflowStarted

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
DAY = 86_400 * SECOND
PRECISION = MILLISECOND
"""SDKs keep their clock in nanoseconds to milliseconds, so a fire time may be this far from the exact one."""


def turn_time(e: Evidence, step: str) -> int:
    """When the turn of a step began, on the workflow's clock."""
    begun = [event.timestamp or 0 for event in e.item(f"{step}/sent").new(WorkflowStarted)]
    return begun[-1] if begun else 0


def timers(given: Answer) -> Iterator[CreateTimer]:
    """The timers that an answer asks for."""
    return (timer for _, timer in given.of(CreateTimer))


def some_timers(given: Answer) -> list[CreateTimer]:
    """The timers that an answer asks for; without one there is no evidence."""
    found = list(timers(given))
    if not found:
        raise NoEvidence("a timer")
    return found


def fires_after(e: Evidence, step: str, delay: int) -> Findings:
    """The answer to a step asks for one timer, that fires `delay` nanoseconds after the turn began."""
    given, due_at = answer(e, step, due=True), turn_time(e, step) + delay
    fire_times = [timer.fire_at for timer in timers(given)]
    if len(fire_times) != 1 or fire_times[0] is None or abs(fire_times[0] - due_at) > PRECISION:
        expected = f"one createTimer with the fire time {instant(due_at)}"
        yield Finding(expected=expected, seen=str(given), at=given.at)


@check("worker/timers/fire-time", "worker/timers/two-timers")
def a_timer_fires_the_delay_after_its_turn(e: Evidence) -> Findings:
    yield from fires_after(e, "first", 2 * DAY + 30 * SECOND)
    yield from fires_after(e, "second", 5_250 * MILLISECOND)


@check("worker/timers/origin-create-timer", "worker/timers/two-timers")
def the_origin_is_that_of_a_timer(e: Evidence) -> Findings:
    given = answer(e, "first")
    for timer in some_timers(given):
        if not isinstance(timer.origin, TimerOriginCreateTimer):
            yield Finding(expected="the origin createTimer", seen=str(given), at=given.at)


@check("worker/timers/fired-resumes", "worker/timers/two-timers")
def the_code_goes_on_when_its_timer_fires(e: Evidence) -> Findings:
    yield from schedules(answer(e, "fired", due=True), 1)
    yield from completes(answer(e, "last", due=True), "done")


@check("worker/timers/zero-delay", "worker/timers/no-delay")
def a_timer_without_delay_goes_through_the_engine(e: Evidence) -> Findings:
    for step in ("zero", "negative"):
        given = answer(e, step, due=True)
        fire_times = [timer.fire_at for timer in timers(given)]
        if len(fire_times) != 1 or given.end is not None or (fire_times[0] or 0) > turn_time(e, step) + PRECISION:
            expected = f"one createTimer that fires at {instant(turn_time(e, step))} or before, and no completion"
            yield Finding(expected=expected, seen=str(given), at=given.at)
        else:
            yield from completes(answer(e, f"{step}/last", due=True), "done")


@check("worker/timers/abandoned-timer-ignored", "worker/timers/abandoned")
def the_timer_of_an_answered_wait_changes_nothing(e: Evidence) -> Findings:
    yield from goes_on(answer(e, "raised"))
    yield from asks_nothing(answer(e, "fired", due=True), because="the wait is over and an activity is awaited")
    yield from completes(answer(e, "last", due=True), "event")


@check("worker/timers/abandoned-timer-ignored", "worker/timers/event-before-timer")
def a_timer_behind_the_event_in_one_turn_changes_nothing(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "event")
