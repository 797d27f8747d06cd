"""Items that are read with what is known of their pasts are the items that are read from their beginning."""

from __future__ import annotations

import random

import pytest

from dwconf.suite.evidence.evidence import read_item
from dwconf.suite.evidence.reading import Reader
from dwconf.suite.trace.record import Actor, Kind, Record
from dwconf.wire import codec
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ActivityRequest,
    CachedHistory,
    EventRaised,
    HealthPing,
    HistoryEvent,
    WorkflowInstance,
    WorkflowRequest,
    WorkItem,
)

LONG = 300
"""Events of a history whose fields no longer have lengths of one byte."""


def event(number: int, name: str = "E") -> HistoryEvent:
    return HistoryEvent(event_id=-1, timestamp=number, body=EventRaised(name=name, input="x" * (number % 150)))


def turn(past: int, *, name: str = "i", execution: str | None = "e", cached: int | None = None) -> bytes:
    events = tuple(map(event, range(past)))
    request = WorkflowRequest(
        instance_id=name,
        execution_id=execution,
        past_events=events[cached or 0 :],
        new_events=(event(past),),
        cached_history=None if cached is None else CachedHistory(event_count=cached),
    )
    return encode(WorkItem(request=request, completion_token=f"t{past}"))


def record(number: int, data: bytes) -> Record:
    return Record(number, 0, 0, "case", Actor.TARGET, Kind.ITEM, call=1, payload=data)


REWRITTEN = encode(
    WorkItem(request=WorkflowRequest(instance_id="i", past_events=(event(0), event(1, "other"), event(2))))
)
OTHER_ORDER = b"\x52\x01t" + turn(3)
UNKNOWN_FIELD = turn(4)[:-4] + b"\xa2\x06\x01x" + turn(4)[-4:]
ACTIVITY = encode(WorkItem(request=ActivityRequest(name="a", workflow_instance=WorkflowInstance(instance_id="i"))))
PING = encode(WorkItem(request=HealthPing()))
TWICE = turn(2) + turn(3)
"""Two members of a oneof: the last one counts, and two messages of one member are merged."""
BARE = encode(WorkItem(request=WorkflowRequest(instance_id="i", execution_id="e")))
BEHIND = b"".join(b"\x1a" + bytes((len(encode(one)),)) + encode(one) for one in map(event, range(2)))
"""A turn without a past, and what would be one if it stood in it."""


@pytest.mark.parametrize(
    "items",
    [
        pytest.param([turn(past) for past in range(0, 40, 3)], id="a history that grows"),
        pytest.param([turn(past) for past in (LONG, LONG + 1, LONG + 1, LONG + 40)], id="a long one"),
        pytest.param([turn(5), turn(3), turn(0), turn(5)], id="one that shrinks"),
        pytest.param([turn(3), REWRITTEN, turn(6)], id="one that is rewritten"),
        pytest.param([turn(2, name="a"), turn(3, name="b"), turn(4, name="a"), turn(5, name="b")], id="two instances"),
        pytest.param([turn(3), turn(4, execution=None), turn(5, execution="other")], id="other executions"),
        pytest.param([turn(3), turn(5, cached=3), turn(6, cached=5), turn(7)], id="sent in part"),
        pytest.param([turn(3), ACTIVITY, turn(4), PING, turn(5)], id="other items between"),
        pytest.param([turn(2), OTHER_ORDER, turn(4), UNKNOWN_FIELD, turn(5)], id="encoded in another way"),
        pytest.param([turn(2), TWICE, turn(4), turn(4) + ACTIVITY, turn(5)], id="several requests in one item"),
        pytest.param([turn(3), b"", b"\x0a", b"\x0a\xff\xff\xff\xff\xff\xff", turn(4)], id="cut off"),
        pytest.param([turn(2), BARE + BEHIND, turn(3)], id="a past behind its request"),
        pytest.param([turn(3, name=""), turn(4, name="")], id="no instance id"),
    ],
)
def test_nothing_is_read_differently(items: list[bytes]) -> None:
    reader = Reader()
    for number, data in enumerate(items, start=1):
        assert reader.read(record(number, data)) == read_item(record(number, data))


def test_no_bytes_are_read_differently() -> None:
    """Seeded damage to turns whose pasts are known."""
    chance, reader = random.Random(7), Reader()
    for number in range(3_000):
        data = bytearray(turn(number % 9))
        for _ in range(chance.choice([0, 1, 1, 2])):
            data[chance.randrange(len(data))] = chance.randrange(256)
        damaged = record(number + 1, bytes(data[: chance.choice([len(data), len(data), chance.randrange(len(data))])]))
        assert reader.read(damaged) == read_item(damaged)


def test_what_is_known_is_not_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = list[int]()

    def counted(kind: type[WorkItem], data: bytes) -> WorkItem:
        decoded.append(len(data))
        return decode(kind, data)

    decode, reader = codec.decode, Reader()
    monkeypatch.setattr(codec, "decode", counted)
    first, second = (reader.read(record(number, turn(past))) for number, past in enumerate((LONG, LONG + 1), start=1))
    assert decoded[1] < decoded[0] / 20
    assert second.turn.past_events[0] is first.turn.past_events[0]
    assert second.begins is first.turn.past_events
    reader.forget("i")
    reader.read(record(3, turn(LONG + 1)))
    assert decoded[2] >= decoded[0]
