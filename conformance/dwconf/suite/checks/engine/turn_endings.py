"""Checks about what an answer changes for those who ask, and about what cannot be applied (chapter C)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.events import committed, of, raised_names, told, without_openings
from dwconf.wire.values import (
    ExecutionCompleted,
    GetInstanceHistoryResponse,
    HistoryEvent,
    OrchestrationStatus,
    TaskScheduled,
    WorkflowState,
)

# --- Custom status.


@check("engine/turns/custom-status-set", "engine/turns/custom-status")
def a_custom_status_is_shown_as_set(e: Evidence) -> Findings:
    shown = e.state("status-set").custom_status
    if shown != '"A"':
        yield Finding(expected="custom status '\"A\"'", seen=repr(shown), at=e.call("status-set").at)


@check("engine/turns/custom-status-set", "engine/turns/custom-status")
def an_empty_custom_status_is_set_too(e: Evidence) -> Findings:
    shown = e.state("status-empty").custom_status
    if shown:
        yield Finding(expected="the empty string", seen=repr(shown), at=e.call("status-empty").at)


@check("engine/turns/unset-custom-status", "engine/turns/custom-status")
def an_unset_custom_status_does_what_the_profile_says(e: Evidence) -> Findings:
    contract = e.choices.get("unset-custom-status")
    if contract is None:
        raise NoEvidence("a profile that says what an unset custom status does")
    shown = e.state("status-unset").custom_status
    wanted = '"A"' if contract == "keeps" else None
    if (shown or None) != wanted:
        yield Finding(expected=f"custom status {wanted!r}", seen=repr(shown), at=e.call("status-unset").at)


# --- Commits are whole.


@check("engine/turns/commit-is-atomic", "engine/turns/atomic")
def before_the_answer_the_state_is_the_old_one(e: Evidence) -> Findings:
    second, state, events = e.item("second"), e.state("state-before"), e.history("history-before")
    at = (*second.at, *e.call("state-before").at, *e.call("history-before").at)
    if state.custom_status != '"A"':
        yield Finding(expected="the custom status of the turn before", seen=repr(state.custom_status), at=at)
    early = [event for event in without_openings(second.turn.new_events) if event in events]
    if early:
        yield Finding(expected="a history without the events of the turn", seen=told(early), at=at)


@check("engine/turns/commit-is-atomic", "engine/turns/atomic")
def with_the_custom_status_comes_the_history(e: Evidence) -> Findings:
    second, events, call = e.item("second"), e.history("history-after"), e.call("history-after")
    e.state("state-after")
    missing = [event for event in without_openings(second.turn.new_events) if event not in events]
    if missing:
        yield Finding(expected=f"{told(missing)} in history", seen=told(events), at=call.at)
    if not list(of(events, TaskScheduled)):
        yield Finding(expected="TaskScheduled#5 in history", seen=told(events), at=call.at)


@check("engine/turns/commit-is-atomic", "engine/turns/atomic")
def with_the_history_comes_the_status(e: Evidence) -> Findings:
    e.history("history-ended")
    state, call = e.state("state-ended"), e.call("state-ended")
    if state.workflow_status != OrchestrationStatus.COMPLETED:
        yield Finding(expected="status COMPLETED, as in history", seen=state.workflow_status.name, at=call.at)
    if state.custom_status != '"C"':
        yield Finding(expected="the custom status of the answer", seen=repr(state.custom_status), at=call.at)


# --- The end.


@check("engine/turns/nothing-after-the-end", "engine/turns/ended")
def nothing_wakes_an_instance_that_has_ended(e: Evidence) -> Findings:
    last = e.item("last")
    e.moment("still-ended")
    for item in e.turns(last.instance_id):
        if item.number > e.call("completed").number:
            yield Finding(expected="no turn after the end", seen=told(item.turn.new_events), at=item.at)


@check("engine/turns/late-events-not-recorded", "engine/turns/ended")
def what_comes_late_does_not_enter_history(e: Evidence) -> Findings:
    before, after = e.history("history"), e.history("history-late")
    at = (*e.call("history").at, *e.call("history-late").at)
    if after != before:
        added = [event for event in after if event not in before]
        yield Finding(expected="the history of the end", seen=f"also {told(added)}", at=at)
    if "queued" in raised_names(before):
        yield Finding(expected="a history without the event that was still queued", seen=told(before), at=at)


@check("engine/turns/late-events-not-recorded", "engine/turns/ended")
def what_comes_late_is_accepted(e: Evidence) -> Findings:
    for step in ("raised-late", "finished-late"):
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected=f"OK from {call.name}", seen=call.outcome, at=call.at)


ENDS = {
    "completed": OrchestrationStatus.COMPLETED,
    "failed": OrchestrationStatus.FAILED,
    "terminated": OrchestrationStatus.TERMINATED,
}


@check("engine/turns/terminal-statuses-end", "engine/turns/endings")
def each_terminal_status_ends_the_instance(e: Evidence) -> Findings:
    for step, status in ENDS.items():
        e.call(f"answered-{step}")
        call, state = e.call(step, due=True), e.state(step)
        if state.workflow_status != status:
            yield Finding(expected=f"status {status.name}", seen=state.workflow_status.name, at=call.at)


@check("engine/turns/canceled-ends", "engine/turns/canceled")
def canceled_ends_the_instance(e: Evidence) -> Findings:
    e.call("answered")
    call, state = e.call("completed", due=True), e.state("completed")
    if state.workflow_status != OrchestrationStatus.CANCELED:
        yield Finding(expected="status CANCELED", seen=state.workflow_status.name, at=call.at)


@check("engine/turns/odd-status-refused", "engine/turns/odd-status")
def a_status_that_is_no_end_is_not_applied(e: Evidence) -> Findings:
    answered, call = e.call("answered"), e.call("decided")
    found = [event for event, _ in of(e.history("decided"), ExecutionCompleted)]
    if found:
        yield Finding(expected="no executionCompleted", seen=told(found), at=(*answered.at, *call.at))


@check("engine/turns/bare-completion-accepted", "engine/turns/endings")
def a_completion_needs_neither_result_nor_details(e: Evidence) -> Findings:
    wanted = {"bare-completed": OrchestrationStatus.COMPLETED, "bare-failed": OrchestrationStatus.FAILED}
    for step, status in wanted.items():
        e.call(f"answered-{step}")
        call, state = e.call(step, due=True), e.state(step)
        yield from _ended_bare(state, status, call.at)


def _ended_bare(state: WorkflowState, status: OrchestrationStatus, at: tuple[int, ...]) -> Findings:
    if state.workflow_status != status:
        yield Finding(expected=f"status {status.name}", seen=state.workflow_status.name, at=at)
    if state.output:
        yield Finding(expected="no output", seen=repr(state.output), at=at)


# --- What cannot be applied.


@check("engine/turns/failed-turn-commits-nothing", "engine/turns/inapplicable")
def nothing_of_a_turn_that_cannot_be_applied_is_committed(e: Evidence) -> Findings:
    before, after = e.state("state-before"), e.state("state-after")
    at = (*e.call("answered").at, *e.call("state-after").at, *e.call("history-after").at)
    if (after.workflow_status, after.custom_status) != (before.workflow_status, before.custom_status):
        seen = f"{after.workflow_status.name}, custom status {after.custom_status!r}"
        yield Finding(expected="the state before the answer", seen=seen, at=at)
    if e.history("history-after") != e.history("history-before"):
        yield Finding(expected="the history before the answer", seen=told(e.history("history-after")), at=at)


@check("engine/turns/failed-turn-commits-nothing", "engine/turns/inapplicable")
def nothing_of_a_turn_that_cannot_be_applied_happens(e: Evidence) -> Findings:
    e.call("completed")
    for item in e.activities():
        yield Finding(expected="no activity of that answer", seen=f"activity {item.activity.task_id}", at=item.at)
    events, at = committed(e)
    if list(of(events, TaskScheduled)):
        yield Finding(expected="no TaskScheduled in history", seen=told(events), at=at)


@check("engine/turns/failed-turn-returns", "engine/turns/inapplicable")
def a_turn_that_cannot_be_applied_comes_again(e: Evidence) -> Findings:
    turn, _ = e.item("turn"), e.call("answered")
    e.call("history-after", due=True)
    again = e.item("again", due=True)
    sent, came = without_openings(turn.turn.new_events), without_openings(again.turn.new_events)
    if came[: len(sent)] != sent:
        yield Finding(expected=f"new events {told(sent)}", seen=told(came) or "none", at=(*turn.at, *again.at))
    if again.token == turn.token and again.token:
        yield Finding(expected="a new token", seen="the token of the turn that failed", at=(*turn.at, *again.at))


@check("engine/turns/unknown-action-fails-turn-only", "engine/turns/unknown-action")
def an_action_of_no_type_leaves_the_engine_serving(e: Evidence) -> Findings:
    answered, hello = e.call("answered", due=True), e.call("hello", due=True)
    if not hello.ok:
        yield Finding(expected="OK from Hello", seen=hello.outcome, at=(*answered.at, *hello.at))
        return
    e.item("other", due=True)
    e.call("other-completed", due=True)


@check("engine/turns/unknown-action-fails-turn-only", "engine/turns/unknown-action")
def an_action_of_no_type_commits_nothing(e: Evidence) -> Findings:
    state, call = e.state("state"), e.call("state")
    if state.workflow_status != OrchestrationStatus.PENDING:
        yield Finding(expected="status PENDING still", seen=state.workflow_status.name, at=call.at)


@check("engine/turns/reused-action-id", "engine/turns/reused-id")
def an_id_that_history_has_is_not_recorded_again(e: Evidence) -> Findings:
    answered = e.call("answered")
    events, at = committed(e)
    found: list[HistoryEvent] = [event for event, _ in of(events, TaskScheduled, 0)]
    if len(found) > 1:
        yield Finding(expected="one TaskScheduled#0 in history", seen=told(found), at=(*answered.at, *at))


@check("engine/turns/reused-action-id", "engine/turns/reused-id")
def an_engine_survives_a_reused_id(e: Evidence) -> Findings:
    e.call("answered")
    hello = e.call("hello")
    if not hello.ok:
        yield Finding(expected="OK from Hello", seen=hello.outcome, at=hello.at)


@check("engine/turns/failed-turn-returns", "engine/turns/inapplicable")
def the_turn_that_came_again_completes(e: Evidence) -> Findings:
    e.item("again")
    call = e.call("completed", due=True)
    if not call.ok:
        yield Finding(expected="OK", seen=call.outcome, at=call.at)
    response = e.call("history").response(GetInstanceHistoryResponse) if e.reached("history") else None
    names = raised_names(response.events) if response is not None and e.call("history").ok else ["early"]
    if names != ["early"]:
        yield Finding(expected="the raised event once in history", seen=f"{names}", at=e.call("history").at)
