"""What checks of an engine take for a breach, what for latitude, and when they say that they cannot tell."""

from __future__ import annotations

from dwconf.suite.checks.engine.errors import (
    a_refused_request_leaves_instances_alone,
    nothing_of_a_refused_request_reaches_a_later_instance,
)
from dwconf.suite.checks.engine.persistence import a_timer_fires_after_a_restart
from dwconf.suite.checks.engine.redelivery import a_lost_activity_comes_again
from dwconf.suite.checks.engine.start import nothing_is_traced_unasked
from dwconf.suite.checks.engine.timers import (
    a_timer_in_the_past_fires_at_once,
    a_timer_of_an_earlier_generation_stays_silent,
    a_timer_that_was_due_during_a_suspension_fires,
    the_timer_of_an_answered_wait_does_what_the_profile_says,
)
from dwconf.suite.checks.engine.turn_actions import the_completion_is_recorded_as_given
from dwconf.suite.checks.engine.turns import (
    a_turn_enters_history_as_it_was_sent_then_the_events_of_its_actions,
    history_has_a_workflow_started_for_each_turn,
)
from dwconf.suite.checks.registry import Check, Decision, Judge, decide
from dwconf.suite.evidence import Evidence
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    ActivityRequest,
    CreateTimer,
    EventBody,
    EventRaised,
    ExecutionStarted,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    TimerFired,
    TraceContext,
    Value,
    WorkflowAction,
    WorkflowInstance,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowState,
    WorkItem,
)

ITEMS = TASK_HUB.methods["GetWorkItems"].path
FIRED = TimerFired(timer_id=0)
OLD = HistoryEvent(event_id=-1, timestamp=1, body=ExecutionStarted(name="wf"))


class Conversation:
    """The tape of a case with one instance, made up record by record."""

    def __init__(self) -> None:
        self.tape = Tape("case")
        self.turns = 0

    def step(self, name: str, ref: int = 0) -> Conversation:
        self.tape.add(Actor.HARNESS, Kind.STEP, text=name, fields={"ref": ref})
        return self

    def missed(self, name: str) -> Conversation:
        self.tape.add(Actor.HARNESS, Kind.STEP, text=name, fields={"missed": True, "expects": name})
        return self

    def turn(
        self, *bodies: EventBody | HistoryEvent, step: str = "", past: tuple[HistoryEvent, ...] = ()
    ) -> Conversation:
        """The instance's next turn; its events are stamped with its number, and so is its token."""
        self.turns += 1
        new = tuple(self._event(body) for body in (WorkflowStarted(), *bodies))
        request = WorkflowRequest(instance_id="i", new_events=new, past_events=past)
        return self._item(WorkItem(request=request, completion_token=f"token-{self.turns}"), step)

    def _event(self, body: EventBody | HistoryEvent) -> HistoryEvent:
        return body if isinstance(body, HistoryEvent) else HistoryEvent(event_id=-1, timestamp=self.turns, body=body)

    def activity(self, step: str, *, span: str, name: str = "act") -> Conversation:
        request = ActivityRequest(
            name=name,
            workflow_instance=WorkflowInstance(instance_id="i"),
            parent_trace_context=TraceContext(trace_parent=span) if span else None,
        )
        return self._item(WorkItem(request=request, completion_token=step), step)

    def _item(self, item: WorkItem, step: str) -> Conversation:
        record = self.tape.add(Actor.TARGET, Kind.ITEM, call=1, method=ITEMS, payload=codec.encode(item))
        return self.step(step, record.number) if step else self

    def call(
        self,
        method: str,
        request: Value | None = None,
        *,
        step: str = "",
        code: str = "OK",
        answer: Value | None = None,
    ) -> Conversation:
        path = TASK_HUB.methods[method].path
        made = self.tape.add(
            Actor.SUITE, Kind.REQUEST, method=path, payload=codec.encode(request) if request is not None else b""
        )
        kind = Kind.RESPONSE if code == "OK" else Kind.STATUS
        payload = codec.encode(answer) if answer is not None else b""
        self.tape.add(Actor.TARGET, kind, call=made.number, method=path, payload=payload, code=code)
        return self.step(step, made.number) if step else self

    def answer(self, *actions: WorkflowAction, step: str = "answered") -> Conversation:
        """Answer the newest turn."""
        response = WorkflowResponse(instance_id="i", actions=actions, completion_token=f"token-{self.turns}")
        return self.call("CompleteWorkflowTask", response, step=step)

    def said(self, judge: Judge, **choices: str) -> Decision:
        return decide(Check("rule", ("case",), judge), Evidence(self.tape.records, choices))


def kept(decision: Decision) -> bool:
    return not decision.findings and not decision.untested


TIMER = WorkflowAction(id=0, body=CreateTimer(fire_at=1))


# --- timers


def test_a_turn_that_brings_nothing_delays_no_timer() -> None:
    judge = a_timer_in_the_past_fires_at_once
    assert kept(Conversation().turn(OLD, step="first").answer(TIMER).turn().turn(FIRED, step="last").said(judge))
    late = Conversation().turn(step="first").answer(TIMER).turn(EventRaised(name="x")).turn(FIRED, step="last")
    assert late.said(judge).findings


def suspended(*before: EventBody) -> Conversation:
    made = Conversation().turn(step="first").answer(TIMER).turn(*before)
    return made.call("GetInstance", step="suspended").step("due")


def test_a_timer_that_fired_before_the_suspension_tells_nothing() -> None:
    judge = a_timer_that_was_due_during_a_suspension_fires
    assert suspended(FIRED).turn(step="last").said(judge).untested
    assert kept(suspended().turn(FIRED).missed("last").said(judge))
    assert suspended().turn().missed("last").said(judge).findings


def test_a_timer_that_fired_before_the_event_of_its_wait_is_not_stale() -> None:
    judge, raised, fired = (
        the_timer_of_an_answered_wait_does_what_the_profile_says,
        HistoryEvent(event_id=-1, body=EventRaised(name="Approval")),
        HistoryEvent(event_id=-1, body=TimerFired(timer_id=1)),
    )
    choice = {"stale-event-timer": "deleted"}
    assert Conversation().turn(step="last", past=(OLD, fired, raised)).said(judge, **choice).untested
    assert Conversation().turn(step="last", past=(OLD, raised, fired)).said(judge, **choice).findings
    assert kept(Conversation().turn(step="last", past=(OLD, raised)).said(judge, **choice))


def generations(*before: EventBody) -> Conversation:
    return Conversation().turn(step="first").answer(TIMER).turn(*before).turn(OLD, step="renewed").step("due")


def test_a_timer_that_fired_in_its_own_generation_tells_nothing() -> None:
    judge = a_timer_of_an_earlier_generation_stays_silent
    assert generations(FIRED).turn(step="last").said(judge).untested
    assert generations().turn(FIRED, step="last").said(judge).findings
    assert kept(generations().turn(step="last").said(judge))


def test_a_timer_that_fired_before_the_restart_does_not_show_that_it_survives() -> None:
    judge = a_timer_fires_after_a_restart
    after = Conversation().turn(step="told").step("restarted").step("worker-comes").turn(FIRED, step="fired")
    assert kept(after.said(judge))
    before = Conversation().turn(FIRED).step("restarted").step("worker-comes").turn(FIRED, step="fired")
    assert before.said(judge).untested


# --- traces


def traced(*, started: bool, activity: bool) -> Conversation:
    context = TraceContext(trace_parent="00-1-2-01")
    made = Conversation().turn(ExecutionStarted(parent_trace_context=context if started else None), step="first")
    return made.activity("activity", span="00-1-3-01" if activity else "").turn(step="second")


def test_only_an_engine_that_does_not_trace_owes_that_nothing_is_traced() -> None:
    judge = nothing_is_traced_unasked
    assert traced(started=True, activity=True).said(judge).untested
    assert traced(started=True, activity=True).said(judge, **{"own-trace": "possible"}).untested
    assert traced(started=True, activity=False).said(judge, **{"own-trace": "never"}).findings
    assert traced(started=False, activity=True).said(judge, **{"own-trace": "possible"}).findings
    assert kept(traced(started=False, activity=False).said(judge))


def test_a_lost_activity_may_come_again_with_another_span() -> None:
    judge = a_lost_activity_comes_again
    again = Conversation().activity("activity", span="00-1-2-01").activity("activity-again", span="00-1-3-01")
    assert kept(again.said(judge))
    other = Conversation().activity("activity", span="").activity("activity-again", span="", name="other")
    assert other.said(judge).findings


# --- turns and history


PAST = (HistoryEvent(event_id=-1, timestamp=1, body=WorkflowStarted()), OLD)


def test_an_accepted_turn_enters_history() -> None:
    judge = a_turn_enters_history_as_it_was_sent_then_the_events_of_its_actions
    first = Conversation().turn(OLD, step="first").answer()
    assert kept(first.turn(EventRaised(name="x"), past=PAST).said(judge))
    nothing = Conversation().turn(OLD, step="first").answer().turn(EventRaised(name="x"))
    assert nothing.said(judge).findings
    other = Conversation().turn(OLD, step="first").answer().turn(past=PAST).answer().turn(past=(OLD,))
    assert other.said(judge).findings


def test_a_turn_that_comes_again_tells_nothing_of_its_commit() -> None:
    judge = a_turn_enters_history_as_it_was_sent_then_the_events_of_its_actions
    raised = HistoryEvent(event_id=-1, timestamp=1, body=EventRaised(name="x"))
    assert Conversation().turn(raised, step="first").turn(EventRaised(name="y")).said(judge).untested
    assert Conversation().turn(raised, step="first").answer().turn(raised).said(judge).untested


def test_only_turns_that_were_answered_leave_a_mark() -> None:
    judge = history_has_a_workflow_started_for_each_turn
    assert kept(Conversation().turn(OLD).turn(OLD).answer().turn(step="last", past=PAST).said(judge))
    unmarked = Conversation().turn(OLD).answer().turn().answer().turn(step="last", past=(OLD,)).answer()
    assert unmarked.said(judge).findings


def test_histories_that_cannot_be_read_tell_nothing() -> None:
    unread = Conversation()
    for name in ("completed", "failed"):
        unread.call("GetInstanceHistory", step=f"history-{name}", code="UNIMPLEMENTED")
    assert unread.said(the_completion_is_recorded_as_given).untested


# --- refusals


def test_where_nothing_was_refused_nothing_is_told() -> None:
    willing = Conversation()
    for method, step in (
        ("TerminateInstance", "terminate-unknown"),
        ("StartInstance", "start-badly-traced"),
        ("PurgeInstances", "purge-running"),
    ):
        willing.call(method, step=step)
    assert willing.said(a_refused_request_leaves_instances_alone).untested


def refused(code: str = "NOT_FOUND") -> Conversation:
    made = Conversation()
    for method, step in (
        ("SuspendInstance", "suspended"),
        ("TerminateInstance", "terminated"),
        ("RaiseEvent", "raised"),
    ):
        made.call(method, step=step, code=code if step != "raised" else "NOT_FOUND")
    return made


def test_an_instance_that_was_refused_things_lives_as_any_other() -> None:
    judge = nothing_of_a_refused_request_reaches_a_later_instance
    state = WorkflowState(instance_id="i", workflow_status=OrchestrationStatus.COMPLETED, output='"alive"')
    answer = GetInstanceResponse(exists=True, workflow_state=state)
    whole = refused().turn(OLD, step="first").turn(EventRaised(name="go"), step="last")
    assert kept(whole.call("WaitForInstanceCompletion", step="completed", answer=answer).said(judge))
    assert refused().turn(OLD, step="first").missed("last").said(judge).findings
    assert refused().turn(step="first").said(judge).findings
    assert refused("OK").turn(OLD, step="first").missed("last").said(judge).untested
