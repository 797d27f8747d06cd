"""Checks about instances that cannot go on (chapter H)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.events import of, told
from dwconf.suite.evidence.facts import of_kind
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import (
    ExecutionStalled,
    ExecutionStarted,
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    GetWorkflowResponse,
    HistoryEvent,
    OrchestrationStatus,
    StalledReason,
    TaskScheduled,
    WorkflowState,
)

STALLED = OrchestrationStatus.STALLED
UNAVAILABLE = "engine/stalling/version-not-available"
ANOTHER = "engine/stalling/another-patch"
DAPR = "engine/stalling/through-the-dapr-api"
VERSIONS = ("Alpha1", "Beta1")
FIRST = "engine/stalling/stalled-at-first"
AGAIN = "engine/stalling/stalled-again"
SUSPENDED = "engine/stalling/stalled-while-suspended"
LARGE = "engine/stalling/large-payloads"


def has_stalled(e: Evidence, step: str = "stalled") -> None:
    """Raises NoEvidence unless the instance was seen STALLED at this step: then there is nothing to be said of it."""
    if e.state(step).workflow_status != STALLED:
        raise NoEvidence("an instance that is stalled")


def stalls(e: Evidence, step: str = "stalled") -> Findings:
    """Whether an instance is shown as STALLED at a step that demands it."""
    call = e.call(step, due=True)
    state = call.response(GetInstanceResponse).workflow_state or WorkflowState()
    if state.workflow_status != STALLED:
        yield Finding(expected="status STALLED", seen=state.workflow_status.name, at=call.at)


def _appended(e: Evidence, before: str, after: str) -> tuple[HistoryEvent, ...]:
    """What a history got between two steps."""
    return e.history(after)[len(e.history(before)) :]


# --- What stalls.


@check("engine/stalling/version-not-available-stalls", UNAVAILABLE)
@check("engine/stalling/patch-mismatch-stalls", ANOTHER, "engine/stalling/without-patches")
@check("engine/stalling/patch-order-stalls", "engine/stalling/patches-in-another-order")
def such_an_answer_stalls(e: Evidence) -> Findings:
    e.call("stalled/answered")
    yield from stalls(e)


@check("engine/stalling/further-patches-accepted", "engine/stalling/further-patches")
def patches_that_continue_history_are_taken(e: Evidence) -> Findings:
    e.call("answered-b")
    for step in ("turn-c", "last"):
        e.item(step, due=True)
    e.call("completed", due=True)
    state = e.state("completed")
    if state.workflow_status != OrchestrationStatus.COMPLETED:
        seen = state.workflow_status.name
        yield Finding(expected="status COMPLETED", seen=seen, at=e.call("completed").at)


@check("engine/stalling/recorded", UNAVAILABLE)
def a_missing_version_is_recorded(e: Evidence) -> Findings:
    yield from _recorded(e, StalledReason.VERSION_NOT_AVAILABLE, "v1")


@check("engine/stalling/recorded", ANOTHER)
def another_patch_is_recorded(e: Evidence) -> Findings:
    yield from _recorded(e, StalledReason.PATCH_MISMATCH, "a", "b")


def _recorded(e: Evidence, reason: StalledReason, *named: str) -> Findings:
    """Whether what history got by a stall is one executionStalled with this reason, naming these words."""
    has_stalled(e)
    at = e.call("history").at
    new = _appended(e, "history-before", "history")
    if len(new) != 1 or not isinstance(new[0].body, ExecutionStalled):
        yield Finding(expected="one executionStalled and nothing else", seen=told(new) or "nothing", at=at)
        return
    event, body = new[0], new[0].body
    if event.event_id != -1 or event.timestamp is None:
        yield Finding(expected="event id -1 and a timestamp", seen=in_a_line(event), at=at)
    if body.reason != reason:
        yield Finding(expected=f"reason {reason.name}", seen=body.reason.name, at=at)
    missing = [word for word in named if word not in words_of(body.description or "")]
    if missing:
        expected = f"a description that names {' and '.join(named)}"
        yield Finding(expected=expected, seen=repr(body.description), at=at)


def words_of(text: str) -> list[str]:
    """The words in a description, without what stands between them."""
    return "".join(c if c.isalnum() else " " for c in text).split()


@check("engine/stalling/answer-discarded", AGAIN)
def nothing_of_a_stalled_answer_happens(e: Evidence) -> Findings:
    has_stalled(e)
    e.call("completed")
    for item in e.activities():
        yield Finding(expected="no activity of an answer that stalled", seen=in_a_line(item.activity), at=item.at)
    for item in e.turns():
        made = of_kind(item.turn.past_events, TaskScheduled)
        if made:
            yield Finding(expected="nothing of an answer that stalled in history", seen=told(made), at=item.at)
            return


@check("engine/stalling/answer-discarded", AGAIN)
def a_stalled_answer_is_not_in_history(e: Evidence) -> Findings:
    has_stalled(e)
    made = of_kind(e.history("history-third"), TaskScheduled)
    if made:
        at = e.call("history-third").at
        yield Finding(expected="nothing of an answer that stalled in history", seen=told(made), at=at)


# --- While it is stalled.


@check("engine/stalling/can-be-queried", UNAVAILABLE)
def its_state_and_history_are_answered(e: Evidence) -> Findings:
    has_stalled(e)
    shown, call = e.state("stalled"), e.call("stalled")
    if (shown.name, shown.input) != ("stalls", '"in"'):
        yield Finding(expected="its name and input", seen=f"{shown.name!r}, {shown.input!r}", at=call.at)
    if not e.call("history-before").ok:
        raise NoEvidence("history-before")
    history = e.call("history", due=True)
    before = e.history("history-before")
    now = history.response(GetInstanceHistoryResponse).events
    if not history.ok or now[: len(before)] != before:
        expected = f"the {len(before)} events that were committed, first"
        yield Finding(expected=expected, seen=f"{history.outcome}, {told(now) or 'none'}", at=history.at)


def _says_stalled(call: Call, what: str) -> Findings:
    """Whether a call failed and says that the instance is stalled."""
    if call.ok or "stalled" not in call.text.lower():
        yield Finding(expected=f"{what} fails, and says that the instance is stalled", seen=call.outcome, at=call.at)


@check("engine/stalling/raise-refused", UNAVAILABLE)
def it_is_not_sent_events(e: Evidence) -> Findings:
    has_stalled(e)
    yield from _says_stalled(e.call("raised", due=True), "RaiseEvent")


@check("engine/stalling/control-refused", UNAVAILABLE)
def it_is_neither_suspended_resumed_nor_terminated(e: Evidence) -> Findings:
    has_stalled(e)
    for step in ("suspended", "resumed", "terminated"):
        call = e.call(step, due=True)
        yield from _says_stalled(call, call.name)


@check("engine/stalling/id-taken", UNAVAILABLE)
def its_id_cannot_be_used(e: Evidence) -> Findings:
    has_stalled(e)
    call = e.call("started-again", due=True)
    if call.ok or (call.code != "ALREADY_EXISTS" and "stalled" not in call.text.lower()):
        yield Finding(expected="ALREADY_EXISTS", seen=call.outcome, at=call.at)


@check("engine/stalling/purge-refused", UNAVAILABLE)
def it_is_not_purged_without_force(e: Evidence) -> Findings:
    has_stalled(e)
    e.state("state")
    purged, whole = e.call("purged", due=True), e.call("purged-recursively", due=True)
    yield from _says_stalled(purged, "PurgeInstances")
    if whole.ok and not purged.ok:
        yield Finding(expected="a recursive purge fails", seen="OK", at=whole.at)
    then = e.call("state-then")
    if then.ok and not then.response(GetInstanceResponse).exists:
        yield Finding(expected="the instance is still there", seen="it is gone", at=(*purged.at, *then.at))


@check("engine/stalling/force-purge", UNAVAILABLE)
def it_is_purged_by_force(e: Evidence) -> Findings:
    if e.state("state-then").workflow_status != STALLED:
        raise NoEvidence("an instance that is stalled")
    forced, gone = e.call("forced", due=True), e.call("gone")
    if not forced.ok:
        yield Finding(expected="a purge by force succeeds", seen=forced.outcome, at=forced.at)
    elif gone.ok and gone.response(GetInstanceResponse).exists:
        yield Finding(expected="no instance", seen="one", at=(*forced.at, *gone.at))


@check("engine/stalling/dapr-api-shows", DAPR)
def the_dapr_api_shows_a_stall(e: Evidence) -> Findings:
    has_stalled(e)
    for version in VERSIONS:
        call = e.call(f"shown-{version}", due=True)
        shown = call.response(GetWorkflowResponse).runtime_status
        if shown not in ("UNKNOWN", "STALLED"):
            seen = repr(shown) if call.ok else call.outcome
            yield Finding(expected="status UNKNOWN or STALLED", seen=seen, at=call.at)


@check("engine/stalling/dapr-api-refuses", DAPR)
def the_dapr_api_changes_nothing_of_it(e: Evidence) -> Findings:
    has_stalled(e)
    for version in VERSIONS:
        for step in ("raised", "PauseWorkflow", "ResumeWorkflow", "TerminateWorkflow"):
            call = e.call(f"{step}-{version}", due=True)
            yield from _says_stalled(call, call.name)
        purged = e.call(f"PurgeWorkflow-{version}", due=True)
        if purged.ok:
            yield Finding(expected=f"{purged.name} fails", seen="OK", at=purged.at)
    if not e.call("state-then").response(GetInstanceResponse).exists:
        yield Finding(expected="the instance is still there", seen="it is gone", at=e.call("state-then").at)


@check("engine/stalling/shown-before-suspended", SUSPENDED)
def a_stall_is_shown_before_a_suspension(e: Evidence) -> Findings:
    if e.state("suspended").workflow_status != OrchestrationStatus.SUSPENDED:
        raise NoEvidence("a suspended instance")
    yield from stalls(e)
    e.call("again/answered")
    e.call("suspended-again", due=True)


@check("engine/stalling/first-turn-stalls", FIRST)
def an_instance_may_stall_before_its_first_commit(e: Evidence) -> Findings:
    first = e.item("first")
    e.call("stalled/answered")
    yield from stalls(e)
    e.moment("again/connected")
    again = e.item("again", due=True)
    if again.new(ExecutionStarted) != first.new(ExecutionStarted):
        seen = told(again.turn.new_events)
        yield Finding(expected="the same executionStarted again", seen=seen, at=(*first.at, *again.at))
    e.call("again/answered")
    e.call("completed", due=True)


# --- Sizes.


@check("engine/stalling/large-turn-stalls", LARGE)
def a_turn_that_fits_is_sent(e: Evidence) -> Findings:
    e.moment("limit")
    for step in ("turn-0", "turn-1"):
        e.item(step, due=True)
    yield from ()


@check("engine/stalling/large-turn-stalls", LARGE)
def a_turn_above_the_limit_stalls(e: Evidence) -> Findings:
    e.call("filled")
    yield from _too_large(e, "turn-sent-or-stalled", "history")


@check("engine/stalling/large-activity-stalls", LARGE)
def an_activity_above_the_limit_stalls(e: Evidence) -> Findings:
    e.call("asked")
    yield from _too_large(e, "activity-sent-or-stalled", "other-history")


def _too_large(e: Evidence, step: str, history: str) -> Findings:
    call = e.call(step, due=True)
    state = call.response(GetInstanceResponse).workflow_state or WorkflowState()
    if state.workflow_status != STALLED:
        yield Finding(expected="status STALLED, and nothing sent", seen="it was sent", at=call.at)
        return
    if not e.call(history).ok:
        return
    reasons = [body.reason for _, body in of(e.history(history), ExecutionStalled)]
    if reasons != [StalledReason.PAYLOAD_SIZE_EXCEEDED]:
        seen = ", ".join(reason.name for reason in reasons) or "none"
        yield Finding(expected="one executionStalled, PAYLOAD_SIZE_EXCEEDED", seen=seen, at=e.call(history).at)
