"""A load with every kind of write, step by step, that can be taken up again wherever an engine was killed.

Each step is one request, and no step is made before what it needs has come: so an engine that was killed during a step
has done that step or has not, and whoever knows which goes on behind it or with it. Events come only while no turn is
out, which is why every way through the load, with any number of kills, has to leave the same histories.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dwconf.engine.shell.clocks import VIRTUAL_START
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ActionBody,
    ActivityRequest,
    ActivityResponse,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateInstanceRequest,
    CreateTimer,
    EventRaised,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetInstanceRequest,
    GetInstanceResponse,
    HistoryEvent,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    PurgeInstancesRequest,
    RaiseEventRequest,
    ResumeRequest,
    ScheduleTask,
    SendEvent,
    SuspendRequest,
    TaskFailureDetails,
    TerminateRequest,
    TimerOriginExternalEvent,
    WorkflowInstance,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowVersion,
    WorkItem,
)
from dwconf.wire.values.actions import CompleteWorkflow
from dwconf.wire.values.shape import Value
from tests.engine.rig import CONTINUED, FAILED, SECOND, actions, complete

DISTANT = 253_402_300_799 * SECOND
LIMIT = 10.0
"""Seconds for which a step waits for what it needs; nothing takes that long unless it never comes."""


# Steps.


@dataclass(frozen=True, slots=True)
class Ask:
    """A client's call. Its answer is due when `after` more steps have been made."""

    method: str
    request: Value
    after: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """The answer to the turn of an instance that is out."""

    instance_id: str
    bodies: tuple[ActionBody, ...] = ()
    first: int = 0
    custom_status: str | None = None
    version: WorkflowVersion | None = None


@dataclass(frozen=True, slots=True)
class Perform:
    """The answer to an activity."""

    instance_id: str
    task_id: int
    result: str | None = None
    failure: TaskFailureDetails | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """Time passes."""

    seconds: int


Step = Ask | Turn | Perform | Advance


def start(instance_id: str) -> Ask:
    """A start, which is answered when the first turn is."""
    return Ask("StartInstance", CreateInstanceRequest(instance_id=instance_id, name="wf", input="1"), after=1)


def turn(instance_id: str, *bodies: ActionBody, first: int = 0) -> Turn:
    """A turn's answer with actions from id `first` on."""
    return Turn(instance_id, bodies, first)


def raised(instance_id: str, name: str) -> Ask:
    """An external event."""
    return Ask("RaiseEvent", RaiseEventRequest(instance_id=instance_id, name=name, input='"e"'))


BROKEN = TaskFailureDetails(error_type="Broken", error_message="it broke")
CARRIED = HistoryEvent(event_id=-1, body=EventRaised(name="carried"))
LOAD: tuple[Step, ...] = (
    # Activities: two at once, one of which fails.
    start("order"),
    Turn("order", (ScheduleTask(name="a"), ScheduleTask(name="b")), custom_status="busy"),
    Perform("order", 1, result='"second"'),
    turn("order"),
    Perform("order", 0, failure=BROKEN),
    # Timers: one fires, one is beaten by the event that it waits for.
    turn("order", CreateTimer(fire_at=VIRTUAL_START + 10 * SECOND), first=2),
    Advance(10),
    turn("order", CreateTimer(fire_at=DISTANT, origin=TimerOriginExternalEvent(name="Paid")), first=3),
    raised("order", "paid"),
    # A child that tells its parent something before it ends; a workflow that is nobody's child.
    turn("order", CreateChildWorkflow(name="n", instance_id="order-child"), first=4),
    turn("order-child", ScheduleTask(name="c")),
    Perform("order-child", 0, result='"done"'),
    turn(
        "order-child",
        SendEvent(instance=WorkflowInstance(instance_id="order"), name="Note", data='"n"'),
        complete(result='"child"'),
        first=1,
    ),
    turn("order", CreateDetachedWorkflow(name="d", instance_id="free"), CreateTimer(fire_at=DISTANT), first=5),
    Turn("free", (complete(result='"free"'),), version=WorkflowVersion(patches=("p",))),
    # Suspended, told something, resumed.
    Ask("SuspendInstance", SuspendRequest(instance_id="order", reason="wait"), after=1),
    turn("order"),
    raised("order", "Meanwhile"),
    turn("order"),
    Ask("ResumeInstance", ResumeRequest(instance_id="order"), after=1),
    # The next generation, which forgets the timer.
    turn("order", CompleteWorkflow(workflow_status=CONTINUED, result="2", carryover_events=(CARRIED,)), first=7),
    turn("order", ScheduleTask(name="a")),
    Perform("order", 0, result='"again"'),
    turn("order", complete(result='"all"'), first=1),
    # The id is used again.
    start("order"),
    turn("order", CompleteWorkflow(workflow_status=FAILED, failure_details=BROKEN)),
    # A start that waits for its time.
    Ask(
        "StartInstance",
        CreateInstanceRequest(instance_id="later", name="wf", scheduled_start_timestamp=VIRTUAL_START + 20 * SECOND),
    ),
    Advance(10),
    turn("later", complete()),
    # A family that is terminated with work open, and purged.
    start("tree"),
    turn(
        "tree", CreateChildWorkflow(name="n", instance_id="leaf"), ScheduleTask(name="a"), CreateTimer(fire_at=DISTANT)
    ),
    turn("leaf", ScheduleTask(name="b")),
    Ask("TerminateInstance", TerminateRequest(instance_id="tree", output='"enough"', recursive=True), after=1),
    turn("tree"),
    turn("leaf"),
    Perform("leaf", 0, result='"too late"'),
    Perform("tree", 1, result='"too late"'),
    Ask("PurgeInstances", PurgeInstancesRequest(instance_id="tree", recursive=True)),
    Ask("PurgeInstances", PurgeInstancesRequest(instance_id="free")),
    # Purged while it waits for an activity, and born again.
    start("stuck"),
    turn("stuck", ScheduleTask(name="a")),
    Ask("PurgeInstances", PurgeInstancesRequest(instance_id="stuck", force=True)),
    start("stuck"),
    turn("stuck", complete(result='"new"')),
)


def elapsed(steps: int) -> int:
    """How many seconds the first `steps` of the load take."""
    return sum(step.seconds for step in LOAD[:steps] if isinstance(step, Advance))


# Making them.


class Link(Protocol):
    """The way to an engine."""

    async def call(self, method: str, data: bytes) -> bytes:
        """Make a call."""

    async def advance(self, nanos: int) -> bytes:
        """Let time pass; nothing."""


@dataclass
class Session:
    """One life of an engine, as its client and its worker see it."""

    link: Link
    current: int = 0
    """The number of the step that is being made; steps count from 1, so that it is how many there are up to it."""
    replies: dict[int, asyncio.Future[bytes]] = field(default_factory=dict)
    requests: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    _items: list[WorkItem] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def arrived(self, data: bytes) -> None:
        """A work item has come."""
        self._items.append(decode(WorkItem, data))
        self._news.set()

    async def make(self, number: int) -> None:
        """Make a step: until it is answered, or as far as it can be without the steps behind it."""
        await self.prepare(number)
        sent = self.send(number)
        if _after(LOAD[number - 1]):
            await self._until_there(LOAD[number])
        else:
            await asyncio.wait_for(asyncio.shield(sent), LIMIT)

    async def prepare(self, number: int) -> None:
        """Wait until a step can be made."""
        step = LOAD[number - 1]
        self.current = number
        if not isinstance(step, Advance):
            self.requests[number] = await self._request(step)

    def send(self, number: int) -> asyncio.Future[bytes]:
        """Begin a step that has been prepared; its answer."""
        step = LOAD[number - 1]
        if isinstance(step, Advance):
            return asyncio.ensure_future(self.link.advance(step.seconds * SECOND))
        reply = self.replies[number] = asyncio.ensure_future(self.link.call(*self.requests[number]))
        return reply

    async def rest(self, done: int) -> None:
        """Make all steps behind the first `done`, and wait for every answer."""
        for number in range(done + 1, len(LOAD) + 1):
            await self.make(number)
        await asyncio.wait_for(asyncio.gather(*self.replies.values()), LIMIT)

    async def _request(self, step: Ask | Turn | Perform) -> tuple[str, bytes]:
        match step:
            case Ask(method, request):
                return method, encode(request)
            case Turn():
                response = WorkflowResponse(
                    instance_id=step.instance_id,
                    actions=actions(*step.bodies, first=step.first),
                    custom_status=step.custom_status,
                    completion_token=await self.take(step),
                    version=step.version,
                )
                return "CompleteOrchestratorTask", encode(response)
            case Perform():
                outcome = ActivityResponse(
                    instance_id=step.instance_id,
                    task_id=step.task_id,
                    result=step.result,
                    failure_details=step.failure,
                    completion_token=await self.take(step),
                )
                return "CompleteActivityTask", encode(outcome)

    async def take(self, step: Turn | Perform) -> str:
        """The token of the item that a step answers; the item is taken off the list."""
        item = await self._until_there(step)
        self._items.remove(item)
        return item.completion_token

    async def _until_there(self, step: Step) -> WorkItem:
        """Wait for the item that a step answers."""
        async with asyncio.timeout(LIMIT):
            while (found := self.item_for(step)) is None:
                self._news.clear()
                await self._news.wait()
        return found

    def item_for(self, step: Step) -> WorkItem | None:
        """The item that a step answers, if it has come."""
        return next((item for item in self._items if _is_for(item, step)), None)

    def answered(self) -> Sequence[int]:
        """The steps whose answers have come."""
        return [number for number, reply in self.replies.items() if reply.done() and not reply.cancelled()]


def _is_for(item: WorkItem, step: Step) -> bool:
    match step, item.request:
        case Turn(), WorkflowRequest() as request:
            return request.instance_id == step.instance_id
        case Perform(), ActivityRequest(workflow_instance=WorkflowInstance(instance_id=owner)) as request:
            return (owner, request.task_id) == (step.instance_id, step.task_id)
        case _:
            return False


def promised(answered: Sequence[int]) -> int:
    """How many steps an engine has to remember that gave the answers to these."""
    return max([0, *[number + _after(LOAD[number - 1]) for number in answered]])


def _after(step: Step) -> int:
    return step.after if isinstance(step, Ask) else 0


# What there is to see.

DRAWN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""An id that an engine drew; each engine draws others."""
View = Mapping[str, str]


async def view(link: Link) -> View:
    """What a client sees: state and history of every instance, with their times, but for drawn ids."""
    listed = decode(ListInstanceIDsResponse, await link.call("ListInstanceIDs", encode(ListInstanceIDsRequest())))
    return {instance_id: DRAWN.sub("drawn", await _shown(link, instance_id)) for instance_id in listed.instance_ids}


async def _shown(link: Link, instance_id: str) -> str:
    asked = GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=True)
    state = decode(GetInstanceResponse, await link.call("GetInstance", encode(asked))).workflow_state
    told = await link.call("GetInstanceHistory", encode(GetInstanceHistoryRequest(instance_id=instance_id)))
    events = decode(GetInstanceHistoryResponse, told).events
    return "\n".join([str(state), *map(str, events)])
