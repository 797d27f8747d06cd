"""The Dapr API over real gRPC: both versions of every verb, on the port of the task hub."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from dwconf.engine.profiles import DURABLETASK_GO
from dwconf.engine.shell.management import VERBS, VERSIONS, verb_of
from dwconf.engine.shell.server import EngineServer
from dwconf.wire import pb
from dwconf.wire.rpc import DAPR, TASK_HUB, stub
from tests.grpc.engine_worker import LIMIT, chain, complete, connected, working

T = TypeVar("T")


def run(test: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(test, LIMIT))


@asynccontextmanager
async def api(server: EngineServer) -> AsyncIterator[Any]:
    """A client of a server's Dapr API."""
    async with grpc.aio.insecure_channel(server.address) as channel:
        yield stub(channel, DAPR)


def test_every_method_has_a_verb() -> None:
    assert {verb_of(method) for method in DAPR.methods} == set(VERBS)


async def in_status(dapr: Any, version: str, instance_id: str, status: str) -> Any:  # noqa: ANN401
    """Ask until an instance shows a status."""
    get = getattr(dapr, f"GetWorkflow{version}")
    while True:
        shown = await get(pb.dapr.GetWorkflowRequest(instance_id=instance_id))
        if shown.runtime_status == status:
            return shown


@pytest.mark.parametrize("version", VERSIONS)
def test_a_whole_life_in_one_version(version: str) -> None:
    def turn(request: pb.WorkflowRequest) -> list[pb.WorkflowAction]:
        return [complete(0)] if any(event.HasField("eventRaised") for event in request.newEvents) else []

    async def test() -> None:
        async with await EngineServer.start() as server, connected(server) as hub, api(server) as dapr:

            async def call(verb: str, request: Any) -> Any:  # noqa: ANN401
                return await getattr(dapr, f"{verb}{version}")(request)

            wanted = pb.dapr.StartWorkflowRequest(instance_id="i", workflow_name="wf", input=b'"in"')
            assert (await call("StartWorkflow", wanted)).instance_id == "i"
            async with working(hub, turn):
                await in_status(dapr, version, "i", "RUNNING")
                await call("PauseWorkflow", pb.dapr.PauseWorkflowRequest(instance_id="i"))
                await in_status(dapr, version, "i", "SUSPENDED")
                await call("ResumeWorkflow", pb.dapr.ResumeWorkflowRequest(instance_id="i"))
                await in_status(dapr, version, "i", "RUNNING")
                event = pb.dapr.RaiseEventWorkflowRequest(instance_id="i", event_name="go", event_data=b"1")
                await call("RaiseEventWorkflow", event)
                shown = await in_status(dapr, version, "i", "COMPLETED")
            assert dict(shown.properties) == {"dapr.workflow.input": '"in"', "dapr.workflow.output": '"done"'}
            await call("TerminateWorkflow", pb.dapr.TerminateWorkflowRequest(instance_id="i"))
            await call("PurgeWorkflow", pb.dapr.PurgeWorkflowRequest(instance_id="i"))
            gone = await call("GetWorkflow", pb.dapr.GetWorkflowRequest(instance_id="i"))
            assert gone == pb.dapr.GetWorkflowResponse(instance_id="i")

    run(test())


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("verb", "request_", "code"),
    [
        ("StartWorkflow", pb.dapr.StartWorkflowRequest(instance_id="i"), "INVALID_ARGUMENT"),
        ("GetWorkflow", pb.dapr.GetWorkflowRequest(), "INVALID_ARGUMENT"),
        ("TerminateWorkflow", pb.dapr.TerminateWorkflowRequest(instance_id="x"), "NOT_FOUND"),
        ("PauseWorkflow", pb.dapr.PauseWorkflowRequest(instance_id="x"), "INTERNAL"),
    ],
)
def test_refusals_are_statuses(version: str, verb: str, request_: Any, code: str) -> None:  # noqa: ANN401
    async def test() -> grpc.StatusCode:
        async with await EngineServer.start() as server, api(server) as dapr:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await getattr(dapr, f"{verb}{version}")(request_)
            return refused.value.code()

    assert run(test()).name == code


def test_an_activity_runs_for_a_workflow_of_this_api() -> None:
    async def test() -> str:
        async with (
            await EngineServer.start() as server,
            connected(server) as hub,
            api(server) as dapr,
            working(hub, chain(3)),
        ):
            started = await dapr.StartWorkflowBeta1(pb.dapr.StartWorkflowRequest(workflow_name="wf"))
            shown = await in_status(dapr, "Beta1", started.instance_id, "COMPLETED")
            name: str = shown.workflow_name
            return name

    assert run(test()) == "wf"


def test_metadata_count_open_streams() -> None:
    async def test() -> list[int]:
        async with await EngineServer.start() as server, connected(server) as hub, api(server) as dapr:
            counts = [(await dapr.GetMetadata(pb.dapr.GetMetadataRequest())).workflows.connected_workers]
            stream = hub.GetWorkItems(pb.GetWorkItemsRequest())
            await stream.wait_for_connection()
            counts.append((await dapr.GetMetadata(pb.dapr.GetMetadataRequest())).workflows.connected_workers)
            stream.cancel()
            return counts

    assert run(test()) == [0, 1]


@pytest.mark.parametrize("method", sorted(DAPR.methods))
def test_the_profile_of_an_engine_without_this_api_serves_none_of_it(method: str) -> None:
    async def test() -> grpc.StatusCode:
        async with (
            await EngineServer.start(decisions=DURABLETASK_GO) as server,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            call: Any = channel.unary_unary(DAPR.methods[method].path)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(b"")
            return refused.value.code()

    assert run(test()) is grpc.StatusCode.UNIMPLEMENTED


def test_bytes_that_are_no_request_are_an_invalid_argument() -> None:
    async def test() -> grpc.StatusCode:
        async with await EngineServer.start() as server, grpc.aio.insecure_channel(server.address) as channel:
            call: Any = channel.unary_unary(DAPR.methods["StartWorkflowBeta1"].path)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(b"\xff\xff")
            return refused.value.code()

    assert run(test()) is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("token", [None, "wrong"])
@pytest.mark.parametrize("service", [DAPR, TASK_HUB], ids=["the Dapr API", "the task hub"])
def test_every_method_asks_for_the_token(service: Any, token: str | None) -> None:  # noqa: ANN401
    metadata = (("dapr-api-token", token),) if token is not None else ()

    async def test() -> set[tuple[str, str | None]]:
        said = set()
        async with (
            await EngineServer.start(api_token="secret") as server,
            grpc.aio.insecure_channel(server.address) as channel,
        ):
            for method in service.methods.values():
                open_: Any = channel.unary_stream if method.server_streaming else channel.unary_unary
                call = open_(method.path)(b"", metadata=metadata)
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await (call.read() if method.server_streaming else call)
                said.add((refused.value.code().name, refused.value.details()))
        return said

    assert run(test()) == {("UNAUTHENTICATED", "Unauthorized")}


def test_health_and_reflection_know_both_services() -> None:
    async def test() -> tuple[set[int], set[str], int]:
        async with await EngineServer.start() as server, grpc.aio.insecure_channel(server.address) as channel:
            opened: Any = channel
            health: Any = health_pb2_grpc.HealthStub(opened)
            states = {
                (await health.Check(health_pb2.HealthCheckRequest(service=name))).status
                for name in ("", TASK_HUB.name, DAPR.name)
            }
            reflection: Any = reflection_pb2_grpc.ServerReflectionStub(opened)
            names: set[str] = set()
            files = 0
            requests = [
                reflection_pb2.ServerReflectionRequest(list_services=""),
                reflection_pb2.ServerReflectionRequest(file_containing_symbol=DAPR.name),
            ]
            async for answer in reflection.ServerReflectionInfo(iter(requests)):
                names |= {service.name for service in answer.list_services_response.service}
                files += len(answer.file_descriptor_response.file_descriptor_proto)
            return states, names, files

    states, names, files = run(test())
    assert states == {health_pb2.HealthCheckResponse.SERVING}
    assert names == {TASK_HUB.name, DAPR.name, "grpc.reflection.v1alpha.ServerReflection"}
    assert files
