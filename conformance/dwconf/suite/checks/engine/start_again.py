"""Checks about ids that are taken, or were (chapter B)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, Item, NoEvidence
from dwconf.suite.evidence.events import execution_of, start_in, told
from dwconf.suite.evidence.facts import body, of_kind
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import ExecutionStarted, TimerFired, WorkflowState


def _refused(e: Evidence, *steps: str) -> Findings:
    for step in steps:
        call = e.call(step)
        if call.code != "ALREADY_EXISTS":
            yield Finding(expected=f"ALREADY_EXISTS ({step.replace('-', ' ')})", seen=call.outcome, at=call.at)


@check("engine/start/active-id-refused", "engine/start-again/active")
def the_id_of_an_active_instance_is_refused(e: Evidence) -> Findings:
    yield from _refused(e, "while-pending")
    yield from _refused(e, "while-running")
    yield from _refused(e, "while-suspended")


@check("engine/start/active-run-untouched", "engine/start-again/active")
def the_active_instance_goes_on_unchanged(e: Evidence) -> Findings:
    if e.call("while-running").ok or e.call("while-pending").ok:
        raise NoEvidence("a refused start")
    before, after = e.state("state-before"), e.state("state-after")
    if shown(before) != shown(after):
        yield Finding(expected=f"the same state: {shown(before)}", seen=str(shown(after)), at=e.call("state-after").at)
    first = execution_of(start_in(e.item("first")))
    for item in e.turns():
        for event in item.new(ExecutionStarted):
            if item.number != e.item("first").number and item.turn.past_events:
                yield Finding(expected="no further executionStarted", seen="one in a later turn", at=item.at)
            elif (execution := execution_of(body(event, ExecutionStarted))) != first:
                yield Finding(expected=f"execution {first}", seen=execution, at=item.at)
    done = e.state("completed")
    if (done.input, done.output) != ('"original"', '"of the first"'):
        yield Finding(
            expected='input "original", output "of the first"',
            seen=f"input {done.input}, output {done.output}",
            at=e.call("completed").at,
        )


def shown(state: WorkflowState) -> tuple[object, ...]:
    """What of a state must not change by a refused request."""
    return (state.name, state.workflow_status.name, state.input, state.custom_status or "", state.created_timestamp)


@check("engine/start/terminal-id-answer", "engine/start-again/ended")
def the_id_of_an_ended_instance_is_treated_as_declared(e: Evidence) -> Findings:
    choice = e.choices.get("terminal-id")
    if choice is None:
        raise NoEvidence("the profile's choice terminal-id")
    call = e.call("again-answered")
    if choice == "restarts":
        if not call.ok:
            yield Finding(expected="OK, and a new execution", seen=call.outcome, at=call.at)
        return
    if call.code != "ALREADY_EXISTS":
        yield Finding(expected="ALREADY_EXISTS", seen=call.outcome, at=call.at)
    before, after = e.state("completed"), e.state("completed-again")
    if (*shown(before), before.output) != (*shown(after), after.output):
        yield Finding(
            expected="the ended instance unchanged",
            seen=f"output {after.output!r} instead of {before.output!r}",
            at=e.call("completed-again").at,
        )


@check("engine/start/terminal-id-reused", "engine/start-again/ended")
def a_reused_id_begins_from_nothing(e: Evidence) -> Findings:
    call = e.call("again")
    if call.ended is not None and not call.ok:
        yield Finding(expected="a start with the id of an ended instance is accepted", seen=call.outcome, at=call.at)
        return
    yield from _fresh(e, e.item("second", due=True), '"second"')
    state = e.state("state-of-second")
    if state.custom_status or state.output:
        seen = f"custom status {state.custom_status!r}, output {state.output!r}"
        yield Finding(expected="nothing of the earlier run", seen=seen, at=e.call("state-of-second").at)
    yield from _one_run(e, "history-again", '"second"')


@check("engine/start/purged-id-reused", "engine/start-again/ended")
def a_purged_id_begins_from_nothing(e: Evidence) -> Findings:
    if not e.call("purged").ok:
        raise NoEvidence("purged")
    call = e.call("third-started")
    if call.ended is not None and not call.ok:
        yield Finding(expected="a start with the id of a purged instance is accepted", seen=call.outcome, at=call.at)
        return
    yield from _fresh(e, e.item("third", due=True), '"third"')
    done = e.state("third-completed")
    if done.output != '"three"' or done.custom_status:
        seen = f"output {done.output!r}, custom status {done.custom_status!r}"
        yield Finding(expected='output "three" and no custom status', seen=seen, at=e.call("third-completed").at)
    yield from _one_run(e, "third-history", '"third"')


@check("engine/start/purged-id-reused", "engine/start-again/with-timer")
def no_timer_of_the_purged_instance_fires(e: Evidence) -> Findings:
    if not e.call("purged").ok:
        raise NoEvidence("purged")
    e.moment("due")
    second, fence = e.item("second"), e.item("fence")
    for item in e.turns(second.instance_id):
        fired = item.new(TimerFired)
        if fired and item.number < second.number:
            raise NoEvidence("an instance that ended before its timer was due")
        if fired and item.number <= fence.number:
            yield Finding(expected="no timerFired: the new timer is an hour away", seen=told(fired), at=item.at)


def _fresh(e: Evidence, item: Item, given: str) -> Findings:
    if item.turn.past_events:
        seen = f"{len(item.turn.past_events)} past events"
        yield Finding(expected="a first turn without past events", seen=seen, at=item.at)
    start = start_in(item)
    if start.input != given:
        yield Finding(expected=f"input {given}", seen=repr(start.input), at=item.at)
    first = e.item("first")
    if execution_of(start) == execution_of(start_in(first)):
        yield Finding(expected="an execution id of its own", seen="that of the first run", at=(*first.at, *item.at))


def _one_run(e: Evidence, step: str, given: str) -> Findings:
    """Whether history holds this run alone; an engine that does not answer it is judged by the rest."""
    if not e.reached(step) or not e.call(step).ok:
        return
    starts = [body(event, ExecutionStarted).input for event in of_kind(e.history(step), ExecutionStarted)]
    if starts != [given]:
        yield Finding(expected=f"one executionStarted, with input {given}", seen=f"inputs {starts}", at=e.call(step).at)


@check("engine/start/unique-id-flag", "engine/start-again/unique")
def a_unique_id_is_refused(e: Evidence) -> Findings:
    yield from _refused(e, "while-active")
    yield from _refused(e, "after-its-end")
    before, after = e.state("completed"), e.state("state-after")
    if before.output != after.output:
        yield Finding(expected="the ended instance unchanged", seen=repr(after.output), at=e.call("state-after").at)


@check("engine/start/running-descendants-block-reuse", "engine/start-again/with-descendants")
def an_id_is_not_reused_while_descendants_run(e: Evidence) -> Findings:
    e.item("child-first")
    yield from _refused(e, "while-child-runs")
    e.call("child-completed")
    call = e.call("again-answered", due=True)
    if not call.ok:
        yield Finding(expected="OK once no descendant runs", seen=call.outcome, at=call.at)


@observation("engine/start/repeated-start", "engine/start-again/active")
def what_a_second_start_gives(e: Evidence) -> str:
    return e.call("while-pending").outcome
