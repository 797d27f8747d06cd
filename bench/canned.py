"""A server that answers the task hub's RPCs and does nothing else: the ceiling of gRPC in Python.

It keeps no history, checks nothing and stores nothing; it only moves the messages that a load needs, so that whatever
an engine takes longer is the engine's.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

import grpc.aio

from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB, handlers


class Canned:
    """One stream, one counter of ends."""

    def __init__(self) -> None:
        self.items: asyncio.Queue[bytes] = asyncio.Queue()
        self.ends: dict[str, asyncio.Event] = {}

    def turn(self, instance_id: str, event: Any) -> None:  # noqa: ANN401
        request = pb.WorkflowRequest(instanceId=instance_id, newEvents=[pb.HistoryEvent(eventId=-1), event])
        self.items.put_nowait(pb.WorkItem(workflowRequest=request, completionToken="t").SerializeToString())

    async def Hello(self, request: Any, context: Any) -> pb.Empty:  # noqa: ANN401, N802
        del request, context
        return pb.Empty()

    async def StartInstance(self, request: Any, context: Any) -> pb.CreateInstanceResponse:  # noqa: ANN401, N802
        del context
        self.ends[request.instanceId] = asyncio.Event()
        started = pb.ExecutionStartedEvent(name=request.name, input=request.input)
        self.turn(request.instanceId, pb.HistoryEvent(eventId=-1, executionStarted=started))
        return pb.CreateInstanceResponse(instanceId=request.instanceId)

    async def WaitForInstanceCompletion(self, request: Any, context: Any) -> pb.GetInstanceResponse:  # noqa: ANN401, N802
        del context
        await self.ends[request.instanceId].wait()
        del self.ends[request.instanceId]
        return pb.GetInstanceResponse(exists=True)

    async def CompleteOrchestratorTask(self, request: Any, context: Any) -> pb.CompleteTaskResponse:  # noqa: ANN401, N802
        del context
        for action in request.actions:
            if action.HasField("completeWorkflow"):
                self.ends[request.instanceId].set()
            else:
                task = pb.ActivityRequest(name=action.scheduleTask.name, taskId=action.id)
                task.workflowInstance.instanceId = request.instanceId
                self.items.put_nowait(pb.WorkItem(activityRequest=task, completionToken="t").SerializeToString())
        return pb.CompleteTaskResponse()

    async def CompleteActivityTask(self, request: Any, context: Any) -> pb.CompleteTaskResponse:  # noqa: ANN401, N802
        del context
        done = pb.TaskCompletedEvent(taskScheduledId=request.taskId, result=request.result)
        self.turn(request.instanceId, pb.HistoryEvent(eventId=-1, taskCompleted=done))
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
