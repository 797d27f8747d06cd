"""Committed history as the bytes that go on the wire.

An event is encoded once, when it is made. From then on it is a *frame*: the tag, length and content that
`WorkflowRequest.pastEvents` wants. A history is the concatenation of its frames, so that a work item is put together by
joining bytes, and a turn costs what is new and not what is old. Nothing here knows what an event means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PAST_EVENTS = 0x1A
"""Tag of `WorkflowRequest.pastEvents` (field 3)."""
NEW_EVENTS = 0x22
"""Tag of `WorkflowRequest.newEvents` (field 4)."""
HISTORY_EVENTS = 0x0A
"""Tag of `GetInstanceHistoryResponse.events` (field 1)."""


@dataclass(frozen=True, slots=True)
class History:
    """The committed events of one generation, and how many events and commits they are."""

    frames: bytes = b""
    events: int = 0
    commits: int = 0


EMPTY = History()
CONTINUES = 0x80
"""The bit that says that a varint goes on."""


def varint(number: int) -> bytes:
    """A non-negative number in protobuf's base 128."""
    if number < CONTINUES:
        return bytes((number,))
    out = bytearray()
    while number >= CONTINUES:
        out.append(number & 0x7F | CONTINUES)
        number >>= 7
    out.append(number)
    return bytes(out)


def framed(tag: int, data: bytes) -> bytes:
    """One length-delimited field."""
    size = len(data)
    return (bytes((tag, size)) if size < CONTINUES else bytes((tag,)) + varint(size)) + data


def text(tag: int, content: str) -> bytes:
    """One string field; nothing when it is empty, as proto3 has it."""
    return framed(tag, content.encode()) if content else b""


def joined(tag: int, events: Iterable[bytes]) -> bytes:
    """Encoded events as the frames of a repeated field."""
    return b"".join([framed(tag, event) for event in events])


def append(history: History, events: Iterable[bytes]) -> History:
    """The history after one commit (ENG-C-05: it only grows, at its end)."""
    new = tuple(events)
    return History(history.frames + joined(PAST_EVENTS, new), history.events + len(new), history.commits + 1)


def split(frames: bytes) -> Iterator[bytes]:
    """The encoded events of frames with a one-byte tag, in order."""
    at, end = 0, len(frames)
    while at < end:
        size, at = _length(frames, at + 1)
        yield frames[at : at + size]
        at += size


def skip(frames: bytes, events: int) -> bytes:
    """The frames after the first `events` of them."""
    at = 0
    for _ in range(events):
        size, at = _length(frames, at + 1)
        at += size
    return frames[at:]


def _length(frames: bytes, at: int) -> tuple[int, int]:
    size = shift = 0
    while True:
        byte = frames[at]
        at += 1
        size |= (byte & 0x7F) << shift
        if byte < CONTINUES:
            return size, at
        shift += 7
