"""Checks about stateful history (chapter M)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, NoEvidence
from dwconf.suite.evidence.answers import answer, answers_item, completes, schedules
from dwconf.suite.trace.record import Actor, Kind
from dwconf.wire import codec
from dwconf.wire.values import GetInstanceHistoryRequest, GetWorkItemsRequest, WorkerCapability

ALL = ["A", "B", "C", "D"]


def fetches(e: Evidence, step: str) -> list[Call]:
    """The fetches of an instance's history between its turn and that turn's answer."""
    item, call = e.item(f"{step}/sent"), e.call(step)
    between = (c for c in e.calls_to("GetInstanceHistory") if item.number < c.number < call.number)
    return [c for c in between if c.request(GetInstanceHistoryRequest).instance_id == item.instance_id]


def fetched(e: Evidence, step: str, *, because: str) -> Findings:
    """The worker fetched the history before it answered this turn."""
    e.call(step, due=True)
    if not fetches(e, step):
        item, call = e.item(f"{step}/sent"), e.call(step)
        expected = f"a call to GetInstanceHistory before the answer, because {because}"
        yield Finding(expected=expected, seen="the turn was answered without one", at=(*item.at, *call.at))


@check("worker/stateful-history/delta-extends-cache", "worker/stateful-history/deltas")
def a_delta_is_answered_like_the_whole_history(e: Evidence) -> Findings:
    yield from schedules(answer(e, "third", due=True), 3)
    yield from schedules(answer(e, "fourth", due=True), 4)
    yield from completes(answer(e, "last", due=True), ALL)


@check("worker/stateful-history/full-send-used", "worker/stateful-history/full-again")
def a_full_history_counts_alone(e: Evidence) -> Findings:
    yield from schedules(answer(e, "anew-first", due=True), "x")
    yield from schedules(answer(e, "anew-second", due=True), "y")
    yield from completes(answer(e, "anew-last", due=True), ["X", "Y"])


@check("worker/stateful-history/cache-miss-fetches", "worker/stateful-history/misses")
def a_cache_of_another_length_makes_the_worker_fetch(e: Evidence) -> Findings:
    yield from fetched(e, "longer", because="the cache held fewer events than announced")
    yield from fetched(e, "shorter", because="the cache held more events than announced")


@check("worker/stateful-history/cache-miss-fetches", "worker/stateful-history/misses")
def what_was_fetched_is_the_whole_past(e: Evidence) -> Findings:
    for step, wanted in (("longer", 3), ("shorter", 4)):
        if fetches(e, step):
            yield from schedules(answer(e, step), wanted)


@check("worker/stateful-history/only-past-cached", "worker/stateful-history/only-committed")
def new_events_are_not_in_the_cache(e: Evidence) -> Findings:
    yield from fetched(e, "with-new", because="only a cache with new events in it has that many")


@check("worker/stateful-history/only-past-cached", "worker/stateful-history/only-committed")
def what_has_ended_is_not_in_the_cache(e: Evidence) -> Findings:
    if answer(e, "ended").end is None:
        raise NoEvidence("an answer that ends the execution")
    yield from fetched(e, "ended-again", because="the worker has ended that execution")


@check("worker/stateful-history/cache-dies-with-stream", "worker/stateful-history/new-stream")
def a_delta_on_a_new_stream_is_a_miss(e: Evidence) -> Findings:
    e.moment("again")
    yield from fetched(e, "third", because="the cache was that of another stream")


@check("worker/stateful-history/superseded-turn-does-not-cache", "worker/stateful-history/superseded")
def an_overtaken_turn_does_not_write_the_cache(e: Evidence) -> Findings:
    e.call("stale")
    yield from fetched(e, "last", because="the cache was that of a newer turn, which had more events")


@check("worker/stateful-history/failed-fetch", "worker/stateful-history/no-history")
def a_turn_without_its_history_is_not_answered(e: Evidence) -> Findings:
    item = e.item("missed/sent")
    for call in e.calls.values():
        if call.number > item.number and answers_item(call, item):
            expected = "no answer to a turn whose history could not be fetched"
            yield Finding(expected=expected, seen="an answer", at=(*item.at, *call.at))


@check("worker/stateful-history/failed-fetch", "worker/stateful-history/no-history")
def the_worker_ends_its_stream_instead(e: Evidence) -> Findings:
    end = e.end("ended", due=True)
    if e.records[end.number - 1].actor is not Actor.TARGET:
        raise NoEvidence("an end of the stream by the worker")
    yield from ()


@check("worker/stateful-history/advertises-before-deltas", "worker/stateful-history/new-stream")
def each_stream_tells_of_the_cache(e: Evidence) -> Findings:
    opened = [record for record in e.records if record.kind is Kind.OPEN]
    if not opened:
        raise NoEvidence("again")
    for record in opened:
        capabilities = codec.decode(GetWorkItemsRequest, record.payload).capabilities
        if WorkerCapability.STATEFUL_HISTORY not in capabilities:
            seen = ", ".join(str(one) for one in capabilities) or "none"
            yield Finding(expected="WORKER_CAPABILITY_STATEFUL_HISTORY", seen=seen, at=(record.number,))
