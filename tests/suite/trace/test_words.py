"""Values in words: what is set, bounded, whatever a peer sends."""

from __future__ import annotations

from dwconf.suite.trace.words import DETAIL, LINE, in_a_line, in_full, instant, unlike
from dwconf.wire.values import HistoryEvent, OrchestrationStatus, TimerFired, WorkflowRequest, WorkflowState


def test_only_what_is_set_is_told() -> None:
    state = WorkflowState(instance_id="i", workflow_status=OrchestrationStatus.FAILED)
    assert in_a_line(state) == "WorkflowState(instance_id='i', workflow_status=FAILED)"


def test_events_are_told_by_their_body() -> None:
    request = WorkflowRequest(new_events=(HistoryEvent(event_id=-1, body=TimerFired(timer_id=3)),))
    assert in_a_line(request) == "WorkflowRequest(new_events=[TimerFired#-1(timer_id=3)])"


def test_a_time_keeps_its_nanoseconds() -> None:
    assert instant(253402300799_999_999_999) == "9999-12-31T23:59:59.999999999Z"
    assert instant(10**30) == f"{10**30} ns"


def test_huge_values_are_bounded() -> None:
    huge = WorkflowRequest(instance_id="x" * 10**6, new_events=(HistoryEvent(),) * 10_000)
    assert len(in_a_line(huge)) <= LINE
    assert len(in_full(huge)) <= DETAIL


def test_the_full_form_is_indented() -> None:
    event = HistoryEvent(event_id=2, body=TimerFired(timer_id=3))
    assert in_full(event).splitlines() == ["HistoryEvent", "  event_id: 2", "  body: TimerFired", "    timer_id: 3"]


def test_short_texts_that_differ_are_told_whole() -> None:
    assert unlike(" a ", "a") == ("' a '", "'a'")
    assert unlike(None, "") == ("None", "''")


def test_of_long_texts_the_place_is_told_where_they_begin_to_differ() -> None:
    wanted, seen = unlike("x" * 5000 + "end", "x" * 5000)
    assert wanted == f"…'{'x' * 30}end' around character 5000 of 5003"
    assert seen == f"…'{'x' * 30}' around character 5000 of 5000"
