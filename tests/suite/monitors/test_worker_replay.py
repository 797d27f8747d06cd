"""The monitors of worker replay, on traffic that is written down here."""

from __future__ import annotations

import pytest

from dwconf.suite.monitors import worker_replay  # noqa: F401  (registers them)
from dwconf.suite.monitors.registry import Watch
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.values import (
    ActionBody,
    CompleteWorkflow,
    CreateTimer,
    HistoryEvent,
    ScheduleTask,
    TaskScheduled,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkItem,
)

ITEMS = "/TaskHubSidecarService/GetWorkItems"
DONE = "/TaskHubSidecarService/CompleteWorkflowTask"
TASK, TIMER, END = ScheduleTask(name="echo"), CreateTimer(), CompleteWorkflow()
RECORDED = (HistoryEvent(event_id=0, body=TaskScheduled(name="echo")),)
Actions = list[tuple[int, ActionBody]]
OVER: Actions = [(1, END)]


class Traffic:
    """Turns and answers of one instance, as a monitor sees them."""

    def __init__(self, rule: str) -> None:
        self.watch = Watch([f"worker/replay/{rule}"])
        self.tape = Tape("case", sinks=(self.watch,))

    def turn(self, token: str, *, past: tuple[HistoryEvent, ...] = ()) -> Traffic:
        item = WorkItem(request=WorkflowRequest(instance_id="i", past_events=past), completion_token=token)
        self.tape.add(Actor.SUITE, Kind.ITEM, call=1, method=ITEMS, payload=codec.encode(item))
        return self

    def answer(self, token: str, actions: Actions = [], *, code: str = "OK") -> Traffic:  # noqa: B006
        made = tuple(WorkflowAction(id=number, body=body) for number, body in actions)
        response = WorkflowResponse(instance_id="i", completion_token=token, actions=made)
        asked = self.tape.add(Actor.TARGET, Kind.REQUEST, method=DONE, payload=codec.encode(response))
        kind = Kind.RESPONSE if code == "OK" else Kind.STATUS
        self.tape.add(Actor.SUITE, kind, call=asked.number, method=DONE, code=code)
        return self

    @property
    def verdict(self) -> str:
        (decision,) = self.watch.decisions()
        return "broken" if decision.findings else "untested" if decision.untested else "kept"


@pytest.mark.parametrize(
    ("rule", "first", "second", "verdict"),
    [
        ("action-ids-unique", [(0, TASK), (1, TIMER)], [(2, TASK)], "kept"),
        ("action-ids-unique", [(0, TASK)], [(0, TASK)], "kept"),
        ("action-ids-unique", [(0, ScheduleTask(name="echo", input="1"))], [(0, TASK)], "broken"),
        ("action-ids-unique", [(0, TASK), (0, TASK)], [], "broken"),
        ("action-ids-unique", [(0, TASK)], [(0, TIMER)], "broken"),
        ("action-ids-unique", [(0, END)], [], "untested"),
        ("completion-id-unique", [(0, TASK)], [(1, END)], "kept"),
        ("completion-id-unique", [(0, TASK)], [(-1, END)], "kept"),
        ("completion-id-unique", [(0, TASK)], [(0, END)], "broken"),
        ("completion-id-unique", [(0, TASK), (0, END)], [], "broken"),
        ("actions-in-id-order", [(0, TASK), (3, TIMER)], [], "kept"),
        ("actions-in-id-order", [(3, TIMER), (0, TASK)], [], "broken"),
        ("actions-in-id-order", [(0, TASK)], [], "untested"),
        ("recorded-actions-not-repeated", [(0, TASK)], [(1, TASK)], "kept"),
        ("recorded-actions-not-repeated", [(0, TASK)], [(0, TASK)], "broken"),
        ("redelivery-same-actions", [(0, TASK)], [(0, TASK)], "untested"),
    ],
)
def test_actions(rule: str, first: Actions, second: Actions, verdict: str) -> None:
    traffic = Traffic(rule).turn("one").answer("one", first).turn("two", past=RECORDED).answer("two", second)
    assert traffic.verdict == verdict


@pytest.mark.parametrize(("second", "verdict"), [([(0, TASK)], "kept"), ([(1, TASK)], "broken"), ([], "broken")])
def test_a_repeated_item(second: Actions, verdict: str) -> None:
    traffic = Traffic("redelivery-same-actions").turn("one").answer("one", [(0, TASK)])
    assert traffic.turn("two").answer("two", second).verdict == verdict


def test_another_input_in_the_answer_to_a_repeated_request_is_no_other_action() -> None:
    again = ScheduleTask(name="echo", input="2")
    traffic = Traffic("action-ids-unique").turn("one").answer("one", [(0, TASK)])
    assert traffic.turn("two").answer("two", [(0, again)]).verdict == "kept"


@pytest.mark.parametrize(
    ("rule", "token", "verdict"),
    [
        ("no-foreign-token", "one", "kept"),
        ("no-foreign-token", "", "kept"),
        ("no-foreign-token", "three", "broken"),
        ("token-echoed", "one", "kept"),
        ("token-echoed", "", "broken"),
    ],
)
def test_tokens(rule: str, token: str, verdict: str) -> None:
    assert Traffic(rule).turn("one").answer(token).verdict == verdict


def test_an_old_token_is_not_the_items() -> None:
    traffic = Traffic("no-foreign-token").turn("one").answer("one", [(0, TASK)]).turn("two")
    assert traffic.answer("one").verdict == "broken"


def test_a_second_answer_has_no_foreign_token() -> None:
    assert Traffic("no-foreign-token").turn("one").answer("one").answer("one").verdict == "kept"


def test_an_item_without_token_leaves_nothing_to_echo() -> None:
    assert Traffic("token-echoed").turn("").answer("").verdict == "untested"


@pytest.mark.parametrize(
    ("traffic", "verdict"),
    [
        (Traffic("one-answer-per-item").turn("one").answer("one"), "kept"),
        (Traffic("one-answer-per-item").turn("one").answer("one").answer("one"), "broken"),
        (Traffic("one-answer-per-item").turn("one").answer("one", code="UNAVAILABLE").answer("one"), "kept"),
        (Traffic("one-answer-per-item").turn("one").answer("").turn("two").answer(""), "kept"),
        (Traffic("one-answer-per-item").turn("one").answer("").answer(""), "broken"),
        (Traffic("one-answer-per-item").turn("one").turn("two").answer("one").answer("one"), "broken"),
        (Traffic("one-answer-per-item").turn("one").answer("one", OVER).answer("one", OVER), "broken"),
        (Traffic("one-answer-per-item").turn("one").turn("two").answer("one", OVER).answer("two", OVER), "kept"),
        (Traffic("one-answer-per-item").turn("one").answer("none"), "kept"),
    ],
    ids=[
        "once",
        "twice",
        "sent-again",
        "without-tokens",
        "twice-without-token",
        "one-token-twice",
        "an-end-twice",
        "two-ends",
        "another-token",
    ],
)
def test_answers(traffic: Traffic, verdict: str) -> None:
    assert traffic.verdict == verdict
