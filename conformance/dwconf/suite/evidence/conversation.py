"""The records of one conversation as facts, one after the other, while they are made.

What many monitors ask is answered here once: which events a message shows, how a past that was sent in part began,
and what of it a worker carried over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from dwconf.suite.evidence.answers import COMPLETIONS, Answer
from dwconf.suite.evidence.carried import NOTHING, Carried
from dwconf.suite.evidence.evidence import answered, read_open
from dwconf.suite.evidence.facts import Call, Item, StreamEnd, StreamOpen, of_kind
from dwconf.suite.evidence.past import Events, Pasts
from dwconf.suite.evidence.reading import Reader
from dwconf.suite.trace.record import Actor, Kind, Record
from dwconf.wire.values import (
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    HistoryEvent,
    Value,
    WorkflowRequest,
    WorkflowResponse,
)

V = TypeVar("V", bound=Value)


@dataclass(frozen=True, slots=True)
class History:
    """The events of an instance that an answered history call shows, or a turn."""

    instance_id: str
    past: Events
    """Those of a turn's past that were sent; none of an answer's."""
    new: Events
    """Those that a turn brings, or all of an answer."""
    at: tuple[int, ...]
    carried: frozenset[HistoryEvent] | None = NOTHING
    """Events that may be a worker's own word; None when that is not known any more."""
    begins: Events | None = None
    """The past of the turn before, if this one's is known to begin with it."""

    def new_of(self, kind: type[V]) -> Events:
        """The new events whose body is of this kind."""
        return of_kind(self.new, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn(History):
    """A workflow item, with its history."""

    item: Item
    whole: Events | None
    """The whole past; None when it was sent in part, and the part before it is not known."""


class Accepted(Answer):
    """An answer to a turn, when the engine has taken it."""


Fact = Call | Item | StreamOpen | StreamEnd | Turn | History | Answer


class Conversation:
    """Reads one conversation, in its order. Of instances it keeps what later facts need, until it is told to forget."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._reader = Reader()
        self._pasts = Pasts()
        self._carried = Carried()

    def read(self, record: Record) -> Iterator[Fact]:
        """The facts in a record. A call is one twice: when it is made (`ended` is None), and when it is answered.

        Raises WireError for bytes that are no message.
        """
        match record.kind:
            case Kind.REQUEST:
                call = self._calls[record.number] = Call(record.number, record.method, record.payload, record.clock)
                yield call
                if call.name in COMPLETIONS:
                    given = Answer(call, call.request(WorkflowResponse))
                    self._carried.answer(given.response)
                    yield given
            case Kind.RESPONSE | Kind.STATUS if record.call in self._calls:
                call = answered(self._calls.pop(record.call), record)
                yield call
                if call.ok and call.name in COMPLETIONS:
                    yield Accepted(call, call.request(WorkflowResponse))
                elif call.ok and call.name == "GetInstanceHistory":
                    yield self._told(call)
            case Kind.ITEM:
                item = self._reader.read(record)
                yield item
                if isinstance(item.item.request, WorkflowRequest):
                    yield self._turn(item, item.item.request)
            case Kind.OPEN if record.actor is Actor.SUITE:
                yield read_open(record)
            case Kind.END:
                yield StreamEnd(record.number, record.call, record.code, record.text)
            case _:
                pass

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        self._reader.forget(instance_id)
        self._pasts.forget(instance_id)
        self._carried.forget(instance_id)

    def _told(self, call: Call) -> History:
        events, instance_id = (
            call.response(GetInstanceHistoryResponse).events,
            call.request(GetInstanceHistoryRequest).instance_id,
        )
        return History(instance_id, (), events, call.at, self._carried.into(instance_id))

    def _turn(self, item: Item, request: WorkflowRequest) -> Turn:
        self._carried.turn(item)
        return Turn(
            request.instance_id,
            request.past_events,
            request.new_events,
            item.at,
            self._carried.into(request.instance_id),
            item.begins,
            item=item,
            whole=self._pasts.of(item),
        )
