"""The task hub service: requests to the hub, and the streams of its workers."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc

from dwconf.engine.core.messages import Refusal
from dwconf.engine.shell.exchange import Context, Exchange
from dwconf.engine.shell.runtime import Outlet, Runtime
from dwconf.wire.values import (
    ActivityResponse,
    CreateInstanceRequest,
    GetInstanceHistoryRequest,
    GetInstanceRequest,
    GetWorkItemsRequest,
    ListInstanceIDsRequest,
    PurgeInstancesRequest,
    RaiseEventRequest,
    RaiseEventResponse,
    RerunWorkflowFromEventRequest,
    ResumeRequest,
    ResumeResponse,
    SuspendRequest,
    SuspendResponse,
    TerminateRequest,
    TerminateResponse,
    WorkflowResponse,
)

EMPTY = b""
"""An encoded message without fields."""


class TaskHub(Exchange):
    """The 17 RPCs of `TaskHubSidecarService`, on raw bytes."""

    def __init__(self, runtime: Runtime, *, send_timeout: float) -> None:
        super().__init__(runtime)
        self._send_timeout = send_timeout
        self._readers: dict[int, str] = {}
        self._streams: set[asyncio.Task[Any]] = set()

    # ENG-A: connection.

    async def Hello(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-A-01: somebody is here."""
        del data
        refusal = self._hub.rules.refuse_hello(self._hub.dispatcher.streams)
        if refusal is not None:
            return await self._refused("Hello", refusal, context)
        return self._out("Hello", EMPTY)

    async def GetWorkItems(self, data: bytes, context: Context) -> None:  # noqa: N802
        """ENG-A-05 to ENG-A-11: one worker's stream of work, until either side ends it."""
        self._follow(asyncio.current_task())
        request = await self._request(GetWorkItemsRequest, data, context, "GetWorkItems")
        stream_id, outlet = self._runtime.open_stream(request.capabilities)
        self._readers[stream_id] = context.peer()
        try:
            await context.send_initial_metadata(())
            why = await self._pump(stream_id, outlet, context)
        finally:
            del self._readers[stream_id]
            self._runtime.close_stream(stream_id)
        # A status may wait behind an item that is not read, so it comes after the stream's work is free again.
        await context.abort(grpc.StatusCode[self._faults.farewell], why)

    def _follow(self, stream: asyncio.Task[Any] | None) -> None:
        if stream is not None:
            self._streams.add(stream)
            stream.add_done_callback(self._streams.discard)

    async def streams_ended(self, *, within: float) -> None:
        """Return when no stream is open any more, or after so many seconds."""
        if self._streams:
            await asyncio.wait(self._streams, timeout=within)

    async def _pump(self, stream_id: int, outlet: Outlet, context: Context) -> str:
        """Write what comes until it is time to stop; why it is."""
        patience = None if self._faults.patient else self._send_timeout
        while not outlet.closing:
            while outlet.items:
                for item in self._faults.outgoing("GetWorkItems", outlet.items.popleft()):
                    try:
                        async with asyncio.timeout(patience):
                            await context.write(item)
                    except TimeoutError:
                        return "the worker does not read its work items"
                self._runtime.written(stream_id)
            outlet.wake.clear()
            if not outlet.items and not outlet.closing:
                await outlet.wake.wait()
        return "shutting down"

    # Instances.

    async def StartInstance(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-B."""
        request = await self._request(CreateInstanceRequest, data, context, "StartInstance")
        outcome = self._hub.start(request, self._runtime.now)
        try:
            return await self._reply("StartInstance", outcome, context)
        except asyncio.CancelledError:
            self._faults.abandoned(self._hub, request.instance_id)
            raise

    async def GetInstance(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-37 to ENG-H-41."""
        request = await self._request(GetInstanceRequest, data, context, "GetInstance")
        return await self._reply("GetInstance", self._hub.get(request), context)

    async def WaitForInstanceStart(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-42."""
        request = await self._request(GetInstanceRequest, data, context, "WaitForInstanceStart")
        outcome = self._hub.wait(request, self._hub.rules.has_started)
        return await self._reply("WaitForInstanceStart", outcome, context)

    async def WaitForInstanceCompletion(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-42."""
        request = await self._request(GetInstanceRequest, data, context, "WaitForInstanceCompletion")
        outcome = self._hub.wait(request, self._hub.rules.has_ended)
        return await self._reply("WaitForInstanceCompletion", outcome, context)

    async def RaiseEvent(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-F."""
        request = await self._request(RaiseEventRequest, data, context, "RaiseEvent")
        body = self._hub.rules.raised(request)
        outcome = self._hub.tell(request.instance_id, body, self._runtime.now, response=RaiseEventResponse())
        return await self._reply("RaiseEvent", outcome, context)

    async def TerminateInstance(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-01 to ENG-H-07."""
        request = await self._request(TerminateRequest, data, context, "TerminateInstance")
        rules = self._hub.rules
        outcome = self._hub.tell(
            request.instance_id,
            rules.terminated(request),
            self._runtime.now,
            response=TerminateResponse(),
            until=rules.has_ended,
        )
        try:
            return await self._reply("TerminateInstance", outcome, context)
        except asyncio.CancelledError:
            self._faults.abandoned(self._hub, request.instance_id)
            raise

    async def SuspendInstance(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-08 to ENG-H-11."""
        request = await self._request(SuspendRequest, data, context, "SuspendInstance")
        rules = self._hub.rules
        outcome = self._hub.tell(
            request.instance_id,
            rules.suspended(request),
            self._runtime.now,
            response=SuspendResponse(),
            until=rules.is_suspended,
        )
        return await self._reply("SuspendInstance", outcome, context)

    async def ResumeInstance(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-08 to ENG-H-11."""
        request = await self._request(ResumeRequest, data, context, "ResumeInstance")
        rules = self._hub.rules
        outcome = self._hub.tell(
            request.instance_id,
            rules.resumed(request),
            self._runtime.now,
            response=ResumeResponse(),
            until=rules.is_resumed,
        )
        return await self._reply("ResumeInstance", outcome, context)

    async def PurgeInstances(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-22 to ENG-H-26."""
        request = await self._request(PurgeInstancesRequest, data, context, "PurgeInstances")
        return await self._reply("PurgeInstances", self._hub.purge(request, self._runtime.now), context)

    async def ListInstanceIDs(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-45."""
        request = await self._request(ListInstanceIDsRequest, data, context, "ListInstanceIDs")
        return await self._reply("ListInstanceIDs", self._hub.list_ids(request), context)

    async def GetInstanceHistory(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-C-04, ENG-H-44."""
        request = await self._request(GetInstanceHistoryRequest, data, context, "GetInstanceHistory")
        return await self._reply("GetInstanceHistory", self._hub.history(request.instance_id), context)

    async def RerunWorkflowFromEvent(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-H-35, ENG-H-36."""
        request = await self._request(RerunWorkflowFromEventRequest, data, context, "RerunWorkflowFromEvent")
        outcome = self._hub.rerun(request, self._runtime.now)
        return await self._reply("RerunWorkflowFromEvent", outcome, context)

    # Answers of workers.

    async def CompleteWorkflowTask(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-C."""
        return await self._complete_turn("CompleteWorkflowTask", data, context)

    async def CompleteOrchestratorTask(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-A-02, T-2: the deprecated name of the same."""
        return await self._complete_turn("CompleteOrchestratorTask", data, context)

    async def _complete_turn(self, method: str, data: bytes, context: Context) -> bytes:
        response = await self._request(WorkflowResponse, data, context, method)
        if not self._heard(context):
            return self._out(method, EMPTY)
        return await self._taken(method, self._hub.complete_turn(response, self._runtime.now), context)

    async def CompleteActivityTask(self, data: bytes, context: Context) -> bytes:  # noqa: N802
        """ENG-D-02, ENG-D-03."""
        response = await self._request(ActivityResponse, data, context, "CompleteActivityTask")
        if not self._heard(context):
            return self._out("CompleteActivityTask", EMPTY)
        refusal = self._hub.complete_activity(response, self._runtime.now)
        return await self._taken("CompleteActivityTask", refusal, context)

    def _heard(self, context: Context) -> bool:
        """ENG-A-10: a completion counts from whichever connection it comes."""
        heard = self._faults.heard
        return heard is None or heard(context.peer(), self._readers.values())

    async def _taken(self, method: str, refusal: Refusal | None, context: Context) -> bytes:
        if refusal is not None:
            return await self._refused(method, refusal, context)
        await self._runtime.durable()
        return self._out(method, EMPTY)
