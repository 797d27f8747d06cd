"""Payloads: what user code hands over and receives is JSON text on the wire (WRK-C-03, WRK-D-09, WRK-D-10)."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Whatever JSON can hold: None, bool, int, float, str, and lists and string-keyed dicts of those."""


class PayloadError(ValueError):
    """A payload that is not JSON, or a value that JSON cannot hold."""


def encode(value: Json) -> str:
    """The JSON text of a value. Raises PayloadError when JSON cannot hold it."""
    try:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise PayloadError(f"the value cannot be written as JSON: {error}") from error


def decode(text: str) -> Json:
    """The value of a JSON text. Raises PayloadError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"the payload is not JSON: {error}") from error


def read_payload(text: str | None) -> Json:
    """WRK-D-09, WRK-F-04: an absent or empty payload is null, any other is decoded."""
    return None if text is None or text == "" else decode(text)


def write_result(value: Json) -> str | None:
    """WRK-C-03, WRK-C-04, WRK-D-03: a result is the JSON text of the value; null is left out."""
    return None if value is None else encode(value)


def write_input(value: Json) -> str | None:
    """WRK-D-10, WRK-G-01: an input is the JSON text of the value, falsy values too; null is left out."""
    return None if value is None else encode(value)


def write_carried_input(value: Json) -> str | None:
    """WRK-C-15, WRK-C-16: what continues as new is the JSON text of the new input, falsy values too."""
    return None if value is None else encode(value)


def write_event_data(value: Json) -> str | None:
    """WRK-G-05: the data of an event sent to another instance is JSON; null is left out."""
    return None if value is None else encode(value)


def write_status(value: str) -> str:
    """WRK-C-26: a custom status is sent as the raw string that code set."""
    return value
