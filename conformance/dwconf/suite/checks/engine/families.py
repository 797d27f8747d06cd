"""Checks about the termination of parents and their children (chapter G)."""

from __future__ import annotations

from dwconf.suite.checks.engine.terminate import order_in
from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.wire.values import ExecutionTerminated, OrchestrationStatus

OUTPUT = '"all of you"'


def _told_and_ended(e: Evidence, member: str) -> Findings:
    """Whether a descendant was told to terminate, with the same output and recursively, and ended so."""
    order = e.item(f"{member}-order", due=True)
    told = order_in(order)
    if (told.input, told.recurse) != (OUTPUT, True):
        seen = f"input {told.input!r}, recurse {told.recurse}"
        yield Finding(expected=f"input {OUTPUT!r}, recurse True", seen=seen, at=order.at)
    e.call(f"{member}-ended", due=True)
    state = e.state(f"{member}-ended")
    if state.workflow_status != OrchestrationStatus.TERMINATED:
        seen = state.workflow_status.name
        yield Finding(expected=f"the {member} TERMINATED", seen=seen, at=e.call(f"{member}-ended").at)


@check("engine/children/recursive-terminate", "engine/families/terminated")
def the_whole_tree_is_told_and_ends(e: Evidence) -> Findings:
    obeyed = e.call("obeyed")
    yield from _told_and_ended(e, "kid")
    yield from _told_and_ended(e, "grandchild")
    yield from _told_and_ended(e, "sibling")
    order = e.item("kid-order")
    if order.number < obeyed.number:
        seen = "the child was told before the parent had ended"
        yield Finding(expected="children after the parent's end", seen=seen, at=(order.number, obeyed.number))


@check("engine/children/recursive-terminate-after-end", "engine/families/terminated-late")
def the_child_of_an_ended_parent_is_told_and_ends(e: Evidence) -> Findings:
    e.call("ended")
    yield from _told_and_ended(e, "kid")


@check("engine/children/plain-terminate-spares-children", "engine/families/terminated-alone")
def the_child_goes_on(e: Evidence) -> Findings:
    e.call("answered")
    fence = e.item("fence", due=True)
    for turn in e.turns(fence.instance_id):
        if turn.new(ExecutionTerminated):
            yield Finding(expected="no executionTerminated for the child", seen="one", at=turn.at)
    state = e.state("kid-ended", due=True)
    if (state.workflow_status, state.output) != (OrchestrationStatus.COMPLETED, '"by itself"'):
        seen = f"{state.workflow_status.name} with output {state.output!r}"
        yield Finding(expected="COMPLETED by itself", seen=seen, at=e.call("kid-ended").at)
