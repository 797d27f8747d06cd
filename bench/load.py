"""The load: many instances of one small workflow, with a worker that answers as fast as it can.

Only fields that every engine with this service name reads the same way are used, so that engines of the sibling
dialect can be measured with the same bytes. Times are seconds.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc.aio

from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB, stub

CHAIN, LONG_CHAIN, FAN = 10, 332, 100
LONGEST = 60.0
"""No call of the load takes longer, in seconds."""
Plan = Callable[[int], tuple[int, int] | None]
"""From the number of activities done to (first id, how many) of those to schedule now; None completes the workflow."""


@dataclass(frozen=True, slots=True)
class Load:
    """Instances of one workflow, `at_once` of them open at a time."""

    name: str
    at_once: int
    plan: Plan


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a load: workflows that ended, seconds of the clock, and the load's own seconds of the processor."""

    finished: int
    seconds: float
    own: float


def no_op(done: int) -> tuple[int, int] | None:
    """Complete in the first turn."""
    del done
    return None


def chain_of(length: int) -> Plan:
    """One activity after the other."""
    return lambda done: (done, 1) if done < length else None


def fan_out_of_100(done: int) -> tuple[int, int] | None:
    """All activities at once."""
    return None if done == FAN else ((0, FAN) if done == 0 else (0, 0))


LOADS = (
    Load("no-op", 50, no_op),
    Load("no-op, alone", 1, no_op),
    Load("chain of 10", 10, chain_of(CHAIN)),
    Load("fan-out of 100", 2, fan_out_of_100),
    Load("1,000 events", 2, chain_of(LONG_CHAIN)),
)


class Worker:
    """One stream and the state of the open instances: how many of their activities are done."""

    def __init__(self, channel: grpc.aio.Channel, plan: Plan) -> None:
        self.hub = stub(channel, TASK_HUB)
        self.plan = plan
        self.done: dict[str, int] = {}
        self.ends: dict[str, asyncio.Event] = {}
        self.tasks: set[asyncio.Task[Any]] = set()

    async def ended(self, instance_id: str) -> None:
        """Wait until the answer that completes an instance was taken.

        A call that waits in the engine would hold one of the few threads that some engines have.
        """
        await self.ends.setdefault(instance_id, asyncio.Event()).wait()

    async def serve(self) -> None:
        async for item in self.hub.GetWorkItems(pb.GetWorkItemsRequest()):
            answer = self.turn(item) if item.HasField("workflowRequest") else self.activity(item)
            task = asyncio.ensure_future(answer)
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def turn(self, item: pb.WorkItem) -> None:
        request = item.workflowRequest
        done = self.done.get(request.instanceId, 0)
        done += sum(event.HasField("taskCompleted") for event in request.newEvents)
        self.done[request.instanceId] = done
        response = pb.WorkflowResponse(instanceId=request.instanceId, completionToken=item.completionToken)
        planned = self.plan(done)
        if planned is None:
            action = response.actions.add(id=1000)
            action.completeWorkflow.workflowStatus = pb.OrchestrationStatus.ORCHESTRATION_STATUS_COMPLETED
        else:
            first, count = planned
            for number in range(first, first + count):
                response.actions.add(id=number).scheduleTask.name = "act"
        await self.hub.CompleteOrchestratorTask(response)
        if planned is None:
            self.ends.setdefault(request.instanceId, asyncio.Event()).set()

    async def activity(self, item: pb.WorkItem) -> None:
        request = item.activityRequest
        response = pb.ActivityResponse(
            instanceId=request.workflowInstance.instanceId,
            taskId=request.taskId,
            completionToken=item.completionToken,
        )
        response.result.value = "1"
        await self.hub.CompleteActivityTask(response)


async def run(address: str, load: Load, seconds: float) -> Taken:
    """Put the load on the engine at an address: instances are started for so many seconds, and all of them end."""
    async with grpc.aio.insecure_channel(address) as channel, grpc.aio.insecure_channel(address) as clients:
        worker = Worker(channel, load.plan)
        serving = asyncio.ensure_future(worker.serve())
        hub = stub(clients, TASK_HUB)
        ids = map(f"bench-{os.urandom(4).hex()}-{{}}".format, itertools.count())

        async def one() -> str:
            request = pb.CreateInstanceRequest(instanceId=next(ids), name="wf")
            request.input.value = "1"
            await hub.StartInstance(request, timeout=LONGEST)
            async with asyncio.timeout(LONGEST):
                await worker.ended(request.instanceId)
            return request.instanceId

        async def several(until: float) -> list[str]:
            ended = [await one()]
            while time.perf_counter() < until:
                ended.append(await one())
            return ended

        await one()
        began, own = time.perf_counter(), time.process_time()
        ended = await asyncio.gather(*(several(began + seconds) for _ in range(load.at_once)))
        lasts = [pb.GetInstanceRequest(instanceId=mine[-1]) for mine in ended]
        await asyncio.gather(*(hub.WaitForInstanceCompletion(last, timeout=LONGEST) for last in lasts))
        taken = Taken(sum(map(len, ended)), time.perf_counter() - began, time.process_time() - own)
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        return taken
