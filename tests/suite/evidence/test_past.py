"""A past that was sent in part is put together from what the same stream was sent before."""

from __future__ import annotations

from dwconf.suite.evidence import Item
from dwconf.suite.evidence.past import Pasts, parts_at
from dwconf.wire.values import (
    CachedHistory,
    EventRaised,
    HistoryEvent,
    TaskCompleted,
    WorkflowRequest,
    WorkflowStarted,
    WorkItem,
)

FIRST = HistoryEvent(event_id=-1, timestamp=1, body=WorkflowStarted())
SECOND = HistoryEvent(event_id=-1, timestamp=2, body=EventRaised(name="go"))
THIRD = HistoryEvent(event_id=-1, timestamp=3, body=TaskCompleted())


def item(*past: HistoryEvent, stream: int = 1, cached: int | None = None) -> Item:
    part = CachedHistory(event_count=cached) if cached is not None else None
    request = WorkflowRequest(instance_id="i", past_events=past, cached_history=part)
    return Item(number=1, stream=stream, clock=0, data=b"", item=WorkItem(request=request))


def test_a_whole_past_is_itself() -> None:
    assert Pasts().of(item(FIRST, SECOND)) == (FIRST, SECOND)


def test_a_delta_follows_the_prefix_of_its_stream() -> None:
    pasts = Pasts()
    pasts.of(item(FIRST, SECOND))
    assert pasts.of(item(THIRD, cached=2)) == (FIRST, SECOND, THIRD)
    assert pasts.of(item(cached=3)) == (FIRST, SECOND, THIRD)
    assert pasts.of(item(THIRD, cached=1)) == (FIRST, THIRD)


def test_a_prefix_that_is_not_known_says_nothing() -> None:
    pasts = Pasts()
    pasts.of(item(FIRST, SECOND, stream=1))
    assert pasts.of(item(THIRD, stream=2, cached=2)) is None
    assert pasts.of(item(THIRD, stream=1, cached=3)) is None


def test_two_views_of_a_history_part_at_the_first_event_that_differs() -> None:
    assert parts_at((FIRST, SECOND), (FIRST, THIRD)) == 1
    assert parts_at((FIRST,), (FIRST, SECOND)) is None
    assert parts_at((FIRST, SECOND), ()) is None
