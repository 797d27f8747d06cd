"""What traffic alone tells about histories (chapter K): they grow, and are never rewritten."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings
from dwconf.suite.evidence.conversation import History, Turn
from dwconf.suite.evidence.events import execution_of, started_of
from dwconf.suite.evidence.past import Events, parts_at
from dwconf.suite.monitors.registry import Monitor, answered, made, monitor, sees
from dwconf.wire.values import (
    CreateInstanceRequest,
    PurgeInstancesRequest,
)


@monitor("engine/persistence/history-rewritten-only-by-reset", "engine/connection/plain-history")
class HistoryOnlyGrows(Monitor):
    """Of two views of one execution's history, one begins with the other: whichever was answered first."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, dict[str, tuple[Events, tuple[int, ...]]]] = {}

    def over(self, instance_id: str) -> None:
        self._known.pop(instance_id, None)

    @sees(*made("StartInstance"))
    def starts(self, call: Call) -> None:
        self._forget(call.request(CreateInstanceRequest).instance_id)

    @sees(*made("PurgeInstances"), *answered("PurgeInstances"))
    def purges(self, call: Call) -> None:
        request = call.request(PurgeInstancesRequest)
        self._forget(None if request.recursive else request.instance_id)

    def _forget(self, instance_id: str | None) -> None:
        """An id may be another instance's from now on; None means any."""
        if instance_id is None:
            self._known.clear()
        else:
            self._known.pop(instance_id, None)

    @sees(History)
    def view(self, shown: History) -> Findings:
        """Of a turn its past, if it was sent from its beginning: new events are not committed."""
        if isinstance(shown, Turn) and shown.item.turn.cached_history is not None:
            return
        events, at = shown.past if isinstance(shown, Turn) else shown.new, shown.at
        execution = execution_of(started_of(events))
        if not execution:
            return
        views = self._known.setdefault(shown.instance_id, {})
        before = views.get(execution)
        if before is None:
            views[execution] = (events, at)
            return
        self.seen()
        known, known_at = before
        place = None if known is shown.begins else parts_at(known, events)
        if place is not None:
            seen = f"another event at place {place}"
            yield Finding(expected="a history that only grows", seen=seen, at=(*known_at, *at))
        elif len(events) > len(known):
            views[execution] = (events, at)
