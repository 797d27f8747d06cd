"""The trace file: append-only, delimited, versioned, with a header and a footer.

Layout: the magic line, then frames of a 4-byte big-endian length, a letter for the kind, and a MessagePack document.
First stands one header, then the records, then one footer. The footer counts the records and carries the SHA-256 of
every frame before it, so a file that was cut off or edited is told apart from a whole one. Each way to be malformed
has its own exception.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar

import msgspec

from dwconf.suite.trace.record import Record

MAGIC = b"dwconf trace\n"
VERSION = 1
LARGEST_FRAME = 256 * 1024 * 1024
T = TypeVar("T")
HEADER, RECORD, FOOTER = b"H", b"R", b"F"
_LENGTH = struct.Struct(">I")


class Header(msgspec.Struct, frozen=True):
    """What the file is: its version, who wrote it, and of which run and target."""

    version: int
    suite: str
    run: str
    target: str


class Footer(msgspec.Struct, frozen=True):
    """What the file must hold to be whole."""

    records: int
    sha256: str


@dataclass(eq=False)
class TraceError(Exception):
    """A file that is no whole trace; `hint` says how to mend it."""

    path: Path
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {(type(self).__doc__ or '').splitlines()[0]} {self.hint}".rstrip()


class NotATrace(TraceError):
    """The file is not a dwconf trace."""


class NewerTrace(TraceError):
    """The trace was written by a newer version of dwconf."""


class TruncatedTrace(TraceError):
    """The trace ends before its footer: the run was interrupted, or the file was cut off."""


class EditedTrace(TraceError):
    """The trace does not match its footer: it was changed after it was written."""


class TraceWriter:
    """Writes a trace file record by record; leaving the `with` block writes the footer."""

    def __init__(self, path: Path, *, suite: str, run: str, target: str) -> None:
        self._file: BinaryIO = path.open("wb")
        self._file.write(MAGIC)
        self._digest = hashlib.sha256()
        self._count = 0
        self._frame(HEADER, Header(version=VERSION, suite=suite, run=run, target=target))

    def __call__(self, record: Record) -> None:
        """Append one record."""
        self._frame(RECORD, record)
        self._count += 1

    def _frame(self, kind: bytes, content: msgspec.Struct) -> None:
        data = kind + msgspec.msgpack.encode(content)
        framed = _LENGTH.pack(len(data)) + data
        self._digest.update(framed)
        self._file.write(framed)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._frame(FOOTER, Footer(records=self._count, sha256=self._digest.hexdigest()))
        self._file.close()


def read_trace(path: Path) -> Iterator[Record]:
    """The records of a trace file, in order. Raises a TraceError, at the latest when the end is reached."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise NotATrace(path, "Give a trace file from a report directory.")
        digest = hashlib.sha256()
        count = 0
        for frame in _frames(path, file):
            kind, content = frame[:1], frame[1:]
            if kind == FOOTER:
                footer = _decode(path, content, Footer)
                if (footer.records, footer.sha256) != (count, digest.hexdigest()) or file.read(1):
                    raise EditedTrace(path)
                return
            digest.update(_LENGTH.pack(len(frame)) + frame)
            if kind == HEADER:
                _check_version(path, _decode(path, content, Header))
            else:
                count += 1
                yield _decode(path, content, Record)
    raise TruncatedTrace(path)


def _frames(path: Path, file: BinaryIO) -> Iterator[bytes]:
    while length := file.read(_LENGTH.size):
        size = _LENGTH.unpack(length)[0] if len(length) == _LENGTH.size else 0
        if size > LARGEST_FRAME:
            raise EditedTrace(path)
        frame = file.read(size)
        if not frame or len(frame) < size:
            raise TruncatedTrace(path)
        yield frame


def _check_version(path: Path, header: Header) -> None:
    if header.version > VERSION:
        raise NewerTrace(path, f"It has version {header.version}; this dwconf reads up to {VERSION}.")


def _decode(path: Path, data: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EditedTrace(path) from error
