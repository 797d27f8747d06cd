"""A scene without a wire: the verbs of a sidecar scene, carried out on the reference's core at once, on our own clock.

Every request, answer and item goes onto the tape as the bytes that would have crossed the wire, so that whoever judges
cannot tell the difference. Nothing here waits: what has not come when it is asked for does not come.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.messages import Refusal
from dwconf.engine.core.outcome import Outcome, Reply, Until
from dwconf.engine.shell.memory import MemoryStore
from dwconf.suite.evidence import Call, Item
from dwconf.suite.evidence.evidence import answered, read_item
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.trace.record import Actor, Kind, Sink, Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import (
    ActivityResponse,
    CreateInstanceRequest,
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    GetInstanceHistoryRequest,
    GetInstanceRequest,
    GetWorkItemsRequest,
    PurgeInstancesRequest,
    RaiseEventRequest,
    RaiseEventResponse,
    ResumeRequest,
    ResumeResponse,
    SuspendRequest,
    SuspendResponse,
    TaskFailureDetails,
    TerminateRequest,
    TerminateResponse,
    Value,
    WorkerCapability,
    WorkflowAction,
    WorkflowResponse,
)

DAWN = 1_700_000_000 * 1_000_000_000
T = TypeVar("T")
STREAM = TASK_HUB.methods["GetWorkItems"].path


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run what never waits."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value  # type: ignore[no-any-return]
    raise AssertionError("something waited")


@dataclass
class Pending:
    call: Call
    until: Until | None = None

    @property
    def done(self) -> bool:
        return self.call.ended is not None


@dataclass
class Stream:
    scene: CoreScene
    id: int
    number: int
    open: bool = True

    async def drop(self) -> None:
        if self.open:
            self.open = False
            self.scene.tape.add(Actor.SUITE, Kind.END, call=self.number, method=STREAM, code="CANCELLED")
            self.scene.hub.close_stream(self.id, self.scene.clock)
            self.scene.flush()


@dataclass
class CoreScene:
    """One engine, and everything that was said to it."""

    decisions: Decisions = REFERENCE
    sinks: tuple[Sink, ...] = ()
    clock: int = DAWN
    streams: dict[int, Stream] = field(default_factory=dict)
    waiting: list[Pending] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = MemoryStore()
        self.hub = Hub(store=self.store, seed=b"schedules", rules=self.decisions, now=self.clock)
        self.tape = Tape("core", clock=lambda: self.clock, sinks=self.sinks)
        self._ids = 0

    def new_id(self, hint: str = "i") -> str:
        self._ids += 1
        return f"c-{hint}{self._ids}"

    def note(self, text: str, **fields: Any) -> None:  # noqa: ANN401
        self.tape.add(Actor.HARNESS, Kind.NOTE, text=text, fields=fields)

    def now(self) -> int:
        return self.clock

    def flush(self) -> None:
        batch = self.hub.drain(self.clock)
        if batch.durable:
            self.store.save(batch)
        self.hub.saved()
        for pending in [*self.waiting]:
            self._wake(pending)
        for stream_id, data in batch.items:
            stream = self.streams[stream_id]
            self.tape.add(Actor.TARGET, Kind.ITEM, call=stream.number, method=STREAM, payload=data)
            self.hub.written(stream_id)

    def _wake(self, pending: Pending) -> None:
        until = pending.until
        assert until is not None
        state = self.hub.find(until.instance_id)
        if (state is None and until.gone) or (state is not None and until.condition(state, self.hub.rules)):
            self.waiting.remove(pending)
            self._end(pending, Reply(until.answer(state)))

    def _end(self, pending: Pending, outcome: Reply | Refusal) -> None:
        method, number = pending.call.method, pending.call.number
        if isinstance(outcome, Refusal):
            code, text = outcome.code.value, outcome.message
            record = self.tape.add(Actor.TARGET, Kind.STATUS, call=number, method=method, code=code, text=text)
        else:
            data = outcome.value if isinstance(outcome.value, bytes) else codec.encode(outcome.value)
            record = self.tape.add(Actor.TARGET, Kind.RESPONSE, call=number, method=method, payload=data, code="OK")
        pending.call = answered(pending.call, record)

    def begin(self, method: str, request: Value, carry_out: Callable[[], Outcome]) -> Pending:
        path, data = TASK_HUB.methods[method].path, codec.encode(request)
        record = self.tape.add(Actor.SUITE, Kind.REQUEST, method=path, payload=data)
        pending = Pending(Call(record.number, path, data, record.clock))
        outcome = carry_out()
        if isinstance(outcome, Until):
            pending.until = outcome
            self.waiting.append(pending)
        else:
            self._end(pending, outcome)
        self.flush()
        return pending

    async def settle(self, pending: Pending) -> Call:
        if not pending.done:
            raise CaseOver("not answered")
        return pending.call

    async def until(self, look: Callable[[], T | None], *, step: str, expects: str, within: float | None = None) -> T:
        del step, within
        found = look()
        if found is None:
            raise CaseOver(expects)
        return found

    async def eventually(
        self,
        method: str,
        request: Any,  # noqa: ANN401
        holds: Callable[[Call], bool],
        *,
        step: str,
        expects: str,
    ) -> Call:
        del step
        call = await (self.state if method == "GetInstance" else self.history)(request.instance_id)
        if not holds(call):
            raise CaseOver(expects)
        return call

    # Clients.

    def start(self, instance_id: str | None = None, *, input: str | None = None) -> tuple[str, Pending]:  # noqa: A002
        request = CreateInstanceRequest(instance_id=instance_id or self.new_id(), name="wf", input=input)
        pending = self.begin("StartInstance", request, lambda: self.hub.start(request, self.clock))
        return request.instance_id, pending

    def raise_event(self, instance_id: str, name: str, input: str | None = None) -> Pending:  # noqa: A002
        request = RaiseEventRequest(instance_id=instance_id, name=name, input=input)
        body, answer = EventRaised(name=name, input=input), RaiseEventResponse()
        return self.begin("RaiseEvent", request, lambda: self.hub.tell(instance_id, body, self.clock, response=answer))

    def terminate(self, instance_id: str, output: str | None = None) -> Pending:
        request, body = TerminateRequest(instance_id=instance_id, output=output), ExecutionTerminated(input=output)
        return self.begin(
            "TerminateInstance",
            request,
            lambda: self.hub.tell(instance_id, body, self.clock, response=TerminateResponse()),
        )

    def suspend(self, instance_id: str, reason: str | None = None) -> Pending:
        request, body = SuspendRequest(instance_id=instance_id, reason=reason), ExecutionSuspended(input=reason)
        return self.begin(
            "SuspendInstance", request, lambda: self.hub.tell(instance_id, body, self.clock, response=SuspendResponse())
        )

    def resume(self, instance_id: str, reason: str | None = None) -> Pending:
        request, body = ResumeRequest(instance_id=instance_id, reason=reason), ExecutionResumed(input=reason)
        return self.begin(
            "ResumeInstance", request, lambda: self.hub.tell(instance_id, body, self.clock, response=ResumeResponse())
        )

    async def purge(self, instance_id: str) -> Call:
        request = PurgeInstancesRequest(instance_id=instance_id)
        return self.begin("PurgeInstances", request, lambda: self.hub.purge(request, self.clock)).call

    async def state(self, instance_id: str) -> Call:
        request = GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=True)
        return self.begin("GetInstance", request, lambda: self.hub.get(request)).call

    async def history(self, instance_id: str) -> Call:
        request = GetInstanceHistoryRequest(instance_id=instance_id)
        return self.begin("GetInstanceHistory", request, lambda: self.hub.history(instance_id)).call

    async def completed(self, instance_id: str) -> Call:
        request = GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=True)
        condition = self.decisions.has_ended
        pending = self.begin("WaitForInstanceCompletion", request, lambda: self.hub.wait(request, condition))
        if not pending.done:
            raise CaseOver("no end")
        return pending.call

    # Workers.

    def connect(self, *capabilities: WorkerCapability | int) -> Stream:
        wanted = tuple(map(WorkerCapability, capabilities))
        record = self.tape.add(
            Actor.SUITE, Kind.OPEN, method=STREAM, payload=codec.encode(GetWorkItemsRequest(capabilities=wanted))
        )
        stream = Stream(self, self.hub.open_stream(wanted), record.number)
        self.streams[stream.id] = stream
        self.flush()
        return stream

    async def answer(self, item: Item, *actions: WorkflowAction, token: object = None) -> Call:
        response = WorkflowResponse(
            instance_id=item.instance_id,
            actions=actions,
            completion_token=item.token if token is None else str(token),
        )
        return self.begin(
            "CompleteWorkflowTask", response, lambda: self.hub.complete_turn(response, self.clock) or Reply(b"")
        ).call

    async def finish(self, item: Item, result: str | None = None, *, failure: TaskFailureDetails | None = None) -> Call:
        response = ActivityResponse(
            instance_id=item.instance_id,
            task_id=item.activity.task_id,
            result=result,
            failure_details=failure,
            completion_token=item.token,
        )
        return self.begin(
            "CompleteActivityTask", response, lambda: self.hub.complete_activity(response, self.clock) or Reply(b"")
        ).call

    async def pass_time(self, seconds: float) -> None:
        target = self.clock + round(seconds * 1e9)
        while (deadline := self.hub.next_deadline()) is not None and deadline <= target:
            self.clock = max(self.clock, deadline)
            self.hub.tick(self.clock)
            self.flush()
        self.clock = target


def items(scene: CoreScene) -> list[Item]:
    return [read_item(record) for record in scene.tape.records if record.kind is Kind.ITEM]
