"""What engines do about connections and starts where they are free (chapters A and B)."""

from __future__ import annotations

from dwconf.suite.evidence import Evidence
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import CreateInstanceResponse


@observation("engine/connection/any-stream", "engine/connection/two-streams")
def items_on_two_streams(e: Evidence) -> str:
    """Of workflows of one name and their activities."""
    e.moment("all-completed")
    counts = [sum(item.stream == e.moment(step).number for item in e.items.values()) for step in STREAMS]
    return "both are handed items" if all(counts) else "one is handed all items"


STREAMS = ("stream-a", "stream-b")


@observation("engine/start/empty-id", "engine/start/empty-id")
def an_empty_instance_id(e: Evidence) -> str:
    """In a start that lies ahead."""
    call = e.call("answered")
    if not call.ok:
        return call.outcome
    made = call.response(CreateInstanceResponse).instance_id
    return "OK, an id is made" if made else "OK, the id stays empty"
