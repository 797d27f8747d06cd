"""Monitors of work items: what counts as outstanding, what a message's bytes hold, and what they leave alone."""

from __future__ import annotations

import pytest

from dwconf.suite.monitors.engine_connection import fields_of
from dwconf.suite.monitors.engine_persistence import HistoryOnlyGrows
from dwconf.suite.monitors.registry import Watch
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.values import (
    ActivityRequest,
    EventRaised,
    ExecutionStarted,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetWorkItemsRequest,
    HealthPing,
    HistoryEvent,
    WorkerCapability,
    WorkflowInstance,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkItem,
)

HUB = "/TaskHubSidecarService/"
ONE_AT_A_TIME = "engine/connection/one-turn-at-a-time"
FULL = "engine/connection/full-history-without-capability"
PING = "engine/connection/no-unasked-health-ping"
FRESH = "engine/connection/tokens-are-fresh"
GROWS = HistoryOnlyGrows.RULE
STARTED = HistoryEvent(
    event_id=-1, body=ExecutionStarted(name="wf", workflow_instance=WorkflowInstance(instance_id="i", execution_id="x"))
)
OPENING = HistoryEvent(event_id=-1, body=WorkflowStarted())


class Talk:
    """A conversation that one monitor watches."""

    def __init__(self, rule: str) -> None:
        self.watch = Watch([rule])
        self.tape = Tape("case", sinks=(self.watch,))

    def open(self, *capabilities: WorkerCapability) -> int:
        data = codec.encode(GetWorkItemsRequest(capabilities=capabilities))
        return self.tape.add(Actor.SUITE, Kind.OPEN, method=HUB + "GetWorkItems", payload=data).number

    def item(self, stream: int, request: WorkflowRequest | ActivityRequest | HealthPing, token: str = "") -> None:
        data = codec.encode(WorkItem(request=request, completion_token=token))
        self.tape.add(Actor.TARGET, Kind.ITEM, call=stream, method=HUB + "GetWorkItems", payload=data)

    def answer(self, token: str) -> None:
        data = codec.encode(WorkflowResponse(instance_id="i", completion_token=token))
        self.tape.add(Actor.SUITE, Kind.REQUEST, method=HUB + "CompleteWorkflowTask", payload=data)

    def end(self, stream: int) -> None:
        self.tape.add(Actor.SUITE, Kind.END, call=stream, method=HUB + "GetWorkItems", code="CANCELLED")

    def history(self, *events: HistoryEvent) -> None:
        asked = codec.encode(GetInstanceHistoryRequest(instance_id="i"))
        call = self.tape.add(Actor.SUITE, Kind.REQUEST, method=HUB + "GetInstanceHistory", payload=asked).number
        told = codec.encode(GetInstanceHistoryResponse(events=events))
        self.tape.add(
            Actor.TARGET, Kind.RESPONSE, call=call, method=HUB + "GetInstanceHistory", payload=told, code="OK"
        )

    @property
    def seen(self) -> list[str]:
        return [finding.seen for decision in self.watch.decisions() for finding in decision.findings]


def turn(*new: HistoryEvent, past: tuple[HistoryEvent, ...] = ()) -> WorkflowRequest:
    return WorkflowRequest(instance_id="i", execution_id="x", past_events=past, new_events=new)


def test_a_second_turn_is_a_breach_while_the_first_is_out() -> None:
    talk = Talk(ONE_AT_A_TIME)
    stream = talk.open()
    talk.item(stream, turn(OPENING, STARTED), "one")
    talk.answer("another")
    talk.item(stream, turn(OPENING), "two")
    assert talk.seen == ["a second one"]


@pytest.mark.parametrize("token", ["one", ""], ids=["its token", "no token"])
def test_an_answer_ends_what_is_out(token: str) -> None:
    talk = Talk(ONE_AT_A_TIME)
    stream = talk.open()
    talk.item(stream, turn(OPENING, STARTED), "one")
    talk.answer(token)
    talk.item(stream, turn(OPENING), "two")
    assert talk.seen == []


def test_the_end_of_its_stream_ends_what_is_out() -> None:
    talk = Talk(ONE_AT_A_TIME)
    first, second = talk.open(), talk.open()
    talk.item(first, turn(OPENING, STARTED), "one")
    talk.end(first)
    talk.item(second, turn(OPENING, STARTED), "two")
    assert talk.seen == []


def test_a_token_is_given_once() -> None:
    talk = Talk(FRESH)
    stream = talk.open()
    talk.item(stream, turn(OPENING, STARTED), "one")
    talk.item(stream, ActivityRequest(name="a"), "one")
    assert len(talk.seen) == 1


def test_a_ping_needs_the_capability() -> None:
    talk = Talk(PING)
    talk.item(talk.open(WorkerCapability.HEALTH_PING), HealthPing())
    assert talk.seen == []
    talk.item(talk.open(), HealthPing())
    assert talk.seen == ["one"]


def test_a_past_without_its_beginning_is_not_full() -> None:
    talk = Talk(FULL)
    talk.item(talk.open(), turn(OPENING, past=(OPENING,)))
    assert talk.seen == ["1 past events without an executionStarted"]


def test_an_instance_that_was_never_started_has_no_history_to_be_full() -> None:
    talk = Talk(FULL)
    request = WorkflowRequest(instance_id="i", new_events=(OPENING, HistoryEvent(event_id=-1, body=EventRaised())))
    talk.item(talk.open(), request)
    assert talk.seen == []


def test_an_earlier_view_of_a_history_may_come_later() -> None:
    talk = Talk(GROWS)
    talk.history(OPENING, STARTED, OPENING)
    talk.history(OPENING, STARTED)
    assert talk.seen == []
    talk.history(STARTED, OPENING)
    assert talk.seen == ["another event at place 0"]


@pytest.mark.parametrize(
    ("data", "numbers"),
    [
        (b"", []),
        (b"\x0a\x00\x52\x01t", [1, 10]),
        (b"\x32\x00", [6]),
        (b"\x18\x05\x21" + bytes(8) + b"\x2d" + bytes(4), [3, 4, 5]),
        (b"\x0b\x0c", [1]),
        (b"\x0a\x7f", [1]),
    ],
    ids=["empty", "item", "ping", "scalars", "group", "cut off"],
)
def test_fields_are_read_from_bytes(data: bytes, numbers: list[int]) -> None:
    assert list(fields_of(data)) == numbers
