"""One record of a trace, and the tape that a case writes.

A record keeps the bytes as they crossed the wire: unknown fields and presence stay visible, and whoever judges decodes.
Records are numbered within their case, so that a finding can point at line 7 of a case whatever process ran it.
Secrets never enter: metadata values are not recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Protocol

import msgspec

Scalar = str | int | float | bool | None


class Actor(StrEnum):
    """Who did it."""

    SUITE = "suite"
    TARGET = "target"
    HARNESS = "harness"


class Kind(StrEnum):
    """What it was. A call is a REQUEST and then a RESPONSE or a STATUS; a stream is OPEN, ITEMs, END."""

    REQUEST = "request"
    RESPONSE = "response"
    STATUS = "status"
    OPEN = "open"
    ITEM = "item"
    END = "end"
    STEP = "step"
    NOTE = "note"


class Record(msgspec.Struct, frozen=True, array_like=True):
    """One thing that happened.

    `at` is real time since the tape began and `clock` the target's time since the epoch, both in nanoseconds; they
    differ when the target's time is virtual. `call` numbers a call or stream (the number of its first record).
    """

    number: int
    at: int
    clock: int
    case: str
    actor: Actor
    kind: Kind
    call: int = 0
    method: str = ""
    payload: bytes = b""
    code: str = ""
    text: str = ""
    fields: dict[str, Scalar] = {}


class Sink(Protocol):
    """Takes records as they are made: a file, a monitor, a progress line."""

    def __call__(self, record: Record) -> None: ...


class Tape:
    """The records of one case, in order.

    `clock` tells the target's time (nanoseconds since the epoch); `sinks` see each record as it is made.
    """

    def __init__(self, case: str, *, clock: Callable[[], int] = time.time_ns, sinks: tuple[Sink, ...] = ()) -> None:
        self.case = case
        self.records: list[Record] = []
        self._clock = clock
        self._sinks = sinks
        self._began = time.monotonic_ns()

    def add(
        self,
        actor: Actor,
        kind: Kind,
        *,
        call: int = 0,
        method: str = "",
        payload: bytes = b"",
        code: str = "",
        text: str = "",
        fields: dict[str, Scalar] | None = None,
    ) -> Record:
        """Append one record and hand it to the sinks. `call` 0 begins a call of its own."""
        number = len(self.records) + 1
        begins = kind in (Kind.REQUEST, Kind.OPEN)
        record = Record(
            number=number,
            at=time.monotonic_ns() - self._began,
            clock=self._clock(),
            case=self.case,
            actor=actor,
            kind=kind,
            call=call or (number if begins else 0),
            method=method,
            payload=payload,
            code=code,
            text=text,
            fields=fields or {},
        )
        self.records.append(record)
        for sink in self._sinks:
            sink(record)
        return record
