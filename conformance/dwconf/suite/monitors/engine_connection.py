"""What traffic alone tells about work items (chapter A): their shape, their tokens, and who has which one.

A turn is outstanding from its arrival until an answer with its token (or with none) is sent, or its stream ends. What
the suite cannot know does not count against a sidecar: a purge or a new start of an id ends whatever was outstanding.
"""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.evidence import Call, Finding as Found, Findings, Item, StreamEnd, StreamOpen
from dwconf.suite.evidence.events import execution_of, started_of
from dwconf.suite.evidence.past import parts_at
from dwconf.suite.monitors.registry import Fact, Monitor, monitor
from dwconf.wire.values import (
    ActivityRequest,
    CreateInstanceRequest,
    HealthPing,
    PurgeInstancesRequest,
    WorkflowRequest,
    WorkflowResponse,
)

MEMBERS = {1: "workflowRequest", 2: "activityRequest", 6: "healthPing"}
RESERVED = (3, 4, 5)
STATEFUL_HISTORY, HEALTH_PING = 2, 3


def fields_of(data: bytes) -> Iterator[int]:
    """The field numbers of an encoded message, in the order in which they stand; it stops where it cannot read."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        yield key >> 3
        match key & 7:
            case 0:
                _, at = _varint(data, at)
            case 1:
                at += 8
            case 2:
                size, at = _varint(data, at)
                at += size
            case 5:
                at += 4
            case _:
                return


LONGEST_VARINT = 70
"""No number on the wire has more bits; more bytes than that are nobody's varint."""


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < LONGEST_VARINT:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 128:  # noqa: PLR2004  (the bit that says that a varint goes on)
            break
        shift += 7
    return value, at


PLAIN = ("engine/start/plain", "engine/start/untraced")


@monitor("engine/connection/one-request-per-item", *PLAIN)
class OneRequestPerItem(Monitor):
    """Each item sets exactly one member of its oneof."""

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item):
            return
        self.seen()
        if fact.malformed:
            yield Found(expected="a well-formed WorkItem", seen=fact.malformed, at=fact.at)
            return
        members = [MEMBERS[number] for number in dict.fromkeys(fields_of(fact.data)) if number in MEMBERS]
        if len(members) != 1:
            yield Found(expected="exactly one request", seen=", ".join(members) or "none", at=fact.at)


@monitor("engine/connection/reserved-items-never-sent", *PLAIN)
class ReservedItems(Monitor):
    """No item has a field with a reserved number."""

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item):
            return
        self.seen()
        reserved = sorted({number for number in fields_of(fact.data) if number in RESERVED})
        if reserved:
            yield Found(expected="no field 3, 4 or 5 in a WorkItem", seen=f"field {reserved[0]}", at=fact.at)


@monitor("engine/connection/items-carry-tokens", *PLAIN)
class ItemsCarryTokens(Monitor):
    """Workflow and activity items have a token."""

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not isinstance(fact.item.request, WorkflowRequest | ActivityRequest):
            return
        self.seen()
        if not fact.token:
            yield Found(expected="a completionToken", seen="none", at=fact.at)


@monitor("engine/connection/tokens-are-fresh", *PLAIN, "engine/redelivery/lost")
class TokensAreFresh(Monitor):
    """No two dispatches share a token."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, int] = {}

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not fact.token:
            return
        if self._known:
            self.seen()
        before = self._known.setdefault(fact.token, fact.number)
        if before != fact.number:
            yield Found(
                expected="a token of its own for each dispatch",
                seen=f"{fact.token!r}, which record {before} has too",
                at=(before, *fact.at),
            )


class Streams(Monitor):
    """What streams there are, and what they were opened with."""

    def __init__(self) -> None:
        super().__init__()
        self.capabilities: dict[int, frozenset[int]] = {}

    def opened(self, fact: Fact) -> None:
        """Keep what a stream was opened with."""
        if isinstance(fact, StreamOpen):
            self.capabilities[fact.number] = fact.capabilities

    def has(self, item: Item, capability: int) -> bool:
        """Whether the stream of an item was opened with a capability; one that is not known may have been."""
        return capability in self.capabilities.get(item.stream, {capability})


@monitor("engine/connection/no-unasked-health-ping", *PLAIN)
class UnaskedHealthPing(Streams):
    """A health ping goes to those who asked for it."""

    def watch(self, fact: Fact) -> Findings:
        self.opened(fact)
        if not isinstance(fact, Item) or self.has(fact, HEALTH_PING):
            return
        self.seen()
        if isinstance(fact.item.request, HealthPing):
            yield Found(expected="no healthPing on a stream without the capability", seen="one", at=fact.at)


class Outstanding:
    """Which turns are out: by instance, those that were neither answered nor lost."""

    def __init__(self) -> None:
        self.turns: dict[str, list[Item]] = {}

    def take(self, fact: Fact) -> None:
        """Note an arrival, an answer, or what ends it otherwise."""
        match fact:
            case Item() if isinstance(fact.item.request, WorkflowRequest):
                self.turns.setdefault(fact.instance_id, []).append(fact)
            case StreamEnd():
                for instance_id in tuple(self.turns):
                    self._keep(instance_id, [i for i in self.turns[instance_id] if i.stream != fact.stream])
            case Call(name="CompleteWorkflowTask" | "CompleteOrchestratorTask"):
                answer = fact.request(WorkflowResponse)
                out = self.turns.get(answer.instance_id, [])
                self._keep(answer.instance_id, [i for i in out if answer.completion_token not in ("", i.token)])
            case Call(name="PurgeInstances"):
                request = fact.request(PurgeInstancesRequest)
                if request.recursive or request.instance_id is None:
                    self.turns.clear()
                else:
                    self.turns.pop(request.instance_id, None)
            case Call(name="StartInstance", ended=None):
                self.turns.pop(fact.request(CreateInstanceRequest).instance_id, None)
            case _:
                pass

    def _keep(self, instance_id: str, items: list[Item]) -> None:
        if items:
            self.turns[instance_id] = items
        else:
            self.turns.pop(instance_id, None)


@monitor("engine/connection/one-turn-at-a-time", "engine/connection/held-turn", "engine/connection/two-streams")
class OneTurnAtATime(Monitor):
    """No turn comes while another one of the same instance is out."""

    def __init__(self) -> None:
        super().__init__()
        self._out = Outstanding()

    def watch(self, fact: Fact) -> Findings:
        if isinstance(fact, Item) and isinstance(fact.item.request, WorkflowRequest):
            self.seen()
            for held in self._out.turns.get(fact.instance_id, ()):
                yield Found(
                    expected="no turn while another one of the instance is outstanding",
                    seen="a second one",
                    at=(*held.at, *fact.at),
                )
        self._out.take(fact)


@monitor("engine/connection/execution-id-of-turn", *PLAIN, "engine/stateful-history/next-generation")
class ExecutionIdOfTurn(Monitor):
    """A turn names the execution of its executionStarted."""

    def watch(self, fact: Fact) -> Findings:
        if not isinstance(fact, Item) or not isinstance(fact.item.request, WorkflowRequest):
            return
        started = started_of(fact.turn.new_events) or started_of(fact.turn.past_events)
        if started is None and fact.turn.cached_history is not None:
            return
        self.seen()
        wanted = execution_of(started)
        if (fact.turn.execution_id or "") != wanted:
            yield Found(expected=f"executionId {wanted!r}", seen=repr(fact.turn.execution_id), at=fact.at)


@monitor("engine/connection/full-history-without-capability", "engine/connection/plain-history")
class FullHistory(Streams):
    """A worker that did not offer to remember is sent everything."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[str, dict[str, Item]] = {}

    def over(self, instance_id: str) -> None:
        self._sent.pop(instance_id, None)

    def watch(self, fact: Fact) -> Findings:
        self.opened(fact)
        if not isinstance(fact, Item) or not isinstance(fact.item.request, WorkflowRequest):
            return
        turn = fact.turn
        if self.has(fact, STATEFUL_HISTORY):
            return
        self.seen()
        if turn.cached_history is not None:
            yield Found(expected="no cachedHistory", seen=f"eventCount {turn.cached_history.event_count}", at=fact.at)
            return
        begun = bool(turn.past_events or turn.execution_id)
        if begun and started_of(turn.new_events) is None and started_of(turn.past_events) is None:
            seen = f"{len(turn.past_events)} past events without an executionStarted"
            yield Found(expected="the execution's history from its beginning", seen=seen, at=fact.at)
        execution = execution_of(started_of(turn.new_events) or started_of(turn.past_events))
        sent = self._sent.setdefault(fact.instance_id, {})
        before = sent.get(execution)
        known = before.turn.past_events if before is not None else ()
        shorter = len(turn.past_events) < len(known)
        if known is not fact.begins and (shorter or parts_at(turn.past_events, known) is not None):
            yield Found(
                expected="all past events that an earlier turn had, first",
                seen=f"{len(turn.past_events)} past events that do not begin with them",
                at=(*(before.at if before is not None else ()), *fact.at),
            )
        sent[execution] = fact
