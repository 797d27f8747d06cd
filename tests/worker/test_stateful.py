"""The history cache (WRK-M)."""

from __future__ import annotations

import pytest

from dwconf.wire import values as v
from dwconf.worker.core import stateful
from dwconf.worker.core.decisions import REFERENCE
from dwconf.worker.core.stateful import HistoryCache
from tests.worker import history as h

PAST = (h.turn(), h.start())
DELTA = (h.scheduled(0, "a"),)
RUNNING = v.WorkflowResponse(instance_id="i")


def ended(status: v.OrchestrationStatus) -> v.WorkflowResponse:
    body = v.CompleteWorkflow(workflow_status=status)
    return v.WorkflowResponse(instance_id="i", actions=(v.WorkflowAction(id=0, body=body),))


def request(past: tuple[v.HistoryEvent, ...], announced: int | None = None, instance: str = "i") -> v.WorkflowRequest:
    cached = None if announced is None else v.CachedHistory(event_count=announced)
    return v.WorkflowRequest(instance_id=instance, past_events=past, new_events=(h.turn(1),), cached_history=cached)


def warm(response: v.WorkflowResponse = RUNNING) -> HistoryCache:
    cache = HistoryCache(REFERENCE)
    cache.dispatched("i", "t1")
    cache.keep(request(PAST), response, token="t1", past=PAST, now=0)
    return cache


@pytest.mark.parametrize("announced", [None, 2, 0, 1, 3])
def test_which_past_a_request_has(announced: int | None) -> None:
    expected = {None: DELTA, 2: PAST + DELTA}.get(announced)
    assert warm().past(request(DELTA, announced), now=1) == expected


def test_an_empty_delta_is_a_delta() -> None:
    assert warm().past(request((), 2), now=1) == PAST


def test_another_instance_has_its_own() -> None:
    assert warm().past(request(DELTA, 2, instance="j"), now=1) is None


@pytest.mark.parametrize("status", [v.OrchestrationStatus.COMPLETED, v.OrchestrationStatus.CONTINUED_AS_NEW])
def test_an_end_drops_what_was_kept(status: v.OrchestrationStatus) -> None:
    assert warm(ended(status)).past(request(DELTA, 2), now=1) is None


def test_a_stream_s_end_drops_all() -> None:
    cache = warm()
    cache.clear()
    assert cache.past(request(DELTA, 2), now=1) is None


def test_only_the_latest_dispatch_writes() -> None:
    cache = warm()
    cache.dispatched("i", "t2")
    cache.dispatched("i", "t3")
    cache.keep(request(PAST), RUNNING, token="t3", past=PAST + DELTA, now=1)
    cache.keep(request(PAST), RUNNING, token="t2", past=PAST, now=2)
    assert cache.past(request((), 3), now=3) == PAST + DELTA


def test_the_unused_are_dropped() -> None:
    assert warm().past(request(DELTA, 2), now=stateful.LIFETIME + 1) is None


def test_use_prolongs() -> None:
    cache = warm()
    assert cache.past(request(DELTA, 2), now=stateful.LIFETIME - 1) is not None
    assert cache.past(request(DELTA, 2), now=stateful.LIFETIME + 1) is not None


def test_the_oldest_go_beyond_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stateful, "LIMIT", 2)
    cache = HistoryCache(REFERENCE)
    for number, instance in enumerate("abc"):
        cache.dispatched(instance, "t")
        cache.keep(request(PAST, instance=instance), RUNNING, token="t", past=PAST, now=number)
    assert [cache.past(request((), 2, instance=name), now=3) is None for name in "abc"] == [True, False, False]
