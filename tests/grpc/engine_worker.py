"""A worker over real gRPC that answers turns and activities as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import grpc.aio

from dwconf.engine.shell.server import EngineServer
from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB, stub

Turn = Callable[[pb.WorkflowRequest], list[pb.WorkflowAction]]
LIMIT = 10.0
"""Seconds after which a test has failed."""


@asynccontextmanager
async def connected(server: EngineServer, **options: Any) -> AsyncIterator[Any]:  # noqa: ANN401
    """A client of a server, as a stub."""
    async with grpc.aio.insecure_channel(server.address, **options) as channel:
        yield stub(channel, TASK_HUB)


@asynccontextmanager
async def working(hub: Any, turn: Turn) -> AsyncIterator[None]:  # noqa: ANN401
    """A worker that answers until the block ends; an activity returns its input."""
    task = asyncio.create_task(_work(hub, turn))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _work(hub: Any, turn: Turn) -> None:  # noqa: ANN401
    async for item in hub.GetWorkItems(pb.GetWorkItemsRequest()):
        if item.HasField("workflowRequest"):
            request = item.workflowRequest
            await hub.CompleteWorkflowTask(
                pb.WorkflowResponse(
                    instanceId=request.instanceId, actions=turn(request), completionToken=item.completionToken
                )
            )
        else:
            activity = item.activityRequest
            await hub.CompleteActivityTask(
                pb.ActivityResponse(
                    instanceId=activity.workflowInstance.instanceId,
                    taskId=activity.taskId,
                    result=activity.input,
                    completionToken=item.completionToken,
                )
            )


def chain(steps: int) -> Turn:
    """A workflow that calls activities one after another, and then ends."""

    def turn(request: pb.WorkflowRequest) -> list[pb.WorkflowAction]:
        done = sum(event.HasField("taskCompleted") for event in (*request.pastEvents, *request.newEvents))
        return [complete(steps) if done == steps else call(done)]

    return turn


def call(number: int) -> pb.WorkflowAction:
    """An action that calls an activity with its own number."""
    action = pb.ScheduleTaskAction(name="echo", input=pb.StringValue(value=str(number)))
    return pb.WorkflowAction(id=number, scheduleTask=action)


def complete(number: int) -> pb.WorkflowAction:
    """An action that ends the workflow."""
    action = pb.CompleteWorkflowAction(
        workflowStatus=pb.OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED, result=pb.StringValue(value='"done"')
    )
    return pb.WorkflowAction(id=number, completeWorkflow=action)
