"""Checks about queries and waits (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.evidence.facts import as_known, of_kind
from dwconf.suite.trace.words import in_a_line, instant
from dwconf.wire.values import (
    CreateInstanceRequest,
    ExecutionStarted,
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    OrchestrationStatus,
    WorkflowStarted,
)

LIFE = "engine/queries/a-life"
DAY = 24 * 3600 * 1_000_000_000
CANONICAL = (
    ["ExecutionStarted"] + ["TaskScheduled", "TaskCompleted"] * 3 + ["ExecutionCompleted"]
)  # workflowStarted aside


@check("engine/lifecycle/get-unknown", "engine/queries/nobody")
def an_unknown_instance_does_not_exist(e: Evidence) -> Findings:
    call = e.call("state", due=True)
    answer = call.response(GetInstanceResponse)
    if not call.ok or answer.exists or answer.workflow_state is not None:
        seen = f"{call.outcome}, exists {answer.exists}, {'a' if answer.workflow_state else 'no'} state"
        yield Finding(expected="OK, exists false, no state", seen=seen, at=call.at)


@check("engine/lifecycle/get-without-payloads", LIFE, "engine/queries/failed")
def a_query_without_payloads_has_none(e: Evidence) -> Findings:
    for step in ("running-bare", "ended-bare"):
        if step == "running-bare" and not e.reached(step):
            continue
        state = e.state(step)
        payloads = {
            "input": state.input,
            "output": state.output,
            "custom status": state.custom_status,
            "failure details": state.failure_details,
        }
        shown = [name for name, value in payloads.items() if value not in (None, "")]
        if shown:
            yield Finding(expected="no payloads", seen=", ".join(shown), at=e.call(step).at)


@check("engine/lifecycle/get-with-payloads", LIFE)
def a_query_with_payloads_has_them(e: Evidence) -> Findings:
    running, ended = e.state("running"), e.state("ended")
    seen = (running.input, running.custom_status, ended.input, ended.custom_status, ended.output)
    expected = ('{"n": 1}', '"busy"', '{"n": 1}', '"ready"', '"out"')
    names = ("input", "custom status", "input at the end", "custom status at the end", "output")
    for name, want, got in zip(names, expected, seen, strict=True):
        if want != got:
            step = "ended" if name == "output" or "end" in name else "running"
            yield Finding(expected=f"{name} {want}", seen=f"{got!r}", at=e.call(step).at)


@check("engine/lifecycle/get-with-payloads", "engine/queries/failed")
def a_query_with_payloads_has_the_failure(e: Evidence) -> Findings:
    details = e.state("ended").failure_details
    end = answer(e, "answered").end
    given = end.failure_details if end is not None else None
    if given is None:
        raise NoEvidence("answered")
    if details is None or as_known(details) != given:
        seen = "none" if details is None else in_a_line(details)
        yield Finding(expected=f"failure details {in_a_line(given)}", seen=seen, at=e.call("ended").at)


@check("engine/lifecycle/get-state-fields", LIFE)
def a_state_names_its_instance(e: Evidence) -> Findings:
    wf = e.item("first").instance_id
    for step, status in (("running", OrchestrationStatus.RUNNING), ("ended", OrchestrationStatus.COMPLETED)):
        state = e.state(step)
        at = e.call(step).at
        if (state.instance_id, state.name, state.workflow_status) != (wf, "wf", status):
            seen = f"{state.instance_id!r}, {state.name!r}, {state.workflow_status.name}"
            yield Finding(expected=f"{wf!r}, 'wf', {status.name}", seen=seen, at=at)
        if not state.created_timestamp or not state.last_updated_timestamp:
            seen = f"created {state.created_timestamp}, last updated {state.last_updated_timestamp}"
            yield Finding(expected="created and last updated times", seen=seen, at=at)


@check("engine/lifecycle/get-state-fields", "engine/queries/updated")
def a_commit_moves_the_last_update(e: Evidence) -> Findings:
    before, after = e.state("before").last_updated_timestamp or 0, e.state("after").last_updated_timestamp or 0
    if after <= before:
        expected = f"an update after {instant(before)}: a turn was committed more than a second later"
        yield Finding(expected=expected, seen=instant(after), at=(*e.call("before").at, *e.call("after").at))


@check("engine/lifecycle/get-created-timestamp", LIFE)
def the_created_time_is_that_of_the_start(e: Evidence) -> Findings:
    started = e.item("first").new(ExecutionStarted)
    if not started:
        raise NoEvidence("executionStarted")
    for step in ("running", "ended"):
        created = e.state(step).created_timestamp
        if created != started[0].timestamp:
            expected = f"{started[0].timestamp}, as executionStarted has it"
            yield Finding(expected=expected, seen=f"{created}", at=(*e.item("first").at, *e.call(step).at))


@check("engine/lifecycle/get-started-at", LIFE)
def it_is_set_with_the_first_commit(e: Evidence) -> Findings:
    pending, running = e.call("pending"), e.state("running")
    state = pending.response(GetInstanceResponse).workflow_state
    if state is not None and state.started_at:
        seen = f"startedAt {state.started_at} before the first commit"
        yield Finding(expected="startedAt unset", seen=seen, at=pending.at)
    begun = e.item("first").new(WorkflowStarted)
    if not begun:
        raise NoEvidence("workflowStarted")
    if running.started_at != begun[0].timestamp:
        expected = f"{begun[0].timestamp}, the time of the first event"
        yield Finding(expected=expected, seen=f"{running.started_at}", at=(*e.item("first").at, *e.call("running").at))


@check("engine/lifecycle/pending-state-shown", LIFE)
def a_pending_instance_shows_what_it_is(e: Evidence) -> Findings:
    e.item("first")
    call = e.call("pending")
    state = call.response(GetInstanceResponse).workflow_state
    if state is None or (state.name, state.input) != ("wf", '{"n": 1}'):
        seen = "no state" if state is None else f"name {state.name!r}, input {state.input!r}"
        yield Finding(expected="name 'wf' and its input", seen=seen, at=call.at)
    elif abs((state.created_timestamp or 0) - call.ended_clock) > DAY:
        yield Finding(expected="a created time of today", seen=f"{state.created_timestamp}", at=call.at)


@check("engine/lifecycle/unset-stays-unset", LIFE)
def what_runs_has_no_outcome(e: Evidence) -> Findings:
    state = e.state("running")
    if state.output or state.failure_details is not None:
        seen = f"output {state.output!r}, {'a' if state.failure_details else 'no'} failure"
        yield Finding(expected="output and failure details unset", seen=seen, at=e.call("running").at)


@check("engine/lifecycle/unset-stays-unset", "engine/queries/silent")
def what_was_never_set_is_not_shown(e: Evidence) -> Findings:
    started = e.first_call_to("StartInstance").request(CreateInstanceRequest)
    state = e.state("ended")
    if started.input is None and (state.input or state.output):
        seen = f"input {state.input!r}, output {state.output!r}"
        yield Finding(expected="input and output unset", seen=seen, at=e.call("ended").at)


def _after(e: Evidence, wait: str, answer: str) -> Findings:
    """Whether a wait was answered, and not before the turn that makes it true was."""
    waited, answered = e.call(wait, due=True), e.call(answer)
    if not waited.ok:
        yield Finding(expected="OK", seen=waited.outcome, at=waited.at)
    elif (waited.ended or 0) < answered.number:
        at = (*waited.at, answered.number)
        yield Finding(expected="no answer before the commit", seen="an answer before the turn was answered", at=at)


def _at_once(e: Evidence, *steps: str) -> Findings:
    for step in steps:
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected="OK at once", seen=call.outcome, at=call.at)


@check("engine/lifecycle/wait-for-start", "engine/queries/waits")
def a_wait_for_the_start_ends_with_the_first_commit(e: Evidence) -> Findings:
    e.call("first-answered")
    yield from _after(e, "start-awaited", "first-answered")
    if e.state("start-awaited").workflow_status == OrchestrationStatus.PENDING:
        yield Finding(expected="any status but PENDING", seen="PENDING", at=e.call("start-awaited").at)
    yield from _at_once(e, "start-awaited-again")
    e.call("end-awaited-again")
    yield from _at_once(e, "start-awaited-at-last")


@check("engine/lifecycle/wait-for-completion", "engine/queries/waits")
def a_wait_for_the_end_ends_with_the_end(e: Evidence) -> Findings:
    e.call("end-answered")
    yield from _after(e, "end-awaited", "end-answered")
    if e.state("end-awaited").workflow_status != OrchestrationStatus.COMPLETED:
        seen = e.state("end-awaited").workflow_status.name
        yield Finding(expected="COMPLETED", seen=seen, at=e.call("end-awaited").at)
    yield from _at_once(e, "end-awaited-again")


@check("engine/lifecycle/wait-deadline", "engine/queries/waits")
def a_wait_that_does_not_come_true_ends_at_its_deadline(e: Evidence) -> Findings:
    call = e.call("given-up")
    if call.code != "DEADLINE_EXCEEDED":
        yield Finding(expected="DEADLINE_EXCEEDED", seen=call.outcome, at=call.at)


@check("engine/lifecycle/wait-unknown", "engine/queries/nobody")
def a_wait_for_nobody_does_as_declared(e: Evidence) -> Findings:
    declared = e.choices.get("wait-unknown")
    for step in ("end-awaited", "start-awaited"):
        call = e.call(step)
        parked = call.code == "DEADLINE_EXCEEDED"
        if call.ok or (declared == "parks" and not parked) or (declared == "fails" and parked):
            expected = {"parks": "a wait until the deadline", "fails": "an error"}.get(declared or "", "no success")
            yield Finding(expected=expected, seen=call.outcome, at=call.at)


@check("engine/lifecycle/wait-unknown", "engine/queries/appears")
def a_parked_wait_ends_when_the_instance_has_started(e: Evidence) -> Findings:
    if e.choices.get("wait-unknown") != "parks":
        return  # the other check says what this target declares
    e.call("nobody")
    call = e.call("waited", due=True)
    if not call.ok:
        yield Finding(expected="OK once the instance has started", seen=call.outcome, at=call.at)


@check("engine/lifecycle/history-unknown", "engine/queries/nobody")
def the_history_of_nobody_is_answered_as_declared(e: Evidence) -> Findings:
    call, declared = e.call("history", due=True), e.choices.get("history-unknown")
    events = call.response(GetInstanceHistoryResponse).events
    answered = "empty" if call.ok and not events else "not-found" if call.code == "NOT_FOUND" else ""
    if not answered or declared not in (None, answered):
        expected = {"empty": "no events", "not-found": "NOT_FOUND"}.get(declared or "", "no events, or NOT_FOUND")
        yield Finding(expected=expected, seen=f"{call.outcome}, {len(events)} events", at=call.at)


def _pages(e: Evidence, step: str) -> list[tuple[str, ListInstanceIDsResponse]]:
    """The pages of a list that was followed to its end, by their steps."""
    count = e.note(f"{step}-end", "pages")
    steps = [f"{step}-{number}" for number in range(int(str(count)))]
    if not all(e.call(name).ok for name in steps):
        raise NoEvidence(f"{step}-end")
    return [(name, e.call(name).response(ListInstanceIDsResponse)) for name in steps]


@check("engine/lifecycle/list-all", "engine/queries/lists")
def every_instance_is_listed_once(e: Evidence) -> Findings:
    first = e.call("all-0", due=True)
    if not first.ok:
        yield Finding(expected="a list", seen=first.outcome, at=first.at)
        return
    members = str(e.note("members", "ids")).split()
    listed = [name for _, page in _pages(e, "all") for name in page.instance_ids]
    wrong = {name: listed.count(name) for name in members if listed.count(name) != 1}
    if wrong:
        seen = ", ".join(f"{name} {count} times" for name, count in wrong.items())
        yield Finding(expected="each of the case's instances once", seen=seen, at=first.at)


@check("engine/lifecycle/list-pages", "engine/queries/lists")
def a_page_has_no_more_than_was_asked_for(e: Evidence) -> Findings:
    for step, page in _pages(e, "paged"):
        size = e.call(step).request(ListInstanceIDsRequest).page_size or 0
        if len(page.instance_ids) > size:
            yield Finding(expected=f"at most {size} ids", seen=f"{len(page.instance_ids)}", at=e.call(step).at)


@check("engine/lifecycle/list-pages", "engine/queries/lists")
def the_pages_together_hold_every_instance_once(e: Evidence) -> Findings:
    members = str(e.note("members", "ids")).split()
    if e.reached("paged-stuck"):
        stuck = e.call("paged-stuck")
        yield Finding(expected="another page, or the end", seen="the token that was given", at=stuck.at)
        return
    pages = _pages(e, "paged")
    listed = [name for _, page in pages for name in page.instance_ids]
    wrong = {name: listed.count(name) for name in members if listed.count(name) != 1}
    if wrong:
        seen = ", ".join(f"{name} {count} times" for name, count in wrong.items())
        at = tuple(e.call(step).number for step, _ in pages)
        yield Finding(expected="each of the case's instances once", seen=seen, at=at[:2])


@check("engine/lifecycle/canonical-history", "engine/queries/chain")
def the_history_of_a_chain_has_the_canonical_shape(e: Evidence) -> Findings:
    history = e.history("history")
    names = [type(event.body).__name__ for event in history if not isinstance(event.body, WorkflowStarted)]
    if names != CANONICAL:
        yield Finding(expected=", ".join(CANONICAL), seen=", ".join(names), at=e.call("history").at)
    begun = [isinstance(event.body, WorkflowStarted) for event in history]
    if len(of_kind(history, WorkflowStarted)) < 4 or not begun[0]:  # noqa: PLR2004  (four turns)
        seen = f"{begun.count(True)} workflowStarted, {'first' if begun and begun[0] else 'not first'}"
        yield Finding(
            expected="a workflowStarted for each of four turns, the first one first", seen=seen, at=e.call("history").at
        )
