"""Values in words: one line for a log, an indented form for whoever looks closer. Bounded, whatever a peer sends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum

from dwconf.wire.values import HistoryEvent, Value, WorkflowAction

AROUND = 30
"""How many characters before and after a difference are shown."""
LINE = 240
DETAIL = 6000
STRING = 160
LIST = 12
TIMES = frozenset(
    {
        "timestamp",
        "fire_at",
        "created_timestamp",
        "last_updated_timestamp",
        "started_at",
        "created_at",
        "last_updated_at",
    }
)


def in_a_line(value: Value, limit: int = LINE) -> str:
    """A value as `Name(field=…)` without its unset fields, cut at `limit` characters."""
    return shorten(_brief(value), limit)


def in_full(value: Value) -> str:
    """A value as indented lines without its unset fields, cut at a bound."""
    return shorten("\n".join(_lines(value, "")), DETAIL)


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` characters that says when it was cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def unlike(wanted: str | None, seen: str | None) -> tuple[str, str]:
    """Two texts as a finding shows them: whole if they are short, else the place where they begin to differ."""
    if max(len(wanted or ""), len(seen or "")) <= LINE:
        return repr(wanted), repr(seen)
    pairs = zip(wanted or "", seen or "", strict=False)
    same = min(len(wanted or ""), len(seen or ""))
    place = next((number for number, (one, other) in enumerate(pairs) if one != other), same)
    return _around(wanted, place), _around(seen, place)


def _around(text: str | None, place: int) -> str:
    if text is None:
        return "None"
    begin = max(0, place - AROUND)
    cut = "…" if begin else ""
    return f"{cut}{text[begin : place + AROUND]!r} around character {place} of {len(text)}"


def set_fields(value: Value) -> Iterator[tuple[str, object]]:
    """The fields of a value that are not at their default."""
    for field in fields(value):
        content = getattr(value, field.name)
        if content != field.default:
            yield field.name, content


def _brief(content: object, name: str = "") -> str:
    match content:
        case HistoryEvent(body=body, event_id=event_id):
            return f"{_kind(body)}#{event_id}{_arguments(body)}"
        case WorkflowAction(body=body, id=action_id):
            return f"{_kind(body)}#{action_id}{_arguments(body)}"
        case Value():
            return f"{_kind(content)}{_arguments(content)}"
        case tuple():
            shown = ", ".join(_brief(item) for item in content[:LIST])
            return f"[{shown}{f', … {len(content)} in all' if len(content) > LIST else ''}]"
        case _:
            return _scalar(content, name)


def _kind(value: Value | None) -> str:
    return "nothing" if value is None else type(value).__name__


def _arguments(value: Value | None) -> str:
    if value is None:
        return ""
    shown = ", ".join(f"{name}={_brief(content, name)}" for name, content in set_fields(value))
    return f"({shown})" if shown else "()"


def _scalar(content: object, name: str) -> str:
    if isinstance(content, Enum):
        return content.name
    if isinstance(content, bytes):
        return f"<{len(content)} bytes>"
    if isinstance(content, str):
        return repr(shorten(content, STRING))
    if name in TIMES and isinstance(content, int):
        return instant(content)
    return str(content)


def instant(nanos: int) -> str:
    """A time as RFC 3339 with nanoseconds; the bare number when no calendar has it."""
    seconds, rest = divmod(nanos, 1_000_000_000)
    try:
        moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (OverflowError, ValueError, OSError):
        return f"{nanos} ns"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def _lines(value: Value, indent: str) -> Iterator[str]:
    yield f"{indent}{type(value).__name__}"
    for name, content in set_fields(value):
        yield from _field_lines(name, content, indent + "  ")


def _field_lines(name: str, content: object, indent: str) -> Iterator[str]:
    if isinstance(content, Value):
        first, *rest = _lines(content, indent)
        yield f"{indent}{name}: {first.strip()}"
        yield from rest
    elif isinstance(content, tuple) and content and isinstance(content[0], Value):
        yield f"{indent}{name}: {len(content)}"
        for item in content[: LIST * 4]:
            yield from _lines(item, indent + "  ")
    else:
        yield f"{indent}{name}: {_brief(content, name)}"
