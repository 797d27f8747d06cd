"""The client's half of a sidecar scene: calls of any RPC, the client's verbs, and the sidecar's time.

Starting an instance blocks in the engine until its first turn is answered (ENG-B-03), and so do terminate, suspend and
resume: their verbs begin the call and return it pending; `settle` waits for the answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

import grpc.aio

from dwconf.suite.evidence import Call
from dwconf.suite.scene.calls import Caller, Metadata, Pending
from dwconf.suite.scene.stage import CaseOver, Stage
from dwconf.suite.tolerances import Tolerances
from dwconf.suite.trace.record import Tape
from dwconf.wire.rpc import DAPR, TASK_HUB, Method
from dwconf.wire.values import (
    CreateInstanceRequest,
    GetInstanceHistoryRequest,
    GetInstanceRequest,
    GetInstanceResponse,
    OrchestrationStatus,
    PurgeInstancesRequest,
    RaiseEventRequest,
    ResumeRequest,
    SuspendRequest,
    TerminateRequest,
    Value,
)

METHODS: dict[str, Method] = {**DAPR.methods, **TASK_HUB.methods}
SECOND = 1_000_000_000


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

    @property
    def shares(self) -> bool:
        """Whether it works in real time, so that cases may be under way at the same time."""

    @property
    def routed(self) -> grpc.aio.Channel | None:
        """The connection to the router that hands out this sidecar's work; None where cases have their own streams."""

    def new_channel(self) -> grpc.aio.Channel:
        """A connection of its own."""

    async def restart(self, *, kill: bool) -> None:
        """Stop it, or kill it, and start it again."""


class Client(Stage):
    """A client of one sidecar."""

    def __init__(self, target: SidecarTarget, tape: Tape, prefix: str) -> None:
        super().__init__(tape, target.tolerances, prefix)
        self.target = target
        self.instances: list[str] = []
        self.rules: frozenset[str] = frozenset()
        """The rules that the case is judged for; what is looked for by chance is looked for in these alone."""
        self._pending: list[Pending] = []
        self._caller = self._new_caller()

    def _new_caller(self) -> Caller:
        return Caller(self.target.channel, self.tape, metadata=self.target.metadata, wake=self.wake)

    # --- calls

    def begin(
        self,
        method: str,
        request: Value | bytes,
        *,
        step: str = "",
        timeout: float | None = None,
        metadata: Metadata | None = None,
    ) -> Pending:
        """Send a request of any RPC of either service, and go on; `metadata` stands in for what calls carry."""
        limit = self.tolerances.reply if timeout is None else timeout
        pending = self._caller.begin(METHODS[method], request, timeout=limit, metadata=metadata)
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

    # --- time

    def now(self) -> int:
        """The sidecar's time, in nanoseconds since the epoch."""
        return self.target.now()

    def after(self, seconds: float) -> int:
        """A time that lies ahead (or, negative, behind), in nanoseconds since the epoch."""
        return self.now() + round(seconds * SECOND)

    async def pass_time(self, seconds: float, *, step: str = "") -> None:
        """Let that much of the sidecar's time pass."""
        began = time.monotonic()
        await self.target.pass_time(seconds)
        if time.monotonic() - began >= seconds * 0.9:  # a clock of ours moves at once
            self.waited += seconds
        self.reached(step, seconds=seconds)

    async def quiet(self, *, opens: str, closes: str) -> None:
        """Keep an observation window open between two steps, in which something must not come."""
        self.reached(opens)
        await asyncio.sleep(self.tolerances.quiet)
        self.waited += self.tolerances.quiet
        self.reached(closes, window=self.tolerances.quiet)
