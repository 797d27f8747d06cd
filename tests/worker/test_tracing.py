"""What an activity sees of its trace (WRK-N-01, WRK-N-03)."""

from __future__ import annotations

import pytest

from dwconf.wire import values as v
from dwconf.worker.core.tracing import shown_traceparent

GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (GOOD, GOOD),
        (GOOD.replace("00-0af", "01-0af") + "-more", GOOD.replace("00-0af", "01-0af") + "-more"),
        ("garbage", None),
        ("", None),
        (GOOD.upper(), None),
        (f"ff{GOOD[2:]}", None),
        (f"00-{'0' * 32}-b7ad6b7169203331-01", None),
        (f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01", None),
    ],
)
def test_a_traceparent_is_shown_if_it_is_one(text: str, shown: str | None) -> None:
    assert shown_traceparent(v.TraceContext(trace_parent=text)) == shown


def test_without_a_trace_there_is_none() -> None:
    assert shown_traceparent(None) is None
