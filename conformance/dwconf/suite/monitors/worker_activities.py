"""What traffic alone says of the answers to activity items (worker chapter D)."""

from __future__ import annotations

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.suite.trace.words import in_a_line
from dwconf.wire.values import ActivityRequest, ActivityResponse

Task = tuple[str, int]
RECORD = ("worker/activities/echoed", "worker/activities/failed")


class Activities(Monitor):
    """Keeps the activity items that were sent, by instance and task."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[Task, list[Item]] = {}

    def take(self, fact: Fact) -> ActivityResponse | None:
        """Note an item; gives the answer that a new completion call carries."""
        if isinstance(fact, Item) and isinstance(fact.item.request, ActivityRequest):
            self.sent.setdefault((fact.instance_id, fact.item.request.task_id), []).append(fact)
        elif isinstance(fact, Call) and fact.name == "CompleteActivityTask":
            return fact.request(ActivityResponse)
        return None


@monitor("worker/activities/no-foreign-token", *RECORD)
class AnAnswerCarriesTheTokenOfItsItemOrNone(Activities):
    """Each dispatch has a token of its own; an answer may leave it out, but not show another."""

    def watch(self, fact: Fact) -> Findings:
        given = self.take(fact)
        if given is None or not isinstance(fact, Call) or fact.ended is not None:
            return
        items = self.sent.get((given.instance_id, given.task_id), [])
        if items:
            self.seen()
        if items and given.completion_token not in {"", *(item.token for item in items)}:
            expected = f"the completion token {items[-1].token!r}, or none"
            yield Finding(expected=expected, seen=in_a_line(given), at=(*items[-1].at, *fact.at))


@monitor("worker/activities/one-answer-per-item", *RECORD)
class EachActivityItemIsAnsweredOnce(Activities):
    """As many calls get through as items were sent; a call that failed may be made again."""

    def __init__(self) -> None:
        super().__init__()
        self._taken: dict[Task, int] = {}

    def watch(self, fact: Fact) -> Findings:
        given = self.take(fact)
        if given is None or not isinstance(fact, Call) or not fact.ok:
            return
        task = (given.instance_id, given.task_id)
        self._taken[task] = self._taken.get(task, 0) + 1
        items = self.sent.get(task, [])
        if items:
            self.seen()
        if items and self._taken[task] > len(items):
            expected = f"no more answers than items, {len(items)}"
            yield Finding(expected=expected, seen=f"answer {self._taken[task]}: {in_a_line(given)}", at=fact.at)
