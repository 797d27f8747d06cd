"""What a port sees below gRPC, from bytes that are written down here."""

from __future__ import annotations

import pytest

from dwconf.suite.scene.ports import PING, Frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, DATA = 4, 0


def frame(kind: int, payload: bytes, *, flags: int = 0) -> bytes:
    """One HTTP/2 frame on stream 0."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + bytes(4) + payload


SENT = (
    PREFACE + frame(SETTINGS, b"") + frame(PING, bytes(8)) + frame(DATA, b"\x06" * 300) + frame(PING, bytes(8), flags=1)
)
SEEN = [(SETTINGS, 0), (PING, 0), (DATA, 0), (PING, 1)]


@pytest.mark.parametrize("size", [1, 7, 9, 30, len(SENT)])
def test_frames_are_found_however_the_bytes_come(size: int) -> None:
    seen: list[tuple[int, int]] = []
    frames = Frames(lambda kind, flags: seen.append((kind, flags)))
    for start in range(0, len(SENT), size):
        frames.take(SENT[start : start + size])
    assert seen == SEEN
