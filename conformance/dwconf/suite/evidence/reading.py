"""Work items read one after the other, each past only as far as it is new.

A turn carries the whole history of its instance again, so that reading every item from its beginning costs the square
of a history's length. Nearly always the bytes of the past begin with those of the turn before: then the events read
from them are taken over, and only what stands behind is decoded. Whatever does not look like that (another order of
fields, a past that was rewritten or encoded anew, a part of one) is read from its beginning; what is read is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from dwconf.suite.evidence.evidence import read_item
from dwconf.suite.evidence.facts import Item
from dwconf.suite.evidence.past import Events
from dwconf.suite.trace.record import Record
from dwconf.wire import codec
from dwconf.wire.values import WorkflowRequest, WorkItem

WORKFLOW_REQUEST = INSTANCE_ID = 0x0A
"""Tags of `WorkItem.workflowRequest` and of `WorkflowRequest.instanceId`, both field 1."""
EXECUTION_ID = 0x12
PAST_EVENTS = 0x1A
GOES_ON = 0x80
"""The bit that says that a varint goes on."""
LONGEST = 5
"""Bytes that the length of a field may take."""


@dataclass(frozen=True, slots=True)
class Past:
    """The past of an instance as it was last sent: its fields as bytes, and the events in them."""

    data: bytes
    events: Events


class Reader:
    """Reads the items of one conversation, in their order."""

    def __init__(self) -> None:
        self._known: dict[str, Past] = {}

    def read(self, record: Record) -> Item:
        """The work item of an ITEM record, as `read_item` reads it."""
        turn = _turn_in(record.payload)
        if turn is None:
            return read_item(record)
        name, request, start = turn
        known = self._known.get(name)
        if known is None or not request.startswith(known.data, start):
            known = Past(b"", ())
        item = self._behind(record, request, start, known) if known.data else read_item(record)
        end, count = _past_from(request, start + len(known.data))
        past = item.turn.past_events
        if (
            item.turn.instance_id == name
            and item.turn.cached_history is None
            and len(known.events) + count == len(past)
        ):
            self._known[name] = Past(request[start:end], past)
        return item

    def _behind(self, record: Record, request: bytes, start: int, known: Past) -> Item:
        rest = request[:start] + request[start + len(known.data) :]
        tail = record.payload[_field(record.payload, 0)[1] :]
        try:
            item = codec.decode(WorkItem, bytes((WORKFLOW_REQUEST,)) + _varint(len(rest)) + rest + tail)
        except codec.WireError:
            return read_item(record)
        if not isinstance(item.request, WorkflowRequest):
            return read_item(record)
        whole = replace(item.request, past_events=known.events + item.request.past_events)
        item = replace(item, request=whole)
        begins = known.events if whole.cached_history is None else None
        return Item(record.number, record.call, record.clock, record.payload, item, begins=begins)

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        self._known.pop(instance_id, None)


def _turn_in(data: bytes) -> tuple[str, bytes, int] | None:
    """The instance id of a turn, its encoded WorkflowRequest, and where in it the past begins; None for what is none.

    Only the order in which every encoder writes is understood: instance id, execution id, past.
    """
    if data[:1] != bytes((WORKFLOW_REQUEST,)):
        return None
    begin, end = _field(data, 0)
    request = data[begin:end]
    if end > len(data) or request[:1] != bytes((INSTANCE_ID,)):
        return None
    first, start = _field(request, 0)
    name = request[first:start]
    if request[start : start + 1] == bytes((EXECUTION_ID,)):
        start = _field(request, start)[1]
    return None if start > len(request) else (name.decode("utf-8", "replace"), request, start)


def _past_from(request: bytes, at: int) -> tuple[int, int]:
    """Where the past that goes on at a place ends, and how many events it has from there."""
    count = 0
    while at < len(request) and request[at] == PAST_EVENTS:
        at, count = _field(request, at)[1], count + 1
    return at, count


def _field(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the field at a place (its tag is one byte) begins and ends; beyond the data if cut off."""
    size = shift = 0
    for place in range(at + 1, min(at + 1 + LONGEST, len(data))):
        size |= (data[place] & ~GOES_ON) << shift
        if data[place] < GOES_ON:
            return place + 1, place + 1 + size
        shift += 7
    return len(data) + 1, len(data) + 1


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= GOES_ON:
        out.append(number & ~GOES_ON & 0xFF | GOES_ON)
        number >>= 7
    return bytes((*out, number))
