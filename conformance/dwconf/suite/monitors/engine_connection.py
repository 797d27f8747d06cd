"""What traffic alone tells about work items (chapter A): their shape, their tokens, and who has which one.

A turn is outstanding from its arrival until an answer with its token (or with none) is sent, or its stream ends. What
the suite cannot know does not count against a sidecar: a purge or a new start of an id ends whatever was outstanding.
"""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.evidence import Call, Finding as Found, Findings, Item, StreamEnd, StreamOpen
from dwconf.suite.evidence.answers import COMPLETIONS
from dwconf.suite.evidence.conversation import Turn
from dwconf.suite.evidence.events import execution_of, started_of
from dwconf.suite.evidence.past import parts_at
from dwconf.suite.monitors.registry import Monitor, answered, made, monitor, sees
from dwconf.wire.values import (
    ActivityRequest,
    CreateInstanceRequest,
    HealthPing,
    PurgeInstancesRequest,
    WorkflowRequest,
    WorkflowResponse,
)

MEMBERS = {1: "workflowRequest", 2: "activityRequest", 6: "healthPing"}
RESERVED = frozenset({3, 4, 5})
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

    @sees(Item)
    def item(self, item: Item) -> Findings:
        self.seen()
        if item.malformed:
            yield Found(expected="a well-formed WorkItem", seen=item.malformed, at=item.at)
            return
        members = [MEMBERS[number] for number in dict.fromkeys(fields_of(item.data)) if number in MEMBERS]
        if len(members) != 1:
            yield Found(expected="exactly one request", seen=", ".join(members) or "none", at=item.at)


@monitor("engine/connection/reserved-items-never-sent", *PLAIN)
class ReservedItems(Monitor):
    """No item has a field with a reserved number; in one that can be read it is an unknown one."""

    @sees(Item)
    def item(self, item: Item) -> Findings:
        self.seen()
        reserved = sorted(set(fields_of(item.data if item.malformed else item.item.unknown)) & RESERVED)
        if reserved:
            yield Found(expected="no field 3, 4 or 5 in a WorkItem", seen=f"field {reserved[0]}", at=item.at)


@monitor("engine/connection/items-carry-tokens", *PLAIN)
class ItemsCarryTokens(Monitor):
    """Workflow and activity items have a token."""

    @sees(Item)
    def item(self, item: Item) -> Findings:
        if isinstance(item.item.request, WorkflowRequest | ActivityRequest):
            self.seen()
            if not item.token:
                yield Found(expected="a completionToken", seen="none", at=item.at)


@monitor("engine/connection/tokens-are-fresh", *PLAIN, "engine/redelivery/lost")
class TokensAreFresh(Monitor):
    """No two dispatches share a token."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, int] = {}

    @sees(Item)
    def item(self, item: Item) -> Findings:
        if not item.token:
            return
        if self._known:
            self.seen()
        before = self._known.setdefault(item.token, item.number)
        if before != item.number:
            yield Found(
                expected="a token of its own for each dispatch",
                seen=f"{item.token!r}, which record {before} has too",
                at=(before, *item.at),
            )


class Streams(Monitor):
    """What streams there are, and what they were opened with."""

    def __init__(self) -> None:
        super().__init__()
        self.capabilities: dict[int, frozenset[int]] = {}

    @sees(StreamOpen)
    def opened(self, stream: StreamOpen) -> None:
        self.capabilities[stream.number] = stream.capabilities

    def has(self, item: Item, capability: int) -> bool:
        """Whether the stream of an item was opened with a capability; one that is not known may have been."""
        return capability in self.capabilities.get(item.stream, {capability})


@monitor("engine/connection/no-unasked-health-ping", *PLAIN)
class UnaskedHealthPing(Streams):
    """A health ping goes to those who asked for it."""

    @sees(Item)
    def item(self, item: Item) -> Findings:
        if self.has(item, HEALTH_PING):
            return
        self.seen()
        if isinstance(item.item.request, HealthPing):
            yield Found(expected="no healthPing on a stream without the capability", seen="one", at=item.at)


@monitor("engine/connection/one-turn-at-a-time", "engine/connection/held-turn", "engine/connection/two-streams")
class OneTurnAtATime(Monitor):
    """No turn comes while another one of the same instance is out: neither answered nor lost."""

    def __init__(self) -> None:
        super().__init__()
        self._out: dict[str, list[Item]] = {}

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        self.seen()
        out = self._out.setdefault(turn.instance_id, [])
        held = tuple(out)
        out.append(turn.item)
        for other in held:
            yield Found(
                expected="no turn while another one of the instance is outstanding",
                seen="a second one",
                at=(*other.at, *turn.at),
            )

    @sees(StreamEnd)
    def lost(self, end: StreamEnd) -> None:
        for instance_id, items in tuple(self._out.items()):
            self._keep(instance_id, [item for item in items if item.stream != end.stream])

    @sees(*made(*COMPLETIONS), *answered(*COMPLETIONS))
    def answer(self, call: Call) -> None:
        given = call.request(WorkflowResponse)
        out = self._out.get(given.instance_id, ())
        self._keep(given.instance_id, [item for item in out if given.completion_token not in ("", item.token)])

    @sees(*made("PurgeInstances"), *answered("PurgeInstances"))
    def purge(self, call: Call) -> None:
        request = call.request(PurgeInstancesRequest)
        if request.recursive or request.instance_id is None:
            self._out.clear()
        else:
            self._out.pop(request.instance_id, None)

    @sees(*made("StartInstance"))
    def start(self, call: Call) -> None:
        self._out.pop(call.request(CreateInstanceRequest).instance_id, None)

    def _keep(self, instance_id: str, items: list[Item]) -> None:
        if items:
            self._out[instance_id] = items
        else:
            self._out.pop(instance_id, None)


@monitor("engine/connection/execution-id-of-turn", *PLAIN, "engine/stateful-history/next-generation")
class ExecutionIdOfTurn(Monitor):
    """A turn names the execution of its executionStarted."""

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        started = started_of(turn.new) or started_of(turn.past)
        if started is None and turn.item.turn.cached_history is not None:
            return
        self.seen()
        wanted, named = execution_of(started), turn.item.turn.execution_id
        if (named or "") != wanted:
            yield Found(expected=f"executionId {wanted!r}", seen=repr(named), at=turn.at)


@monitor("engine/connection/full-history-without-capability", "engine/connection/plain-history")
class FullHistory(Streams):
    """A worker that did not offer to remember is sent everything."""

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[str, dict[str, Turn]] = {}

    def over(self, instance_id: str) -> None:
        self._sent.pop(instance_id, None)

    @sees(Turn)
    def turn(self, turn: Turn) -> Findings:
        if self.has(turn.item, STATEFUL_HISTORY):
            return
        self.seen()
        cached = turn.item.turn.cached_history
        if cached is not None:
            yield Found(expected="no cachedHistory", seen=f"eventCount {cached.event_count}", at=turn.at)
            return
        started = started_of(turn.new) or started_of(turn.past)
        if started is None and (turn.past or turn.item.turn.execution_id):
            seen = f"{len(turn.past)} past events without an executionStarted"
            yield Found(expected="the execution's history from its beginning", seen=seen, at=turn.at)
        sent = self._sent.setdefault(turn.instance_id, {})
        before = sent.get(execution_of(started))
        if before is not None and before.past is not turn.begins and not _begins(turn, before):
            yield Found(
                expected="all past events that an earlier turn had, first",
                seen=f"{len(turn.past)} past events that do not begin with them",
                at=(*before.at, *turn.at),
            )
        sent[execution_of(started)] = turn


def _begins(turn: Turn, before: Turn) -> bool:
    return len(turn.past) >= len(before.past) and parts_at(turn.past, before.past) is None
