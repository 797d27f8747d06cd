"""What a step is told about the world: the time, fresh ids, and who we are.

The core reads no clock and draws no random numbers. Whoever calls it says what time it is and hands it a nonce, from
which as many ids as needed are derived; the same nonce gives the same ids, so a run can be repeated exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from dwconf.wire.values import Nanos


@dataclass(frozen=True, slots=True)
class Nonce:
    """A source of ids: a seed drawn once per engine process, and a number that is used once."""

    seed: bytes
    number: int

    def uuid(self, index: int = 0) -> str:
        """An id in the form of a random UUID; another index gives another id."""
        raw = bytearray(self._digest(index, 16))
        raw[6] = raw[6] & 0x0F | 0x40
        raw[8] = raw[8] & 0x3F | 0x80
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def span(self, index: int = 0) -> str:
        """A trace span id: 16 hexadecimal digits, not all zero."""
        return self._digest(index, 8).hex()[:15] + "1"

    def _digest(self, index: int, size: int) -> bytes:
        return blake2b(b"%d.%d" % (self.number, index), key=self.seed, digest_size=size).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long instances are kept that have ended, in nanoseconds and by their status; None for ever."""

    any_terminal: Nanos | None = None
    completed: Nanos | None = None
    failed: Nanos | None = None
    terminated: Nanos | None = None


FOR_EVER = Retention()


@dataclass(frozen=True, slots=True)
class Site:
    """Who this engine is: its app id and namespace, as routers and parent references name it.

    `max_message_bytes` is the largest message that it takes, and that its workers are taken to take; None for any.
    """

    app_id: str = "dwconf"
    namespace: str | None = None
    max_message_bytes: int | None = None
    retention: Retention = FOR_EVER


@dataclass(frozen=True, slots=True)
class Moment:
    """One step's circumstances."""

    now: Nanos
    nonce: Nonce
    site: Site
