from __future__ import annotations

from dwconf.engine.core.messages import Refusal
from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    ScheduleTask,
    WorkerCapability,
    WorkflowRequest,
    WorkflowResponse,
)
from tests.engine.rig import CONTINUED, Rig, actions, complete, kinds, started

STATEFUL = WorkerCapability.STATEFUL_HISTORY


def reply(token: str, *, instance_id: str = "i") -> WorkflowResponse:
    return WorkflowResponse(instance_id=instance_id, actions=actions(complete()), completion_token=token)


def test_one_turn_of_an_instance_is_out_at_a_time() -> None:
    rig = started()
    rig.connect()
    for _ in range(3):
        rig.raise_event()
    assert len(rig.items) == 1
    rig.answer()
    assert len(rig.items) == 1


def test_activities_are_sent_without_waiting_for_each_other() -> None:
    rig = started()
    rig.answer(*[ScheduleTask(name=f"a{number}") for number in range(5)])
    assert [item.request.name for _, item in rig.items if isinstance(item.request, ActivityRequest)] == [
        "a0",
        "a1",
        "a2",
        "a3",
        "a4",
    ]


def test_two_streams_share_the_work() -> None:
    rig = Rig()
    streams = {rig.connect(), rig.connect()}
    for number in range(20):
        rig.start(f"i{number}")
    sent = [item.request.instance_id for _, item in rig.items if isinstance(item.request, WorkflowRequest)]
    assert sent == [f"i{number}" for number in range(20)]
    assert {stream for stream, _ in rig.items} == streams


def test_tokens_are_unique_and_not_empty() -> None:
    rig = started()
    rig.answer(*[ScheduleTask(name="a") for _ in range(5)])
    tokens = [item.completion_token for _, item in rig.items]
    assert len({*tokens}) == 5
    assert all(tokens)


def test_a_lost_turn_comes_back_whole_and_first() -> None:
    rig = Rig()
    stream = rig.connect()
    rig.start()
    rig.raise_event("E1")
    rig.start("other")
    lost, old = rig.turn()
    rig.items.clear()
    rig.disconnect(stream)
    rig.raise_event("E2")
    rig.connect()
    again, token = rig.turn()
    assert token != old
    assert [encode(e) for e in again.new_events[1 : len(lost.new_events)]] == [encode(e) for e in lost.new_events[1:]]
    assert kinds(again.new_events)[len(lost.new_events) :] == ["EventRaised", "EventRaised"]
    assert rig.turn()[0].instance_id == "other"


def test_a_lost_activity_comes_back_as_it_was() -> None:
    rig = started()
    stream = rig.items[0][0]
    rig.answer(ScheduleTask(name="a", input="1"))
    lost, old = rig.activity()
    rig.disconnect(stream)
    rig.connect()
    again, token = rig.activity()
    assert again == lost
    assert token != old


def test_an_old_token_has_no_effect_on_the_new_dispatch() -> None:
    rig = started()
    stream = rig.items[0][0]
    _, old = rig.turn()
    rig.disconnect(stream)
    rig.connect()
    _, token = rig.turn()
    assert rig.respond(reply(old)) is None
    assert rig.history() == ()
    assert rig.respond(reply(token)) is None
    assert len(rig.history()) == 3


def test_a_missing_token_stands_for_any_and_a_wrong_one_for_none() -> None:
    rig = started()
    rig.turn()
    assert rig.respond(reply("wrong")) is None
    assert (rig.history(), rig.items) == ((), [])
    assert rig.respond(reply("")) is None
    assert len(rig.history()) == 3


def test_an_activity_is_answered_by_its_own_token_only() -> None:
    rig = started()
    rig.answer(ScheduleTask(name="a"), ScheduleTask(name="b"))
    (first, one), (second, two) = rig.activity(), rig.activity()
    rig.done(first, two)
    rig.done(second, one)
    assert rig.items == []
    rig.done(first, one)
    rig.done(second, two)
    assert kinds(rig.answer().new_events) == ["WorkflowStarted", "TaskCompleted"]


def test_what_is_not_outstanding_is_forgotten_or_refused_as_the_profile_says() -> None:
    response = ActivityResponse(instance_id="i", task_id=3)
    rig = started()
    assert rig.hub.complete_activity(response, rig.now) is None
    assert rig.respond(reply("x", instance_id="nobody")) is None
    other = started(DURABLETASK_GO)
    assert isinstance(other.hub.complete_activity(response, other.now), Refusal)
    assert isinstance(other.respond(reply("x", instance_id="nobody")), Refusal)


def test_another_stream_may_go_while_work_is_out_elsewhere() -> None:
    rig = Rig()
    first = rig.connect()
    rig.start()
    assert rig.items[0][0] == first
    second = rig.connect()
    rig.disconnect(second)
    assert len(rig.items) == 1


def test_a_plain_stream_gets_full_histories() -> None:
    rig = started()
    for _ in range(3):
        request = rig.answer()
        assert request.cached_history is None
        rig.raise_event()


def test_a_stream_that_remembers_gets_what_is_new() -> None:
    rig = Rig()
    rig.connect(STATEFUL, WorkerCapability(99))
    rig.start()
    known = 0
    for _ in range(4):
        committed = rig.history() if rig.exists() else ()
        request = rig.answer()
        cached = request.cached_history.event_count if request.cached_history is not None else 0
        assert cached == known
        assert request.past_events == committed[cached:]
        known = len(committed)
        rig.raise_event()


def test_a_new_generation_is_sent_in_full() -> None:
    rig = Rig()
    rig.connect(STATEFUL)
    rig.start()
    rig.answer()
    rig.raise_event()
    rig.answer()
    rig.raise_event()
    rig.answer(complete(CONTINUED))
    for _ in range(2):
        assert rig.answer().cached_history is None
        rig.raise_event()


def test_what_a_stream_remembers_dies_with_it() -> None:
    rig = Rig()
    stream = rig.connect(STATEFUL)
    rig.start()
    for _ in range(2):
        rig.answer()
        rig.raise_event()
    rig.disconnect(stream)
    rig.items.clear()
    rig.connect(STATEFUL)
    request = rig.answer()
    assert request.cached_history is None
    assert len(request.past_events) == 4


def test_ended_instances_leave_nothing_behind() -> None:
    rig = Rig()
    rig.connect(STATEFUL)
    for number in range(50):
        rig.start(f"i{number}")
        rig.answer(complete())
    assert rig.hub._held._live == {}
    assert rig.hub.dispatcher._turns == {}
    assert all(not stream.sent and not stream.out for stream in rig.hub.dispatcher._streams.values())
