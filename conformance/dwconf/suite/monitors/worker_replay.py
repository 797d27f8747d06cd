"""What traffic alone says of a worker's answers to turns (worker chapter B)."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from dwconf.suite.evidence import Finding, Findings
from dwconf.suite.evidence.answers import Answer, canonical, same_actions
from dwconf.suite.evidence.conversation import Accepted, Turn
from dwconf.suite.evidence.past import Fold
from dwconf.suite.monitors.registry import Monitor, monitor, sees
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
)

RECORDS = {
    TaskScheduled: ScheduleTask,
    TimerCreated: CreateTimer,
    ChildWorkflowInstanceCreated: CreateChildWorkflow,
    EventSent: SendEvent,
    DetachedWorkflowInstanceCreated: CreateDetachedWorkflow,
}
"""What an event in history records."""


@dataclass(slots=True)
class Counts:
    """How often each token of an instance was sent, and came back in an accepted answer; its latest item's number."""

    sent: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    items: int = 0
    answers: int = 0
    latest: int = 0

    def too_many(self, token: str) -> bool:
        """Whether one more accepted answer with this token is one more than there were items."""
        self.answers += 1
        self.accepted[token] += 1
        again = bool(token) and self.accepted[token] > self.sent[token] > 0
        return again or self.answers > self.items


class Turns(Monitor):
    """Sees each answer together with the latest turn of its instance. Keeps nothing of executions that ended."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: dict[str, Turn] = {}

    @sees(Turn)
    def take(self, turn: Turn) -> None:
        before = self._latest.get(turn.instance_id)
        if before is not None and before.item.turn.execution_id != turn.item.turn.execution_id:
            # What was asked of the execution before is over; an answer to it may still be under way.
            self.forget(turn.instance_id)
        self._latest[turn.instance_id] = turn

    @sees(Answer)
    def answer(self, given: Answer) -> Findings | None:
        turn = self._latest.get(given.response.instance_id)
        return None if turn is None else self.judge(given, turn)

    @sees(Accepted)
    def accepted(self, given: Accepted) -> None:
        if given.end is not None and given.response.instance_id in self._latest:
            self.forget(given.response.instance_id)

    @abstractmethod
    def judge(self, given: Answer, turn: Turn) -> Findings:
        """Judge an answer as it is made."""

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an execution that ended."""
        del self._latest[instance_id]


def is_about(given: Answer, turn: Turn) -> bool:
    """Whether an answer is about a turn, as far as its token tells."""
    return given.response.completion_token in ("", turn.item.token)


Place = tuple[str | None, int, tuple[HistoryEvent, ...]]
"""Where in which execution a request is: behind how many events, and with which new ones."""


def here_in(turn: Turn) -> Place:
    """Which request this is, without its past, which would be kept for every action."""
    return turn.item.turn.execution_id, len(turn.past), turn.new


Recorded = dict[int, HistoryEvent]
"""Events that record an action, by its id."""


def recording(found: Recorded, event: HistoryEvent) -> Recorded:
    """What is recorded, with one more event."""
    if type(event.body) in RECORDS:
        found[event.event_id] = event
    return found


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


def sent_with(action: WorkflowAction) -> str | None:
    """The input of an action, as one text for one JSON value."""
    return canonical(action.body.data if isinstance(action.body, SendEvent) else getattr(action.body, "input", None))


@monitor("worker/replay/action-ids-unique", "worker/replay/sequence", "worker/replay/all-kinds")
class EachActionHasAnIdOfItsOwn(Turns):
    """No id stands for two actions that the worker asked for, in one answer or in several.

    An action that is asked for again has its kind, its name and its input; another input in the answer to a repeated
    request is another rule's matter.
    """

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, dict[int, tuple[WorkflowAction, Place]]] = {}

    def judge(self, given: Answer, turn: Turn) -> Findings:
        asked = self._asked.setdefault(turn.instance_id, {})
        place = here_in(turn)
        here: set[int] = set()
        for action in creating(given):
            self.seen()
            before, there = asked.setdefault(action.id, (action, place))
            again = is_same(before, action) and (there == place or sent_with(before) == sent_with(action))
            if action.id in here or not again:
                yield Finding(expected=f"an id that no other action has, not {action.id}", seen=str(given), at=given.at)
            here.add(action.id)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._asked.pop(instance_id, None)


@monitor("worker/replay/completion-id-unique", "worker/replay/sequence")
class TheCompletionHasAnIdOfItsOwn(Turns):
    """The id of a completion is that of no other action that the worker asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, set[int]] = {}

    def judge(self, given: Answer, turn: Turn) -> Findings:
        asked = self._asked.setdefault(turn.instance_id, set())
        asked |= {action.id for action in creating(given)}
        for completion_id, _ in given.of(CompleteWorkflow)[:1]:
            self.seen()
            if completion_id in asked:
                expected = f"a completion whose id is not that of another action, unlike {completion_id}"
                yield Finding(expected=expected, seen=str(given), at=given.at)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._asked.pop(instance_id, None)


@monitor("worker/replay/actions-in-id-order", "worker/replay/sequence", "worker/replay/all-kinds")
class ActionsAreListedInTheOrderOfTheirIds(Turns):
    """The ids of an answer grow."""

    def judge(self, given: Answer, turn: Turn) -> Findings:  # noqa: ARG002
        ids = [action.id for action in given.response.actions]
        if len(ids) > 1:
            self.seen()
        if ids != sorted(ids):
            yield Finding(expected="actions in the order of their ids", seen=f"the ids {ids}", at=given.at)


@monitor("worker/replay/recorded-actions-not-repeated", "worker/replay/sequence")
class WhatHistoryHasIsNotAskedForAgain(Turns):
    """An answer holds no action that history records."""

    def __init__(self) -> None:
        super().__init__()
        self._past = Fold[Recorded](dict, recording)

    def judge(self, given: Answer, turn: Turn) -> Findings:
        if not is_about(given, turn):
            return
        past = self._past.of(turn.instance_id, turn.past, begins=turn.begins)
        new = {event.event_id: event for event in turn.new if type(event.body) in RECORDS}
        if past or new:
            self.seen()
        for action in creating(given):
            record = new.get(action.id) or past.get(action.id)
            if record is not None and is_record_of(record, action):
                expected = f"no action {action.id}: history has it"
                yield Finding(expected=expected, seen=str(given), at=given.at)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._past.forget(instance_id)


@monitor("worker/replay/no-foreign-token", "worker/replay/sequence", "worker/replay/failed-turn")
class NoOtherTokenIsSent(Turns):
    """An answer carries a token of one of its instance's items, or none; not an old one in place of the latest."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[str, set[str]] = {}
        self._used: dict[str, set[str]] = {}

    @sees(Turn)
    def take(self, turn: Turn) -> None:
        super().take(turn)
        self._sent.setdefault(turn.instance_id, set()).add(turn.item.token)

    def judge(self, given: Answer, turn: Turn) -> Findings:
        self.seen()
        latest, token = turn.item.token, given.response.completion_token
        used = self._used.get(turn.instance_id, ())
        old = token in used and latest not in used
        if token and (token not in self._sent[turn.instance_id] or old):
            yield Finding(expected=f"the token {latest!r}, or none", seen=f"the token {token!r}", at=turn.at + given.at)

    @sees(Accepted)
    def accepted(self, given: Accepted) -> None:
        instance_id = given.response.instance_id
        if instance_id in self._latest:
            self._used.setdefault(instance_id, set()).add(given.response.completion_token)
        super().accepted(given)
        if instance_id not in self._latest:
            self._sent.pop(instance_id, None)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._used.pop(instance_id, None)


@monitor("worker/replay/token-echoed", "worker/replay/sequence", "worker/replay/failed-turn")
class TheTokenComesBack(Turns):
    """An answer carries its item's token."""

    def judge(self, given: Answer, turn: Turn) -> Findings:
        if not turn.item.token:
            return
        self.seen()
        if not given.response.completion_token:
            yield Finding(expected=f"the token {turn.item.token!r}", seen="no token", at=turn.at + given.at)


@monitor("worker/replay/one-answer-per-item", "worker/replay/sequence", "worker/replay/failed-turn")
class NoTurnIsAnsweredTwice(Monitor):
    """An instance has no more accepted answers than items, and no token comes back more often than it was sent.

    The answer that ends an execution may be the one that is sent twice, so the tokens of a case, and nothing else of
    its turns, are kept until it is over.
    """

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Counts] = {}

    @sees(Turn)
    def turn(self, turn: Turn) -> None:
        counts = self._counts.setdefault(turn.instance_id, Counts())
        counts.sent[turn.item.token] += 1
        counts.items += 1
        counts.latest = turn.item.number

    @sees(Answer)
    def answer(self, given: Answer) -> None:
        if given.response.instance_id in self._counts:
            self.seen()

    @sees(Accepted)
    def accepted(self, given: Accepted) -> Findings:
        counts = self._counts.get(given.response.instance_id)
        if counts is not None and counts.too_many(given.response.completion_token):
            at = (counts.latest, *given.at)
            yield Finding(expected="one answer to each turn", seen="another answer was sent", at=at)


@monitor("worker/replay/redelivery-same-actions", "worker/replay/repeated-turns")
class ARepeatedItemGivesTheSameActions(Turns):
    """Two items of an instance with the same request, one after the other, are answered alike."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, tuple[WorkflowRequest, Answer]] = {}

    def judge(self, given: Answer, turn: Turn) -> Findings:
        if not is_about(given, turn):
            return
        before = self._last.get(turn.instance_id)
        if before is not None and before[0] == turn.item.turn:
            self.seen()
            yield from same_actions(before[1], given)
        self._last[turn.instance_id] = (turn.item.turn, given)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._last.pop(instance_id, None)
