"""A trace file is whole, or it says how it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dwconf.suite.trace import file as trace_file
from dwconf.suite.trace.file import (
    EditedTrace,
    NewerTrace,
    NotATrace,
    TraceError,
    TraceWriter,
    TruncatedTrace,
    read_trace,
)
from dwconf.suite.trace.record import Actor, Kind, Record, Tape


def some_records() -> list[Record]:
    tape = Tape("engine/start/plain", clock=lambda: 5)
    tape.add(Actor.SUITE, Kind.REQUEST, method="/TaskHubSidecarService/Hello", payload=b"\x00\xff")
    tape.add(Actor.TARGET, Kind.RESPONSE, call=1, code="OK")
    tape.add(Actor.HARNESS, Kind.STEP, text="hello", fields={"ref": 1, "missed": False, "window": 0.5})
    return tape.records


def written(path: Path) -> Path:
    with TraceWriter(path, suite="1", run="r", target="t") as write:
        for record in some_records():
            write(record)
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "t.dwt")
    assert [(r.number, r.call, r.payload, r.fields) for r in read_trace(path)] == [
        (1, 1, b"\x00\xff", {}),
        (2, 1, b"", {}),
        (3, 0, b"", {"ref": 1, "missed": False, "window": 0.5}),
    ]


def cut(data: bytes) -> bytes:
    return data[:-20]


def headless(data: bytes) -> bytes:
    return b"x" + data


def edited(data: bytes) -> bytes:
    return data.replace(b"\x00\xff", b"\x00\xfe")


def extended(data: bytes) -> bytes:
    return data + b"x"


def endless_frame(data: bytes) -> bytes:
    return data[: len(trace_file.MAGIC)] + b"\xff\xff\xff\xff" + data


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (cut, TruncatedTrace),
        (headless, NotATrace),
        (edited, EditedTrace),
        (extended, EditedTrace),
        (endless_frame, EditedTrace),
    ],
)
def test_each_way_to_be_broken_has_its_error(
    tmp_path: Path, change: Callable[[bytes], bytes], error: type[TraceError]
) -> None:
    path = written(tmp_path / "t.dwt")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(error, match=str(path)):
        list(read_trace(path))


@pytest.mark.parametrize("length", range(13, 60))
def test_no_cut_passes_for_a_whole_trace(tmp_path: Path, length: int) -> None:
    path = written(tmp_path / "t.dwt")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(TraceError):
        list(read_trace(path))


def test_a_newer_trace_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace_file, "VERSION", 2)
    path = written(tmp_path / "t.dwt")
    monkeypatch.undo()
    with pytest.raises(NewerTrace, match="version 2"):
        list(read_trace(path))


def test_records_of_a_call_share_its_number() -> None:
    first, second, _ = some_records()
    assert (first.call, second.call) == (1, 1)


def test_sinks_hear_each_record() -> None:
    heard: list[int] = []
    tape = Tape("c", sinks=(lambda record: heard.append(record.number),))
    tape.add(Actor.HARNESS, Kind.NOTE)
    tape.add(Actor.HARNESS, Kind.NOTE)
    assert heard == [1, 2]
