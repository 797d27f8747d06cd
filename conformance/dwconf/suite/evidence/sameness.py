"""Answers to the same history in two ways, compared as far as the protocol promises that they are the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dwconf.suite.evidence.answers import Answer, essence
from dwconf.suite.evidence.verdicts import Finding, Findings
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    HistoryEvent,
    WorkflowAction,
)


def in_any_order(given: Answer) -> Answer:
    """An answer whose order of events to carry over says nothing: that is another rule's matter (WRK-C-17)."""
    actions = tuple(_carrying(action, sorted(_carried(action), key=repr)) for action in given.response.actions)
    return replace(given, response=replace(given.response, actions=actions))


def _carried(action: WorkflowAction) -> Iterable[HistoryEvent]:
    return action.body.carryover_events if isinstance(action.body, CompleteWorkflow) else ()


def _carrying(action: WorkflowAction, events: Iterable[HistoryEvent]) -> WorkflowAction:
    body = action.body
    return (
        replace(action, body=replace(body, carryover_events=tuple(events)))
        if isinstance(body, CompleteWorkflow)
        else action
    )


def same_in_total(first: list[Answer], given: list[Answer], *, at_any_time: bool) -> Findings:
    """All answers together ask for the same, and end the same.

    What is asked for beside the end is left to the worker (WRK-C-13), and so is what an event that came with the end
    leaves to carry over: when both have ended, actions that only one shows are no breach. With `at_any_time`, what
    follows from the time of a turn is not compared.
    """
    wanted, seen = in_total(first, at_any_time=at_any_time), in_total(given, at_any_time=at_any_time)
    ended = end(first), end(given)
    both = wanted.keys() & seen.keys() if None not in ended else wanted.keys() | seen.keys()
    different = [number for number in sorted(both) if wanted.get(number) != seen.get(number)]
    if different or ended[0] != ended[1]:
        at = tuple(number for one in given for number in one.at)
        yield Finding(expected=f"the same as in the turns of the first time: {told(first)}", seen=told(given), at=at)


def told(answers: list[Answer]) -> str:
    """Answers in words, one after the other."""
    return "; then ".join(str(one) for one in answers)


def in_total(answers: list[Answer], *, at_any_time: bool) -> dict[int, list[bytes]]:
    """What all answers ask for besides the end, by id; asked for twice counts once."""
    actions = [a for one in answers for a in one.response.actions if not isinstance(a.body, CompleteWorkflow)]
    return {a.id: essence([_timeless(a) if at_any_time else a]) for a in actions}


def end(answers: list[Answer]) -> list[bytes] | None:
    """How the answers end the execution; the first end, if there are several."""
    ends = [a for one in answers for a in one.response.actions if isinstance(a.body, CompleteWorkflow)]
    return essence([_carrying(action, ()) for action in ends[:1]]) if ends else None


def _timeless(action: WorkflowAction) -> WorkflowAction:
    match action.body:
        case CreateTimer() as timer:
            return replace(action, body=replace(timer, fire_at=None))
        case CreateChildWorkflow() as child:
            return replace(action, body=replace(child, instance_id=""))
        case _:
            return action
