"""Checks about the service and its streams (chapter A)."""

from __future__ import annotations

from collections import Counter

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import (
    GetInstanceResponse,
    OrchestrationStatus,
    WorkflowRequest,
    WorkflowState,
)

METHODS = (
    "Hello",
    "StartInstance",
    "GetInstance",
    "RaiseEvent",
    "SuspendInstance",
    "ResumeInstance",
    "TerminateInstance",
    "WaitForInstanceCompletion",
    "PurgeInstances",
    "CompleteOrchestratorTask",
    "CompleteActivityTask",
)


@check("engine/connection/hello-answers", "engine/connection/greeting")
def hello_answers(e: Evidence) -> Findings:
    for step in ("alone", "with-worker"):
        call = e.call(step, due=True)
        if not call.ok:
            yield Finding(expected=f"OK ({step.replace('-', ' ')})", seen=call.outcome, at=call.at)


@check("engine/connection/service-path", "engine/connection/every-method")
def every_method_is_served(e: Evidence) -> Findings:
    called = [call for call in e.calls_to(*METHODS) if call.ended is not None]
    for call in called:
        if call.code == "UNIMPLEMENTED":
            yield Finding(expected=f"{call.method} is served", seen=call.outcome, at=call.at)
    missing = sorted(set(METHODS) - {call.name for call in called})
    if missing:
        raise NoEvidence(f"a call to {missing[0]}")


@check("engine/connection/work-items-are-streamed", "engine/connection/one-stream")
def all_work_comes_on_the_one_stream(e: Evidence) -> Findings:
    for step in ("turn-0", "activity-0", "activity-1", "turn-1", "turn-2", "turn-3"):
        e.item(step, due=True)
    yield from ()


@check("engine/connection/both-completion-methods", "engine/connection/completion-methods")
def both_methods_have_the_same_effect(e: Evidence) -> Findings:
    seen = {}
    for method in ("CompleteWorkflowTask", "CompleteOrchestratorTask"):
        call = e.call(method, due=True)
        if not call.ok:
            yield Finding(expected=f"{method} is taken", seen=call.outcome, at=call.at)
            return
        e.item(f"{method}-activity", due=True)
        seen[method] = effect(e.state(f"{method}-completed", due=True))
    if len(set(seen.values())) != 1:
        at = e.call("CompleteOrchestratorTask-completed").at
        yield Finding(expected=f"the same end by both: {seen['CompleteWorkflowTask']}", seen=str(seen), at=at)


def effect(state: WorkflowState) -> tuple[object, ...]:
    """What answers have made of an instance."""
    return (state.workflow_status.name, state.output, state.custom_status)


@check("engine/connection/activities-run-concurrently", "engine/connection/side-by-side")
def activities_do_not_wait_for_each_other(e: Evidence) -> Findings:
    e.call("scheduled")
    for number in range(5):
        e.item(f"activity-{number}", due=True)
    e.item("own-turn", due=True)
    e.item("other-turn", due=True)
    yield from ()


@check("engine/connection/one-turn-at-a-time", "engine/connection/held-turn")
def no_turn_comes_while_one_is_held(e: Evidence) -> Findings:
    held = e.item("held")
    e.moment("held-long-enough")
    for item in e.between("held", "held-long-enough", e.turns(held.instance_id)):
        if item is not held:
            yield Finding(expected="no second turn of the instance", seen="one", at=(*held.at, *item.at))


@check("engine/connection/each-item-once", "engine/connection/two-streams", "engine/connection/side-by-side")
def each_dispatch_comes_once(e: Evidence) -> Findings:
    items = [*e.turns(), *e.activities()]
    if not items:
        raise NoEvidence("a work item")
    counts = Counter(identity(item) for item in items)
    for key, count in counts.items():
        if count > 1:
            at = tuple(number for item in items if identity(item) == key for number in item.at)
            yield Finding(expected="each item once, on one stream", seen=f"{key[0]} {count} times", at=at)


def identity(item: Item) -> tuple[str, object]:
    """What a dispatch is of, as long as no stream ends: one activity of an execution, or one turn on a past."""
    turn, activity = item.turn, item.activity
    if isinstance(item.item.request, WorkflowRequest):
        last = turn.new_events[-1] if turn.new_events else None
        return f"a turn of {item.instance_id}", (len(turn.past_events), last)
    instance = activity.workflow_instance
    execution = instance.execution_id if instance else None
    return f"activity {activity.task_id} of {item.instance_id}", execution


@check("engine/connection/completion-on-any-connection", "engine/connection/other-connection")
def an_answer_counts_from_any_connection(e: Evidence) -> Findings:
    e.item("first")
    for step in ("first-answered", "activity-answered"):
        call = e.call(step, due=step == "first-answered")
        if not call.ok:
            yield Finding(expected="OK over a connection without a stream", seen=call.outcome, at=call.at)
            return
        e.call("start-answered", due=True)
        e.item("activity", due=True)
    e.item("second", due=True)
    e.call("completed", due=True)


@check(
    "engine/connection/full-history-without-capability", "engine/connection/plain-history", needs=("instance-history",)
)
def the_past_is_what_the_history_is(e: Evidence) -> Findings:
    for number in range(1, 4):
        item, history = e.item(f"turn-{number}"), e.history(f"history-{number}")
        if item.turn.past_events != history:
            yield Finding(
                expected=f"{len(history)} past events, as GetInstanceHistory answers them",
                seen=f"{len(item.turn.past_events)} that are not those",
                at=(*item.at, *e.call(f"history-{number}").at),
            )


@check("engine/connection/unknown-capability-ignored", "engine/connection/unknown-capability")
def a_stream_with_unknown_capabilities_works(e: Evidence) -> Findings:
    e.moment("stream")
    for end in e.ends.values():
        if end.text != "dropped by the suite":
            yield Finding(expected="the stream stays open", seen=f"{end.code} {end.text!r}", at=end.at)
    e.item("first", due=True)


@check("engine/connection/idle-stream-stays-open", "engine/connection/idle")
def an_idle_stream_carries_the_next_item(e: Evidence) -> Findings:
    e.moment("waited")
    for end in e.ends.values():
        if end.text != "dropped by the suite":
            yield Finding(expected="the stream stays open", seen=f"{end.code} {end.text!r}", at=end.at)
    e.item("then", due=True)


@check("engine/connection/held-item-not-resent", "engine/connection/held-long")
def what_is_held_is_not_sent_again(e: Evidence) -> Findings:
    turn, task = e.item("turn"), e.item("activity")
    e.moment("held-long-enough")
    later = e.between("turn", "held-long-enough", [*e.turns(turn.instance_id), *e.activities(task.instance_id)])
    for item in later:
        if item.number not in (turn.number, task.number):
            kind = "the turn" if item.turn.instance_id else "the activity"
            held = turn if item.turn.instance_id else task
            yield Finding(expected="nothing that is held is sent again", seen=f"{kind} again", at=(*held.at, *item.at))


@check("engine/connection/slow-reader-is-dropped", "engine/connection/slow-reader")
def what_a_worker_does_not_read_goes_to_another(e: Evidence) -> Findings:
    e.moment("reader")
    for number in range(6):
        e.item(f"turn-{number}", due=True)
    yield from ()


# --- without a worker


@check("engine/connection/work-waits-for-a-worker", "engine/connection/no-worker")
def accepted_work_comes_when_a_worker_does(e: Evidence) -> Findings:
    e.item("kept-first")
    e.moment("worker-comes")
    e.item("kept-again", due=True)
    shown = e.call("state-then")
    if shown.ok and shown.response(GetInstanceResponse).exists:
        e.item("first", due=True)
    yield from ()


@check("engine/connection/create-without-worker", "engine/connection/no-worker")
def a_start_without_a_worker_behaves_as_declared(e: Evidence) -> Findings:
    choice = e.choices.get("create-without-worker")
    if choice is None:
        raise NoEvidence("the profile's choice create-without-worker")
    start, shown = e.call("given-up"), e.call("state-then")
    if start.code != "DEADLINE_EXCEEDED":
        yield Finding(expected="the call waits until its deadline", seen=start.outcome, at=start.at)
    if not shown.ok:
        raise NoEvidence("state-then")
    state = shown.response(GetInstanceResponse).workflow_state
    status = state.workflow_status.name if state is not None else "no instance"
    pending = OrchestrationStatus.PENDING.name
    if choice == "persists" and status != pending:
        yield Finding(expected="the instance is there, PENDING", seen=status, at=(*start.at, *shown.at))
    if choice == "blocks" and status != "no instance":
        yield Finding(expected="no instance before a worker connects", seen=status, at=(*start.at, *shown.at))


@observation("engine/connection/unused-request-fields", "engine/start/plain", "engine/connection/plain-history")
def which_seldom_used_fields_are_set(e: Evidence) -> str:
    turns = list(e.turns())
    if not turns:
        raise NoEvidence("a turn")
    fields = {
        "router": any(item.turn.router is not None for item in turns),
        "requiresHistoryStreaming": any(item.turn.requires_history_streaming for item in turns),
        "propagatedHistory": any(item.turn.propagated_history is not None for item in turns),
    }
    return ", ".join(name for name, present in fields.items() if present) or "none of them is set"
