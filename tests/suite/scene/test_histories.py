"""Which other ways a history could have come in: what is legal, and what keeps a history out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dwconf.suite.scene.histories import (
    MOST_CUTS,
    MOST_EVENTS,
    Group,
    History,
    Said,
    cut,
    cuts,
    distinct,
    doubled,
    one_at_a_time,
    together,
)
from dwconf.wire.values import (
    CompleteWorkflow,
    EventBody,
    EventRaised,
    ExecutionStarted,
    ExecutionSuspended,
    HistoryEvent,
    ScheduleTask,
    TaskCompleted,
    TaskScheduled,
    TimerFired,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowStarted,
)

CALLS = json.dumps({"program": 1, "steps": [{"op": "start", "activity": "echo", "as": "a"}]})


def event(body: EventBody, event_id: int = -1, at: int = 0) -> HistoryEvent:
    return HistoryEvent(event_id=event_id, timestamp=at, body=body)


def done(task: int) -> HistoryEvent:
    return event(TaskCompleted(task_scheduled_id=task))


E, F = event(EventRaised(name="E")), event(EventRaised(name="F"))


def history(*turns: tuple[tuple[HistoryEvent, ...], int], program: str = CALLS, name: str = "interp") -> History:
    """Turns of an instance: the events of each, and how many activities its answer schedules."""
    said: list[Said] = []
    past: tuple[HistoryEvent, ...] = ()
    task = 0
    for place, (events, calls) in enumerate(turns):
        start = () if place else (event(ExecutionStarted(name=name, input=program)),)
        new = (event(WorkflowStarted(), at=place + 1), *start, *events)
        actions = tuple(WorkflowAction(id=task + n, body=ScheduleTask(name="echo")) for n in range(calls))
        request = WorkflowRequest(instance_id="dw-one", execution_id="x", past_events=past, new_events=new)
        said.append(Said(request, WorkflowResponse(instance_id="dw-one", actions=actions)))
        past += (*new, *(event(TaskScheduled(name="echo"), action.id) for action in actions))
        task += calls
    return History(tuple(said))


THREE = history(((), 2), ((done(0),), 0), ((done(1), E), 1))


def kinds(groups: tuple[Group, ...]) -> list[tuple[int, list[str]]]:
    return [(group.at, [type(event.body).__name__ for event in group.events]) for group in groups]


def test_a_history_is_cut_where_its_other_turns_begin() -> None:
    last = THREE.turns[-1]
    assert cuts(last) == (0, 4)
    for at in cuts(last):
        request = cut(last, at)
        assert (*request.past_events, *request.new_events) == last.whole
        assert isinstance(request.new_events[0].body, WorkflowStarted)


def test_a_long_history_is_cut_at_some_turns_only() -> None:
    many = history(*(((E,), 0) for _ in range(40)))
    assert len(cuts(many.turns[-1])) == MOST_CUTS


def test_resolutions_are_doubled_and_events_are_not() -> None:
    request = doubled(THREE.turns[2])
    assert request is not None
    assert request.new_events[1:] == (done(1), done(1), E)
    assert doubled(THREE.turns[0]) is None


def test_one_at_a_time_keeps_order_and_times() -> None:
    assert kinds(one_at_a_time(THREE.groups)) == [
        (1, ["ExecutionStarted"]),
        (2, ["TaskCompleted"]),
        (3, ["TaskCompleted"]),
        (3, ["EventRaised"]),
    ]


def test_turns_join_when_all_that_they_resolve_was_there() -> None:
    assert kinds(together(THREE)) == [(1, ["ExecutionStarted"]), (3, ["TaskCompleted", "TaskCompleted", "EventRaised"])]


def test_a_turn_that_resolves_what_the_one_before_asked_for_stays_alone() -> None:
    chain = history(((), 1), ((done(0),), 1), ((done(1),), 0))
    assert together(chain) == chain.groups


def test_events_join_the_first_turn() -> None:
    assert kinds(together(history(((), 0), ((E,), 0)))) == [(2, ["ExecutionStarted", "EventRaised"])]


def test_a_retry_that_looks_at_the_time_keeps_its_turns() -> None:
    retry = json.dumps({"retry": {"max": 2, "firstMs": 1, "timeoutMs": 9}})
    timed = history(((), 1), ((E,), 0), program=retry)
    assert together(timed) == timed.groups


@pytest.mark.parametrize(
    "odd",
    [
        history(((), 0), program='{"steps": [{"op": "probe", "as": "p"}]}'),
        history(((), 0), program='{"steps": [{"op": "patched", "name": "p"}]}'),
        history(((), 0), name="ver"),
        history(((), 1), ((event(ExecutionSuspended()),), 0)),
        history(*(((E,), 0) for _ in range(MOST_EVENTS))),
        History(THREE.turns[1:]),
        History(THREE.turns[::2]),
        History((THREE.turns[0], replace(THREE.turns[1], request=THREE.turns[2].request))),
    ],
    ids=["probe", "patched", "version", "control", "long", "no-start", "gap", "made-up-record"],
)
def test_what_no_engine_writes_or_code_can_tell_is_not_grouped_anew(odd: History) -> None:
    assert not odd.is_regular


def test_what_an_engine_writes_is_grouped_anew() -> None:
    assert THREE.is_regular
    assert THREE.is_plain


def test_the_same_history_under_another_name_is_one() -> None:
    other = History(tuple(replace(t, request=replace(t.request, instance_id="another-one")) for t in THREE.turns))
    assert len(distinct([THREE, other, history(((), 1))])) == 2


def test_a_timer_is_resolved_by_its_own_id() -> None:
    fired = history(((), 1), ((event(TimerFired(timer_id=0)),), 0), ((F,), 0))
    assert kinds(together(fired)) == [(1, ["ExecutionStarted"]), (3, ["TimerFired", "EventRaised"])]


def test_an_answer_that_completes_has_ended() -> None:
    end = WorkflowResponse(actions=(WorkflowAction(id=0, body=CompleteWorkflow()),))
    assert Said(THREE.turns[0].request, end).ended
    assert not THREE.turns[0].ended
