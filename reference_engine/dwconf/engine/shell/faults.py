"""Faults of the wire and of the store: how a mutant misbehaves where no decision of the core is at fault."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from dwconf.engine.core.hub import Hub
from dwconf.engine.core.messages import Refusal
from dwconf.engine.core.store import Batch


def _as_it_is(method: str, data: bytes) -> bytes:
    del method
    return data


def _sent_once(method: str, data: bytes) -> Sequence[bytes]:
    del method
    return (data,)


def _refused_so(method: str, refusal: Refusal) -> Refusal | bytes:
    del method
    return refusal


def _left_alone(hub: Hub, instance_id: str) -> None:
    del hub, instance_id


def _with_the_token(path: str, right: bool | None) -> bool:  # noqa: FBT001  (a token is right, wrong, or not there)
    del path
    return right is True


def _saved_whole(batch: Batch) -> Batch:
    return batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What happens to bytes and batches on their way; the defaults leave them alone.

    `incoming` alters a request's bytes. `outgoing` alters a reply's or an item's; of a reply only the first counts, an
    item may be dropped or doubled. `refused` alters a refusal, or answers in its place. `saved` alters what is durable.
    `heard` says whether a completion counts that comes from `peer`, while the peers `readers` hold streams.
    `abandoned` is told of an instance whose client gave up waiting for its start or end. `longest_idle` is how long a
    stream may carry nothing before what is sent on it is lost, in nanoseconds; `farewell` is the status with which a
    stop ends the streams; `admitted` says whether a call of a path is served whose token is right, wrong, or not there
    (None), and `turned_away` is the status of one that is not; `largest` is how many bytes a request may have, if it is
    not what the server says.
    """

    incoming: Callable[[str, bytes], bytes] = _as_it_is
    outgoing: Callable[[str, bytes], Sequence[bytes]] = _sent_once
    refused: Callable[[str, Refusal], Refusal | bytes] = _refused_so
    saved: Callable[[Batch], Batch] = _saved_whole
    heard: Callable[[str, Collection[str]], bool] | None = None
    abandoned: Callable[[Hub, str], None] = _left_alone
    longest_idle: int | None = None
    farewell: str = "CANCELLED"
    admitted: Callable[[str, bool | None], bool] = _with_the_token
    turned_away: str = "UNAUTHENTICATED"
    patient: bool = False
    """Waits for ever for a worker to read."""
    largest: int | None = None


NO_FAULTS = Faults()
