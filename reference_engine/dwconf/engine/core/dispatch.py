"""Who works on what: streams, work that is ready, work that is out, and the tokens that tie answers to dispatches.

A dispatch is known by its token. An answer is matched with what is outstanding for its instance (and task), then by
token; what is not outstanding changes nothing, whatever its token (ENG-A-12 to ENG-A-15). When a stream ends, what was
out on it is ready again, ahead of everything else and in the order in which it went out (ENG-A-11). The turn of a
stalled instance is held: it is for a stream that is opened after the stall, and for none that was there (ENG-H-33).

Unlike an `Instance` this is a machine with state of its own: it is not durable, it is rebuilt from what is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dwconf.engine.core.frames import text
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Refusal, Turn
from dwconf.engine.core.moment import Nonce
from dwconf.wire.values import ActivityResponse, TaskCompleted, WorkerCapability, WorkflowResponse

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

CREDIT = 16
"""Items that may wait to be written on one stream, before another stream or nobody gets them."""


@dataclass(frozen=True, slots=True)
class TurnWork:
    """A turn of an instance."""

    instance_id: str


@dataclass(frozen=True, slots=True)
class ActivityWork:
    """One scheduled activity of one generation."""

    instance_id: str
    epoch: str
    task_id: int


Work = TurnWork | ActivityWork


def work_of(task: ActivityTask) -> ActivityWork:
    """The work that a scheduled activity is."""
    return ActivityWork(task.instance_id, task.epoch, task.task_id)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Something that is out: the work, its token, the stream it went to, and the turn as it was sent, if it is one."""

    work: Work
    token: str
    stream: int
    turn: Turn | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """How much of which generation's history a stream was sent (ENG-A-17, ENG-A-24)."""

    epoch: str
    events: int


@dataclass(slots=True)
class Stream:
    """One GetWorkItems call."""

    id: int
    capabilities: frozenset[WorkerCapability]
    unwritten: int = 0
    last_used: int = 0
    out: dict[str, Dispatch] = field(default_factory=dict)
    sent: dict[str, Sent] = field(default_factory=dict)


def refuse_hello(streams: int) -> Refusal | None:
    """ENG-A-01: whoever asks is answered, however many workers are connected."""
    del streams
    return None


def new_token(nonce: Nonce, work: Work) -> str:
    """ENG-A-03, ENG-A-04: not empty, and unique to the dispatch."""
    del work
    return nonce.uuid(5)


def token_matches(given: str, expected: str) -> bool:
    """ENG-A-12 to ENG-A-14: the token of this very dispatch; ENG-A-13: none at all stands for any."""
    return given in ("", expected)


def unknown_turn(instance_id: str) -> None:
    """ENG-A-15: an answer to a turn that is not outstanding is taken and forgotten."""
    del instance_id


def unknown_activity(instance_id: str, task_id: int) -> None:
    """ENG-A-15: an answer to an activity that is not outstanding is taken and forgotten."""
    del instance_id, task_id


def choose_stream(streams: Iterable[Stream], work: Work) -> Stream | None:
    """ENG-A-08, ENG-A-09: one stream with room: the one with most of it, of those the one that waited longest."""
    del work
    free = [stream for stream in streams if stream.unwritten < CREDIT]
    return min(free, key=lambda stream: (stream.unwritten, stream.last_used), default=None)


def capabilities(requested: Iterable[WorkerCapability]) -> frozenset[WorkerCapability]:
    """ENG-A-25: those that we know; others are ignored."""
    return frozenset(requested) & {WorkerCapability.STATEFUL_HISTORY, WorkerCapability.HEALTH_PING}


def cached_events(stream: Stream, state: Instance) -> int | None:
    """ENG-A-16 to ENG-A-24: how much of this generation the stream's worker has; None for a full send."""
    sent = stream.sent.get(state.id)
    if WorkerCapability.STATEFUL_HISTORY not in stream.capabilities or sent is None or sent.epoch != state.epoch:
        return None
    return sent.events if 0 < sent.events <= state.history.events else None


def work_item(request: bytes, token: str) -> bytes:
    """ENG-A-03: an encoded WorkItem: one request and a token."""
    return request + text(0x52, token)


def may_offer(work: Work, *, outstanding: bool) -> bool:
    """ENG-A-06: an instance whose turn is outstanding has no other one."""
    return not (outstanding and isinstance(work, TurnWork))


def stays_held(held: int | None, opened: int) -> bool:
    """ENG-H-33: whether no stream has been opened since an instance stalled; None for one that has not."""
    return held == opened


def new_stream(number: int, capabilities: frozenset[WorkerCapability]) -> Stream:
    """ENG-A-19, ENG-A-23: a stream begins without any history."""
    return Stream(number, capabilities)


def unasked_outcome(response: ActivityResponse) -> TaskCompleted | None:
    """ENG-A-15: what an outcome becomes that nobody waits for: nothing."""
    del response
    return None


def redelivered(dispatches: Iterable[Dispatch]) -> tuple[Work, ...]:
    """ENG-A-11, ENG-D-05: what a stream's end leaves unanswered, in the order in which it went out."""
    return tuple(dispatch.work for dispatch in dispatches)


class Dispatcher:
    """Streams, ready work and dispatches of one engine."""

    def __init__(self, rules: Decisions) -> None:
        self._rules = rules
        self._streams: dict[int, Stream] = {}
        self._opened = 0
        self._used = 0
        self._again: dict[Work, None] = {}
        self._ready: dict[Work, None] = {}
        self._held: dict[str, int] = {}
        self._parked: dict[Work, None] = {}
        self._turns: dict[str, Dispatch] = {}
        self._activities: dict[tuple[str, int], list[Dispatch]] = {}

    @property
    def streams(self) -> int:
        """Open streams."""
        return len(self._streams)

    @property
    def waiting(self) -> int:
        """Work that is ready and not out."""
        return len(self._again) + len(self._ready)

    @property
    def out(self) -> int:
        """Items whose answers are still to come."""
        return sum(len(stream.out) for stream in self._streams.values())

    def is_out(self, instance_id: str) -> bool:
        """ENG-A-06: whether a turn of the instance is outstanding."""
        return instance_id in self._turns

    # Streams.

    def open(self, requested: Iterable[WorkerCapability]) -> int:
        """A worker has connected; the number of its stream."""
        self._opened += 1
        self._streams[self._opened] = self._rules.new_stream(self._opened, self._rules.capabilities(requested))
        parked, self._parked = self._parked, {}
        for work in parked:
            self.offer(work)
        return self._opened

    def close(self, stream_id: int) -> None:
        """ENG-A-11, ENG-A-23: a stream has ended; its work is ready again, and what it was sent is forgotten."""
        stream = self._streams.pop(stream_id, None)
        if stream is None:
            return
        lost = [dispatch for dispatch in stream.out.values() if self._withdraw(dispatch)]
        self._again = dict.fromkeys([*self._again, *self._rules.redelivered(lost)])

    def written(self, stream_id: int) -> None:
        """An item is on its way, the stream has room for another."""
        stream = self._streams.get(stream_id)
        if stream is not None:
            stream.unwritten -= 1

    # Work.

    def offer(self, work: Work) -> None:
        """Work is ready, unless it is out already, or no stream has come for which it is held."""
        if isinstance(work, TurnWork) and self._rules.stays_held(self._held.get(work.instance_id), self._opened):
            self._parked[work] = None
            return
        outstanding = isinstance(work, TurnWork) and self.is_out(work.instance_id)
        if work not in self._again and self._rules.may_offer(work, outstanding=outstanding):
            self._ready[work] = None

    def withdraw(self, work: Work) -> None:
        """Work is not to be dispatched any more."""
        self._ready.pop(work, None)
        self._again.pop(work, None)
        self._parked.pop(work, None)

    def hold(self, instance_id: str) -> None:
        """ENG-H-33: an instance has stalled: its turn is for streams that are yet to come."""
        self.withdraw(TurnWork(instance_id))
        self._held[instance_id] = self._opened

    def release(self, instance_id: str) -> None:
        """An instance is not stalled any more: its turns are for any stream."""
        self._held.pop(instance_id, None)

    def next(self) -> tuple[Work, Stream] | None:
        """The next work and the stream that gets it, if there are both."""
        for source in (self._again, self._ready) if self._streams else ():
            for work in source:
                held = self._held.get(work.instance_id) if isinstance(work, TurnWork) else None
                stream = self._rules.choose_stream(self._open_since(held), work)
                if stream is not None:
                    del source[work]
                    return work, stream
                if held is None:
                    return None
        return None

    def _open_since(self, held: int | None) -> Iterable[Stream]:
        streams = self._streams.values()
        return streams if held is None else [stream for stream in streams if stream.id > held]

    def sent(self, stream: Stream, dispatch: Dispatch) -> None:
        """An item goes out."""
        self._used += 1
        stream.last_used = self._used
        stream.unwritten += 1
        stream.out[dispatch.token] = dispatch
        match dispatch.work:
            case TurnWork(instance_id):
                self._turns[instance_id] = dispatch
            case ActivityWork(instance_id, _, task_id):
                self._activities.setdefault((instance_id, task_id), []).append(dispatch)

    # Answers.

    def answer_turn(self, response: WorkflowResponse) -> Dispatch | Refusal | None:
        """The dispatch that an answer settles; None when it is to be ignored."""
        dispatch = self._turns.get(response.instance_id)
        if dispatch is None:
            return self._rules.unknown_turn(response.instance_id)
        if not self._rules.token_matches(response.completion_token, dispatch.token):
            return None
        self._settle(dispatch)
        return dispatch

    def answer_activity(self, response: ActivityResponse) -> Dispatch | Refusal | None:
        """The dispatch that an answer settles; None when it is to be ignored.

        Of two generations' dispatches for one task id, an answer without a token settles the older one.
        """
        outstanding = self._activities.get((response.instance_id, response.task_id), ())
        for dispatch in outstanding:
            if self._rules.token_matches(response.completion_token, dispatch.token):
                self._settle(dispatch)
                return dispatch
        return None if outstanding else self._rules.unknown_activity(response.instance_id, response.task_id)

    def forget(self, instance_id: str) -> None:
        """An instance is gone or finished: nobody waits for its turn, and no stream has a use for its history."""
        self.withdraw(TurnWork(instance_id))
        dispatch = self._turns.get(instance_id)
        if dispatch is not None:
            self._settle(dispatch)
        for stream in self._streams.values():
            stream.sent.pop(instance_id, None)

    def _settle(self, dispatch: Dispatch) -> None:
        stream = self._streams.get(dispatch.stream)
        if stream is not None:
            stream.out.pop(dispatch.token, None)
        self._withdraw(dispatch)

    def _withdraw(self, dispatch: Dispatch) -> bool:
        match dispatch.work:
            case TurnWork(instance_id):
                return self._turns.pop(instance_id, None) is not None
            case ActivityWork(instance_id, _, task_id):
                others = self._activities.get((instance_id, task_id), [])
                others.remove(dispatch)
                if not others:
                    del self._activities[instance_id, task_id]
                return True
