"""Identifiers that are the same on every replay (WRK-L-01): version 5 UUIDs of what is known by then."""

from __future__ import annotations

import hashlib

from dwconf.wire import values as v

NAMESPACE = bytes.fromhex("9e9529585e334daf827f2fa12937b875")
"""WRK-L-02: the namespace that most SDKs use."""


def uuid5(name: str) -> str:
    """The version 5 UUID of a name (RFC 9562), in its usual form."""
    digest = bytearray(
        hashlib.sha1(NAMESPACE + name.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[:16]
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_guid(instance_id: str, now: v.Nanos, number: int) -> str:
    """WRK-L-01: the same sequence on each replay, other values for each call and instance."""
    return uuid5(f"{instance_id}_{now}_{number}")


def task_execution_id(instance_id: str, now: v.Nanos, action_id: int) -> str:
    """WRK-D-13: a UUID for each scheduled activity, the same on each replay (WRK-B-27)."""
    return uuid5(f"{instance_id}_{now}_task_{action_id}")
