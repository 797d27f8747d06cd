"""The watch stands whatever a peer sends and whatever a monitor gets wrong."""

from __future__ import annotations

import pytest

from dwconf.suite.evidence import Finding, Findings, Item
from dwconf.suite.monitors.registry import MONITORS, MOST_FINDINGS, Monitor, Watch, monitor, sees
from dwconf.suite.trace.record import Actor, Kind, Tape
from dwconf.wire import codec
from dwconf.wire.values import WorkItem

RULE = "engine/test/rule"


class Loud(Monitor):
    @sees(Item)
    def item(self, item: Item) -> Findings:
        self.seen()
        while True:
            yield Finding("quiet", "loud", item.at)


class Wrong(Monitor):
    @sees(Item)
    def item(self, item: Item) -> Findings:
        raise KeyError(item.at)


class Reading(Monitor):
    @sees(Item)
    def item(self, item: Item) -> Findings:
        del item
        codec.decode(WorkItem, b"\xff")
        yield from ()


def watched(monkeypatch: pytest.MonkeyPatch, kind: type[Monitor]) -> tuple[int, str, str]:
    kind.RULE = RULE
    monkeypatch.setitem(MONITORS, RULE, kind)
    watch = Watch([RULE])
    tape = Tape("case", sinks=(watch,))
    for _ in range(3):
        tape.add(Actor.TARGET, Kind.ITEM, call=1, payload=b"\xff\xff")
    (said,) = watch.decisions()
    return len(said.findings), said.untested, said.error.strip().rpartition("\n")[2]


@pytest.mark.parametrize(
    ("kind", "findings", "untested", "error"),
    [
        (Loud, MOST_FINDINGS, "", ""),
        (Wrong, 0, "no traffic in this case that the rule is about", "KeyError: (1,)"),
        (Reading, 0, "no traffic in this case that the rule is about", ""),
    ],
)
def test_nothing_gets_out_of_hand(
    monkeypatch: pytest.MonkeyPatch, kind: type[Monitor], findings: int, untested: str, error: str
) -> None:
    assert watched(monkeypatch, kind) == (findings, untested, error)


def test_a_monitor_that_sees_nothing_is_none() -> None:
    with pytest.raises(TypeError, match="Monitor sees nothing"):
        monitor("engine/test/nothing")(Monitor)
