"""Checks about detached workflows (chapter G)."""

from __future__ import annotations

from dwconf.suite.checks.engine.children import ends_in, untouched
from dwconf.suite.checks.engine.purge import exists
from dwconf.suite.checks.engine.start import is_early
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.events import execution_of, start_in
from dwconf.suite.evidence.facts import of_kind
from dwconf.wire.values import (
    DetachedWorkflowInstanceCreated,
    ExecutionTerminated,
    OrchestrationStatus,
    TaskScheduled,
)

FIELDS = "engine/detached/fields"
TAGS = (("colour", "red"), ("size", "small"))
EXECUTION = "33333333-3333-4333-8333-333333333333"


@check("engine/children/detached-has-no-parent", FIELDS)
def a_detached_workflow_has_no_parent(e: Evidence) -> Findings:
    e.item("first")
    for step in ("full", "bare"):
        item = e.item(step, due=True)
        parent = start_in(item).parent_instance
        if parent is not None:
            yield Finding(expected="no parent instance", seen=f"{parent}", at=item.at)


@check("engine/children/detached-fields", FIELDS)
def tags_and_execution_id_reach_the_new_instance(e: Evidence) -> Findings:
    item = e.item("full")
    start = start_in(item)
    if tuple(sorted(start.tags)) != TAGS:
        yield Finding(expected=f"tags {dict(TAGS)}", seen=f"{dict(start.tags)}", at=item.at)
    if execution_of(start) != EXECUTION:
        yield Finding(expected=f"execution id {EXECUTION}", seen=repr(execution_of(start)), at=item.at)


@check("engine/children/detached-fields", FIELDS)
def without_an_execution_id_it_gets_a_fresh_one(e: Evidence) -> Findings:
    item = e.item("bare")
    execution = execution_of(start_in(item))
    if execution in ("", EXECUTION, execution_of(start_in(e.item("first")))):
        yield Finding(expected="a fresh execution id", seen=repr(execution), at=item.at)


@check("engine/children/detached-is-independent", "engine/detached/independent")
def its_end_does_not_reach_the_caller(e: Evidence) -> Findings:
    e.call("ended")
    fence = e.item("fence", due=True)
    for turn in e.turns(fence.instance_id):
        if ends_in(turn):
            yield Finding(expected="nothing of the detached workflow's end", seen="a child's end", at=turn.at)


@check("engine/children/detached-is-independent", "engine/detached/independent")
def a_recursive_terminate_of_the_caller_leaves_it_alone(e: Evidence) -> Findings:
    e.item("order")
    fence = e.item("living-fence", due=True)
    for turn in e.turns(fence.instance_id):
        if turn.new(ExecutionTerminated):
            yield Finding(expected="no executionTerminated", seen="one", at=turn.at)


@check("engine/children/detached-is-independent", "engine/detached/independent")
def a_recursive_purge_of_the_caller_leaves_it_alone(e: Evidence) -> Findings:
    purged = e.call("purged")
    if not purged.ok:
        yield Finding(expected="OK: the running workflow is no descendant", seen=purged.outcome, at=purged.at)
    for step in ("ending-state", "living-state"):
        if not exists(e, step):
            yield Finding(expected="the detached workflow as before", seen="it is gone", at=e.call(step).at)


@check("engine/children/detached-needs-id", "engine/detached/nameless")
def the_turn_comes_again_and_nothing_of_the_answer_is_applied(e: Evidence) -> Findings:
    e.call("refused")
    again = e.item("again", due=True)
    e.moment("window-over")
    for item in e.activities(again.instance_id):
        yield Finding(expected="nothing of the answer applied", seen="its activity", at=item.at)


@check("engine/children/detached-needs-id", "engine/detached/nameless")
def nothing_of_the_refused_answer_is_recorded(e: Evidence) -> Findings:
    e.item("again")
    history = e.history("history")
    for event in (*of_kind(history, TaskScheduled), *of_kind(history, DetachedWorkflowInstanceCreated)):
        seen = type(event.body).__name__
        yield Finding(expected="nothing of the answer in history", seen=seen, at=e.call("history").at)


@check("engine/children/detached-schedule", "engine/detached/scheduled")
def no_turn_comes_before_the_time(e: Evidence) -> Findings:
    e.item("end")
    item = e.item("late", due=True)
    at = int(str(e.note("due", "at")))
    first = next(e.turns(item.instance_id))
    if is_early(first, at):
        early = (at - first.clock) / 1e9
        yield Finding(expected="the first turn at the scheduled time", seen=f"{early:.3f} s before it", at=first.at)


@check("engine/children/detached-id-taken", "engine/detached/taken")
def neither_occupant_nor_caller_is_changed(e: Evidence) -> Findings:
    yield from untouched(e)
    fence = e.item("fence", due=True)
    for turn in e.turns(fence.instance_id):
        if ends_in(turn):
            yield Finding(expected="nothing for the caller", seen="a child's end", at=turn.at)
    state = e.state("caller-ended", due=True)
    if state.workflow_status != OrchestrationStatus.COMPLETED:
        yield Finding(expected="COMPLETED", seen=state.workflow_status.name, at=e.call("caller-ended").at)
