"""Checks about all and any (chapter J)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.answers import answer, asks_nothing, completes, schedules
from dwconf.wire.values import ScheduleTask


@check("worker/combinators/all-in-argument-order", "worker/combinators/all-in-order")
def results_stand_in_the_order_of_the_tasks(e: Evidence) -> Findings:
    yield from schedules(answer(e, "first", due=True), "a", "b")
    yield from asks_nothing(answer(e, "second", due=True), because="one of the two activities is pending")
    yield from completes(answer(e, "last", due=True), ["A", "B"])


@check("worker/combinators/all-in-argument-order", "worker/combinators/all-of-some-completed")
def what_completed_before_counts(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "second", due=True), because="one of the two activities is pending")
    yield from completes(answer(e, "last", due=True), ["A", "B"])


@check("worker/combinators/all-after-failure", "worker/combinators/after-a-caught-failure")
def late_completions_do_not_disturb(e: Evidence) -> Findings:
    """The code catches the failure once: at the first failure, or when all have ended."""
    answers = [answer(e, step, due=True) for step in ("failed", "second", "third")]
    caught = [given for given in answers if given.of(ScheduleTask)]
    ended = [given for given in answers if given.end is not None]
    if len(caught) != 1 or ended:
        wrong = (ended or caught[1:] or answers)[-1]
        expected = "one scheduleTask of the code that handles the failure, and no completion"
        yield Finding(expected=expected, seen=str(wrong), at=wrong.at)
        return
    yield from completes(answer(e, "last", due=True), "end")


@check("worker/combinators/all-already-complete", "worker/combinators/all-of-none")
def all_of_nothing_is_complete(e: Evidence) -> Findings:
    yield from completes(answer(e, "first", due=True), [])


@check("worker/combinators/all-already-complete", "worker/combinators/all-of-completed")
def all_of_completed_tasks_is_complete(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), ["A", "B"])


@check("worker/combinators/any-gives-first", "worker/combinators/first-of-two")
def the_first_to_complete_wins(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), {"index": 1, "value": "B"})


@check("worker/combinators/any-gives-first", "worker/combinators/any-of-completed")
def one_that_completed_before_wins_at_once(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), {"index": 1, "value": "B"})


@check("worker/combinators/any-gives-first", "worker/combinators/first-fails")
def one_that_fails_first_is_the_first(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "caught")


@check("worker/combinators/any-losers-live-on", "worker/combinators/loser-lives-on")
def the_loser_can_still_be_awaited(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "second", due=True), because="the loser is awaited")
    yield from completes(answer(e, "last", due=True), [{"index": 1, "value": "B"}, "A"])


@check("worker/combinators/any-losers-live-on", "worker/combinators/loser-unawaited")
def the_losers_completion_disturbs_nothing(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "third", due=True), because="the code awaits another activity")
    yield from completes(answer(e, "last", due=True), "C")
