"""The numbered wire log that a failure shows: the records of its case, in words, around the decisive ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dwconf.reports.model import Direction, WireLine
from dwconf.suite.evidence.facts import decode_payload
from dwconf.suite.trace.record import Actor, Kind, Record
from dwconf.suite.trace.words import in_a_line, in_full, shorten
from dwconf.wire.codec import WireError
from dwconf.wire.values import ActivityRequest, Value, WorkflowRequest, WorkItem

AROUND = 6
"""How many lines a log shows before the first and after the last decisive one."""
MOST = 80
RAW = 2048
"""How many bytes of a message the log keeps in hex."""


def wire_log(records: Sequence[Record], decisive: Iterable[int]) -> list[WireLine]:
    """The lines around the decisive records; all of a short case."""
    numbers = sorted(n for n in decisive if 0 < n <= len(records))
    if len(records) <= MOST or not numbers:
        return [line(record) for record in records[-MOST:]]
    near = {n + d for n in numbers for d in range(-AROUND, AROUND + 1)}
    shown = [record for record in records if record.number in near]
    return [line(record) for record in shown[:MOST]]


def line(record: Record) -> WireLine:
    """One record as a line."""
    value, broken = _decoded(record)
    return WireLine(
        number=record.number,
        at_ms=round(record.at / 1e6, 3),
        direction=_direction(record),
        what=_what(record),
        instance=_instance(value),
        summary=_summary(record, value, broken),
        detail=in_full(value) if value is not None else "",
        raw=record.payload[:RAW].hex(),
    )


def _decoded(record: Record) -> tuple[Value | None, str]:
    try:
        return decode_payload(record), ""
    except WireError as error:
        return None, str(error)


def _direction(record: Record) -> Direction:
    match record.actor:
        case Actor.SUITE:
            return ">"
        case Actor.TARGET:
            return "<"
        case Actor.HARNESS:
            return "!"


def _what(record: Record) -> str:
    name = record.method.rsplit("/", 1)[-1]
    match record.kind:
        case Kind.REQUEST:
            return name
        case Kind.RESPONSE:
            return f"{name} answered (line {record.call})"
        case Kind.STATUS:
            return f"{name} ended with {record.code} (line {record.call})"
        case Kind.OPEN:
            return f"{name} opened"
        case Kind.ITEM:
            return f"work item on stream {record.call}"
        case Kind.END:
            return f"stream {record.call} ended with {record.code}"
        case Kind.STEP:
            return "missed" if record.fields.get("missed") else "step"
        case Kind.NOTE:
            return "note"


def _instance(value: Value | None) -> str:
    match value:
        case WorkItem(request=WorkflowRequest() as turn):
            return turn.instance_id
        case WorkItem(request=ActivityRequest() as activity) if activity.workflow_instance:
            return activity.workflow_instance.instance_id
        case _:
            return str(getattr(value, "instance_id", "") or "")


def _summary(record: Record, value: Value | None, broken: str) -> str:
    if broken:
        return broken
    if value is not None and record.payload:
        return in_a_line(value)
    if record.kind is Kind.STEP:
        expects = record.fields.get("expects")
        return f"{record.text}: {expects} did not come in time" if record.fields.get("missed") else record.text
    return shorten(record.text, 400)
