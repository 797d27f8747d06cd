"""A server that answers the task hub's RPCs and does nothing else: the ceiling of gRPC in Python.

It decides nothing, checks nothing and stores nothing, but what crosses the wire is what an engine sends: a start is
answered when its first turn is, one turn of an instance is out at a time, it carries everything that came meanwhile and
the whole past before that, and ids, tokens and events have their usual sizes. So whatever an engine takes longer is the
engine's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import grpc.aio

from dwconf.engine.core.frames import framed
from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB, handlers

ID = "00000000-0000-4000-8000-000000000000"
"""Any token, and any execution id: as long as a real one."""
STAMP = 1_700_000_000


def event(event_id: int, **body: Any) -> pb.HistoryEvent:  # noqa: ANN401
    """A history event as an engine makes it."""
    made = pb.HistoryEvent(eventId=event_id, **body)
    made.timestamp.seconds, made.timestamp.nanos = STAMP, 1
    made.router.sourceAppID = "dwconf"
    return made


OPENING = event(-1, workflowStarted=pb.WorkflowStartedEvent())


@dataclass(slots=True)
class Open:
    """What is under way for one instance: what was sent of it, what waits, and who waits."""

    head: bytes
    past: bytes = b""
    sent: list[pb.HistoryEvent] = field(default_factory=list)
    new: list[pb.HistoryEvent] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Canned:
    """One stream, and the instances that are open."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[bytes] = asyncio.Queue()
        self.open: dict[str, Open] = {}
        self.token = pb.WorkItem(completionToken=ID).SerializeToString()

    def turn(self, state: Open) -> None:
        """Send what waits, unless a turn is out."""
        if state.new and not state.sent:
            state.sent, state.new = [OPENING, *state.new], []
            request = state.head + state.past + pb.WorkflowRequest(newEvents=state.sent).SerializeToString()
            self.items.put_nowait(framed(0x0A, request) + self.token)

    async def Hello(self, request: Any, context: Any) -> pb.Empty:  # noqa: ANN401, N802
        del request, context
        return pb.Empty()

    async def StartInstance(self, request: Any, context: Any) -> pb.CreateInstanceResponse:  # noqa: ANN401, N802
        del context
        head = pb.WorkflowRequest(instanceId=request.instanceId)
        head.executionId.value = ID
        state = self.open[request.instanceId] = Open(head.SerializeToString())
        started = pb.ExecutionStartedEvent(name=request.name, input=request.input)
        started.workflowInstance.instanceId = request.instanceId
        started.workflowInstance.executionId.value = ID
        state.new.append(event(-1, executionStarted=started))
        self.turn(state)
        await state.started.wait()
        return pb.CreateInstanceResponse(instanceId=request.instanceId)

    async def WaitForInstanceCompletion(self, request: Any, context: Any) -> pb.GetInstanceResponse:  # noqa: ANN401, N802
        del context
        state = self.open.get(request.instanceId)
        if state is not None:
            await state.ended.wait()
        return pb.GetInstanceResponse(exists=True)

    async def CompleteOrchestratorTask(self, request: Any, context: Any) -> pb.CompleteTaskResponse:  # noqa: ANN401, N802
        del context
        state = self.open[request.instanceId]
        made = [self.act(request.instanceId, action) for action in request.actions if action.HasField("scheduleTask")]
        state.past += pb.WorkflowRequest(pastEvents=[*state.sent, *made]).SerializeToString()
        state.sent = []
        state.started.set()
        if any(action.HasField("completeWorkflow") for action in request.actions):
            self.open.pop(request.instanceId).ended.set()
        self.turn(state)
        return pb.CompleteTaskResponse()

    def act(self, instance_id: str, action: Any) -> pb.HistoryEvent:  # noqa: ANN401
        """Send an activity; the event that history gets of it."""
        task = pb.ActivityRequest(name=action.scheduleTask.name, taskId=action.id)
        task.workflowInstance.instanceId = instance_id
        task.workflowInstance.executionId.value = ID
        self.items.put_nowait(framed(0x12, task.SerializeToString()) + self.token)
        return event(action.id, taskScheduled=pb.TaskScheduledEvent(name=action.scheduleTask.name))

    async def CompleteActivityTask(self, request: Any, context: Any) -> pb.CompleteTaskResponse:  # noqa: ANN401, N802
        del context
        state = self.open.get(request.instanceId)
        if state is not None:
            done = pb.TaskCompletedEvent(taskScheduledId=request.taskId, result=request.result)
            state.new.append(event(-1, taskCompleted=done))
            self.turn(state)
        return pb.CompleteTaskResponse()

    async def GetWorkItems(self, request: Any, context: Any) -> AsyncIterator[bytes]:  # noqa: ANN401, N802
        del request, context
        while True:
            yield await self.items.get()


async def serve(port: int) -> None:
    """Serve until killed."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handlers(TASK_HUB, Canned()),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
