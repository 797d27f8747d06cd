"""What an engine is free to do is no finding, and what it is not free to do is one: conversations written by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from dwconf.suite.scene.actions import complete, continue_as_new, schedule
from dwconf.suite.schedules.witness import MISSED, Witness
from dwconf.suite.trace.record import Actor, Kind, Record, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    CreateInstanceRequest,
    EventBody,
    EventRaised,
    ExecutionStarted,
    ExecutionSuspended,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetInstanceRequest,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    RaiseEventRequest,
    SuspendRequest,
    TaskScheduled,
    Value,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowState,
    WorkItem,
)

OPENING = HistoryEvent(event_id=-1, timestamp=1, body=WorkflowStarted())
OLD, NEW = (
    HistoryEvent(event_id=-1, timestamp=1, body=ExecutionStarted(name="wf", input=text)) for text in ('"old"', '"new"')
)
SCHEDULED = HistoryEvent(event_id=0, timestamp=2, body=TaskScheduled(name="a"))


def raised(name: str) -> HistoryEvent:
    return HistoryEvent(event_id=-1, timestamp=1, body=EventRaised(name=name, input=f'"{name}"'))


def inbound(body: EventBody) -> HistoryEvent:
    return HistoryEvent(event_id=-1, timestamp=1, body=body)


@dataclass
class Talk:
    """A conversation about the instance `i`, as a tape has it."""

    tape: Tape = field(default_factory=lambda: Tape("talk"))
    tokens: int = 0
    stream: int = 0

    def ask(self, method: str, request: Value, answer: Value | None = None) -> None:
        path = TASK_HUB.methods[method].path
        asked = self.tape.add(Actor.SUITE, Kind.REQUEST, method=path, payload=codec.encode(request))
        payload = b"" if answer is None else codec.encode(answer)
        self.tape.add(Actor.TARGET, Kind.RESPONSE, call=asked.number, method=path, payload=payload, code="OK")

    def start(self) -> None:
        self.stream = self.tape.add(Actor.SUITE, Kind.OPEN).number
        request = CreateInstanceRequest(instance_id="i", name="wf", input='"old"')
        self.tape.add(
            Actor.SUITE, Kind.REQUEST, method=TASK_HUB.methods["StartInstance"].path, payload=codec.encode(request)
        )

    def turn(self, *new: HistoryEvent, past: tuple[HistoryEvent, ...] = ()) -> None:
        self.tokens += 1
        request = WorkflowRequest(instance_id="i", past_events=past, new_events=(OPENING, *new))
        item = WorkItem(request=request, completion_token=f"t{self.tokens}")
        self.tape.add(Actor.TARGET, Kind.ITEM, call=self.stream, payload=codec.encode(item))

    def answer(self, *actions: WorkflowAction, token: str = "") -> None:
        response = WorkflowResponse(instance_id="i", actions=actions, completion_token=token or f"t{self.tokens}")
        self.ask("CompleteWorkflowTask", response)

    def lose(self) -> None:
        self.tape.add(Actor.SUITE, Kind.END, call=self.stream)
        self.stream = self.tape.add(Actor.SUITE, Kind.OPEN).number

    def raise_event(self, name: str) -> None:
        self.ask("RaiseEvent", RaiseEventRequest(instance_id="i", name=name, input=f'"{name}"'))

    def state(self, status: OrchestrationStatus) -> None:
        shown = WorkflowState(instance_id="i", workflow_status=status)
        self.ask(
            "GetInstance", GetInstanceRequest(instance_id="i"), GetInstanceResponse(exists=True, workflow_state=shown)
        )

    def history(self, *events: HistoryEvent) -> None:
        self.ask(
            "GetInstanceHistory",
            GetInstanceHistoryRequest(instance_id="i"),
            GetInstanceHistoryResponse(events=events),
        )

    def broken(self) -> list[str]:
        witness = Witness()
        for record in self.tape.records:
            witness(record)
        return [rule for rule, _ in witness.findings]


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.start()
    return made


def test_a_lost_turn_of_an_uncommitted_generation_may_go_back_to_the_committed_one(talk: Talk) -> None:
    talk.turn(OLD)
    talk.answer(continue_as_new(0, '"new"'))
    talk.turn(NEW)
    talk.lose()
    talk.turn(OLD)
    talk.answer(schedule(0, "a"))
    talk.turn(past=(OPENING, OLD, SCHEDULED))
    assert talk.broken() == []


def test_a_lost_turn_of_a_generation_may_come_again_as_it_was(talk: Talk) -> None:
    talk.turn(OLD)
    talk.answer(continue_as_new(0, '"new"'))
    talk.turn(NEW)
    talk.lose()
    talk.turn(NEW)
    assert talk.broken() == []


def test_a_committed_generation_is_not_gone_back_on(talk: Talk) -> None:
    talk.turn(OLD)
    talk.answer(continue_as_new(0, '"new"'))
    talk.turn(NEW)
    talk.answer(schedule(0, "a"))
    talk.turn(OLD)
    assert talk.broken() == ["engine/turns/commit-appends-new-events"]


def test_a_read_may_show_the_last_commit_or_the_one_before(talk: Talk) -> None:
    talk.turn(OLD)
    talk.state(OrchestrationStatus.PENDING)
    talk.answer(schedule(0, "a"))
    for status in (OrchestrationStatus.PENDING, OrchestrationStatus.RUNNING):
        talk.state(status)
    talk.history()
    talk.history(OPENING, OLD, SCHEDULED)
    assert talk.broken() == []
    talk.history(OPENING, OLD)
    assert talk.broken() == ["engine/turns/schedule-task-recorded"]


def test_more_openings_than_turns_are_no_finding(talk: Talk) -> None:
    talk.turn(OLD)
    talk.answer()
    talk.history(OPENING, OLD, OPENING, OPENING)
    assert talk.broken() == []


def test_an_event_that_overtakes_is_told_from_one_that_is_doubled(talk: Talk) -> None:
    talk.raise_event("a")
    talk.raise_event("b")
    talk.turn(OLD, raised("b"))
    assert talk.broken() == ["engine/events/fifo"]
    other = Talk()
    other.start()
    other.raise_event("a")
    other.turn(OLD, raised("a"), raised("a"))
    assert other.broken() == ["engine/events/raised-event-delivered"]


def test_a_lost_turn_keeps_what_it_brought(talk: Talk) -> None:
    talk.raise_event("a")
    talk.turn(OLD, raised("a"))
    talk.lose()
    talk.turn(OLD)
    assert talk.broken() == ["engine/connection/lost-turn-keeps-events"]


def test_a_control_message_comes_once_and_nothing_else_is_owed_while_suspended(talk: Talk) -> None:
    talk.turn(OLD)
    talk.answer()
    request = SuspendRequest(instance_id="i", reason="why")
    talk.tape.add(
        Actor.SUITE, Kind.REQUEST, method=TASK_HUB.methods["SuspendInstance"].path, payload=codec.encode(request)
    )
    suspended = inbound(ExecutionSuspended(input="why"))
    talk.turn(suspended, past=(OPENING, OLD))
    talk.answer()
    talk.raise_event("a")
    witness = Witness()
    for record in talk.tape.records:
        witness(record)
    assert witness.lives["i"].due(0) == ""
    assert witness.lives["i"].may_come(0)
    talk.turn(suspended, past=(OPENING, OLD, OPENING, suspended))
    assert talk.broken() == ["engine/lifecycle/suspend-event"]


def test_nothing_is_judged_of_an_instance_behind_its_first_finding(talk: Talk) -> None:
    talk.turn(NEW)
    talk.answer(complete(0))
    talk.turn(raised("never"))
    assert talk.broken() == ["engine/start/input-presence-kept"]


def test_what_was_owed_and_did_not_come_is_a_finding_of_its_rule(talk: Talk) -> None:
    fields = {"rule": "engine/timers/fires", "expects": "a turn", "instance": "i"}
    talk.tape.add(Actor.HARNESS, Kind.NOTE, text=MISSED, fields=dict(fields))
    assert talk.broken() == ["engine/timers/fires"]


def test_bytes_that_are_no_message_are_for_others_to_judge(talk: Talk) -> None:
    record: Record = talk.tape.add(Actor.TARGET, Kind.ITEM, call=talk.stream, payload=b"\xff\xff\xff")
    assert record.number
    assert talk.broken() == []
