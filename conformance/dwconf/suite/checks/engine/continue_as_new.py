"""Checks about continue-as-new (chapter H)."""

from __future__ import annotations

from collections import Counter

from dwconf.suite.checks.engine.purge import exists
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import answer, as_json
from dwconf.suite.evidence.events import execution_of, start_in
from dwconf.suite.evidence.facts import as_known, body, of_kind
from dwconf.suite.trace.words import unlike
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    EventRaised,
    ExecutionStarted,
    HistoryEvent,
    OrchestrationStatus,
    TaskScheduled,
    TimerCreated,
    TimerFired,
    WorkflowStarted,
)

CARRYING = "engine/continue-as-new/carrying"
STATES = ("GetInstance", "WaitForInstanceStart", "WaitForInstanceCompletion")


@check("engine/lifecycle/continue-as-new-restarts", CARRYING)
def the_next_generation_starts_with_the_result_as_input(e: Evidence) -> Findings:
    first, item = start_in(e.item("first")), e.item("second", due=True)
    if not item.new(ExecutionStarted):
        yield Finding(expected="an executionStarted", seen="none in the next generation's first turn", at=item.at)
        return
    second = start_in(item)
    if (second.name, second.input) != (first.name, '"gen2"'):
        seen = f"name {second.name!r}, input {second.input!r}"
        yield Finding(expected=f"name {first.name!r}, input '\"gen2\"'", seen=seen, at=item.at)
    if execution_of(second) in ("", execution_of(first)):
        yield Finding(expected="a new execution id", seen=repr(execution_of(second)), at=item.at)


@check("engine/lifecycle/continue-as-new-restarts", "engine/continue-as-new/inputs")
def each_generation_is_given_what_the_one_before_gave(e: Evidence) -> Findings:
    steps = {"unset": "before-empty", "empty": "before-text", "text": "before-long", "long": "last"}
    for giving, given_to in steps.items():
        end, item = answer(e, f"given-{giving}").end, e.item(given_to, due=True)
        started = start_in(item)
        if end is not None and started.input != end.result:
            wanted, seen = unlike(end.result, started.input)
            yield Finding(expected=f"input {wanted}", seen=seen, at=item.at)


@check("engine/lifecycle/continue-as-new-restarts", CARRYING, needs=("instance-history",))
def its_history_begins_with_its_start_and_what_was_carried_over(e: Evidence) -> Findings:
    events = [event for event in e.history("history") if not isinstance(event.body, WorkflowStarted)]
    at = e.call("history").at
    starts = of_kind(e.history("history"), ExecutionStarted)
    if [body(event, ExecutionStarted).input for event in starts] != ['"gen2"']:
        seen = f"inputs {[body(event, ExecutionStarted).input for event in starts]}"
        yield Finding(expected="the next generation's executionStarted alone", seen=seen, at=at)
    names = [_name(event) for event in events[:4]]
    if names != ["ExecutionStarted", "kept-one", "kept-two", "kept-two"]:
        expected = "executionStarted, then the carried-over events kept-one, kept-two and kept-two"
        yield Finding(expected=expected, seen=", ".join(names), at=at)


def _name(event: HistoryEvent) -> str:
    return event.body.name if isinstance(event.body, EventRaised) else type(event.body).__name__


@check("engine/lifecycle/continue-as-new-keeps-parent", "engine/continue-as-new/by-a-child")
def the_next_generation_has_the_same_parent(e: Evidence) -> Findings:
    first, item = start_in(e.item("kid-first")), e.item("kid-second", due=True)
    second = start_in(item)
    if second.parent_instance != first.parent_instance:
        yield Finding(expected=f"{first.parent_instance}", seen=f"{second.parent_instance}", at=item.at)


@check("engine/children/child-continues-as-new", "engine/continue-as-new/by-a-child")
def the_parent_is_told_once_at_the_real_end(e: Evidence) -> Findings:
    e.item("kid-second")
    e.call("kid-completed")
    told = e.item("told", due=True)
    fence = e.item("fence")
    turns = [turn for turn in e.turns(told.instance_id) if turn.number <= fence.number]
    ends = [
        body(event, ChildWorkflowInstanceCompleted) for t in turns for event in t.new(ChildWorkflowInstanceCompleted)
    ]
    if [(end.task_scheduled_id, end.result) for end in ends] != [(7, '"end"')]:
        seen = f"{[(end.task_scheduled_id, end.result) for end in ends]}"
        yield Finding(expected="one childWorkflowInstanceCompleted of task 7 with '\"end\"'", seen=seen, at=told.at)


@check("engine/children/child-continues-as-new", "engine/continue-as-new/by-a-child")
def the_child_still_knows_its_parent(e: Evidence) -> Findings:
    item = e.item("kid-second", due=True)
    parent = start_in(item).parent_instance
    told = parent.workflow_instance.instance_id if parent is not None and parent.workflow_instance is not None else None
    asked = start_in(e.item("kid-first")).parent_instance
    if asked is None:
        raise NoEvidence("a parent in the first generation")
    if parent is None or parent.task_scheduled_id != asked.task_scheduled_id:
        yield Finding(expected="the parent instance of the first generation", seen=f"parent {told!r}", at=item.at)


@check("engine/lifecycle/continue-as-new-drops-actions", CARRYING)
def the_other_actions_are_not_carried_out(e: Evidence) -> Findings:
    second = e.item("second")
    e.moment("window-over")
    for item in e.activities(second.instance_id):
        yield Finding(expected="no activity", seen=f"activity {item.activity.name}", at=item.at)
    for turn in e.turns(second.instance_id):
        if turn.new(TimerFired):
            yield Finding(expected="no timer", seen="timerFired", at=turn.at)
    if exists(e, "kid"):
        yield Finding(expected="no child", seen="the child was started", at=e.call("kid").at)


@check("engine/lifecycle/continue-as-new-drops-actions", CARRYING, needs=("instance-history",))
def the_other_actions_are_not_recorded(e: Evidence) -> Findings:
    for event in e.history("history"):
        if isinstance(event.body, TaskScheduled | ChildWorkflowInstanceCreated | TimerCreated):
            seen = f"{type(event.body).__name__} {event.event_id}"
            yield Finding(expected="none of the other actions in history", seen=seen, at=e.call("history").at)


@check("engine/lifecycle/continue-as-new-empty-past", CARRYING, "engine/continue-as-new/thirty")
def the_next_generation_has_no_past(e: Evidence) -> Findings:
    seen = 0
    for turn in e.turns():
        started = [body(event, ExecutionStarted).input for event in turn.new(ExecutionStarted)]
        if not started or started[0] in ("0", '"gen1"'):
            continue
        seen += 1
        if turn.turn.past_events or turn.turn.cached_history is not None:
            yield Finding(expected="no past events", seen=f"{len(turn.turn.past_events)} past events", at=turn.at)
    if not seen:
        raise NoEvidence("a next generation")


def _since_second(e: Evidence) -> list[HistoryEvent]:
    """The external events that the next generation was given, up to the fence."""
    second, fence = e.item("second"), e.item("fence")
    turns = [t for t in e.turns(second.instance_id) if second.number <= t.number <= fence.number]
    return [event for turn in turns for event in turn.new(EventRaised) if _name(event) != "fence"]


@check("engine/lifecycle/carryover-kept", CARRYING)
def exactly_the_listed_events_come_unchanged_and_in_order(e: Evidence) -> Findings:
    e.item("fence")
    second = e.item("second")
    came = [event for event in _since_second(e) if _name(event) != "queued"]
    consumed = [
        event for turn in e.turns(second.instance_id) if turn.number < second.number for event in turn.new(EventRaised)
    ]
    listed = [event for event in consumed if _name(event).startswith("kept")]
    if [_name(event) for event in came] != ["kept-one", "kept-two", "kept-two"]:
        seen = ", ".join(_name(event) for event in came) or "nothing"
        yield Finding(expected="kept-one, kept-two, kept-two", seen=seen, at=second.at)
    elif [as_known(event) for event in came] != [as_known(event) for event in listed]:
        yield Finding(expected="the events as the worker gave them", seen=f"{came}", at=second.at)


@check("engine/lifecycle/queued-events-survive", CARRYING)
def a_queued_event_comes_in_the_next_generation(e: Evidence) -> Findings:
    second = e.item("second")
    if e.missed("late"):
        e.item("late", due=True)
    names = [_name(event) for event in _since_second(e)]
    if names.count("queued") != 1:
        yield Finding(expected="the queued event, once", seen=f"{names.count('queued')} times", at=second.at)


@check("engine/lifecycle/thirty-generations", "engine/continue-as-new/thirty")
def it_completes_after_thirty_generations(e: Evidence) -> Findings:
    if e.missed("generation") and any(e.turns()):
        e.item("generation", due=True)
    e.call("completed", due=True)
    state = e.state("completed")
    if (state.workflow_status, state.output) != (OrchestrationStatus.COMPLETED, "30"):
        seen = f"{state.workflow_status.name} with output {state.output!r}"
        yield Finding(expected="COMPLETED with output '30'", seen=seen, at=e.call("completed").at)


@check("engine/lifecycle/answered-generation-not-repeated", "engine/continue-as-new/thirty")
def no_generation_comes_twice(e: Evidence) -> Findings:
    turns = [turn for turn in e.turns() if turn.new(ExecutionStarted)]
    inputs = Counter(start_in(turn).input for turn in turns)
    if len(inputs) < 2:  # noqa: PLR2004  (one generation is no chain)
        raise NoEvidence("generation")
    repeated = [turn for turn in turns if inputs[start_in(turn).input] > 1]
    if repeated:
        text = f"generation {start_in(repeated[0]).input} {inputs[start_in(repeated[0]).input]} times"
        yield Finding(expected="each generation once", seen=text, at=tuple(turn.number for turn in repeated[:2]))


@check("engine/lifecycle/events-across-generations", "engine/continue-as-new/eventful")
def each_event_is_consumed_once_and_in_order(e: Evidence) -> Findings:
    e.item("generation")
    output = e.state("completed", due=True).output or "[]"
    wanted = [f"e{number}" for number in range(8)]
    if as_json(output) != wanted:
        yield Finding(expected=f"{wanted}", seen=output, at=e.call("completed").at)


@check("engine/lifecycle/events-across-generations", "engine/continue-as-new/eventful")
def no_event_stays_away(e: Evidence) -> Findings:
    e.item("generation", due=True)
    yield from ()
