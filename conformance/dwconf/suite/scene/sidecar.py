"""The sidecar scene: we are the client and the worker of one engine.

A case calls the verbs below; each records what crosses the wire and, where the case names a `step`, a pointer for the
checks. Verbs that wait raise CaseOver when nothing comes: the case ends there, and the checks judge what there is.

Starting an instance blocks in the engine until its first turn is answered (ENG-B-03), and so do terminate, suspend and
resume: their verbs begin the call and return it pending; `settle` waits for the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

import grpc.aio

from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.actions import complete
from dwconf.suite.scene.calls import Caller, Metadata, Pending
from dwconf.suite.scene.stage import CaseOver, Stage
from dwconf.suite.scene.streams import WorkStream
from dwconf.suite.tolerances import Tolerances
from dwconf.suite.trace.record import Tape
from dwconf.wire.rpc import DAPR, TASK_HUB, Method
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    CreateInstanceRequest,
    GetInstanceHistoryRequest,
    GetInstanceRequest,
    GetInstanceResponse,
    OrchestrationStatus,
    PurgeInstancesRequest,
    RaiseEventRequest,
    ResumeRequest,
    SuspendRequest,
    TaskFailureDetails,
    TerminateRequest,
    Value,
    WorkerCapability,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowVersion,
)

METHODS: dict[str, Method] = {**DAPR.methods, **TASK_HUB.methods}
SECOND = 1_000_000_000
OLDER_COMPLETION = "CompleteOrchestratorTask"
MOST_ITEMS = 20_000
"""A sidecar that sends more items in one case sends them without end; its streams are dropped."""
ECHO = object()
"""Stands for the item's own token."""


class SidecarTarget(Protocol):
    """What a scene needs of a sidecar under test."""

    @property
    def tolerances(self) -> Tolerances:
        """How long to wait."""

    @property
    def channel(self) -> grpc.aio.Channel:
        """The shared connection."""

    @property
    def metadata(self) -> Metadata:
        """What every call carries."""

    @property
    def leaves_traces(self) -> bool:
        """Whether others use this sidecar, so that a case removes its instances afterwards."""

    def now(self) -> int:
        """The sidecar's time, in nanoseconds since the epoch."""

    async def pass_time(self, seconds: float) -> None:
        """Let that much of the sidecar's time pass."""

    def new_channel(self) -> grpc.aio.Channel:
        """A connection of its own."""

    async def restart(self, *, kill: bool) -> None:
        """Stop it, or kill it, and start it again."""


class SidecarScene(Stage):
    """One conversation with a sidecar."""

    def __init__(self, target: SidecarTarget, tape: Tape, prefix: str) -> None:
        super().__init__(tape, target.tolerances, prefix)
        self.target = target
        self.items: list[Item] = []
        self.streams: list[WorkStream] = []
        self.instances: list[str] = []
        self._claimed: set[int] = set()
        self._completion = "CompleteWorkflowTask"
        self._pending: list[Pending] = []
        self._channels: list[grpc.aio.Channel] = []
        self._caller = Caller(target.channel, tape, metadata=target.metadata, wake=self.wake)

    # --- calls

    def begin(self, method: str, request: Value | bytes, *, step: str = "", timeout: float | None = None) -> Pending:
        """Send a request of any RPC of either service, and go on."""
        limit = self.tolerances.reply if timeout is None else timeout
        pending = self._caller.begin(METHODS[method], request, timeout=limit)
        self._pending.append(pending)
        self.reached(step, pending.number)
        return pending

    async def call(
        self,
        method: str,
        request: Value | bytes,
        *,
        step: str = "",
        timeout: float | None = None,  # noqa: ASYNC109  (gRPC keeps it)
    ) -> Call:
        """Make a call and wait for its answer, whatever that is.

        A call that ends at our own default deadline ends the case; a `timeout` (seconds) of the case's own makes the
        deadline part of the conversation.
        """
        pending = self.begin(method, request, timeout=timeout)
        return await self.settle(pending, step=step, expects=f"an answer to {method}", own_deadline=timeout is not None)

    async def settle(self, pending: Pending, *, step: str = "", expects: str = "", own_deadline: bool = False) -> Call:
        """Wait for a pending call's answer; `step` then points to the call."""
        call = await asyncio.shield(pending.task)
        if call.code == "DEADLINE_EXCEEDED" and not own_deadline:
            self.missed(step, expects or f"an answer to {call.name}")
            raise CaseOver(f"{call.name} was not answered in time")
        self.reached(step, call.number)
        return call

    async def eventually(
        self,
        method: str,
        request: Value,
        holds: Callable[[Call], bool],
        *,
        step: str,
        expects: str,
        within: float | None = None,
    ) -> Call:
        """Ask again until the answer satisfies `holds`; `step` points to the last call.

        What an accepted answer changes becomes visible only with its commit (ENG-K-04). A predicate that never held
        ends the case.
        """
        loop = asyncio.get_running_loop()
        limit = loop.time() + (self.tolerances.dispatch if within is None else within)
        pause = 0.005
        while True:
            call = await self.call(method, request)
            if holds(call):
                self.reached(step, call.number)
                return call
            if loop.time() > limit:
                self.missed(step, expects)
                raise CaseOver(f"{expects}: not before the deadline")
            await asyncio.sleep(pause)
            pause = min(pause * 2, 0.2)

    # --- client verbs

    def start(
        self,
        instance_id: str | None = None,
        *,
        name: str = "wf",
        input: str | None = '"in"',  # noqa: A002
        step: str = "",
        timeout: float | None = None,
        **more: object,
    ) -> tuple[str, Pending]:
        """Begin StartInstance; `more` are further fields of the request. Returns the id and the pending call."""
        made = self.new_id() if instance_id is None else instance_id
        self.instances.append(made)
        request = CreateInstanceRequest(instance_id=made, name=name, input=input, **more)  # type: ignore[arg-type]
        return made, self.begin("StartInstance", request, step=step, timeout=timeout)

    def raise_event(self, instance_id: str, name: str, input: str | None = None, *, step: str = "") -> Pending:  # noqa: A002
        """Begin RaiseEvent."""
        return self.begin("RaiseEvent", RaiseEventRequest(instance_id=instance_id, name=name, input=input), step=step)

    def terminate(
        self, instance_id: str, output: str | None = None, *, recursive: bool = False, step: str = ""
    ) -> Pending:
        """Begin TerminateInstance."""
        request = TerminateRequest(instance_id=instance_id, output=output, recursive=recursive)
        return self.begin("TerminateInstance", request, step=step)

    def suspend(self, instance_id: str, reason: str | None = None, *, step: str = "") -> Pending:
        """Begin SuspendInstance."""
        return self.begin("SuspendInstance", SuspendRequest(instance_id=instance_id, reason=reason), step=step)

    def resume(self, instance_id: str, reason: str | None = None, *, step: str = "") -> Pending:
        """Begin ResumeInstance."""
        return self.begin("ResumeInstance", ResumeRequest(instance_id=instance_id, reason=reason), step=step)

    async def purge(
        self, instance_id: str, *, recursive: bool = False, force: bool | None = None, step: str = ""
    ) -> Call:
        """PurgeInstances by id."""
        request = PurgeInstancesRequest(instance_id=instance_id, recursive=recursive, force=force)
        return await self.call("PurgeInstances", request, step=step)

    async def state(self, instance_id: str, *, step: str = "", payloads: bool = True) -> Call:
        """GetInstance."""
        request = GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=payloads)
        return await self.call("GetInstance", request, step=step)

    async def history(self, instance_id: str, *, step: str = "") -> Call:
        """GetInstanceHistory."""
        return await self.call("GetInstanceHistory", GetInstanceHistoryRequest(instance_id=instance_id), step=step)

    async def completed(self, instance_id: str, *, step: str = "") -> Call:
        """WaitForInstanceCompletion: the instance has ended and its end is committed."""
        request = GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=True)
        return await self.call("WaitForInstanceCompletion", request, step=step)

    async def in_status(
        self, instance_id: str, status: OrchestrationStatus, *, step: str = "", within: float | None = None
    ) -> Call:
        """Ask GetInstance until it shows a status."""

        def shows(call: Call) -> bool:
            state = call.response(GetInstanceResponse).workflow_state
            return state is not None and state.workflow_status == status

        return await self.eventually(
            "GetInstance",
            GetInstanceRequest(instance_id=instance_id, get_inputs_and_outputs=True),
            shows,
            step=step,
            expects=f"status {status.name}",
            within=within,
        )

    # --- worker verbs

    def connect(
        self,
        *capabilities: WorkerCapability | int,
        step: str = "",
        channel: grpc.aio.Channel | None = None,
        reads: bool = True,
    ) -> WorkStream:
        """Open a work-item stream; one that does not read leaves what comes where it is."""
        stream = WorkStream(
            channel or self.target.channel,
            self.tape,
            capabilities=capabilities,
            metadata=self.target.metadata,
            mine=self.mine,
            arrived=self._arrived,
            reads=reads,
        )
        self.streams.append(stream)
        self.reached(step, stream.number)
        return stream

    def own_channel(self) -> grpc.aio.Channel:
        """A connection apart from the shared one, closed with the scene."""
        channel = self.target.new_channel()
        self._channels.append(channel)
        return channel

    def _arrived(self, item: Item | None) -> None:
        if item is not None and len(self.items) < MOST_ITEMS:
            self.items.append(item)
        elif item is not None:
            for stream in self.streams:
                stream.cancel()
        self.wake()

    async def item(
        self,
        wanted: Callable[[Item], bool],
        *,
        step: str = "",
        expects: str,
        within: float | None = None,
    ) -> Item:
        """The next item not yet claimed that is wanted, from any stream of this scene."""

        def look() -> Item | None:
            return next((i for i in self.items if i.number not in self._claimed and wanted(i)), None)

        found = await self.until(look, step=step, expects=expects, within=within)
        self._claimed.add(found.number)
        self.reached(step, found.number)
        return found

    def taken(self, instance_id: str) -> list[Item]:
        """The items of an instance that the case has taken so far, in the order of their arrival."""
        return [i for i in self.items if i.number in self._claimed and i.instance_id == instance_id]

    async def turn(
        self,
        instance_id: str,
        *,
        step: str = "",
        stream: WorkStream | None = None,
        where: Callable[[Item], bool] | None = None,
        within: float | None = None,
    ) -> Item:
        """The next turn of an instance; `where` narrows which."""

        def wanted(item: Item) -> bool:
            return (
                isinstance(item.item.request, WorkflowRequest)
                and item.instance_id == instance_id
                and (stream is None or item.stream == stream.number)
                and (where is None or where(item))
            )

        return await self.item(wanted, step=step, expects=f"a turn of {instance_id}", within=within)

    async def activity(
        self,
        instance_id: str,
        *,
        task_id: int | None = None,
        step: str = "",
        stream: WorkStream | None = None,
        within: float | None = None,
    ) -> Item:
        """The next activity of an instance; `task_id` narrows which."""

        def wanted(item: Item) -> bool:
            request = item.item.request
            return (
                isinstance(request, ActivityRequest)
                and item.instance_id == instance_id
                and task_id in (None, request.task_id)
                and (stream is None or item.stream == stream.number)
            )

        return await self.item(wanted, step=step, expects=f"an activity of {instance_id}", within=within)

    async def answer(
        self,
        item: Item,
        *actions: WorkflowAction,
        step: str = "",
        token: object = ECHO,
        custom_status: str | None = None,
        version: WorkflowVersion | None = None,
        method: str = "",
    ) -> Call:
        """Answer a turn with actions; `token` stands in for the item's own.

        Unless a `method` is named, a sidecar that does not serve the newer one is answered by the older (ENG-A-02).
        """
        response = WorkflowResponse(
            instance_id=item.turn.instance_id,
            actions=actions,
            custom_status=custom_status,
            completion_token=item.token if token is ECHO else str(token),
            version=version,
        )
        call = await self.call(method or self._completion, response, step=step)
        if call.code == "UNIMPLEMENTED" and not method and self._completion != OLDER_COMPLETION:
            self._completion = OLDER_COMPLETION
            call = await self.call(self._completion, response, step=step)
        return call

    async def finish(
        self,
        item: Item,
        result: str | None = '"ok"',
        *,
        failure: TaskFailureDetails | None = None,
        step: str = "",
        token: object = ECHO,
        task_id: int | None = None,
    ) -> Call:
        """Answer an activity with a result or a failure."""
        response = ActivityResponse(
            instance_id=item.instance_id,
            task_id=item.activity.task_id if task_id is None else task_id,
            result=result,
            failure_details=failure,
            completion_token=item.token if token is ECHO else str(token),
        )
        return await self.call("CompleteActivityTask", response, step=step)

    async def turn_and_answer(
        self, instance_id: str, *actions: WorkflowAction, step: str = "", answer_step: str = ""
    ) -> Item:
        """Take the next turn of an instance and answer it."""
        item = await self.turn(instance_id, step=step)
        await self.answer(item, *actions, step=answer_step)
        return item

    # --- restarts

    async def restart(self, *, kill: bool, step: str) -> None:
        """Stop the sidecar (or kill it) and start it again; `step` is reached once it answers.

        All streams are over, and what came on them and was not taken is no longer there to be taken.
        """
        self.note("the sidecar is killed" if kill else "the sidecar is stopped")
        await self.target.restart(kill=kill)
        for stream in self.streams:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stream.ended(), self.tolerances.quiet)
            await stream.drop()
        self._claimed |= {item.number for item in self.items}
        self._caller = Caller(self.target.channel, self.tape, metadata=self.target.metadata, wake=self.wake)
        self.reached(step)

    # --- time

    def now(self) -> int:
        """The sidecar's time, in nanoseconds since the epoch."""
        return self.target.now()

    def after(self, seconds: float) -> int:
        """A time that lies ahead (or, negative, behind), in nanoseconds since the epoch."""
        return self.now() + round(seconds * SECOND)

    async def pass_time(self, seconds: float, *, step: str = "") -> None:
        """Let that much of the sidecar's time pass."""
        await self.target.pass_time(seconds)
        self.reached(step, seconds=seconds)

    async def quiet(self, *, opens: str, closes: str) -> None:
        """Keep an observation window open between two steps, in which something must not come."""
        self.reached(opens)
        await asyncio.sleep(self.tolerances.quiet)
        self.reached(closes, window=self.tolerances.quiet)

    # --- the end

    async def close(self) -> None:
        """End what is still under way, and remove the case's instances from a sidecar that others use too."""
        if self.target.leaves_traces:
            await self._remove()
        for stream in self.streams:
            await stream.drop()
        for pending in self._pending:
            pending.task.cancel()
        await asyncio.gather(*(pending.task for pending in self._pending), return_exceptions=True)
        for channel in self._channels:
            await channel.close()

    async def _remove(self) -> None:
        """Terminate and purge the case's instances, answering whatever turns that takes; as far as it goes in time."""
        stream = self.connect()
        try:
            async with asyncio.timeout(self.tolerances.dispatch):
                for instance_id in self.instances:
                    self.terminate(instance_id, recursive=True)
                ends = [self._pending[-1 - i] for i in range(len(self.instances))]
                await self._answer_until(stream, ends)
                for instance_id in self.instances:
                    await self.purge(instance_id, recursive=True)
        except (TimeoutError, CaseOver):
            self.note("not every instance of this case could be removed")

    async def _answer_until(self, stream: WorkStream, ends: list[Pending]) -> None:
        while not all(pending.done for pending in ends) and stream.open:
            waiting = [i for i in self.items if i.stream == stream.number and i.number not in self._claimed]
            for item in waiting:
                self._claimed.add(item.number)
                if isinstance(item.item.request, WorkflowRequest):
                    await self.answer(item, complete(-1, None, status=OrchestrationStatus.TERMINATED))
                else:
                    await self.finish(item)
            if not waiting:
                self._news.clear()
                await self._news.wait()
