"""Checks about replay (chapter B)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import (
    COMPLETIONS,
    Answer,
    answer,
    asks_nothing,
    completes,
    ends,
    goes_on,
    same_actions,
    schedules,
)
from dwconf.suite.trace.words import instant
from dwconf.wire.values import HistoryEvent, OrchestrationStatus, ScheduleTask, WorkflowStarted

SECOND = 1_000_000_000
CROWD = 30
STATUS = "of one instance only"
"""How many instances the case with many has."""
FAILED = OrchestrationStatus.FAILED


def answered_once(e: Evidence, *steps: str) -> Findings:
    """Each of these turns was answered, and the case has no more accepted answers than turns."""
    given = [answer(e, step, due=True) for step in steps]
    e.call("fence")
    accepted = [call for call in e.calls_to(*COMPLETIONS) if call.ok]
    for call in accepted[len(given) :]:
        yield Finding(expected="one answer to each turn", seen=f"{len(accepted)} answers", at=call.at)


@check("worker/replay/one-answer-per-item", "worker/replay/sequence")
def each_turn_is_answered_once(e: Evidence) -> Findings:
    yield from answered_once(e, "first", "second", "third", "last")


@check("worker/replay/one-answer-per-item", "worker/replay/failed-turn")
def a_turn_that_fails_is_answered_once(e: Evidence) -> Findings:
    yield from answered_once(e, "failed")


@check("worker/replay/same-history-same-actions", "worker/replay/repeated-turns")
def an_old_turn_gives_its_actions_again(e: Evidence) -> Findings:
    for step in ("second", "first"):
        yield from same_actions(answer(e, step), answer(e, f"{step}-again", due=True))


@check("worker/replay/same-history-same-actions", "worker/replay/another-process")
def another_process_gives_the_same_actions(e: Evidence) -> Findings:
    for step in ("second", "first"):
        yield from same_actions(answer(e, step), answer(e, f"{step}-elsewhere", due=True))


@check("worker/replay/same-history-same-actions", "worker/replay/batches")
def it_does_not_matter_which_turns_events_come_in(e: Evidence) -> Findings:
    once = answer(e, "one/fourth", due=True)
    yield from schedules(once, ["A", "B", "C"])
    for name in ("three", "two"):
        yield from same_actions(once, answer(e, f"{name}/fourth", due=True))
        yield from completes(answer(e, f"{name}/last", due=True), "end")


@check("worker/replay/redelivery-same-actions", "worker/replay/repeated-turns")
def a_turn_that_is_delivered_again_gives_the_same_actions(e: Evidence) -> Findings:
    yield from same_actions(answer(e, "third"), answer(e, "third-again", due=True))


@check("worker/replay/created-events-retire-actions", "worker/replay/sequence")
def a_resolution_finds_its_call_by_id(e: Evidence) -> Findings:
    """The second call is resolved first, so a worker that goes by order swaps the results."""
    answer(e, "first")
    yield from asks_nothing(answer(e, "second", due=True), because="the code still awaits its first call")
    yield from schedules(answer(e, "third", due=True), "c")
    yield from completes(answer(e, "last", due=True), ["A", "B", "C"])


@check("worker/replay/start-in-past-or-new", "worker/replay/sequence")
def the_start_counts_in_past_and_in_new_events(e: Evidence) -> Findings:
    yield from schedules(answer(e, "first", due=True), "a", "b")
    yield from schedules(answer(e, "third", due=True), "c")


@check("worker/replay/redelivery-same-actions", "worker/replay/all-kinds")
def every_kind_of_action_is_the_same_again(e: Evidence) -> Findings:
    yield from same_actions(answer(e, "first"), answer(e, "first-again", due=True))


# --- what code sees of a turn


def nanos(text: object) -> int | None:
    """The time that an RFC 3339 text in UTC names, in nanoseconds; None when it is none."""
    if not isinstance(text, str) or not text.endswith("Z"):
        return None
    whole, _, fraction = text[:-1].partition(".")
    try:
        seconds = dt.datetime.fromisoformat(whole).replace(tzinfo=dt.UTC).timestamp()
    except ValueError:
        return None
    return int(seconds) * SECOND + int(fraction[:9].ljust(9, "0") or 0)


def turn_times(events: tuple[HistoryEvent, ...]) -> list[int]:
    """When the turns of a history began."""
    return [event.timestamp or 0 for event in events if isinstance(event.body, WorkflowStarted)]


def member(value: object, name: str) -> Any:  # noqa: ANN401
    """A member of a JSON object; None of anything else."""
    return value.get(name) if isinstance(value, dict) else None


def listed(given: Answer) -> list[object]:
    """The result as a list; an empty one if it is none."""
    return given.result if isinstance(given.result, list) else []


@check("worker/replay/workflow-clock", "worker/replay/clock")
def code_sees_the_time_of_its_turn(e: Evidence) -> Findings:
    last, item = answer(e, "last", due=True), e.item("last/sent")
    times = turn_times((*item.turn.past_events, *item.turn.new_events))
    shown = [member(one, "now") for one in listed(last)]
    read = [nanos(one) for one in shown]
    if len(read) != len(times) or any(r is None or abs(r - t) >= SECOND for r, t in zip(read, times, strict=True)):
        wanted = ", ".join(instant(time) for time in times)
        yield Finding(expected=f"the times {wanted}", seen=json.dumps(shown) if shown else str(last), at=last.at)


@check("worker/replay/replaying-flag", "worker/replay/replaying")
def the_flag_is_false_in_a_first_turn(e: Evidence) -> Findings:
    given = answer(e, "at-once")
    if member(given.result, "isReplaying") is not False:
        yield Finding(expected="isReplaying false in the first turn", seen=str(given), at=given.at)


@check("worker/replay/replaying-flag", "worker/replay/replaying")
def the_flag_is_true_for_past_events_and_false_for_new_ones(e: Evidence) -> Findings:
    last = answer(e, "last")
    flags = [member(one, "isReplaying") for one in listed(last)]
    if flags != [True, False]:
        expected = "isReplaying true where a past event was taken, and false where a new one was"
        yield Finding(expected=expected, seen=str(flags) if flags else str(last), at=last.at)


# --- histories that contradict the code


@check(
    "worker/replay/other-kind-fails",
    "worker/contradictions/another-kind",
    "worker/contradictions/a-child-for-an-activity",
    "worker/contradictions/an-activity-for-a-timer",
    "worker/contradictions/an-activity-for-a-child",
)
def another_kind_of_operation_fails(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    yield from ends(given, FAILED, because=": history holds another kind of operation than the code asks for")


@check(
    "worker/replay/other-name-fails", "worker/contradictions/another-name", "worker/contradictions/another-child-name"
)
def another_name_fails(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    yield from ends(given, FAILED, because=": history holds another name than the code asks for")


@check(
    "worker/replay/missing-action-fails",
    "worker/contradictions/missing-action",
    "worker/contradictions/missing-timer",
    "worker/contradictions/missing-child",
)
def an_operation_that_nobody_asked_for_fails(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    yield from ends(given, FAILED, because=": history holds an operation that the code never asks for")


@check(
    "worker/replay/early-finish-not-completed",
    "worker/contradictions/early-finish",
    "worker/contradictions/early-finish-beyond",
)
def code_that_ends_too_early_is_told_apart(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    if given.end is None or given.end.workflow_status == OrchestrationStatus.COMPLETED:
        expected = "a completion, and not as COMPLETED: history holds an activity that the code never calls"
        yield Finding(expected=expected, seen=str(given), at=given.at)


# --- events that change nothing


@check("worker/replay/unknown-resolution-ignored", "worker/replay/unknown-resolutions")
def a_completion_of_nothing_changes_nothing(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "unknown", due=True), because="nothing that the code awaits has happened")
    yield from completes(answer(e, "last", due=True), "A")


@check("worker/replay/duplicate-resolution-ignored", "worker/replay/duplicate-resolutions")
def the_first_completion_counts(e: Evidence) -> Findings:
    yield from schedules(answer(e, "twice", due=True), 2)
    yield from completes(answer(e, "last", due=True), ["first", "B"])


@check("worker/replay/duplicate-resolution-ignored", "worker/replay/duplicates-before-await")
def the_first_completion_counts_before_it_is_awaited(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "twice", due=True), because="the code awaits another activity")
    yield from completes(answer(e, "last", due=True), ["first", "B"])


@check("worker/replay/early-resolution-kept", "worker/replay/early-resolution")
def a_completion_that_came_early_is_used(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    if given.of(ScheduleTask):
        expected = "no scheduleTask: the completion of the second activity has come already"
        yield Finding(expected=expected, seen=str(given), at=given.at)
    else:
        yield from completes(given, ["A", "B"])


@check(
    "worker/replay/early-resolution-kept",
    "worker/early/failure",
    "worker/early/fired",
    "worker/early/child-completed",
)
def a_resolution_of_any_kind_that_came_early_is_used(e: Evidence) -> Findings:
    given = answer(e, "answered", due=True)
    if given.end is None or len(given.response.actions) > 1:
        expected = "the completion alone: what the code asks for then was resolved already"
        yield Finding(expected=expected, seen=str(given), at=given.at)
    else:
        yield from completes(given, "done")


def undisturbed(e: Evidence) -> Findings:
    """The two turns after the extra event are as they would be without it."""
    yield from schedules(answer(e, "after", due=True), 2)
    yield from completes(answer(e, "last", due=True), ["A", "B"])


@check("worker/replay/stalled-event-tolerated", "worker/replay/stalled")
def a_stall_in_history_changes_nothing(e: Evidence) -> Findings:
    yield from undisturbed(e)


@check(
    "worker/replay/neutral-events-tolerated", "worker/replay/workflow-completed-event", "worker/replay/event-sent-event"
)
def a_neutral_event_changes_nothing(e: Evidence) -> Findings:
    yield from undisturbed(e)


@check("worker/replay/lone-resume-ignored", "worker/replay/lone-resume")
def a_resume_alone_changes_nothing(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "resumed", due=True), because="nothing that the code awaits has happened")
    yield from completes(answer(e, "last", due=True), "A")


@check("worker/replay/empty-turn-tolerated", "worker/replay/empty-turn")
def a_turn_without_new_events_is_answered(e: Evidence) -> Findings:
    yield from goes_on(answer(e, "empty", due=True))
    yield from completes(answer(e, "last", due=True), "A")


@check("worker/replay/no-state-between-items", "worker/replay/interleaved")
def instances_do_not_influence_each_other(e: Evidence) -> Findings:
    for name, results in (("one", ("1", "11")), ("two", ("2", "22"))):
        yield from schedules(answer(e, f"{name}/first", due=True), name)
        yield from schedules(answer(e, f"{name}/second", due=True), [name])
        last = answer(e, f"{name}/last", due=True)
        yield from completes(last, [name, results[1]])
    again = answer(e, "one/first-again", due=True)
    yield from same_actions(answer(e, "one/first"), again)


@check("worker/replay/no-state-between-items", "worker/replay/status-of-another")
def a_custom_status_stays_with_its_instance(e: Evidence) -> Findings:
    if STATUS not in (answer(e, "with-status").response.custom_status or ""):
        raise NoEvidence("an answer with the custom status")
    given = answer(e, "without", due=True)
    if given.response.custom_status:
        expected = "no custom status: the code of this instance sets none"
        yield Finding(expected=expected, seen=repr(given.response.custom_status), at=given.at)


@check("worker/replay/no-state-between-items", "worker/replay/crowd")
def instances_side_by_side_do_not_influence_each_other(e: Evidence) -> Findings:
    for place in range(1, CROWD + 1):
        yield from schedules(answer(e, f"{place}/first", due=True), place)
        yield from schedules(answer(e, f"{place}/second", due=True), [place])
        yield from completes(answer(e, f"{place}/last", due=True), [place, place * 100])
