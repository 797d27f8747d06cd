"""An engine in memory, and a worker that does what a test says: no socket, no clock, no waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Refusal
from dwconf.engine.core.moment import FOR_EVER, Retention, Site
from dwconf.engine.core.outcome import Outcome, Reply, Until
from dwconf.engine.core.store import Store
from dwconf.engine.shell.memory import MemoryStore
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ActionBody,
    ActivityRequest,
    ActivityResponse,
    CompleteWorkflow,
    CreateInstanceRequest,
    EventBody,
    EventRaised,
    GetInstanceHistoryResponse,
    GetInstanceRequest,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    PurgeInstancesRequest,
    PurgeInstancesResponse,
    TaskFailureDetails,
    TerminateResponse,
    WorkerCapability,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowState,
    WorkflowVersion,
    WorkItem,
)
from dwconf.wire.values.shape import Value

SECOND = 1_000_000_000
DAWN = 1_700_000_000 * SECOND
V = TypeVar("V", bound=Value)

COMPLETED = OrchestrationStatus.COMPLETED
FAILED = OrchestrationStatus.FAILED
CONTINUED = OrchestrationStatus.CONTINUED_AS_NEW


def complete(status: OrchestrationStatus = COMPLETED, result: str | None = None) -> CompleteWorkflow:
    """A completion."""
    return CompleteWorkflow(workflow_status=status, result=result)


def actions(*bodies: ActionBody, first: int = 0) -> tuple[WorkflowAction, ...]:
    """Actions with ids in a row."""
    return tuple(WorkflowAction(id=number, body=body) for number, body in enumerate(bodies, start=first))


def kinds(events: Sequence[HistoryEvent]) -> list[str]:
    """What the events are, by name."""
    return [type(event.body).__name__ for event in events]


@dataclass
class Rig:
    """One engine and what it has sent."""

    rules: Decisions = REFERENCE
    store: Store = field(default_factory=MemoryStore)
    now: int = DAWN
    seed: bytes = b"rig"
    limit: int | None = None
    retention: Retention = FOR_EVER
    items: list[tuple[int, WorkItem]] = field(default_factory=list)

    def __post_init__(self) -> None:
        site = Site(max_message_bytes=self.limit, retention=self.retention)
        self.hub = Hub(store=self.store, seed=self.seed, rules=self.rules, site=site, now=self.now)

    def restarted(self, *, limit: int | None = None) -> Rig:
        """Another engine on the same store, a second later; with a `limit`, one that takes messages of that size."""
        return replace(
            self,
            now=self.now + SECOND,
            seed=self.seed + b"'",
            limit=self.limit if limit is None else limit,
            items=[],
        )

    # What the shell does.

    def flush(self) -> None:
        """End a batch."""
        batch = self.hub.drain()
        if batch.durable:
            self.store.save(batch)
        self.hub.saved()
        for stream, data in batch.items:
            self.items.append((stream, decode(WorkItem, data)))
            self.hub.written(stream)

    def advance(self, nanos: int) -> None:
        """Let time pass."""
        self.now += nanos
        self.hub.tick(self.now)
        self.flush()

    def connect(self, *capabilities: WorkerCapability) -> int:
        """Open a stream."""
        stream = self.hub.open_stream(capabilities)
        self.flush()
        return stream

    def disconnect(self, stream: int) -> None:
        """Lose a stream."""
        self.hub.close_stream(stream, self.now)
        self.flush()

    # Clients.

    def start(self, instance_id: str = "i", *, request: CreateInstanceRequest | None = None) -> Outcome:
        """Start an instance."""
        wanted = request if request is not None else CreateInstanceRequest(instance_id=instance_id, name="wf")
        outcome = self.hub.start(wanted, self.now)
        self.flush()
        return outcome

    def tell(self, body: EventBody, instance_id: str = "i") -> Outcome:
        """Deliver an event."""
        outcome = self.hub.tell(instance_id, body, self.now, response=TerminateResponse())
        self.flush()
        return outcome

    def raise_event(self, name: str = "E", payload: str | None = None, instance_id: str = "i") -> Outcome:
        """Raise an external event."""
        return self.tell(EventRaised(name=name, input=payload), instance_id)

    def state(self, instance_id: str = "i", *, payloads: bool = True) -> WorkflowState:
        """What GetInstance shows of an instance that exists."""
        request = GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=payloads)
        response = value(self.hub.get(request), GetInstanceResponse)
        assert response.workflow_state is not None
        return response.workflow_state

    def exists(self, instance_id: str = "i") -> bool:
        """Whether GetInstance knows an instance."""
        return value(self.hub.get(GetInstanceRequest(instance_id=instance_id)), GetInstanceResponse).exists

    def history(self, instance_id: str = "i") -> tuple[HistoryEvent, ...]:
        """What GetInstanceHistory shows."""
        return value(self.hub.history(instance_id), GetInstanceHistoryResponse).events

    def purge(self, request: PurgeInstancesRequest) -> PurgeInstancesResponse | Refusal:
        """Purge."""
        outcome = self.hub.purge(request, self.now)
        self.flush()
        return outcome if isinstance(outcome, Refusal) else value(outcome, PurgeInstancesResponse)

    def inside(self, instance_id: str = "i") -> Instance:
        """The instance as the core has it."""
        state = self.hub.find(instance_id)
        assert state is not None
        return state

    # Workers.

    def take(self) -> WorkItem:
        """The next item that was sent."""
        return self.items.pop(0)[1]

    def turn(self) -> tuple[WorkflowRequest, str]:
        """The next item, which is a turn, and its token."""
        item = self.take()
        assert isinstance(item.request, WorkflowRequest), item
        return item.request, item.completion_token

    def activity(self) -> tuple[ActivityRequest, str]:
        """The next item, which is an activity, and its token."""
        item = self.take()
        assert isinstance(item.request, ActivityRequest), item
        return item.request, item.completion_token

    def answer(
        self,
        *bodies: ActionBody,
        first: int = 0,
        custom_status: str | None = None,
        version: WorkflowVersion | None = None,
    ) -> WorkflowRequest:
        """Take a turn and answer it with actions; the turn."""
        request, token = self.turn()
        self.respond(
            WorkflowResponse(
                instance_id=request.instance_id,
                actions=actions(*bodies, first=first),
                custom_status=custom_status,
                completion_token=token,
                version=version,
            )
        )
        return request

    def respond(self, response: WorkflowResponse) -> Refusal | None:
        """Answer a turn."""
        refusal = self.hub.complete_turn(response, self.now)
        self.flush()
        return refusal

    def perform(self, result: str | None = None, *, failure: TaskFailureDetails | None = None) -> ActivityRequest:
        """Take an activity and answer it; the activity."""
        request, token = self.activity()
        self.done(request, token, result=result, failure=failure)
        return request

    def done(
        self,
        request: ActivityRequest,
        token: str,
        *,
        result: str | None = None,
        failure: TaskFailureDetails | None = None,
    ) -> Refusal | None:
        """Answer an activity."""
        assert request.workflow_instance is not None
        response = ActivityResponse(
            instance_id=request.workflow_instance.instance_id,
            task_id=request.task_id,
            result=result,
            failure_details=failure,
            completion_token=token,
        )
        refusal = self.hub.complete_activity(response, self.now)
        self.flush()
        return refusal


def started(rules: Decisions = REFERENCE, *, store: Store | None = None) -> Rig:
    """A rig with one stream and one instance, `i`, whose first turn has been sent."""
    rig = Rig(rules=rules, store=store if store is not None else MemoryStore())
    rig.connect()
    rig.start()
    return rig


def value(outcome: Outcome, kind: type[V]) -> V:
    """The value of an outcome that is a reply."""
    assert isinstance(outcome, Reply), outcome
    data = outcome.value if isinstance(outcome.value, bytes) else encode(outcome.value)
    return decode(kind, data)


def holds(outcome: Outcome, rig: Rig) -> bool:
    """Whether what an outcome waits for has come about."""
    assert isinstance(outcome, Until), outcome
    state = rig.hub.find(outcome.instance_id)
    return state is not None and outcome.condition(state, rig.rules)
