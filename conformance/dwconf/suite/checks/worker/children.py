"""Checks about child workflows (chapter G)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import answer, as_json, completes, equal
from dwconf.wire.values import CreateChildWorkflow, OrchestrationStatus

NOTHING = {"program": 1, "steps": []}


@check("worker/children/create-action", "worker/children/explicit-id")
def a_child_carries_name_input_and_id(e: Evidence) -> Findings:
    given, wanted = answer(e, "first", due=True), str(e.note("wanted", "id"))
    made = [(child.name, child.instance_id, as_json(child.input)) for _, child in given.of(CreateChildWorkflow)]
    if made != [("interp_child", wanted, NOTHING)]:
        expected = f"one createChildWorkflow of interp_child with the id {wanted!r} and its input as JSON"
        yield Finding(expected=expected, seen=str(given), at=given.at)


@check("worker/children/create-action", "worker/children/falsy-inputs")
def a_childs_input_may_count_as_false(e: Evidence) -> Findings:
    given = answer(e, "first", due=True)
    made = [child.input for _, child in given.of(CreateChildWorkflow)]
    if None in made or not equal([as_json(text) for text in made], [0, False, ""]):
        yield Finding(expected='children with the inputs 0, false and ""', seen=f"{made} in {given}", at=given.at)


@check("worker/children/default-id-deterministic", "worker/children/default-id")
def the_default_id_is_the_same_on_replay(e: Evidence) -> Findings:
    for step in ("first", "second"):
        once, again = answer(e, step), answer(e, f"{step}-again", due=True)
        ids = [[child.instance_id for _, child in given.of(CreateChildWorkflow)] for given in (once, again)]
        if ids[0] != ids[1]:
            yield Finding(expected=f"the instance ids {ids[0]}", seen=str(ids[1]), at=once.at + again.at)


@check("worker/children/default-id-distinct", "worker/children/default-id")
def no_two_children_have_one_default_id(e: Evidence) -> Findings:
    answers = [answer(e, step, due=True) for step in ("first", "second", "other")]
    ids = [child.instance_id for given in answers for _, child in given.of(CreateChildWorkflow)]
    if len(ids) != len(answers):
        raise NoEvidence("a child in each of three turns")
    named = [one for one in ids if one]
    if len(set(named)) != len(named):
        at = tuple(number for given in answers for number in given.at)
        yield Finding(expected="three instance ids, all distinct, or none", seen=str(ids), at=at)


@check("worker/children/result-decoded", "worker/children/explicit-id")
def the_code_gets_the_childs_result(e: Evidence) -> Findings:
    yield from completes(answer(e, "last", due=True), {"a": [1, None]})


@check("worker/children/failure-raised", "worker/children/failed-child")
def the_code_catches_the_childs_failure(e: Evidence) -> Findings:
    given = answer(e, "last", due=True)
    caught = given.result if isinstance(given.result, dict) else {}
    status = given.end.workflow_status if given.end else OrchestrationStatus.RUNNING
    if status != OrchestrationStatus.COMPLETED or "the child's own words" not in str(caught.get("message")):
        expected = "the code catches an error that holds the message of the child's failure"
        yield Finding(expected=expected, seen=str(given), at=given.at)
