"""The conformance app as a process, started with nothing but its environment."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import jsonschema
import pytest

from dwconf.suite.programs.builder import call, program
from dwconf.suite.programs.schema import operations
from dwconf.wire import values as v
from dwconf.worker.app.conformance import registry
from dwconf.worker.app.main import UnknownMutantError, decisions, serve
from dwconf.worker.core.jsontext import Json
from dwconf.worker.mutants import MUTANTS
from dwconf.worker.shell.client import WorkerClient
from tests.grpc.certificates import make_certificate
from tests.grpc.scripted_engine import ScriptedEngine

SERVE = "import os; from dwconf.worker.app.main import serve; serve(environment=os.environ)"
MANIFEST = {
    "type": "object",
    "required": ["program", "sdk", "version", "can", "features"],
    "properties": {"program": {"const": 1}, "sdk": {"type": "string"}, "version": {"type": "string"}},
}


def item(name: str, value: Json = None) -> v.ActivityRequest:
    instance = v.WorkflowInstance(instance_id="i")
    return v.ActivityRequest(
        name=name, input=json.dumps(value), workflow_instance=instance, task_id=3, task_execution_id="x-1"
    )


@asynccontextmanager
async def app(environment: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    plain = {key: value for key, value in os.environ.items() if not key.startswith("DAPR_")}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SERVE, env=plain | environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def test_sigterm_delivers_what_is_in_hand_and_exits_well() -> None:
    async def run() -> None:
        engine = await ScriptedEngine().start()
        async with app({"DAPR_GRPC_PORT": str(engine.port), "DAPR_API_TOKEN": "s3cret"}) as process:
            engine.send(item("block", {"ms": 500}), "in hand")
            engine.send(item("echo", 1), "before")
            assert (await engine.answer()).completion_token == "before"
            process.send_signal(signal.SIGTERM)
            assert (await engine.answer()).completion_token == "in hand"
            assert await asyncio.wait_for(process.wait(), 20) == 0
        assert engine.metadata["GetWorkItems"]["dapr-api-token"] == "s3cret"
        await engine.stop()

    asyncio.run(run())


def test_the_activities_do_what_the_contract_says() -> None:
    async def run() -> None:
        engine = await ScriptedEngine().start()
        client = WorkerClient(f"http://{engine.address}", registry())
        running = asyncio.create_task(client.run())
        answers = {}
        for name, value in [
            ("manifest", None),
            ("echo", [0, ""]),
            ("ctx", None),
            ("big", {"bytes": 5}),
            ("block", {"ms": 1}),
            ("fail", {"type": "Mine", "message": "no", "nonRetriable": True}),
            ("missing_act", None),
        ]:
            engine.send(item(name, value))
            answers[name] = await engine.activity()
        engine.send(item("fail", {"message": None}))
        silent = await engine.activity()
        await client.stop()
        await running
        await engine.stop()
        manifest = json.loads(answers["manifest"].result or "")
        jsonschema.validate(manifest, MANIFEST)
        assert manifest["can"] == list(operations())
        assert answers["echo"].result == '[0,""]'
        seen = {"taskId": 3, "taskExecutionId": "x-1", "instanceId": "i", "traceparent": None}
        assert json.loads(answers["ctx"].result or "") == seen
        assert answers["big"].result == '"xxxxx"'
        assert answers["block"].result is None
        details = answers["fail"].failure_details
        assert details is not None
        assert (details.error_type, details.error_message, details.is_non_retriable) == ("Mine", "no", True)
        assert answers["missing_act"].failure_details is not None
        assert silent.failure_details is not None
        assert silent.failure_details.error_message == ""

    asyncio.run(run())


def test_the_interpreter_is_served() -> None:
    async def run() -> None:
        engine = await ScriptedEngine().start()
        client = WorkerClient(engine.address, registry())
        running = asyncio.create_task(client.run())
        started = v.ExecutionStarted(name="interp_child", input=json.dumps(program(call("echo", "\ud800"))))
        new = tuple(v.HistoryEvent(event_id=-1, timestamp=10**18, body=body) for body in (v.WorkflowStarted(), started))
        engine.send(v.WorkflowRequest(instance_id="i", new_events=new))
        (action,) = (await engine.turn()).actions
        assert isinstance(action.body, v.ScheduleTask)
        assert action.body.input == '"\\ud800"'
        await client.stop()
        await running
        await engine.stop()

    asyncio.run(run())


def test_a_name_that_cannot_be_written_fails_the_workflow_and_not_the_worker() -> None:
    async def run() -> None:
        engine = await ScriptedEngine().start()
        client = WorkerClient(engine.address, registry())
        running = asyncio.create_task(client.run())
        started = v.ExecutionStarted(name="interp", input=json.dumps(program(call("\ud800"))))
        new = tuple(v.HistoryEvent(event_id=-1, timestamp=10**18, body=body) for body in (v.WorkflowStarted(), started))
        engine.send(v.WorkflowRequest(instance_id="i", new_events=new), "token")
        response = await engine.turn()
        (action,) = response.actions
        assert isinstance(action.body, v.CompleteWorkflow)
        assert action.body.workflow_status == v.OrchestrationStatus.FAILED
        assert response.completion_token == "token"
        await client.stop()
        await running
        await engine.stop()

    asyncio.run(run())


def test_https_selects_tls(tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path)

    async def run() -> None:
        pair = (key.read_bytes(), certificate.read_bytes())
        engine = await ScriptedEngine().start(credentials=grpc.ssl_server_credentials([pair]))
        environment = {
            "DAPR_GRPC_ENDPOINT": f"https://localhost:{engine.port}",
            "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(certificate),
        }
        async with app(environment):
            engine.send(item("echo", 1))
            assert (await engine.activity()).result == "1"
        await engine.stop()

    asyncio.run(run())


def test_many_clients_live_in_one_loop() -> None:
    async def run() -> None:
        engines = [await ScriptedEngine().start() for _ in range(20)]
        clients = [WorkerClient(engine.address, registry()) for engine in engines]
        running = [asyncio.create_task(client.run()) for client in clients]
        for number, engine in enumerate(engines):
            engine.send(item("echo", number))
        results = [(await engine.activity()).result for engine in engines]
        assert results == [str(number) for number in range(20)]
        await asyncio.gather(*(client.stop() for client in clients))
        await asyncio.gather(*running)
        await asyncio.gather(*(engine.stop() for engine in engines))

    asyncio.run(run())


def test_a_stop_without_an_engine_ends() -> None:
    async def run() -> None:
        client = WorkerClient("127.0.0.1:1", registry())
        running = asyncio.create_task(client.run())
        await asyncio.sleep(0)
        await asyncio.wait_for(client.stop(), 10)
        await running

    asyncio.run(run())


def test_mutants_are_chosen_by_name() -> None:
    name = next(iter(MUTANTS))
    assert decisions(name) is MUTANTS[name].decisions
    with pytest.raises(UnknownMutantError, match="nobody"):
        serve(environment={}, mutant="nobody")
