"""Wrong about streams, tokens and answers (ENG-A)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from dwconf.engine.core import frames
from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.dispatch import ActivityWork, Dispatch, Sent, Stream, TurnWork, Work
from dwconf.engine.core.frames import History
from dwconf.engine.core.instance import Instance, Queued
from dwconf.engine.core.messages import Code, Refusal, Turn
from dwconf.engine.core.moment import Nonce
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ActivityResponse,
    EventBody,
    EventRaised,
    ExecutionStarted,
    OrchestrationStatus,
    TaskCompleted,
    WorkerCapability,
    WorkflowResponse,
)


def _no_token(nonce: Nonce, work: Work) -> str:
    """Items carry no token."""
    del nonce, work
    return ""


def _always_the_same_token(nonce: Nonce, work: Work) -> str:
    """Every dispatch has the same token."""
    del nonce, work
    return "token"


def _token_required(given: str, expected: str) -> bool:
    """Refuses an answer without a token."""
    return given == expected


def _loses_turns(dispatches: Iterable[Dispatch]) -> tuple[Work, ...]:
    """A turn that was out on a lost stream is never dispatched again."""
    return tuple(dispatch.work for dispatch in dispatches if not isinstance(dispatch.work, TurnWork))


def _loses_activities(dispatches: Iterable[Dispatch]) -> tuple[Work, ...]:
    """An activity that was out on a lost stream is never dispatched again."""
    return tuple(dispatch.work for dispatch in dispatches if not isinstance(dispatch.work, ActivityWork))


def _no_execution_id(state: Instance) -> None:
    """Turns do not say which execution they belong to."""
    del state


def _other_execution_id(state: Instance) -> str | None:
    """Turns name the instance as their execution."""
    return state.id


def _deltas_for_all(stream: Stream, state: Instance) -> int | None:
    """Sends deltas to workers that did not offer to remember."""
    sent = stream.sent.get(state.id)
    return sent.events if sent is not None and 0 < sent.events <= state.history.events else None


def _delta_across_generations(stream: Stream, state: Instance) -> int | None:
    """Continues a prefix of an earlier generation, if it is not too long."""
    sent = stream.sent.get(state.id)
    if not stream.capabilities or sent is None:
        return None
    return sent.events if 0 < sent.events <= state.history.events else None


def _delta_too_short(past: bytes, cached: int) -> bytes:
    """Leaves out the first event of a delta."""
    return REFERENCE.delta(past, cached + 1) if REFERENCE.delta(past, cached) else b""


def _unknown_turn_refused(instance_id: str) -> Refusal | None:
    """An answer that nobody waits for is an error, though the profile says otherwise."""
    return Refusal(Code.UNKNOWN, f"unknown instance ID: {instance_id}")


def _items_doubled(method: str, data: bytes) -> Sequence[bytes]:
    """Every work item is sent twice."""
    return (data, data) if method == "GetWorkItems" else (data,)


def _items_also_pinged(method: str, data: bytes) -> Sequence[bytes]:
    """Sends health pings to workers that did not ask for them."""
    return (b"\x32\x00", data) if method == "GetWorkItems" else (data,)


def _token_of_the_work(nonce: Nonce, work: Work) -> str:
    """A token names what is to be done, so that a repeated item has the token of the lost one."""
    del nonce
    return repr(work)


def _no_hello_alone(streams: int) -> Refusal | None:
    """Hello fails while no worker is connected."""
    return None if streams else Refusal(Code.UNAVAILABLE, "no worker is connected")


def _no_hello_with_worker(streams: int) -> Refusal | None:
    """Hello fails while a worker is connected."""
    return Refusal(Code.UNAVAILABLE, "busy") if streams else None


def _events_not_served(state: Instance | None, body: EventBody, rules: Decisions) -> Refusal | None:
    """RaiseEvent is not there."""
    if isinstance(body, EventRaised):
        return Refusal(Code.UNIMPLEMENTED, "unknown method RaiseEvent")
    return REFERENCE.refuse_event(state, body, rules)


def _one_item_per_stream(streams: Iterable[Stream], work: Work) -> Stream | None:
    """A stream carries one item, and then no more."""
    return REFERENCE.choose_stream([stream for stream in streams if not stream.last_used], work)


def _one_activity_at_a_time(streams: Iterable[Stream], work: Work) -> Stream | None:
    """An activity waits until every other one is answered."""
    held = tuple(streams)
    busy = any(isinstance(d.work, ActivityWork) for stream in held for d in stream.out.values())
    return None if busy and isinstance(work, ActivityWork) else REFERENCE.choose_stream(held, work)


def _turns_wait_for_activities(streams: Iterable[Stream], work: Work) -> Stream | None:
    """A turn waits until no activity is out."""
    held = tuple(streams)
    busy = any(isinstance(d.work, ActivityWork) for stream in held for d in stream.out.values())
    return None if busy and isinstance(work, TurnWork) else REFERENCE.choose_stream(held, work)


def _known_streams_only(streams: Iterable[Stream], work: Work) -> Stream | None:
    """A stream with a capability that it does not know gets nothing."""
    known = [stream for stream in streams if max(stream.capabilities, default=0) <= WorkerCapability.HEALTH_PING]
    return REFERENCE.choose_stream(known, work)


def _several_turns(work: Work, *, outstanding: bool) -> bool:
    """A further turn is dispatched while one is out."""
    del work, outstanding
    return True


def _last_eight_only(dispatches: Iterable[Dispatch]) -> tuple[Work, ...]:
    """Only what went out last is dispatched again."""
    return tuple(dispatch.work for dispatch in dispatches)[-8:]


def _stale_tokens_too(given: str, expected: str) -> bool:
    """Takes every token that looks like one of its own."""
    return given in ("", expected) or (len(given) == len(expected) and not given.startswith("00000000-"))


def _strange_tokens_too(given: str, expected: str) -> bool:
    """Takes a token that it never gave."""
    return given in ("", expected) or given.startswith("00000000-")


def _taken_anyway(response: ActivityResponse) -> TaskCompleted:
    """An outcome that nobody waits for is delivered all the same."""
    return TaskCompleted(task_scheduled_id=response.task_id, result=response.result)


def _unknown_activity_refused(instance_id: str, task_id: int) -> Refusal | None:
    """An outcome that nobody waits for is an error, though the profile says otherwise."""
    return Refusal(Code.UNKNOWN, f"unknown instance ID/task ID combo: {instance_id}/{task_id}")


def _history_lacks_its_start(history: History) -> bytes:
    """The first committed events are not sent."""
    return frames.skip(history.frames, min(2, history.events))


def _newest_first(inbox: tuple[Queued, ...], event: Queued) -> tuple[Queued, ...]:
    """A new event stands before the queued ones."""
    started = bool(inbox) and isinstance(inbox[0].event.body, ExecutionStarted)
    return (inbox[0], event, *inbox[1:]) if started else (event, *inbox)


def _two_requests(method: str, data: bytes) -> Sequence[bytes]:
    """An item holds a health ping beside its request."""
    return (data + b"\x32\x00",) if method == "GetWorkItems" else (data,)


def _empty_items(method: str, data: bytes) -> Sequence[bytes]:
    """An item without a request goes before each one."""
    return (b"", data) if method == "GetWorkItems" else (data,)


def _reserved_items(method: str, data: bytes) -> Sequence[bytes]:
    """Items hold a field with a reserved number."""
    return (data + b"\x22\x00",) if method == "GetWorkItems" else (data,)


def _alias_forgets_status(method: str, data: bytes) -> bytes:
    """The deprecated completion method forgets the custom status."""
    if method != "CompleteOrchestratorTask":
        return data
    return encode(replace(decode(WorkflowResponse, data), custom_status=None))


def _readers_only(peer: str, readers: Collection[str]) -> bool:
    """Completions count only from connections that hold a stream."""
    return peer in readers


def _never_pending(state: Instance) -> OrchestrationStatus:
    """An instance counts as running from the beginning, so that a start waits for nobody."""
    return OrchestrationStatus.RUNNING if state.status == OrchestrationStatus.PENDING else state.status


def _empty_prefix(stream: Stream, state: Instance) -> int | None:
    """Says that the worker has nothing, in words that are for a delta."""
    return REFERENCE.cached_events(stream, state) and 0


def _warm_from_the_start(stream: Stream, state: Instance) -> int | None:
    """Takes a worker that remembers to know a history that it was never sent."""
    if stream.capabilities and state.id not in stream.sent:
        return state.history.events or None
    return REFERENCE.cached_events(stream, state)


def _all_is_known(stream: Stream, state: Instance) -> int | None:
    """Takes the previous turn's new events to be known as well."""
    return REFERENCE.cached_events(stream, state) and state.history.events


def _count_is_kept(stream: Stream, state: Instance) -> int | None:
    """Keeps the count over continue-as-new."""
    sent = stream.sent.get(state.id)
    return sent.events if stream.capabilities and sent is not None and sent.events else None


def _what_is_left(past: bytes, cached: int) -> bytes:
    """The events after a prefix, or none when there are fewer."""
    return frames.skip(past, min(cached, len(tuple(frames.split(past)))))


def _shortened(state: Instance, turn: Turn, rules: Decisions, cached: int | None) -> bytes:
    """A delta has the last new event only."""
    kept = turn if cached is None or not turn.events else replace(turn, events=turn.events[-1:])
    return REFERENCE.workflow_request(state, kept, rules, cached)


def _heir(number: int, capabilities: frozenset[WorkerCapability]) -> Stream:
    """A new stream inherits what earlier ones were sent."""
    return Stream(number, capabilities, sent=INHERITED)


def _history_with_queue(state: Instance) -> History:
    """The history that is shown has the events of the turn that is out."""
    return frames.append(state.history, [event.data for event in state.inbox])


INHERITED: dict[str, Sent] = {}
MINUTE = 60_000_000_000

mutant("no-token", "engine/connection/items-carry-tokens", "work items carry no completion token", new_token=_no_token)
mutant(
    "same-token",
    "engine/connection/tokens-are-fresh",
    "every dispatch has the same token",
    new_token=_always_the_same_token,
)
mutant(
    "takes-any-token",
    "engine/connection/stale-token-has-no-effect",
    "an answer is taken with a superseded token",
    token_matches=_stale_tokens_too,
)
mutant(
    "demands-token",
    "engine/connection/empty-token-accepted",
    "an answer without a token is discarded",
    token_matches=_token_required,
)
mutant(
    "loses-turns-with-the-stream",
    "engine/connection/lost-turn-returns",
    "a turn that was out on a lost stream never comes back",
    redelivered=_loses_turns,
)
mutant(
    "loses-activities-with-the-stream",
    "engine/connection/lost-activity-returns",
    "an activity that was out on a lost stream never comes back",
    redelivered=_loses_activities,
)
mutant(
    "turn-without-execution-id",
    "engine/connection/execution-id-of-turn",
    "turns do not name their execution",
    request_execution_id=_no_execution_id,
)
mutant(
    "turn-with-wrong-execution-id",
    "engine/connection/execution-id-of-turn",
    "turns name the instance as their execution",
    request_execution_id=_other_execution_id,
)
mutant(
    "deltas-for-all",
    "engine/connection/full-history-without-capability",
    "deltas go to workers that did not offer to remember",
    cached_events=_deltas_for_all,
)
mutant(
    "delta-across-generations",
    "engine/connection/delta-of-same-execution",
    "a delta continues a prefix of an earlier generation",
    cached_events=_delta_across_generations,
)
mutant(
    "delta-too-short",
    "engine/connection/delta-continues-prefix",
    "a delta lacks its first event",
    delta=_delta_too_short,
)
mutant(
    "refuses-unasked-answers",
    "engine/connection/unasked-completion-answer",
    "an answer that nobody waits for is refused, which is not what the profile says",
    unknown_turn=_unknown_turn_refused,
)
mutant(
    "sends-items-twice",
    "engine/connection/each-item-once",
    "every work item is sent twice",
    faults=Faults(outgoing=_items_doubled),
)
mutant(
    "pings-everybody",
    "engine/connection/no-unasked-health-ping",
    "health pings go to workers that did not ask for them",
    faults=Faults(outgoing=_items_also_pinged),
)
mutant(
    "token-of-the-work",
    "engine/connection/tokens-are-fresh",
    "a repeated item has the token of the lost one",
    new_token=_token_of_the_work,
)
mutant(
    "no-hello-alone",
    "engine/connection/hello-answers",
    "Hello fails without a worker",
    refuse_hello=_no_hello_alone,
)
mutant(
    "no-hello-with-worker",
    "engine/connection/hello-answers",
    "Hello fails while a worker is connected",
    refuse_hello=_no_hello_with_worker,
)
mutant(
    "raise-event-not-served",
    "engine/connection/service-path",
    "RaiseEvent is not implemented",
    refuse_event=_events_not_served,
)
mutant(
    "one-item-per-stream",
    "engine/connection/work-items-are-streamed",
    "a stream carries one item",
    choose_stream=_one_item_per_stream,
)
mutant(
    "alias-loses-custom-status",
    "engine/connection/both-completion-methods",
    "the deprecated completion method loses the custom status",
    faults=Faults(incoming=_alias_forgets_status),
)
mutant(
    "two-requests-in-an-item",
    "engine/connection/one-request-per-item",
    "an item holds two requests",
    faults=Faults(outgoing=_two_requests),
)
mutant(
    "empty-items",
    "engine/connection/one-request-per-item",
    "items without a request are sent",
    faults=Faults(outgoing=_empty_items),
)
mutant(
    "reserved-fields-in-items",
    "engine/connection/reserved-items-never-sent",
    "items hold a reserved field",
    faults=Faults(outgoing=_reserved_items),
)
mutant(
    "idle-streams-fall-asleep",
    "engine/connection/idle-stream-stays-open",
    "what is sent on a stream after a minute without any is lost",
    faults=Faults(longest_idle=MINUTE),
)
mutant(
    "several-turns-at-a-time",
    "engine/connection/one-turn-at-a-time",
    "a turn is dispatched while another one of the instance is out",
    may_offer=_several_turns,
)
mutant(
    "held-turn-sent-again",
    "engine/connection/held-item-not-resent",
    "a turn that is held is sent again",
    may_offer=_several_turns,
)
mutant(
    "one-activity-at-a-time",
    "engine/connection/activities-run-concurrently",
    "an activity waits for all others",
    choose_stream=_one_activity_at_a_time,
)
mutant(
    "turns-wait-for-activities",
    "engine/connection/activities-run-concurrently",
    "turns wait until no activity is out",
    choose_stream=_turns_wait_for_activities,
)
mutant(
    "only-readers-answer",
    "engine/connection/completion-on-any-connection",
    "completions count only from a connection that holds a stream",
    faults=Faults(heard=_readers_only),
)
mutant(
    "loses-most-of-a-crowd",
    "engine/connection/lost-turn-returns",
    "only the last eight items of a lost stream come back",
    redelivered=_last_eight_only,
)
mutant(
    "newer-events-first",
    "engine/connection/lost-turn-keeps-events",
    "a newer event stands before those of the lost turn",
    enqueue=_newest_first,
)
mutant(
    "takes-strange-tokens",
    "engine/connection/wrong-token-is-discarded",
    "a token that was never given counts",
    token_matches=_strange_tokens_too,
)
mutant(
    "unasked-outcomes-delivered",
    "engine/connection/unasked-completion-changes-nothing",
    "an outcome that nobody waits for is delivered",
    unasked_outcome=_taken_anyway,
    accepts=lambda *_: True,
)
mutant(
    "refuses-unasked-outcomes",
    "engine/connection/unasked-completion-answer",
    "an outcome that nobody waits for is refused, which is not what the profile says",
    unknown_activity=_unknown_activity_refused,
)
mutant(
    "past-lacks-its-start",
    "engine/connection/full-history-without-capability",
    "the first two past events are not sent",
    past_events=_history_lacks_its_start,
)
mutant(
    "strange-capabilities-get-nothing",
    "engine/connection/unknown-capability-ignored",
    "a stream with an unknown capability gets no work",
    capabilities=frozenset,
    choose_stream=_known_streams_only,
)
mutant(
    "start-waits-for-nobody",
    "engine/connection/create-without-worker",
    "a start without a worker is answered at once",
    visible_status=_never_pending,
)
mutant(
    "work-needs-a-worker",
    "engine/connection/work-waits-for-a-worker",
    "what is out when the last worker leaves is forgotten",
    redelivered=lambda _: (),
)
mutant(
    "delta-of-nothing",
    "engine/connection/delta-count-in-range",
    "a delta continues a prefix of no events",
    cached_events=_empty_prefix,
)
mutant(
    "warm-from-the-start",
    "engine/connection/first-dispatch-is-full",
    "the first dispatch on a stream is a delta",
    cached_events=_warm_from_the_start,
)
mutant(
    "prefix-has-new-events",
    "engine/connection/delta-prefix-excludes-new-events",
    "the previous turn's new events count as known",
    cached_events=_all_is_known,
)
mutant(
    "prefix-survives-continue-as-new",
    "engine/connection/full-after-continue-as-new",
    "a delta continues a prefix of the generation before",
    cached_events=_count_is_kept,
    delta=_what_is_left,
)
mutant(
    "delta-shortens-new-events",
    "engine/connection/new-events-never-shortened",
    "a delta holds only the last new event",
    workflow_request=_shortened,
)
mutant(
    "new-streams-inherit",
    "engine/connection/cache-dies-with-stream",
    "a new stream inherits what the old one was sent",
    new_stream=_heir,
)
mutant(
    "history-has-new-events",
    "engine/connection/history-for-cache-miss",
    "the history during a turn has its new events",
    shown_history=_history_with_queue,
)
mutant(
    "waits-for-slow-readers",
    "engine/connection/slow-reader-is-dropped",
    "a worker that does not read keeps its items for ever",
    faults=Faults(patient=True),
)
