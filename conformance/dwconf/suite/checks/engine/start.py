"""Checks about starting instances (chapter B)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import execution_of, start_in
from dwconf.suite.evidence.facts import body, of_kind
from dwconf.suite.trace.words import unlike
from dwconf.wire.values import (
    CreateInstanceRequest,
    CreateInstanceResponse,
    EventRaised,
    ExecutionStarted,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    TaskScheduled,
    WorkflowStarted,
)


@check("engine/start/echoes-id", "engine/start/plain", "engine/start/scheduled")
def start_instance_answers_with_the_id(e: Evidence) -> Findings:
    call = e.call("start-answered", due=True)
    asked = call.request(CreateInstanceRequest).instance_id
    answered = call.response(CreateInstanceResponse).instance_id
    if answered != asked:
        yield Finding(expected=f"instanceId {asked!r}", seen=f"{call.outcome}, instanceId {answered!r}", at=call.at)


@check("engine/start/waits-for-first-turn", "engine/start/plain", "engine/start/held-first-turn")
def the_start_is_answered_after_the_first_turn(e: Evidence) -> Findings:
    answer, start = e.call("answered"), e.call("started")
    if start.ended is not None and start.ok and start.ended < answer.number:
        yield Finding(
            expected="StartInstance waits until the first turn is answered",
            seen="it was answered while the first turn was held",
            at=(*start.at, *answer.at),
        )
    state = e.state("state-then")
    if e.call("start-answered").ok and state.workflow_status == OrchestrationStatus.PENDING:
        yield Finding(
            expected="the first turn is committed once StartInstance has answered",
            seen="the instance was still PENDING",
            at=e.call("state-then").at,
        )


@check("engine/start/deadline-keeps-instance", "engine/start/held-first-turn")
def a_start_that_the_client_gave_up_is_kept(e: Evidence) -> Findings:
    call = e.call("hasty-answered")
    if call.code != "DEADLINE_EXCEEDED":
        raise NoEvidence("hasty-answered")
    item, shown = e.item("hasty-first"), e.call("hasty-state")
    if shown.ok and not shown.response(GetInstanceResponse).exists:
        yield Finding(
            expected="the instance exists after its client's deadline",
            seen="GetInstance does not know it",
            at=(*item.at, *shown.at),
        )
    done = e.state("hasty-completed", due=True)
    if done.output != '"kept"':
        yield Finding(
            expected="it goes on as usual", seen=f"its output is {done.output!r}", at=e.call("hasty-completed").at
        )


@check("engine/start/started-event-fields", "engine/start/plain", "engine/start/inputs")
def the_first_turn_says_what_was_started(e: Evidence) -> Findings:
    seen: dict[str, Item] = {}
    for start in e.calls_to("StartInstance"):
        asked = start.request(CreateInstanceRequest)
        for item in e.turns(asked.instance_id):
            for event in item.new(ExecutionStarted):
                yield from _fields(item, event, asked, seen)
    if not seen:
        raise NoEvidence("an executionStarted")


def _fields(item: Item, event: HistoryEvent, asked: CreateInstanceRequest, seen: dict[str, Item]) -> Findings:
    started = body(event, ExecutionStarted)
    instance = started.workflow_instance
    named = (event.event_id, started.name, instance.instance_id if instance else None)
    wanted = (-1, asked.name, asked.instance_id)
    if named != wanted:
        yield Finding(expected=f"event id, name and instance id {wanted}", seen=str(named), at=item.at)
    execution = execution_of(started)
    if not execution:
        yield Finding(expected="an execution id", seen="none", at=item.at)
    if execution in seen and seen[execution].instance_id != item.instance_id:
        yield Finding(
            expected="an execution id of its own",
            seen=f"{execution!r}, which another instance has too",
            at=(*seen[execution].at, *item.at),
        )
    seen[execution] = item


@check("engine/start/input-presence-kept", "engine/start/inputs")
def the_input_arrives_as_it_was_given(e: Evidence) -> Findings:
    for step in ("unset", "empty", "text", "long"):
        given = e.call(f"{step}-started").request(CreateInstanceRequest).input
        item = e.item(step)
        started = start_in(item)
        if started.input != given:
            wanted, seen = unlike(given, started.input)
            yield Finding(expected=f"input {wanted}", seen=seen, at=item.at)


@check("engine/start/version-tags-execution-id-kept", "engine/start/extras")
def what_else_the_start_says_arrives(e: Evidence) -> Findings:
    asked = e.call("started").request(CreateInstanceRequest)
    item = e.item("first")
    started = start_in(item)
    pairs = (
        ("version", asked.version, started.version),
        ("tags", dict(asked.tags), dict(started.tags)),
        ("executionId", asked.execution_id or "", execution_of(started)),
    )
    for name, given, arrived in pairs:
        if given != arrived:
            yield Finding(expected=f"{name} {given!r}", seen=repr(arrived), at=item.at)


@check("engine/start/unregistered-name-dispatched", "engine/start/odd-names")
def a_name_that_nobody_registered_is_dispatched(e: Evidence) -> Findings:
    start = e.call("nobody-started")
    item = e.item("nobody", due=True)
    started = start_in(item)
    if started.name != start.request(CreateInstanceRequest).name:
        yield Finding(expected="the name that was asked for", seen=repr(started.name), at=item.at)


@check("engine/start/no-name-validation", "engine/start/odd-names")
def odd_ids_and_names_are_taken(e: Evidence) -> Findings:
    for step in ("odd-id", "long-id", "odd-name", "no-name"):
        start = e.call(f"{step}-started")
        asked = start.request(CreateInstanceRequest)
        if start.ended is not None and not start.ok:
            yield Finding(
                expected=f"the start of {asked.name!r} as {asked.instance_id!r} is accepted",
                seen=start.outcome,
                at=start.at,
            )
            return
        item = e.item(step, due=True)
        started = start_in(item)
        if started.name != asked.name:
            yield Finding(expected=f"name {asked.name!r}", seen=repr(started.name), at=item.at)


# --- scheduled starts


@check("engine/start/started-event-schedule", "engine/start/scheduled")
def the_schedule_arrives(e: Evidence) -> Findings:
    for start, first in (("started", "first"), ("past-started", "past-first")):
        given = e.call(start).request(CreateInstanceRequest).scheduled_start_timestamp
        item = e.item(first)
        started = start_in(item)
        if started.scheduled_start_timestamp != given:
            yield Finding(
                expected=f"scheduledStartTimestamp {given}", seen=str(started.scheduled_start_timestamp), at=item.at
            )


@check("engine/start/delayed-start-returns-at-once", "engine/start/scheduled")
def a_scheduled_start_does_not_wait(e: Evidence) -> Findings:
    call = e.call("start-answered", due=True)
    state = e.state("state-before")
    if call.ok and state.workflow_status != OrchestrationStatus.PENDING:
        yield Finding(
            expected="PENDING until its time comes",
            seen=state.workflow_status.name,
            at=(*call.at, *e.call("state-before").at),
        )
    e.call("past-answered", due=True)


@check("engine/start/delayed-start-not-early", "engine/start/scheduled")
def no_turn_comes_before_its_time(e: Evidence) -> Findings:
    """An engine so busy that a start which is due takes as long as the other lies ahead shows nothing by being late."""
    judged = False
    took = e.item("past-first").clock - e.call("past-started").sent_clock
    for start in e.calls_to("StartInstance"):
        asked = start.request(CreateInstanceRequest)
        at = asked.scheduled_start_timestamp
        turn = next(iter(e.turns(asked.instance_id)), None)
        if at is None or at < start.sent_clock or turn is None:
            continue
        judged = True
        if is_early(turn, at):
            early = (at - turn.clock) / 1e9
            yield Finding(expected="no turn before the time", seen=f"{early:.3f} s early", at=(*start.at, *turn.at))
        elif took >= at - start.sent_clock:
            raise NoEvidence("a start that is soon enough to be early")
    if not judged:
        raise NoEvidence("a turn of a scheduled start")


@check("engine/start/past-start-runs-at-once", "engine/start/scheduled")
def a_start_in_the_past_is_dispatched(e: Evidence) -> Findings:
    e.call("past-started")
    e.item("past-first", due=True)
    yield from ()


@check("engine/start/message-before-delayed-start", "engine/start/message-before-start")
def an_early_event_waits_for_the_start(e: Evidence) -> Findings:
    if not e.call("raised").ok:
        raise NoEvidence("raised")
    due = e.call("started").request(CreateInstanceRequest).scheduled_start_timestamp or 0
    for item in e.turns():
        if not item.turn.past_events and (not item.new(ExecutionStarted) or is_early(item, due)):
            yield Finding(expected="no turn before the start", seen="a turn before it", at=item.at)
    first = e.item("first", due=True)
    events = [event for item in e.turns(first.instance_id) for event in item.new(EventRaised)]
    if not events:
        e.item("second", due=True)
    e.call("completed", due=True)
    if len(events) != 1:
        yield Finding(
            expected="the event, once, in the first turn or after it", seen=f"{len(events)} times", at=first.at
        )


def is_early(turn: Item, due: int) -> bool:
    """Whether a turn was dispatched before a time, by the target's clock and by the turn's own timestamp."""
    stamps = [event.timestamp for event in turn.new(WorkflowStarted) if event.timestamp is not None]
    return turn.clock < due and all(stamp < due for stamp in stamps)


# --- traces


@check("engine/start/trace-parent-passed-on", "engine/start/traced")
def the_trace_reaches_the_first_turn(e: Evidence) -> Findings:
    for step in ("sampled", "unsampled"):
        context = e.call(f"{step}-started").request(CreateInstanceRequest).parent_trace_context
        item = e.item(step)
        started = start_in(item)
        parent = started.parent_trace_context.trace_parent if started.parent_trace_context else ""
        wanted = context.trace_parent.split("-")[1] if context else ""
        if wanted not in parent:
            yield Finding(expected=f"a trace parent of trace {wanted}", seen=repr(parent or None), at=item.at)
        if not started.workflow_span_id:
            yield Finding(expected="a workflowSpanID", seen="none", at=item.at)


@check("engine/start/bad-trace-parent-refused", "engine/start/badly-traced")
def a_malformed_trace_parent_creates_nothing(e: Evidence) -> Findings:
    for number in range(3):
        call, shown = e.call(f"started-{number}"), e.call(f"state-{number}")
        context = call.request(CreateInstanceRequest).parent_trace_context
        parent = context.trace_parent if context else ""
        exists = shown.ok and shown.response(GetInstanceResponse).exists
        if call.ok or exists:
            seen = f"{call.outcome}, and the instance {'exists' if exists else 'does not exist'}"
            yield Finding(
                expected=f"an error for trace parent {parent!r}, and no instance", seen=seen, at=(*call.at, *shown.at)
            )


def traces_by_itself(first: Item) -> bool:
    """Whether an instance that its client does not trace starts with a trace context."""
    started = start_in(first)
    return started.parent_trace_context is not None and bool(started.parent_trace_context.trace_parent)


@check("engine/start/no-trace-stays-unset", "engine/start/untraced")
def nothing_is_traced_unasked(e: Evidence) -> Findings:
    """An engine that is itself configured to trace begins a trace with the instance: not what the rule is about."""
    first, task, second = e.item("first"), e.item("activity"), e.item("second")
    if traces_by_itself(first):
        if e.choices.get("own-trace") != "never":
            raise NoEvidence("an engine that does not trace by itself")
        yield Finding(expected="no trace context in executionStarted", seen="one", at=first.at)
    if task.activity.parent_trace_context is not None:
        yield Finding(expected="no trace context in the activity request", seen="one", at=task.at)
    for event in of_kind(second.turn.past_events, TaskScheduled):
        if body(event, TaskScheduled).parent_trace_context is not None:
            yield Finding(expected="no trace context in taskScheduled", seen="one", at=second.at)
