"""A check sees what the case reached, and is told apart what it missed from what it never got to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dwconf.suite.checks.registry import Check, decide
from dwconf.suite.evidence import Evidence, Finding, Findings, Missed, NoEvidence
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.values import GetInstanceResponse, WorkflowRequest, WorkflowState, WorkItem

GET = "/TaskHubSidecarService/GetInstance"
ITEMS = "/TaskHubSidecarService/GetWorkItems"


def tape() -> Tape:
    made = Tape("case")
    made.add(Actor.SUITE, Kind.REQUEST, method=GET)
    found = GetInstanceResponse(exists=True, workflow_state=WorkflowState(instance_id="i"))
    made.add(Actor.TARGET, Kind.RESPONSE, call=1, method=GET, payload=codec.encode(found), code="OK")
    made.add(Actor.HARNESS, Kind.STEP, text="state", fields={"ref": 1})
    item = WorkItem(request=WorkflowRequest(instance_id="i"), completion_token="t")
    stream = made.add(Actor.SUITE, Kind.OPEN, method=ITEMS)
    arrived = made.add(Actor.TARGET, Kind.ITEM, call=stream.number, method=ITEMS, payload=codec.encode(item))
    made.add(Actor.HARNESS, Kind.STEP, text="turn", fields={"ref": arrived.number})
    made.add(Actor.HARNESS, Kind.STEP, text="late", fields={"missed": True, "expects": "a second turn"})
    return made


def test_steps_point_to_facts() -> None:
    e = Evidence(tape().records)
    assert e.state("state").instance_id == "i"
    assert e.call("state").code == "OK"
    assert e.item("turn").token == "t"
    assert [item.instance_id for item in e.turns("i")] == ["i"]
    assert list(e.activities()) == []


def test_an_absent_step_is_no_evidence() -> None:
    with pytest.raises(NoEvidence, match="'never'"):
        Evidence(tape().records).item("never", due=True)


def test_a_missed_step_is_a_breach_only_where_the_rule_demands_it() -> None:
    e = Evidence(tape().records)
    assert e.missed("late")
    with pytest.raises(NoEvidence):
        e.item("late")
    with pytest.raises(Missed, match="a second turn"):
        e.item("late", due=True)


def test_a_failed_call_is_no_evidence_of_a_state() -> None:
    made = Tape("case")
    made.add(Actor.SUITE, Kind.REQUEST, method=GET)
    made.add(Actor.TARGET, Kind.STATUS, call=1, method=GET, code="NOT_FOUND", text="gone")
    made.add(Actor.HARNESS, Kind.STEP, text="state", fields={"ref": 1})
    e = Evidence(made.records)
    assert e.call("state").outcome == 'NOT_FOUND "gone"'
    with pytest.raises(NoEvidence):
        e.state("state")


def silent(e: Evidence) -> Findings:
    e.item("turn")
    yield from ()


def strict(e: Evidence) -> Findings:
    yield Finding("this", "that", e.item("turn").at)


def blind(e: Evidence) -> Findings:
    e.item("never")
    yield from ()


def demanding(e: Evidence) -> Findings:
    e.item("late", due=True)
    yield from ()


def garbled(e: Evidence) -> Findings:
    codec.decode(WorkItem, b"\xff")
    yield from ()


@pytest.mark.parametrize(
    ("judge", "findings", "untested"),
    [(silent, 0, False), (strict, 1, False), (blind, 0, True), (demanding, 1, False), (garbled, 1, False)],
)
def test_a_check_passes_fails_or_cannot_tell(
    judge: Callable[[Evidence], Findings], findings: int, *, untested: bool
) -> None:
    decision = decide(Check("engine/x/y", ("case",), judge), Evidence(tape().records))
    assert (len(decision.findings), bool(decision.untested)) == (findings, untested)


def test_an_item_that_is_no_item_reads_as_an_empty_one() -> None:
    made = Tape("case")
    made.add(Actor.TARGET, Kind.ITEM, call=1, method=ITEMS, payload=b"\xff\xff")
    assert [item.item for item in Evidence(made.records).items.values()] == [WorkItem()]
