"""Taking turns until all that a case is about has come.

An engine batches events as it likes, so a case that awaits several of them takes turns, answers each without actions,
and stops at the turn that completes the collection.
"""

from __future__ import annotations

from collections.abc import Callable

from dwconf.suite.evidence import Item
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.wire.values import HistoryEvent, WorkflowRequest


async def gather(
    s: SidecarScene,
    instance_id: str,
    enough: Callable[[tuple[HistoryEvent, ...]], bool],
    *,
    step: str,
    expects: str,
    first: Item | None = None,
    since: int | None = None,
) -> Item:
    """Take turns of an instance until the new events of all of them together are `enough`.

    All but the last are answered without actions; the last is `step`, and left to the case. `first` is a turn that the
    case has taken already. With `since`, what earlier turns after that record brought counts too; then `enough` is to
    ask for something that is yet to come.
    """

    def wanted(item: Item) -> bool:
        return isinstance(item.item.request, WorkflowRequest) and item.instance_id == instance_id

    earlier = s.taken(instance_id) if since is not None else []
    seen = tuple(event for turn in earlier if turn.number > (since or 0) for event in turn.turn.new_events)
    item = first
    while True:
        if item is None:
            item = await s.item(wanted, step=step, expects=expects)
        seen += item.turn.new_events
        if enough(seen):
            s.reached(step, item.number)
            return item
        await s.answer(item)
        item = None
