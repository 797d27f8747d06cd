"""The evidence of one case.

A case names its steps as it goes (`step="first"`), and a check asks for them by name: `e.item("first")`. A step is
either reached, and then points to a fact, or missed: it was awaited until its deadline and did not come. Asking for a
missed or absent step raises NoEvidence, so that the rule stays untested, unless the check says that the rule itself
demands it (`due=True`): then the miss is the breach.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dwconf.suite.evidence.facts import Call, Item, Moment, StreamEnd, StreamOpen
from dwconf.suite.evidence.verdicts import Missed, NoEvidence
from dwconf.suite.trace.record import Kind, Record
from dwconf.wire import codec
from dwconf.wire.values import (
    ActivityRequest,
    GetInstanceHistoryResponse,
    GetInstanceResponse,
    GetWorkItemsRequest,
    HistoryEvent,
    WorkflowRequest,
    WorkflowState,
    WorkItem,
)


class Items(Mapping[int, Item]):
    """The work items of a case by number, each read when it is first asked for: a turn brings a whole history."""

    def __init__(self) -> None:
        self._records: dict[int, Record] = {}
        self._read: dict[int, Item] = {}

    def add(self, record: Record) -> None:
        """Take one more ITEM record."""
        self._records[record.number] = record

    def __getitem__(self, number: int) -> Item:
        item = self._read.get(number)
        if item is None:
            item = self._read[number] = read_item(self._records[number])
        return item

    def __iter__(self) -> Iterator[int]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)


class Evidence:
    """The decoded records of one case.

    `choices` holds the option that the target's profile takes where the protocol has two legitimate contracts.
    """

    def __init__(self, records: Iterable[Record], choices: Mapping[str, str] | None = None) -> None:
        self.records = tuple(records)
        self.choices = choices or {}
        self._steps = {r.text: r for r in self.records if r.kind is Kind.STEP}
        self.calls: dict[int, Call] = {}
        self.items = Items()
        self.ends: dict[int, StreamEnd] = {}
        for record in self.records:
            self._take(record)

    def _take(self, record: Record) -> None:
        match record.kind:
            case Kind.REQUEST:
                self.calls[record.number] = Call(record.number, record.method, record.payload, record.clock)
            case Kind.RESPONSE | Kind.STATUS if record.call in self.calls:
                self.calls[record.call] = answered(self.calls[record.call], record)
            case Kind.ITEM:
                self.items.add(record)
            case Kind.END:
                self.ends[record.number] = StreamEnd(record.number, record.call, record.code, record.text)
            case _:
                pass

    # --- steps

    def _reference(self, step: str, *, due: bool) -> int:
        record = self._steps.get(step)
        if record is None:
            raise NoEvidence(step)
        if record.fields.get("missed"):
            if due:
                raise Missed(step, str(record.fields.get("expects") or step), record.number)
            raise NoEvidence(step)
        return int(record.fields.get("ref") or record.number)

    def reached(self, step: str) -> bool:
        """Whether the case got to this step and what it awaited came."""
        record = self._steps.get(step)
        return record is not None and not record.fields.get("missed")

    def missed(self, step: str) -> bool:
        """Whether what this step awaited did not come before its deadline."""
        record = self._steps.get(step)
        return record is not None and bool(record.fields.get("missed"))

    def call(self, step: str, *, due: bool = False) -> Call:
        """The call of a step, with its answer. With `due`, a call that was not answered in time is a breach."""
        return self.calls[self._reference(step, due=due)]

    def item(self, step: str, *, due: bool = False) -> Item:
        """The work item of a step. With `due`, an item that did not come in time is a breach."""
        return self.items[self._reference(step, due=due)]

    def end(self, step: str, *, due: bool = False) -> StreamEnd:
        """The end of a stream at a step."""
        return self.ends[self._reference(step, due=due)]

    def moment(self, step: str, *, due: bool = False) -> Moment:
        """A step that is only a point in time."""
        number = self._reference(step, due=due)
        return Moment(number, self.records[number - 1].clock)

    def named(self, prefix: str) -> tuple[str, ...]:
        """The steps whose names begin like this, reached or missed, in order."""
        return tuple(step for step in self._steps if step.startswith(prefix))

    def kept(self, step: str) -> Call:
        """What the harness keeps at a step of a call in an earlier case, as that call."""
        number = self._reference(step, due=False)
        record = self._steps[step]
        return Call(number, record.method, record.payload, record.clock)

    def note(self, step: str, name: str) -> object:
        """What the case noted beside a step under `name`."""
        self._reference(step, due=False)
        return self._steps[step].fields.get(name)

    # --- answers that many checks read

    def history(self, step: str, *, due: bool = False) -> tuple[HistoryEvent, ...]:
        """The events that a GetInstanceHistory call of this step answered; a failed call is no evidence."""
        return self._answered(step, due=due).response(GetInstanceHistoryResponse).events

    def state(self, step: str, *, due: bool = False) -> WorkflowState:
        """The instance state that a GetInstance or WaitFor call of this step answered; no state is no evidence."""
        state = self._answered(step, due=due).response(GetInstanceResponse).workflow_state
        if state is None:
            raise NoEvidence(step)
        return state

    def _answered(self, step: str, *, due: bool) -> Call:
        call = self.call(step, due=due)
        if not call.ok:
            raise NoEvidence(step)
        return call

    # --- all facts

    def turns(self, instance_id: str | None = None) -> Iterator[Item]:
        """Every workflow item, in order of arrival; of one instance if named."""
        return self._of(WorkflowRequest, instance_id)

    def activities(self, instance_id: str | None = None) -> Iterator[Item]:
        """Every activity item, in order of arrival; of one instance if named."""
        return self._of(ActivityRequest, instance_id)

    def _of(self, kind: type, instance_id: str | None) -> Iterator[Item]:
        for item in self.items.values():
            if isinstance(item.item.request, kind) and instance_id in (None, item.instance_id):
                yield item

    def calls_to(self, *methods: str) -> Iterator[Call]:
        """Every call to these methods (names without the service), in order."""
        return (call for call in self.calls.values() if call.name in methods)

    def first_call_to(self, method: str) -> Call:
        """The first call to a method. Raises NoEvidence when there was none."""
        for call in self.calls_to(method):
            return call
        raise NoEvidence(f"a call to {method}")

    def between(self, first: str, last: str, items: Iterable[Item]) -> list[Item]:
        """Those items that arrived after step `first` was noted and before step `last` was."""
        low, high = self._noted(first), self._noted(last)
        return [item for item in items if low < item.number < high]

    def _noted(self, step: str) -> int:
        self._reference(step, due=False)
        return self._steps[step].number


def answered(call: Call, record: Record) -> Call:
    """The call with its answer, from a RESPONSE or STATUS record."""
    return Call(
        call.number,
        call.method,
        call.request_bytes,
        call.sent_clock,
        ended=record.number,
        code=record.code,
        text=record.text,
        response_bytes=record.payload,
        ended_clock=record.clock,
    )


def read_open(record: Record) -> StreamOpen:
    """The opened stream of an OPEN record."""
    request = codec.decode(GetWorkItemsRequest, record.payload)
    return StreamOpen(record.number, frozenset(map(int, request.capabilities)))


def read_item(record: Record) -> Item:
    """The work item of an ITEM record; bytes that are no work item read as an empty one."""
    try:
        item, malformed = codec.decode(WorkItem, record.payload), ""
    except codec.WireError as error:
        item, malformed = WorkItem(), str(error)
    return Item(record.number, record.call, record.clock, record.payload, item, malformed)
