"""What traffic alone says of a worker's answers to turns (worker chapter B)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.answers import COMPLETIONS, Answer, same_actions
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    DetachedWorkflowInstanceCreated,
    EventSent,
    HistoryEvent,
    ScheduleTask,
    SendEvent,
    TaskScheduled,
    TimerCreated,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
)

RECORDS = {
    TaskScheduled: ScheduleTask,
    TimerCreated: CreateTimer,
    ChildWorkflowInstanceCreated: CreateChildWorkflow,
    EventSent: SendEvent,
    DetachedWorkflowInstanceCreated: CreateDetachedWorkflow,
}
"""What an event in history records."""


class Turns(Monitor):
    """Sees each answer to a turn together with the item that it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, list[Item]] = {}
        """The items of each instance, in order."""

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Item) and isinstance(fact.item.request, WorkflowRequest):
            self.sent.setdefault(fact.instance_id, []).append(fact)
        elif isinstance(fact, Call) and fact.name in COMPLETIONS and fact.ended is None:
            given = Answer(fact, fact.request(WorkflowResponse))
            items = self.sent.get(given.response.instance_id, [])
            if items:
                yield from self.judge(given, items)

    def item_of(self, given: Answer, items: list[Item]) -> Item:
        """The item that an answer is about: that of its token, else the latest of its instance."""
        return next((item for item in items if item.token == given.response.completion_token), items[-1])

    @abstractmethod
    def judge(self, given: Answer, items: list[Item]) -> Findings:
        """Judge an answer; `items` are those that its instance was sent, in order."""


def recorded(item: Item) -> dict[int, HistoryEvent]:
    """The events of a turn's history that record an action, by its id."""
    events = (*item.turn.past_events, *item.turn.new_events)
    return {event.event_id: event for event in events if type(event.body) in RECORDS}


def creating(given: Answer) -> Iterator[WorkflowAction]:
    """The actions of an answer that history would record."""
    return (a for a in given.response.actions if isinstance(a.body, tuple(RECORDS.values())))


def is_record_of(event: HistoryEvent, action: WorkflowAction) -> bool:
    """Whether an event under an action's id records that action, as far as kind and name tell."""
    kind = next((made for record, made in RECORDS.items() if isinstance(event.body, record)), type(None))
    return isinstance(action.body, kind) and getattr(event.body, "name", "") == getattr(action.body, "name", "")


def is_same(one: WorkflowAction, other: WorkflowAction) -> bool:
    """Whether two actions are one, as far as kind and name tell: replay may ask for an action again."""
    return type(one.body) is type(other.body) and getattr(one.body, "name", "") == getattr(other.body, "name", "")


@monitor("worker/replay/action-ids-unique", "worker/replay/sequence", "worker/replay/all-kinds")
class EachActionHasAnIdOfItsOwn(Turns):
    """No id stands for two actions that the worker asked for, in one answer or in several."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, dict[int, WorkflowAction]] = {}

    def judge(self, given: Answer, items: list[Item]) -> Findings:
        asked = self._asked.setdefault(items[-1].instance_id, {})
        here: set[int] = set()
        for action in creating(given):
            self.seen()
            if action.id in here or not is_same(asked.setdefault(action.id, action), action):
                yield Finding(expected=f"an id that no other action has, not {action.id}", seen=str(given), at=given.at)
            here.add(action.id)
        if given.end is not None:
            del self._asked[items[-1].instance_id]


@monitor("worker/replay/completion-id-unique", "worker/replay/sequence")
class TheCompletionHasAnIdOfItsOwn(Turns):
    """The id of a completion is that of no other action that the worker asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[tuple[str, str | None], set[int]] = {}

    def judge(self, given: Answer, items: list[Item]) -> Findings:
        execution = (items[-1].instance_id, items[-1].turn.execution_id)
        asked = self._asked.setdefault(execution, set())
        asked |= {action.id for action in creating(given)}
        for completion_id, _ in given.of(CompleteWorkflow)[:1]:
            self.seen()
            if completion_id in asked:
                expected = f"a completion whose id is not that of another action, unlike {completion_id}"
                yield Finding(expected=expected, seen=str(given), at=given.at)
            self._asked.pop(execution, None)


@monitor("worker/replay/actions-in-id-order", "worker/replay/sequence", "worker/replay/all-kinds")
class ActionsAreListedInTheOrderOfTheirIds(Turns):
    """The ids of an answer grow."""

    def judge(self, given: Answer, items: list[Item]) -> Findings:  # noqa: ARG002
        ids = [action.id for action in given.response.actions]
        if len(ids) > 1:
            self.seen()
        if ids != sorted(ids):
            yield Finding(expected="actions in the order of their ids", seen=f"the ids {ids}", at=given.at)


@monitor("worker/replay/recorded-actions-not-repeated", "worker/replay/sequence")
class WhatHistoryHasIsNotAskedForAgain(Turns):
    """An answer holds no action that history records."""

    def judge(self, given: Answer, items: list[Item]) -> Findings:
        taken = recorded(self.item_of(given, items))
        if taken:
            self.seen()
        for action in creating(given):
            if action.id in taken and is_record_of(taken[action.id], action):
                expected = f"no action {action.id}: history has it"
                yield Finding(expected=expected, seen=str(given), at=given.at)


@monitor("worker/replay/no-foreign-token", "worker/replay/sequence", "worker/replay/failed-turn")
class NoOtherTokenIsSent(Turns):
    """An answer carries a token of one of its instance's items, or none."""

    def judge(self, given: Answer, items: list[Item]) -> Findings:
        self.seen()
        token = given.response.completion_token
        if token and token not in {item.token for item in items}:
            expected = f"the token {items[-1].token!r}, or none"
            yield Finding(expected=expected, seen=f"the token {token!r}", at=items[-1].at + given.at)


@monitor("worker/replay/token-echoed", "worker/replay/sequence", "worker/replay/failed-turn")
class TheTokenComesBack(Turns):
    """An answer carries its item's token."""

    def judge(self, given: Answer, items: list[Item]) -> Findings:
        if not items[-1].token:
            return
        self.seen()
        if not given.response.completion_token:
            at = items[-1].at + given.at
            yield Finding(expected=f"the token {items[-1].token!r}", seen="no token", at=at)


@monitor("worker/replay/one-answer-per-item", "worker/replay/sequence", "worker/replay/failed-turn")
class NoTurnIsAnsweredTwice(Turns):
    """An instance has no more accepted answers than items, and no token comes back twice."""

    def __init__(self) -> None:
        super().__init__()
        self._accepted: dict[str, list[str]] = {}

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Call) and fact.name in COMPLETIONS and fact.ok:
            yield from self._count(Answer(fact, fact.request(WorkflowResponse)))
        yield from super().watch(fact)

    def judge(self, given: Answer, items: list[Item]) -> Findings:  # noqa: ARG002
        self.seen()
        yield from ()

    def _count(self, given: Answer) -> Findings:
        token, items = given.response.completion_token, self.sent.get(given.response.instance_id, [])
        accepted = self._accepted.setdefault(given.response.instance_id, [])
        accepted.append(token)
        if items and (len(accepted) > len(items) or (token and accepted.count(token) > 1)):
            yield Finding(
                expected="one answer to each turn", seen="another answer was sent", at=items[-1].at + given.at
            )


@monitor("worker/replay/redelivery-same-actions", "worker/replay/repeated-turns")
class ARepeatedItemGivesTheSameActions(Turns):
    """Two items of an instance with the same request, one after the other, are answered alike."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, tuple[WorkflowRequest, Answer]] = {}

    def judge(self, given: Answer, items: list[Item]) -> Findings:
        item = self.item_of(given, items)
        before = self._last.get(item.instance_id)
        if before is not None and before[0] == item.turn and given.call.number != before[1].call.number:
            self.seen()
            yield from same_actions(before[1], given)
        self._last[item.instance_id] = (item.turn, given)
