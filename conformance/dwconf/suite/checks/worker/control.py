"""Checks about suspend, resume and terminate (chapter I)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.answers import Answer, answer, as_json, asks_nothing, completes, equal, schedules
from dwconf.wire.values import OrchestrationStatus

TERMINATED = OrchestrationStatus.TERMINATED
SUSPENDED = "the workflow is suspended"


@check("worker/control/suspended-does-not-advance", "worker/control/suspended")
def a_completion_is_kept_until_the_resume(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "suspended", due=True), because=SUSPENDED)
    yield from schedules(answer(e, "resumed", due=True), 2)
    yield from completes(answer(e, "last", due=True), ["A", "B"])


@check("worker/control/suspended-does-not-advance", "worker/control/suspended-for-long")
def a_completion_in_a_later_turn_is_kept(e: Evidence) -> Findings:
    for step in ("suspended", "kept-1", "kept-2"):
        yield from asks_nothing(answer(e, step, due=True), because=SUSPENDED)
    yield from schedules(answer(e, "resumed", due=True), 2)


@check(
    "worker/control/suspended-does-not-advance",
    "worker/control/events-while-suspended",
    "worker/control/timer-while-suspended",
    "worker/control/suspended-twice",
)
def events_and_timers_are_kept(e: Evidence) -> Findings:
    yield from asks_nothing(answer(e, "suspended", due=True), because=SUSPENDED)
    yield from asks_nothing(answer(e, "kept-1", due=True), because=SUSPENDED)


@check(
    "worker/control/suspended-does-not-advance",
    "worker/control/failure-while-suspended",
    "worker/control/child-while-suspended",
    "worker/control/child-failure-while-suspended",
)
def every_kind_of_end_is_kept(e: Evidence) -> Findings:
    for step in ("suspended", "kept-1"):
        yield from asks_nothing(answer(e, step, due=True), because=SUSPENDED)
    yield from schedules(answer(e, "resumed", due=True), "on")


@check("worker/control/resumes-in-order", "worker/control/suspended-for-long")
def the_completion_that_came_first_counts(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), ["first", "B"])


@check("worker/control/resumes-in-order", "worker/control/events-while-suspended")
def kept_events_come_in_their_order(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), ["one", "two"])


@check("worker/control/resumes-in-order", "worker/control/timer-while-suspended")
def a_kept_timer_resumes_the_code(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "done")


@check("worker/control/resumes-in-order", "worker/control/suspended-twice")
def resumes_end_several_suspends(e: Evidence) -> Findings:
    """The second suspend may be one of the events that were kept, so that it takes a resume of its own."""
    resumed = answer(e, "resumed", due=True)
    yield from completes(resumed if resumed.response.actions else answer(e, "resumed-again", due=True), "A")


@check("worker/control/suspended-turn-answered", "worker/control/suspended-for-long")
def each_turn_of_a_suspended_workflow_is_answered(e: Evidence) -> Findings:
    for step in ("suspended", "kept-1", "kept-2", "resumed"):
        answer(e, step, due=True)
    yield from ()


def terminated(given: Answer, output: object) -> Findings:
    """The answer ends the workflow as TERMINATED with this output; of several completions the first counts."""
    end = given.end
    if end is None or end.workflow_status != TERMINATED or not equal(as_json(end.result), output):
        yield Finding(expected=f"a completion as TERMINATED with the result {output}", seen=str(given), at=given.at)


@check("worker/control/terminated-completes", "worker/control/terminated")
def a_terminate_gives_its_input_as_result(e: Evidence) -> Findings:
    yield from terminated(answer(e, "terminated", due=True), {"bye": True})


@check("worker/control/terminated-completes", "worker/control/terminated-without-output")
def a_terminate_without_input_gives_no_result(e: Evidence) -> Findings:
    yield from terminated(answer(e, "terminated", due=True), None)


@check(
    "worker/control/terminate-anywhere", "worker/control/terminated-first", "worker/control/terminated-before-the-end"
)
def a_terminate_counts_before_other_events(e: Evidence) -> Findings:
    yield from terminated(answer(e, "terminated", due=True), {"bye": True})


@check("worker/control/nothing-after-terminate", "worker/control/terminated-first")
def a_terminate_is_the_last_that_happens(e: Evidence) -> Findings:
    given = answer(e, "terminated", due=True)
    if len(given.response.actions) != 1:
        yield Finding(expected="the completion and no other action", seen=str(given), at=given.at)


@check("worker/control/completion-before-terminate", "worker/control/completed-first")
def a_completion_before_a_terminate_wins(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), "A")


@check("worker/control/terminate-beats-continue-as-new", "worker/control/continued-first")
def a_terminate_ends_what_continues_as_new(e: Evidence) -> Findings:
    yield from terminated(answer(e, "last", due=True), {"bye": True})


@check("worker/control/terminate-while-suspended", "worker/control/terminated-while-suspended")
def a_suspended_workflow_ends_at_once(e: Evidence) -> Findings:
    yield from terminated(answer(e, "terminated", due=True), {"bye": True})
