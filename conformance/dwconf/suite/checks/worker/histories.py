"""Checks about histories that came in another way (chapter B; see the cases)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, essence, same_actions
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    HistoryEvent,
    WorkflowAction,
    WorkflowResponse,
)

KEPT = "/as-it-was"


def kept(e: Evidence, step: str) -> Answer:
    """The answer of the first time."""
    call = e.kept(f"{step}{KEPT}")
    return Answer(call, call.request(WorkflowResponse))


def same_as_the_first_time(e: Evidence, way: str) -> Findings:
    """Each turn that was sent in this way was answered as it was the first time."""
    steps = [step.removesuffix(KEPT) for step in e.named(f"{way}/") if step.endswith(KEPT)]
    tried = [step for step in steps if e.reached(step) or e.missed(step)]
    for step in tried:
        yield from same_actions(in_any_order(kept(e, step)), in_any_order(answer(e, step, due=True)))
    if not tried:
        raise NoEvidence(way)


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


@check("worker/replay/same-history-same-actions", "worker/histories/fresh-process")
def whatever_a_case_made_is_the_same_in_another_process(e: Evidence) -> Findings:
    yield from same_as_the_first_time(e, "again")


@check("worker/replay/same-history-same-actions", "worker/histories/same-process")
def whatever_a_case_made_is_the_same_again(e: Evidence) -> Findings:
    yield from same_as_the_first_time(e, "again")


@check("worker/replay/duplicate-resolution-ignored", "worker/histories/same-process")
def whatever_a_case_made_is_the_same_with_everything_resolved_twice(e: Evidence) -> Findings:
    yield from same_as_the_first_time(e, "doubled")


@check("worker/stateful-history/delta-extends-cache", "worker/histories/deltas")
def whatever_a_case_made_is_the_same_upon_the_cache(e: Evidence) -> Findings:
    yield from same_as_the_first_time(e, "cached")


@check("worker/replay/any-cut-same-actions", "worker/histories/other-cuts")
def past_and_new_events_make_one_history(e: Evidence) -> Findings:
    yield from same_as_the_first_time(e, "cut")


# --- other turns


@check("worker/replay/any-turns-same-actions", "worker/histories/other-turns")
def it_does_not_matter_how_events_are_grouped(e: Evidence) -> Findings:
    compared = 0
    for name in histories(e):
        first = [kept(e, step.removesuffix(KEPT)) for step in e.named(f"grouped/{name}/") if step.endswith(KEPT)]
        for way in ("alone", "together"):
            given = list(turns(e, f"grouped/{name}/{way}"))
            if given:
                compared += 1
                yield from same_in_total(first, given, at_any_time=way == "together")
    if not compared:
        raise NoEvidence("grouped")


def histories(e: Evidence) -> Iterable[str]:
    """The names of the histories that were grouped anew."""
    return dict.fromkeys(step.split("/")[1] for step in e.named("grouped/"))


def turns(e: Evidence, step: str) -> Iterator[Answer]:
    """The answers to the turns of one way; raises Missed for one that did not come."""
    place = 0
    while e.reached(f"{step}/{place}") or e.missed(f"{step}/{place}"):
        yield answer(e, f"{step}/{place}", due=True)
        place += 1


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
