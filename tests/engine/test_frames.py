from __future__ import annotations

from hypothesis import given, strategies as st

from dwconf.engine.core.frames import EMPTY, HISTORY_EVENTS, PAST_EVENTS, append, framed, joined, skip, split, varint
from dwconf.wire.pb import GetInstanceHistoryResponse, HistoryEvent, Int32Value, WorkflowRequest

events = st.lists(st.binary(max_size=300), max_size=8)


@given(st.integers(0, 2**31 - 1))
def test_varint_is_protobufs(number: int) -> None:
    assert b"\x08" + varint(number) == Int32Value(value=number).SerializeToString() or number == 0


@given(events, events)
def test_histories_grow_by_their_new_events(old: list[bytes], new: list[bytes]) -> None:
    first = append(EMPTY, old)
    second = append(first, new)
    assert second.frames.startswith(first.frames)
    assert [*split(second.frames)] == [*old, *new]
    assert (second.events, second.commits) == (len(old) + len(new), 2)


@given(events, st.integers(0, 8))
def test_skip_leaves_what_follows(data: list[bytes], count: int) -> None:
    count = min(count, len(data))
    assert [*split(skip(joined(PAST_EVENTS, data), count))] == data[count:]


def test_frames_are_the_fields_of_their_messages() -> None:
    event = HistoryEvent(eventId=3).SerializeToString()
    assert [e.eventId for e in WorkflowRequest.FromString(framed(PAST_EVENTS, event)).pastEvents] == [3]
    assert [e.eventId for e in GetInstanceHistoryResponse.FromString(framed(HISTORY_EVENTS, event)).events] == [3]
