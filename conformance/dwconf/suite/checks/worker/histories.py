"""Checks about histories that came in another way (chapter B; see the cases)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Findings, NoEvidence
from dwconf.suite.evidence.answers import Answer, answer, same_actions
from dwconf.suite.evidence.sameness import in_any_order, same_in_total
from dwconf.wire.values import WorkflowResponse

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
