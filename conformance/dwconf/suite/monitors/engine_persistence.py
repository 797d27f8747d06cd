"""What traffic alone tells about histories (chapter K): they grow, and are never rewritten."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.events import execution_of, started_of
from dwconf.suite.evidence.past import Events, parts_at
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.wire.values import (
    CreateInstanceRequest,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    PurgeInstancesRequest,
    WorkflowRequest,
)


@monitor("engine/persistence/history-rewritten-only-by-reset", "engine/connection/plain-history")
class HistoryOnlyGrows(Monitor):
    """Of two views of one execution's history, one begins with the other: whichever was answered first."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, dict[str, tuple[Events, tuple[int, ...]]]] = {}

    def over(self, instance_id: str) -> None:
        self._known.pop(instance_id, None)

    def watch(self, fact: Fact) -> Findings:
        match fact:
            case Item() if isinstance(fact.item.request, WorkflowRequest) and fact.turn.cached_history is None:
                yield from self._view(fact.instance_id, fact.turn.past_events, fact.at, begins=fact.begins)
            case Call(name="GetInstanceHistory") if fact.ok:
                events = fact.response(GetInstanceHistoryResponse).events
                yield from self._view(fact.request(GetInstanceHistoryRequest).instance_id, events, fact.at)
            case Call(name="StartInstance", ended=None):
                self._forget(fact.request(CreateInstanceRequest).instance_id)
            case Call(name="PurgeInstances"):
                request = fact.request(PurgeInstancesRequest)
                self._forget(None if request.recursive else request.instance_id)
            case _:
                pass

    def _forget(self, instance_id: str | None) -> None:
        """An id may be another instance's from now on; None means any."""
        if instance_id is None:
            self._known.clear()
        else:
            self._known.pop(instance_id, None)

    def _view(self, instance_id: str, events: Events, at: tuple[int, ...], *, begins: Events | None = None) -> Findings:
        execution = execution_of(started_of(events))
        if not execution:
            return
        views = self._known.setdefault(instance_id, {})
        before = views.get(execution)
        if before is None:
            views[execution] = (events, at)
            return
        self.seen()
        known, known_at = before
        place = None if known is begins else parts_at(known, events)
        if place is not None:
            seen = f"another event at place {place}"
            yield Finding(expected="a history that only grows", seen=seen, at=(*known_at, *at))
        elif len(events) > len(known):
            views[execution] = (events, at)
