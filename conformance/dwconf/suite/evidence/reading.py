"""Work items read one after the other, each past only as far as it is new.

A turn carries the whole history of its instance again, so that reading every item from its beginning costs the square
of a history's length. Nearly always the bytes of the past begin with those of the turn before: then the events read
from them are taken over, and only what stands behind is decoded. Whatever does not look like that (another order of
fields, a past that was rewritten or encoded anew, a part of one) is read from its beginning; what is read is the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

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


class Found(NamedTuple):
    """Where in an item the request of a turn begins and ends, and where its past begins."""

    name: str
    begin: int
    past: int
    end: int


class Reader:
    """Reads the items of one conversation, in their order."""

    def __init__(self) -> None:
        self._known: dict[str, Past] = {}

    def read(self, record: Record) -> Item:
        """The work item of an ITEM record, as `read_item` reads it."""
        data = record.payload
        found = _turn_in(data)
        if found is None:
            return read_item(record)
        known = self._known.get(found.name)
        if known is None or not data.startswith(known.data, found.past, found.end):
            known = Past(b"", ())
        item = self._behind(record, found, known) if known.data else read_item(record)
        end, count = _past_from(data, found.past + len(known.data), found.end)
        past = item.turn.past_events
        if (
            item.turn.instance_id == found.name
            and item.turn.cached_history is None
            and len(known.events) + count == len(past)
        ):
            self._known[found.name] = Past(data[found.past : end], past)
        return item

    def _behind(self, record: Record, found: Found, known: Past) -> Item:
        data = record.payload
        rest = data[found.begin : found.past] + data[found.past + len(known.data) : found.end]
        try:
            item = codec.decode(WorkItem, bytes((WORKFLOW_REQUEST,)) + _varint(len(rest)) + rest + data[found.end :])
        except codec.WireError:
            return read_item(record)
        if not isinstance(item.request, WorkflowRequest):
            return read_item(record)
        whole = replace(item.request, past_events=known.events + item.request.past_events)
        item = replace(item, request=whole)
        begins = known.events if whole.cached_history is None else None
        return Item(record.number, record.call, record.clock, data, item, begins=begins)

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an instance."""
        self._known.pop(instance_id, None)


def _turn_in(data: bytes) -> Found | None:
    """Where the turn in an item is; None for what is none.

    Only the order in which every encoder writes is understood: instance id, execution id, past.
    """
    if data[:1] != bytes((WORKFLOW_REQUEST,)):
        return None
    begin, end = _field(data, 0)
    if end > len(data) or data[begin : begin + 1] != bytes((INSTANCE_ID,)):
        return None
    first, past = _field(data, begin)
    name = data[first:past]
    if data[past : past + 1] == bytes((EXECUTION_ID,)):
        past = _field(data, past)[1]
    return None if past > end else Found(name.decode("utf-8", "replace"), begin, past, end)


def _past_from(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the past that goes on at a place ends, in a request that ends at another, and how many events that are."""
    count = 0
    while at < end and data[at] == PAST_EVENTS:
        at, count = _field(data, at)[1], count + 1
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
