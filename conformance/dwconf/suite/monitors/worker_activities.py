"""What traffic alone says of the answers to activity items (worker chapter D)."""

from __future__ import annotations

from collections import Counter

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.monitors.registry import Monitor, answered, made, monitor, sees
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import ActivityRequest, ActivityResponse

RECORD = ("worker/activities/echoed", "worker/activities/failed")


class Activities(Monitor):
    """Keeps the activity items that were sent, by instance and task."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, dict[int, list[Item]]] = {}

    def over(self, instance_id: str) -> None:
        self.sent.pop(instance_id, None)

    def items_for(self, given: ActivityResponse) -> list[Item]:
        """The items that an answer may be about."""
        return self.sent.get(given.instance_id, {}).get(given.task_id, [])

    @sees(Item)
    def take(self, item: Item) -> None:
        request = item.item.request
        if isinstance(request, ActivityRequest):
            self.sent.setdefault(item.instance_id, {}).setdefault(request.task_id, []).append(item)


@monitor("worker/activities/no-foreign-token", *RECORD)
class AnAnswerCarriesTheTokenOfItsItemOrNone(Activities):
    """Each dispatch has a token of its own; an answer may leave it out, but not show another."""

    @sees(*made("CompleteActivityTask"))
    def answer(self, call: Call) -> Findings:
        given = call.request(ActivityResponse)
        items = self.items_for(given)
        if items:
            self.seen()
        if items and given.completion_token not in {"", *(item.token for item in items)}:
            expected = f"the completion token {items[-1].token!r}, or none"
            yield Finding(expected=expected, seen=in_a_line(given), at=(*items[-1].at, *call.at))


@monitor("worker/activities/one-answer-per-item", *RECORD)
class EachActivityItemIsAnsweredOnce(Activities):
    """As many calls get through as items were sent; a call that failed may be made again."""

    def __init__(self) -> None:
        super().__init__()
        self._taken: dict[str, Counter[int]] = {}

    def over(self, instance_id: str) -> None:
        super().over(instance_id)
        self._taken.pop(instance_id, None)

    @sees(*answered("CompleteActivityTask"))
    def answer(self, call: Call) -> Findings:
        given = call.request(ActivityResponse)
        items = self.items_for(given)
        if not items or not call.ok:
            return
        self.seen()
        taken = self._taken.setdefault(given.instance_id, Counter())
        taken[given.task_id] += 1
        if taken[given.task_id] > len(items):
            expected = f"no more answers than items, {len(items)}"
            seen = f"answer {taken[given.task_id]}: {in_a_line(given)}"
            yield Finding(expected=expected, seen=seen, at=call.at)
