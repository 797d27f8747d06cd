"""Trace context (WRK-N-01 to WRK-N-03): what an activity sees of the trace that its item belongs to."""

from __future__ import annotations

import re

from dwconf.wire import values as v

TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
"""W3C Trace Context, version 00 and those that extend it."""


def shown_traceparent(context: v.TraceContext | None) -> str | None:
    """WRK-N-01, WRK-N-03: the parent's traceparent; a malformed one is as good as none, and never a failure."""
    if context is None or TRACEPARENT.fullmatch(context.trace_parent) is None:
        return None
    return context.trace_parent
