"""Records as facts: a call with its answer, a work item with its content, the end of a stream, a moment."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, TypeVar, cast

from dwconf.suite.trace.record import Record
from dwconf.wire import codec
from dwconf.wire.rpc import DAPR, TASK_HUB, Method
from dwconf.wire.values import ActivityRequest, HistoryEvent, Value, WorkflowRequest, WorkItem
from dwconf.wire.values.shape import REGISTRY

V = TypeVar("V", bound=Value)
UNDECIDED = frozenset({"", "CANCELLED", "DEADLINE_EXCEEDED", "UNAVAILABLE"})
"""How a call may end, or be pending, without telling what the other side makes of it."""
METHODS: dict[str, Method] = {
    method.path: method for service in (TASK_HUB, DAPR) for method in service.methods.values()
}


@lru_cache(maxsize=64)
def _read_once(kind: type[Value], data: bytes) -> Value:
    return codec.decode(kind, data)


def _decoded(kind: type[V], data: bytes) -> V:
    """A message, read once for all monitors that ask for it in a row."""
    return cast("V", _read_once(cast("Any", kind), data))


@dataclass(frozen=True, slots=True)
class Call:
    """One unary call: its request, and its answer if one came.

    `code` is the gRPC status name ("OK", "NOT_FOUND", …), or "" while the call is pending; `number` and `ended` are the
    numbers of its two records.
    """

    number: int
    method: str
    request_bytes: bytes
    sent_clock: int
    ended: int | None = None
    code: str = ""
    text: str = ""
    response_bytes: bytes = b""
    ended_clock: int = 0

    @property
    def ok(self) -> bool:
        return self.code == "OK"

    @property
    def undecided(self) -> bool:
        """Whether it tells nothing of what the other side makes of it: it may never have got there."""
        return self.code in UNDECIDED

    @property
    def name(self) -> str:
        return self.method.rsplit("/", 1)[-1]

    @property
    def at(self) -> tuple[int, ...]:
        """The numbers of its records, for a finding."""
        return (self.number,) if self.ended is None else (self.number, self.ended)

    def request(self, kind: type[V]) -> V:
        """The request, decoded. Raises WireError."""
        return _decoded(kind, self.request_bytes)

    def response(self, kind: type[V]) -> V:
        """The answer, decoded; the empty message when the call failed. Raises WireError."""
        return _decoded(kind, self.response_bytes)

    @property
    def outcome(self) -> str:
        """The status as people write it: `OK`, or `NOT_FOUND "no such instance exists"`."""
        return self.code if self.ok or not self.text else f'{self.code} "{self.text}"'


@dataclass(frozen=True, slots=True)
class Item:
    """One work item as it came off a stream; `stream` is the number of the stream's first record."""

    number: int
    stream: int
    clock: int
    data: bytes
    item: WorkItem
    malformed: str = ""
    """Why its bytes are no work item; then `item` is an empty one."""
    begins: tuple[HistoryEvent, ...] | None = field(default=None, compare=False, repr=False)
    """The past of the instance's turn before this, if this one's past was found to begin with its bytes."""

    @property
    def token(self) -> str:
        return self.item.completion_token

    @property
    def at(self) -> tuple[int, ...]:
        return (self.number,)

    @property
    def turn(self) -> WorkflowRequest:
        """The workflow request; an empty one for another kind of item."""
        return self.item.request if isinstance(self.item.request, WorkflowRequest) else WorkflowRequest()

    @property
    def activity(self) -> ActivityRequest:
        """The activity request; an empty one for another kind of item."""
        return self.item.request if isinstance(self.item.request, ActivityRequest) else ActivityRequest()

    @property
    def instance_id(self) -> str:
        """The instance that the item is for; empty for a health ping."""
        match self.item.request:
            case WorkflowRequest() as turn:
                return turn.instance_id
            case ActivityRequest() as activity if activity.workflow_instance:
                return activity.workflow_instance.instance_id
            case _:
                return ""

    def new(self, kind: type[V]) -> tuple[HistoryEvent, ...]:
        """The new events whose body is of this kind."""
        return of_kind(self.turn.new_events, kind)


@dataclass(frozen=True, slots=True)
class StreamOpen:
    """A worker's stream of work items, opened with these capabilities."""

    number: int
    capabilities: frozenset[int]

    @property
    def at(self) -> tuple[int, ...]:
        return (self.number,)


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """The end of a work-item stream; `code` is the gRPC status name."""

    number: int
    stream: int
    code: str
    text: str

    @property
    def at(self) -> tuple[int, ...]:
        return (self.number,)


@dataclass(frozen=True, slots=True)
class Moment:
    """A step that is only a point in the case: something the harness did, or a window that it kept open."""

    number: int
    clock: int

    @property
    def at(self) -> tuple[int, ...]:
        return (self.number,)


def of_kind(events: tuple[HistoryEvent, ...], kind: type[Value]) -> tuple[HistoryEvent, ...]:
    """The events whose body is of this kind."""
    return tuple(event for event in events if isinstance(event.body, kind))


def same_work(one: Item, other: Item) -> bool:
    """Whether two items ask for the same activity; each dispatch may have a span of its own (ENG-D-01)."""
    return replace(one.activity, parent_trace_context=None) == replace(other.activity, parent_trace_context=None)


def as_known(value: V) -> V:
    """A value without fields that we do not know, here and in all that it holds: a newer release may add some."""
    changes: dict[str, Any] = {}
    for one in fields(value):
        content = getattr(value, one.name)
        if one.name == "unknown":
            known: Any = b""
        elif isinstance(content, Value):
            known = as_known(content)
        elif isinstance(content, tuple):
            known = tuple(as_known(part) if isinstance(part, Value) else part for part in content)
        else:
            continue
        if known != content:
            changes[one.name] = known
    return replace(value, **changes) if changes else value


def body(event: HistoryEvent, kind: type[V]) -> V:
    """An event's body as the kind that it is known to be; raises TypeError when it is another."""
    if not isinstance(event.body, kind):
        raise TypeError(f"the event holds {type(event.body).__name__}, not {kind.__name__}")
    return event.body


def decode_payload(record: Record) -> Any:  # noqa: ANN401
    """The payload of a record as the value that its method and kind say, or None when it has no value type."""
    method = METHODS.get(record.method)
    if method is None:
        return None
    message = method.request if record.kind in ("request", "open") else method.response
    kind = REGISTRY.get(message.DESCRIPTOR.full_name)
    return None if kind is None else codec.decode(kind, record.payload)
