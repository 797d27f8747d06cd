"""The monitors of a worker's answers to activity items, on traffic that is written down here."""

from __future__ import annotations

import pytest

from dwconf.suite.monitors import worker_activities  # noqa: F401  (registers them)
from dwconf.suite.monitors.registry import Watch
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import ActivityRequest, ActivityResponse, WorkflowInstance, WorkItem

ITEMS = TASK_HUB.methods["GetWorkItems"].path
DONE = TASK_HUB.methods["CompleteActivityTask"].path
ONCE, TOKENS = "worker/activities/one-answer-per-item", "worker/activities/no-foreign-token"
Answer = tuple[str, str]


def findings(rule: str, items: list[str], answers: list[Answer]) -> list[str]:
    """What a monitor sees in items with these tokens, all of one task, and answers with tokens and statuses."""
    watch = Watch([rule])
    tape = Tape("case", sinks=(watch,))
    request = ActivityRequest(name="echo", task_id=3, workflow_instance=WorkflowInstance(instance_id="i"))
    for token in items:
        made = codec.encode(WorkItem(request=request, completion_token=token))
        tape.add(Actor.SUITE, Kind.ITEM, call=1, method=ITEMS, payload=made)
    for token, code in answers:
        given = codec.encode(ActivityResponse(instance_id="i", task_id=3, completion_token=token))
        call = tape.add(Actor.TARGET, Kind.REQUEST, method=DONE, payload=given)
        tape.add(Actor.SUITE, Kind.RESPONSE if code == "OK" else Kind.STATUS, call=call.number, method=DONE, code=code)
    [decision] = watch.decisions()
    assert not decision.untested
    return [finding.expected for finding in decision.findings]


@pytest.mark.parametrize(
    ("items", "answers", "wrong"),
    [
        (["a"], [("a", "OK")], False),
        (["a"], [("a", "OK"), ("a", "OK")], True),
        (["a"], [("a", "UNAVAILABLE"), ("a", "OK")], False),
        (["a", "b"], [("b", "OK"), ("a", "OK")], False),
        (["a", "b"], [("", "OK"), ("", "OK")], False),
    ],
    ids=["once", "twice", "again after a loss", "two dispatches", "two without tokens"],
)
def test_an_item_is_answered_once(items: list[str], answers: list[Answer], *, wrong: bool) -> None:
    assert bool(findings(ONCE, items, answers)) is wrong


@pytest.mark.parametrize(
    ("token", "wrong"), [("a", False), ("b", False), ("", False), ("c", True)], ids=["first", "second", "none", "other"]
)
def test_an_answer_shows_no_other_token(token: str, *, wrong: bool) -> None:
    assert bool(findings(TOKENS, ["a", "b"], [(token, "OK")])) is wrong
