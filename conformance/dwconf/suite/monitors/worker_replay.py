"""What traffic alone says of a worker's answers to turns (worker chapter B)."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from dwconf.suite.evidence import Call, Finding, Findings, Item
from dwconf.suite.evidence.answers import COMPLETIONS, Answer, canonical, same_actions
from dwconf.suite.evidence.past import Fold
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


@dataclass(slots=True)
class Sent:
    """What an open instance was sent: its latest item, and how many items had each token."""

    latest: Item
    tokens: Counter[str] = field(default_factory=Counter)

    def answered_by(self, given: Answer) -> bool:
        """Whether an answer is about the latest item, as far as its token tells."""
        return given.response.completion_token in ("", self.latest.token)


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
    """Sees each answer to a turn together with what its instance was sent. Keeps nothing of executions that ended."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, Sent] = {}

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Item) and isinstance(fact.item.request, WorkflowRequest):
            self._take(fact)
        elif isinstance(fact, Call) and fact.name in COMPLETIONS:
            given = Answer(fact, fact.request(WorkflowResponse))
            known = self.sent.get(given.response.instance_id)
            if known is not None and fact.ended is None:
                yield from self.judge(given, known)
            elif known is not None and fact.ok:
                yield from self.accept(given, known)

    def _take(self, item: Item) -> None:
        sent = self.sent.setdefault(item.instance_id, Sent(item))
        if sent.latest.turn.execution_id != item.turn.execution_id:
            # What was asked of the execution before is over; an answer to it may still be under way.
            self.forget(item.instance_id)
            self.sent[item.instance_id] = sent
        sent.latest = item
        sent.tokens[item.token] += 1

    @abstractmethod
    def judge(self, given: Answer, sent: Sent) -> Findings:
        """Judge an answer as it is made."""

    def accept(self, given: Answer, sent: Sent) -> Findings:
        """Take note that an answer was accepted."""
        if given.end is not None:
            self.forget(sent.latest.instance_id)
        yield from ()

    def forget(self, instance_id: str) -> None:
        """Drop what is kept of an execution that ended."""
        del self.sent[instance_id]


Place = tuple[str | None, int, tuple[HistoryEvent, ...]]
"""Where in which execution a request is: behind how many events, and with which new ones."""


def here_in(turn: WorkflowRequest) -> Place:
    """Which request this is, without its past, which would be kept for every action."""
    return turn.execution_id, len(turn.past_events), turn.new_events


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

    def judge(self, given: Answer, sent: Sent) -> Findings:
        asked = self._asked.setdefault(sent.latest.instance_id, {})
        here: set[int] = set()
        for action in creating(given):
            self.seen()
            before, place = asked.setdefault(action.id, (action, here_in(sent.latest.turn)))
            repeated = place == here_in(sent.latest.turn)
            again = is_same(before, action) and (repeated or sent_with(before) == sent_with(action))
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

    def judge(self, given: Answer, sent: Sent) -> Findings:
        asked = self._asked.setdefault(sent.latest.instance_id, set())
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

    def judge(self, given: Answer, sent: Sent) -> Findings:  # noqa: ARG002
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

    def judge(self, given: Answer, sent: Sent) -> Findings:
        if not sent.answered_by(given):
            return
        item = sent.latest
        past = self._past.of(item.instance_id, item.turn.past_events, begins=item.begins)
        new = {event.event_id: event for event in item.turn.new_events if type(event.body) in RECORDS}
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
        self._used: dict[str, set[str]] = {}

    def judge(self, given: Answer, sent: Sent) -> Findings:
        self.seen()
        token, used = given.response.completion_token, self._used.get(sent.latest.instance_id, set())
        old = token in used and sent.latest.token not in used
        if token and (token not in sent.tokens or old):
            expected = f"the token {sent.latest.token!r}, or none"
            yield Finding(expected=expected, seen=f"the token {token!r}", at=sent.latest.at + given.at)

    def accept(self, given: Answer, sent: Sent) -> Findings:
        self._used.setdefault(sent.latest.instance_id, set()).add(given.response.completion_token)
        yield from super().accept(given, sent)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._used.pop(instance_id, None)


@monitor("worker/replay/token-echoed", "worker/replay/sequence", "worker/replay/failed-turn")
class TheTokenComesBack(Turns):
    """An answer carries its item's token."""

    def judge(self, given: Answer, sent: Sent) -> Findings:
        if not sent.latest.token:
            return
        self.seen()
        if not given.response.completion_token:
            at = sent.latest.at + given.at
            yield Finding(expected=f"the token {sent.latest.token!r}", seen="no token", at=at)


@monitor("worker/replay/one-answer-per-item", "worker/replay/sequence", "worker/replay/failed-turn")
class NoTurnIsAnsweredTwice(Monitor):
    """An instance has no more accepted answers than items, and no token comes back more often than it was sent.

    The answer that ends an execution may be the one that is sent twice, so the tokens of a case, and nothing else of
    its turns, are kept until it is over.
    """

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, Counts] = {}

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Item) and isinstance(fact.item.request, WorkflowRequest):
            counts = self._counts.setdefault(fact.instance_id, Counts())
            counts.sent[fact.token] += 1
            counts.items += 1
            counts.latest = fact.number
        elif isinstance(fact, Call) and fact.name in COMPLETIONS:
            given = fact.request(WorkflowResponse)
            counts = self._counts.get(given.instance_id, Counts())
            if counts.latest and fact.ended is None:
                self.seen()
            elif counts.latest and fact.ok and counts.too_many(given.completion_token):
                at = (counts.latest, *fact.at)
                yield Finding(expected="one answer to each turn", seen="another answer was sent", at=at)


@monitor("worker/replay/redelivery-same-actions", "worker/replay/repeated-turns")
class ARepeatedItemGivesTheSameActions(Turns):
    """Two items of an instance with the same request, one after the other, are answered alike."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, tuple[WorkflowRequest, Answer]] = {}

    def judge(self, given: Answer, sent: Sent) -> Findings:
        if not sent.answered_by(given):
            return
        before = self._last.get(sent.latest.instance_id)
        if before is not None and before[0] == sent.latest.turn:
            self.seen()
            yield from same_actions(before[1], given)
        self._last[sent.latest.instance_id] = (sent.latest.turn, given)

    def forget(self, instance_id: str) -> None:
        super().forget(instance_id)
        self._last.pop(instance_id, None)
