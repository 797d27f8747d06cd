"""Checks about external events (chapter F)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.checks.worker.timers import SECOND, fires_after, timers
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.answers import Answer, answer, as_json, asks_nothing, completes, ends, goes_on, schedules
from dwconf.wire.values import CreateTimer, OrchestrationStatus, ScheduleTask, TimerOriginExternalEvent

READ = [{"a": [1, None, "é"]}, None, None, 0, False]
"""What code reads of the payloads that the cases send."""
FOREVER = 253_402_300_799_999_999_999


@check("worker/events/early-event-buffered", "worker/events/buffered")
def an_event_before_the_wait_ends_it_at_once(e: Evidence) -> Findings:
    yield from schedules(answer(e, "first", due=True), 1)
    yield from completes(answer(e, "last", due=True), "early")


@check("worker/events/fifo", "worker/events/in-order")
def each_event_ends_the_oldest_wait(e: Evidence) -> Findings:
    yield from goes_on(answer(e, "waiting/one", due=True))
    yield from completes(answer(e, "waiting/last", due=True), ["first", "second"])


@check("worker/events/fifo", "worker/events/in-order")
def each_wait_takes_the_oldest_event(e: Evidence) -> Findings:
    yield from completes(answer(e, "buffered/last", due=True), ["first", "second"])


@check("worker/events/fifo", "worker/events/equal-events")
def equal_events_are_two(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), ["same", "same"])


@check("worker/events/case-insensitive-names", "worker/events/other-case")
def a_name_in_another_case_ends_the_wait(e: Evidence) -> Findings:
    yield from completes(answer(e, "waiting/last", due=True), "after")


@check("worker/events/case-insensitive-names", "worker/events/other-case")
def a_buffered_name_in_another_case_ends_the_wait(e: Evidence) -> Findings:
    yield from completes(answer(e, "buffered/last", due=True), "before")


@check("worker/events/payload-decoded", "worker/events/payloads")
def payloads_are_json_and_none_is_null(e: Evidence) -> Findings:
    yield from completes(answer(e, "raised-false", due=True), READ)


@check("worker/events/payload-decoded", "worker/events/buffered-payloads")
def payloads_that_were_buffered_are_no_others(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), READ)


def for_event(given: Answer, name: str) -> Findings:
    """The timers of an answer say that they limit the wait for an event."""
    for timer in timers(given):
        origin = timer.origin
        if not isinstance(origin, TimerOriginExternalEvent) or origin.name.casefold() != name.casefold():
            yield Finding(expected=f"the origin externalEvent with the name {name!r}", seen=str(given), at=given.at)


@check("worker/events/timeout-timer", "worker/events/timeout")
def a_limited_wait_has_a_timer_that_names_the_event(e: Evidence) -> Findings:
    yield from fires_after(e, "first", 10 * SECOND)
    yield from for_event(answer(e, "first"), "E")


@check("worker/events/optional-timer", "worker/events/no-timeout")
def an_unlimited_wait_has_a_timer_that_never_fires(e: Evidence) -> Findings:
    given = answer(e, "first", due=True)
    if [timer.fire_at for timer in timers(given)] != [FOREVER]:
        expected = "one createTimer with the fire time 9999-12-31T23:59:59.999999999Z"
        yield Finding(expected=expected, seen=str(given), at=given.at)
    yield from for_event(given, "E")


@check("worker/events/history-without-optional-timer", "worker/events/without-optional-timer")
def a_history_without_optional_timer_replays(e: Evidence) -> Findings:
    """A worker that creates none has nothing to give way: for it this is its own history."""
    given = answer(e, "second", due=True)
    yield from schedules(given, 2)
    optional = [number for number, timer in answer(e, "learned").of(CreateTimer) if timer.fire_at == FOREVER]
    for task, _ in given.of(ScheduleTask):
        if optional and task != optional[0] + 1:
            yield Finding(expected=f"the id {optional[0] + 1}, without a gap", seen=str(given), at=given.at)
    yield from completes(answer(e, "last", due=True), "event")


@check("worker/events/no-timer-for-buffered", "worker/events/buffered-with-timeout")
def a_wait_for_what_is_there_has_no_timer(e: Evidence) -> Findings:
    yield from takes_buffered(answer(e, "limited", due=True))


def takes_buffered(given: Answer) -> Findings:
    """The buffered event is taken, and no timer is asked for."""
    yield from schedules(given, "early")
    if given.of(CreateTimer):
        yield Finding(expected="no createTimer: the event has come already", seen=str(given), at=given.at)


@check("worker/events/zero-timeout", "worker/events/buffered-with-timeout")
def timeout_zero_takes_what_is_there(e: Evidence) -> Findings:
    yield from takes_buffered(answer(e, "zero", due=True))


@check("worker/events/zero-timeout", "worker/events/zero-timeout")
def timeout_zero_does_not_wait(e: Evidence) -> Findings:
    given = answer(e, "first", due=True)
    yield from ends(given, OrchestrationStatus.FAILED, because=": the wait times out at once")
    if given.of(CreateTimer):
        yield Finding(expected="no createTimer: the wait is over at once", seen=str(given), at=given.at)


@check("worker/events/timeout-is-catchable", "worker/events/timed-out")
def the_code_catches_a_timeout(e: Evidence) -> Findings:
    given = answer(e, "timed-out", due=True)
    caught = [as_json(task.input) for _, task in given.of(ScheduleTask)]
    kinds = [error.get("type") if isinstance(error, dict) else None for error in caught]
    if kinds != ["Timeout"]:
        yield Finding(expected="the code goes on with an error of the type Timeout", seen=str(given), at=given.at)


@check("worker/events/waiter-removed-after-timeout", "worker/events/timed-out")
def a_late_event_is_buffered(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "late", due=True), because="nobody waits for the event yet")
    yield from completes(answer(e, "last", due=True), "late")


@check("worker/events/waiter-removed-after-timeout", "worker/events/waits-again")
def a_late_event_ends_the_next_wait(e: Evidence) -> Findings:
    yield from goes_on(answer(e, "timed-out"))
    yield from completes(answer(e, "last", due=True), "late")


@check("worker/events/waiter-removed-after-timeout", "worker/events/timer-before-event")
def an_event_behind_the_timer_in_one_turn_ends_the_next_wait(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "late")
