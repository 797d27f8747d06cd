from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from dwconf.engine.shell.clocks import VIRTUAL_START, RealClock, VirtualClock
from dwconf.engine.shell.server import BindError, EngineServer
from dwconf.engine.shell.sqlite import SqliteStore
from dwconf.wire import pb
from dwconf.wire.rpc import TASK_HUB
from tests.grpc.engine_worker import LIMIT, chain, complete, connected, working

T = TypeVar("T")
SECOND = 1_000_000_000


def run(test: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(test, LIMIT))


def start(instance_id: str, **fields: Any) -> pb.CreateInstanceRequest:  # noqa: ANN401
    return pb.CreateInstanceRequest(instanceId=instance_id, name="wf", **fields)


def wanted(instance_id: str) -> pb.GetInstanceRequest:
    return pb.GetInstanceRequest(instanceId=instance_id, getInputsAndOutputs=True)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_a_chain_runs_to_its_end(tmp_path: Path, durable: bool) -> None:  # noqa: FBT001
    async def test() -> None:
        store = SqliteStore(tmp_path / "e.sqlite") if durable else None
        async with await EngineServer.start(store=store) as server, connected(server) as hub, working(hub, chain(5)):
            answered = await hub.StartInstance(start("i"))
            assert answered.instanceId == "i"
            ended = await hub.WaitForInstanceCompletion(wanted("i"))
            assert ended.workflowState.output.value == '"done"'
            history = await hub.GetInstanceHistory(pb.GetInstanceHistoryRequest(instanceId="i"))
            assert len(history.events) == 2 + 3 * 5 + 1
        if store is not None:
            store.close()

    run(test())


def test_many_instances_at_once() -> None:
    async def test() -> None:
        async with await EngineServer.start() as server, connected(server) as hub, working(hub, chain(2)):
            names = [f"i{number}" for number in range(40)]
            await asyncio.gather(*[hub.StartInstance(start(name)) for name in names])
            ended = await asyncio.gather(*[hub.WaitForInstanceCompletion(wanted(name)) for name in names])
            assert {state.workflowState.instanceId for state in ended} == {*names}
            listed = await hub.ListInstanceIDs(pb.ListInstanceIDsRequest())
            assert list(listed.instanceIds) == sorted(names)

    run(test())


def test_a_deadline_takes_nothing_back() -> None:
    async def test() -> None:
        async with await EngineServer.start() as server, connected(server) as hub:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await hub.StartInstance(start("i"), timeout=0.1)
            assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
            state = await hub.GetInstance(wanted("i"))
            assert state.workflowState.workflowStatus == pb.OrchestrationStatus.ORCHESTRATION_STATUS_PENDING
            async with working(hub, chain(0)):
                await hub.WaitForInstanceCompletion(wanted("i"))

    run(test())


def test_terminate_suspend_and_resume_wait_for_the_worker() -> None:
    async def test() -> None:
        async with await EngineServer.start() as server, connected(server) as hub, working(hub, lambda _: []):
            await hub.StartInstance(start("i"))
            await hub.SuspendInstance(pb.SuspendRequest(instanceId="i"))
            state = await hub.GetInstance(wanted("i"))
            assert state.workflowState.workflowStatus == pb.OrchestrationStatus.ORCHESTRATION_STATUS_SUSPENDED
            await hub.ResumeInstance(pb.ResumeRequest(instanceId="i"))
            await hub.TerminateInstance(pb.TerminateRequest(instanceId="i"))
            state = await hub.GetInstance(wanted("i"))
            assert state.workflowState.workflowStatus == pb.OrchestrationStatus.ORCHESTRATION_STATUS_TERMINATED
            purged = await hub.PurgeInstances(pb.PurgeInstancesRequest(instanceId="i"))
            assert purged.deletedInstanceCount == 1

    run(test())


def test_a_stream_that_goes_gives_its_work_back() -> None:
    async def test() -> None:
        async with await EngineServer.start() as server, connected(server) as hub:
            starting = asyncio.ensure_future(hub.StartInstance(start("i")))
            first = hub.GetWorkItems(pb.GetWorkItemsRequest())
            lost = await first.read()
            first.cancel()
            second = hub.GetWorkItems(pb.GetWorkItemsRequest())
            again = await second.read()
            assert again.completionToken != lost.completionToken
            assert again.workflowRequest.newEvents[1] == lost.workflowRequest.newEvents[1]
            await hub.CompleteOrchestratorTask(
                pb.WorkflowResponse(instanceId="i", actions=[complete(0)], completionToken=again.completionToken)
            )
            await starting
            second.cancel()

    run(test())


def test_virtual_time_moves_when_told_and_no_sooner() -> None:
    def turn(request: pb.WorkflowRequest) -> list[pb.WorkflowAction]:
        if any(event.HasField("timerFired") for event in request.newEvents):
            return [complete(1)]
        timer = pb.CreateTimerAction(fireAt=pb.Timestamp(seconds=VIRTUAL_START // SECOND + 30 * 86_400))
        return [pb.WorkflowAction(id=0, createTimer=timer)]

    async def test() -> None:
        clock = VirtualClock()
        async with await EngineServer.start(clock=clock) as server, connected(server) as hub, working(hub, turn):
            await hub.StartInstance(start("i"))
            await clock.advance(30 * 86_400 * SECOND - 1)
            state = await hub.GetInstance(wanted("i"))
            assert state.workflowState.workflowStatus == pb.OrchestrationStatus.ORCHESTRATION_STATUS_RUNNING
            assert await clock.leap()
            ended = await hub.WaitForInstanceCompletion(wanted("i"))
            assert ended.workflowState.lastUpdatedTimestamp.seconds == VIRTUAL_START // SECOND + 30 * 86_400
            assert not await clock.leap()

    run(test())


def test_whoever_started_the_engine_moves_its_clock() -> None:
    async def test() -> None:
        clock = VirtualClock()
        server = await EngineServer.start(clock=clock, control=True)
        async with server, grpc.aio.insecure_channel(server.address) as channel:
            advance: Any = channel.unary_unary("/dwconf.Control/Advance")
            answer = await advance((5 * SECOND).to_bytes(8, "big"))
            assert int.from_bytes(answer, "big") == clock.now() == VIRTUAL_START + 5 * SECOND

    run(test())


def test_a_real_timer_fires() -> None:
    def turn(request: pb.WorkflowRequest) -> list[pb.WorkflowAction]:
        if any(event.HasField("timerFired") for event in request.newEvents):
            return [complete(1)]
        fire_at = request.newEvents[0].timestamp
        timer = pb.CreateTimerAction(fireAt=pb.Timestamp(seconds=fire_at.seconds + 1, nanos=fire_at.nanos))
        return [pb.WorkflowAction(id=0, createTimer=timer)]

    async def test() -> None:
        server = await EngineServer.start(clock=RealClock())
        async with server, connected(server) as hub, working(hub, turn):
            await hub.StartInstance(start("i"))
            ended = await hub.WaitForInstanceCompletion(wanted("i"))
            state = ended.workflowState
            assert state.lastUpdatedTimestamp.seconds > state.startedAt.seconds

    run(test())


def test_every_method_is_registered() -> None:
    async def test() -> None:
        async with await EngineServer.start() as server, grpc.aio.insecure_channel(server.address) as channel:
            for method in TASK_HUB.methods.values():
                if method.server_streaming or method.name.startswith("Wait"):
                    continue
                call: Any = channel.unary_unary(method.path)
                try:
                    await call(b"", timeout=0.5)
                except grpc.aio.AioRpcError as error:
                    assert "Method not found" not in (error.details() or ""), method.name  # noqa: PT017

    run(test())


@pytest.mark.parametrize("method", ["StartInstance", "CompleteWorkflowTask", "GetWorkItems"])
def test_bytes_that_are_no_request_are_refused(method: str) -> None:
    async def test() -> grpc.StatusCode:
        async with await EngineServer.start() as server, grpc.aio.insecure_channel(server.address) as channel:
            path = TASK_HUB.methods[method].path
            try:
                if TASK_HUB.methods[method].server_streaming:
                    stream: Any = channel.unary_stream(path)
                    await stream(b"\xff\xff\xff").read()
                else:
                    call: Any = channel.unary_unary(path)
                    await call(b"\xff\xff\xff")
            except grpc.aio.AioRpcError as error:
                return error.code()
        return grpc.StatusCode.OK

    assert run(test()) is grpc.StatusCode.INVALID_ARGUMENT


def test_the_token_is_asked_of_everybody_but_health() -> None:
    async def test() -> None:
        server = await EngineServer.start(api_token="secret")
        async with server, connected(server) as hub, grpc.aio.insecure_channel(server.address) as channel:
            right = (("dapr-api-token", "secret"),)
            await hub.Hello(pb.Empty(), metadata=right)
            for metadata in (None, (("dapr-api-token", "wrong"),)):
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await hub.Hello(pb.Empty(), metadata=metadata)
                assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await hub.GetWorkItems(pb.GetWorkItemsRequest(), metadata=metadata).read()
                assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
            health: Any = health_pb2_grpc.HealthStub(channel)
            answer = await health.Check(health_pb2.HealthCheckRequest(service=TASK_HUB.name))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING

    run(test())


def test_reflection_names_the_service() -> None:
    async def test() -> list[str]:
        async with await EngineServer.start() as server, grpc.aio.insecure_channel(server.address) as channel:
            opened: Any = channel
            reflection: Any = reflection_pb2_grpc.ServerReflectionStub(opened)
            request = reflection_pb2.ServerReflectionRequest(list_services="")
            answers = reflection.ServerReflectionInfo(iter([request]))
            async for answer in answers:
                return [service.name for service in answer.list_services_response.service]
        return []

    assert TASK_HUB.name in run(test())


def test_a_stop_ends_streams_politely() -> None:
    async def test() -> tuple[grpc.StatusCode, str | None]:
        server = await EngineServer.start()
        async with connected(server) as hub:
            stream = hub.GetWorkItems(pb.GetWorkItemsRequest())
            reading = asyncio.ensure_future(stream.read())
            await stream.wait_for_connection()
            await server.stop(1.0)
            with pytest.raises(grpc.aio.AioRpcError) as ended:
                await reading
            return ended.value.code(), ended.value.details()

    assert run(test()) == (grpc.StatusCode.CANCELLED, "shutting down")


def test_a_taken_port_is_refused_with_its_address() -> None:
    async def test() -> None:
        async with await EngineServer.start() as server:
            with pytest.raises(BindError, match=str(server.port)):
                await EngineServer.start(port=server.port)

    run(test())


def test_what_was_answered_survives_a_restart(tmp_path: Path) -> None:
    async def test() -> None:
        path = tmp_path / "e.sqlite"
        store = SqliteStore(path)
        async with await EngineServer.start(store=store) as server, connected(server) as hub:
            async with working(hub, lambda _: []):
                await hub.StartInstance(start("i"))
            await hub.RaiseEvent(pb.RaiseEventRequest(instanceId="i", name="E"))
        store.close()
        store = SqliteStore(path)
        async with await EngineServer.start(store=store) as server, connected(server) as hub:
            stream = hub.GetWorkItems(pb.GetWorkItemsRequest())
            item = await stream.read()
            assert [event.WhichOneof("eventType") for event in item.workflowRequest.newEvents] == [
                "workflowStarted",
                "eventRaised",
            ]
            stream.cancel()
        store.close()

    run(test())


def test_a_message_that_is_too_large_is_refused() -> None:
    async def test() -> grpc.StatusCode:
        async with await EngineServer.start(max_message_bytes=10_000) as server, connected(server) as hub:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await hub.StartInstance(start("i", input=pb.StringValue(value="x" * 20_000)))
            assert not (await hub.GetInstance(wanted("i"))).exists
            return refused.value.code()

    assert run(test()) is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_what_hardly_fits_the_largest_message_stalls_until_a_larger_one_is_taken(tmp_path: Path) -> None:
    async def test() -> None:
        store = SqliteStore(tmp_path / "e.sqlite")
        status = pb.OrchestrationStatus
        large = start("i", input=pb.StringValue(value="x" * 9_600))
        small = await EngineServer.start(store=store, max_message_bytes=10_000)
        async with small, connected(small) as hub, working(hub, chain(1)):
            await hub.StartInstance(large)
            shown = await hub.GetInstance(wanted("i"))
            assert shown.workflowState.workflowStatus == status.ORCHESTRATION_STATUS_STALLED
        larger = await EngineServer.start(store=store, max_message_bytes=20_000)
        async with larger, connected(larger) as hub, working(hub, chain(1)):
            ended = await hub.WaitForInstanceCompletion(wanted("i"))
            assert ended.workflowState.workflowStatus == status.ORCHESTRATION_STATUS_COMPLETED
        store.close()

    run(test())
