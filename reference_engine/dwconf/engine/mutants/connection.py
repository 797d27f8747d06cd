"""Wrong about streams, tokens and answers (ENG-A)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE
from dwconf.engine.core.dispatch import ActivityWork, Dispatch, Stream, TurnWork, Work
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.moment import Nonce
from dwconf.engine.mutants.mutant import Mutant
from dwconf.engine.shell.faults import Faults


def _no_token(nonce: Nonce, work: Work) -> str:
    """Items carry no token."""
    del nonce, work
    return ""


def _always_the_same_token(nonce: Nonce, work: Work) -> str:
    """Every dispatch has the same token."""
    del nonce, work
    return "token"


def _any_token_matches(given: str, expected: str) -> bool:
    """Takes whatever token comes."""
    del given, expected
    return True


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


MUTANTS = (
    Mutant(
        name="no-token",
        breaks="engine/connection/items-carry-tokens",
        title="work items carry no completion token",
        decisions=replace(REFERENCE, new_token=_no_token),
    ),
    Mutant(
        name="same-token",
        breaks="engine/connection/tokens-are-fresh",
        title="every dispatch has the same token",
        decisions=replace(REFERENCE, new_token=_always_the_same_token),
    ),
    Mutant(
        name="takes-any-token",
        breaks="engine/connection/stale-token-has-no-effect",
        title="an answer is taken whatever its token",
        decisions=replace(REFERENCE, token_matches=_any_token_matches),
    ),
    Mutant(
        name="demands-token",
        breaks="engine/connection/empty-token-accepted",
        title="an answer without a token is discarded",
        decisions=replace(REFERENCE, token_matches=_token_required),
    ),
    Mutant(
        name="loses-turns-with-the-stream",
        breaks="engine/connection/lost-turn-returns",
        title="a turn that was out on a lost stream never comes back",
        decisions=replace(REFERENCE, redelivered=_loses_turns),
    ),
    Mutant(
        name="loses-activities-with-the-stream",
        breaks="engine/connection/lost-activity-returns",
        title="an activity that was out on a lost stream never comes back",
        decisions=replace(REFERENCE, redelivered=_loses_activities),
    ),
    Mutant(
        name="turn-without-execution-id",
        breaks="engine/connection/execution-id-of-turn",
        title="turns do not name their execution",
        decisions=replace(REFERENCE, request_execution_id=_no_execution_id),
    ),
    Mutant(
        name="turn-with-wrong-execution-id",
        breaks="engine/connection/execution-id-of-turn",
        title="turns name the instance as their execution",
        decisions=replace(REFERENCE, request_execution_id=_other_execution_id),
    ),
    Mutant(
        name="deltas-for-all",
        breaks="engine/connection/full-history-without-capability",
        title="deltas go to workers that did not offer to remember",
        decisions=replace(REFERENCE, cached_events=_deltas_for_all),
    ),
    Mutant(
        name="delta-across-generations",
        breaks="engine/connection/delta-of-same-execution",
        title="a delta continues a prefix of an earlier generation",
        decisions=replace(REFERENCE, cached_events=_delta_across_generations),
    ),
    Mutant(
        name="delta-too-short",
        breaks="engine/connection/delta-continues-prefix",
        title="a delta lacks its first event",
        decisions=replace(REFERENCE, delta=_delta_too_short),
    ),
    Mutant(
        name="refuses-unasked-answers",
        breaks="engine/connection/unasked-completion-answer",
        title="an answer that nobody waits for is refused, which is not what the profile says",
        decisions=replace(REFERENCE, unknown_turn=_unknown_turn_refused),
    ),
    Mutant(
        name="sends-items-twice",
        breaks="engine/connection/each-item-once",
        title="every work item is sent twice",
        faults=Faults(outgoing=_items_doubled),
    ),
    Mutant(
        name="pings-everybody",
        breaks="engine/connection/no-unasked-health-ping",
        title="health pings go to workers that did not ask for them",
        faults=Faults(outgoing=_items_also_pinged),
    ),
)
