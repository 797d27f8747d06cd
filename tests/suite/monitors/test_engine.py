"""Monitors of an engine: what they let pass, because it is legitimate, and what they do not."""

from __future__ import annotations

import pytest

from dwconf.suite.checks.registry import Decision
from dwconf.suite.monitors import engine_sequencing, engine_timers, engine_turns
from dwconf.suite.monitors.registry import ENDED_KEPT, MONITORS, Watch
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateInstanceRequest,
    CreateTimer,
    EventBody,
    EventRaised,
    ExecutionStarted,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    TaskCompleted,
    TaskScheduled,
    TimerFired,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowState,
    WorkItem,
)

LOADED = (engine_sequencing, engine_timers, engine_turns)
HUB = "/TaskHubSidecarService/"
SECOND = 1_000_000_000


def event(body: EventBody, at: int = 1, event_id: int = -1) -> HistoryEvent:
    return HistoryEvent(event_id=event_id, timestamp=at, body=body)


BORN = event(ExecutionStarted(name="wf"))


class Traffic:
    """The records of an instance's conversation, under one monitor."""

    def __init__(self, rule: str) -> None:
        assert rule in MONITORS
        self._watch = Watch((rule,))
        self.clock = 0
        self._tape = Tape("case", clock=lambda: self.clock, sinks=(self._watch,))
        self._stream = self._tape.add(Actor.SUITE, Kind.OPEN, method=f"{HUB}GetWorkItems").number

    def turn(self, *new: HistoryEvent, past: tuple[HistoryEvent, ...] = (), of: str = "i") -> Traffic:
        request = WorkflowRequest(instance_id=of, past_events=past, new_events=new)
        data = codec.encode(WorkItem(request=request))
        self._tape.add(Actor.TARGET, Kind.ITEM, call=self._stream, method=f"{HUB}GetWorkItems", payload=data)
        return self

    def call(self, method: str, request: bytes, response: bytes = b"") -> Traffic:
        path = HUB + method
        made = self._tape.add(Actor.SUITE, Kind.REQUEST, method=path, payload=request)
        self._tape.add(Actor.TARGET, Kind.RESPONSE, call=made.number, method=path, payload=response, code="OK")
        return self

    @property
    def said(self) -> Decision:
        (decision,) = self._watch.decisions()
        return decision


def opened(at: int = 1) -> HistoryEvent:
    return event(WorkflowStarted(), at)


RAISED = event(EventRaised(name="go"))
FIRST = (opened(), BORN)


def test_a_past_that_loses_or_changes_an_event_is_seen() -> None:
    rule = "engine/turns/history-only-grows"
    grown = Traffic(rule).turn(*FIRST).turn(opened(2), past=FIRST).turn(opened(3), past=(*FIRST, opened(2)))
    assert not grown.said.findings
    assert not grown.said.untested
    assert Traffic(rule).turn(*FIRST).turn(opened(2), past=FIRST).turn(opened(3), past=FIRST[:1]).said.findings
    changed = (opened(), event(ExecutionStarted(name="other")))
    assert Traffic(rule).turn(*FIRST).turn(opened(2), past=FIRST).turn(opened(3), past=changed).said.findings


def test_a_new_execution_has_a_history_of_its_own() -> None:
    renewed = Traffic("engine/turns/history-only-grows").turn(*FIRST).turn(opened(2), past=FIRST)
    renewed.turn(opened(3), event(ExecutionStarted(name="wf"), 3)).turn(opened(4), past=(opened(3),))
    assert not renewed.said.findings


def test_what_a_worker_carries_over_keeps_its_id() -> None:
    rule = "engine/turns/inbound-event-ids"
    odd = event(EventRaised(name="kept"), event_id=12)
    assert Traffic(rule).turn(opened(), BORN, odd).said.findings
    again = CompleteWorkflow(workflow_status=OrchestrationStatus.CONTINUED_AS_NEW, carryover_events=(odd,))
    answer = WorkflowResponse(instance_id="i", actions=(WorkflowAction(id=0, body=again),))
    carried = Traffic(rule).turn(*FIRST).call("CompleteWorkflowTask", codec.encode(answer)).turn(opened(), BORN, odd)
    assert not carried.said.findings


def test_an_instance_that_goes_on_as_new_is_not_over_however_many_do() -> None:
    """Each is answered before the first of them goes on, and all of them are remembered."""
    odd = event(EventRaised(name="kept"), event_id=12)
    again = CompleteWorkflow(workflow_status=OrchestrationStatus.CONTINUED_AS_NEW, carryover_events=(odd,))
    traffic = Traffic("engine/turns/inbound-event-ids")
    for number in range(2 * ENDED_KEPT):
        answer = WorkflowResponse(instance_id=f"i{number}", actions=(WorkflowAction(id=0, body=again),))
        traffic.turn(*FIRST, of=f"i{number}").call("CompleteWorkflowTask", codec.encode(answer))
    traffic.turn(opened(), BORN, odd, of="i0")
    assert not traffic.said.findings


def test_a_history_that_may_show_what_was_carried_over_is_not_judged_when_that_is_forgotten() -> None:
    odd = event(EventRaised(name="kept"), event_id=12)
    again = CompleteWorkflow(workflow_status=OrchestrationStatus.CONTINUED_AS_NEW, carryover_events=(odd,))
    end = CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED)
    traffic = Traffic("engine/turns/inbound-event-ids")
    for number in range(2 * ENDED_KEPT):
        for body, new in ((again, FIRST), (end, (opened(), BORN, odd))):
            answer = WorkflowResponse(instance_id=f"i{number}", actions=(WorkflowAction(id=0, body=body),))
            traffic.turn(*new, of=f"i{number}").call("CompleteWorkflowTask", codec.encode(answer))
    told = codec.encode(GetInstanceHistoryResponse(events=(opened(), BORN, odd)))
    for number in (0, 2 * ENDED_KEPT - 1):
        traffic.call("GetInstanceHistory", codec.encode(GetInstanceHistoryRequest(instance_id=f"i{number}")), told)
    assert not traffic.said.findings


def test_a_turn_after_the_end_is_seen_unless_it_starts_anew() -> None:
    rule = "engine/turns/nothing-after-the-end"
    state = WorkflowState(instance_id="i", workflow_status=OrchestrationStatus.COMPLETED)
    ended = codec.encode(GetInstanceResponse(exists=True, workflow_state=state))
    assert Traffic(rule).turn(*FIRST).call("GetInstance", b"", ended).turn(opened(2), RAISED).said.findings
    assert not Traffic(rule).turn(*FIRST).call("GetInstance", b"", ended).turn(*FIRST).said.findings


def test_a_second_resolution_is_seen_in_a_turn_and_over_turns() -> None:
    rule = "engine/sequencing/duplicates-not-sent"
    done = event(TaskCompleted(task_scheduled_id=0))
    past = (*FIRST, event(TaskScheduled(name="act"), event_id=0))
    assert not Traffic(rule).turn(opened(2), done, past=past).said.findings
    assert Traffic(rule).turn(opened(2), done, done, past=past).said.findings
    assert Traffic(rule).turn(opened(2), done, past=(*past, done)).said.findings
    timer = event(TimerFired(timer_id=0))
    assert not Traffic(rule).turn(opened(2), timer, past=(*past, done)).said.findings


@pytest.mark.parametrize(("ahead", "early"), [(0, True), (5 * SECOND, False), (-5 * SECOND, True)])
def test_a_timer_is_early_only_if_no_difference_of_clocks_explains_it(ahead: int, *, early: bool) -> None:
    """The engine says that it is time; by our clock half of the delay has passed. `ahead` is how much the engine's
    clock may be ahead of ours."""
    traffic = Traffic("engine/timers/never-early")
    traffic.clock = 100 * SECOND
    traffic.call("StartInstance", codec.encode(CreateInstanceRequest(instance_id="i")))
    traffic.turn(opened(traffic.clock + ahead), BORN)
    due = traffic.clock + ahead + SECOND if ahead < 0 else traffic.clock + SECOND
    traffic.clock += SECOND // 2
    traffic.turn(opened(due), event(TimerFired(timer_id=0, fire_at=due)))
    assert bool(traffic.said.findings) is early


def test_a_timer_is_early_by_the_time_that_was_asked_for() -> None:
    """The engine fires a second early, and says that this was the time."""

    def fired(asked: int) -> Traffic:
        action = WorkflowAction(id=0, body=CreateTimer(fire_at=asked))
        answer = codec.encode(WorkflowResponse(instance_id="i", actions=(action,)))
        traffic = Traffic("engine/timers/never-early").turn(opened(SECOND), BORN).call("CompleteWorkflowTask", answer)
        return traffic.turn(opened(5 * SECOND), event(TimerFired(timer_id=0, fire_at=5 * SECOND)), past=(BORN,))

    assert fired(6 * SECOND).said.findings
    assert not fired(5 * SECOND).said.findings


def test_a_timer_of_an_earlier_generation_is_not_early() -> None:
    traffic = Traffic("engine/timers/never-early").turn(opened(SECOND), BORN)
    for asked in (5 * SECOND, 3600 * SECOND):
        action = WorkflowAction(id=0, body=CreateTimer(fire_at=asked))
        answer = codec.encode(WorkflowResponse(instance_id="i", actions=(action,)))
        traffic.call("CompleteWorkflowTask", answer).turn(opened(2 * SECOND), BORN)
    traffic.turn(opened(5 * SECOND), event(TimerFired(timer_id=0, fire_at=5 * SECOND)))
    assert not traffic.said.findings


def test_an_event_may_be_older_than_its_turn_by_a_step_of_the_clock() -> None:
    def made(at: int) -> Traffic:
        past = (opened(10 * SECOND), BORN, event(TaskScheduled(name="act"), at, 0))
        return Traffic("engine/turns/events-have-timestamps").turn(opened(11 * SECOND), past=past)

    assert not made(10 * SECOND - SECOND // 2).said.findings
    assert made(8 * SECOND).said.findings
