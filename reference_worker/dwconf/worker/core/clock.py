"""The workflow's clock (OL-5): time stands still within a turn, and is the time at which the engine started it."""

from __future__ import annotations

from datetime import UTC, datetime

from dwconf.wire import values as v

SECOND: v.Nanos = 1_000_000_000


def turn_time(before: v.Nanos, event: v.HistoryEvent) -> v.Nanos:
    """WRK-B-08: the clock shows the time of the latest WorkflowStarted before this point of the code."""
    if not isinstance(event.body, v.WorkflowStarted) or event.timestamp is None:
        return before
    return event.timestamp


def is_replaying(in_past: bool) -> bool:  # noqa: FBT001  (the decision's one input)
    """WRK-B-10: true while past events are consumed, false while new ones are; so false on the first turn."""
    return in_past


def takes_start(in_past: bool) -> bool:  # noqa: ARG001, FBT001  (a mutant looks at it)
    """WRK-B-11: the start counts wherever it stands, in past events or in new ones."""
    return True


def shown_time(now: v.Nanos) -> v.Nanos:
    """WRK-B-09: code sees the clock to the nanosecond."""
    return now


def rfc3339(time: v.Nanos) -> str:
    """A time as text, with nine digits of fraction: 2026-01-02T03:04:05.000000000Z."""
    seconds, nanos = divmod(time, SECOND)
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


def from_rfc3339(text: str) -> v.Nanos:
    """The time that an RFC 3339 text with offset names, to the microsecond. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset")
    elapsed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (elapsed.days * 86_400 + elapsed.seconds) * SECOND + elapsed.microseconds * 1_000
