"""How large a message a sidecar takes, learned from itself.

The limit is a matter of its configuration, so nothing is assumed: a request that is surely above any limit that cases
can work with is refused, and the refusal mostly names the limit. What it names is tried before it is believed; else the
limit is closed in on by halves. A `Hello` with padding that every decoder skips is a request of any size and changes
nothing.
"""

from __future__ import annotations

import re

from dwconf.suite.scene.client import Client
from dwconf.suite.scene.stage import CaseOver

MOST = 5 * 2**20
"""Larger limits are not looked for: what it takes to reach them is too much for one case. In bytes."""
LEAST = 2**16
"""A limit below this leaves no room for what surrounds a payload. In bytes."""
NEAR = 100
"""The limit is known as near as one part in so many."""
PADDING = 0x7A
"""The tag of field 15, which no message of ours has, as bytes."""


def padded(size: int) -> bytes:
    """An encoded message of exactly `size` bytes (at least five) without a known field."""
    length = size - 5
    varint = bytes(length >> shift & 0x7F | (0x80 if shift < 21 else 0) for shift in (0, 7, 14, 21))  # noqa: PLR2004
    return bytes((PADDING,)) + varint + bytes(length)


def named_in(text: str, sent: int) -> int | None:
    """The limit that the refusal of a request of `sent` bytes names; None when it names none, or several."""
    numbers = {int(number) for number in re.findall(r"\b\d{5,9}\b", text)}
    limits = [number for number in numbers if LEAST <= number < sent]
    return limits[0] if len(limits) == 1 else None


async def message_limit(s: Client, *, step: str) -> int:
    """The largest request that the sidecar takes, in bytes. Ends the case when it takes more than `MOST`."""
    refused = await s.call("Hello", padded(MOST), step=f"{step}/above")
    if refused.code != "RESOURCE_EXHAUSTED":
        s.missed(step, f"a limit below {MOST} bytes")
        raise CaseOver(f"a request of {MOST} bytes is not above the sidecar's limit: {refused.outcome}")
    named = named_in(refused.text, MOST)
    if named is not None and await _takes(s, named) and not await _takes(s, named + named // NEAR):
        limit = named
    else:
        limit = await _closed_in_on(s)
    s.reached(step, bytes=limit)
    return limit


async def _closed_in_on(s: Client) -> int:
    low, high = LEAST, MOST
    if not await _takes(s, low):
        raise CaseOver(f"not even a request of {low} bytes is taken")
    while high - low > low // NEAR:
        middle = (low + high) // 2
        low, high = (middle, high) if await _takes(s, middle) else (low, middle)
    return low


async def _takes(s: Client, size: int) -> bool:
    return (await s.call("Hello", padded(size))).ok
