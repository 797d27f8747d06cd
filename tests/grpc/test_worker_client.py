"""The worker's client on a real connection, against an engine that does as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import grpc
import pytest

from dwconf.wire import values as v
from dwconf.worker.core.activities import ActivityContext
from dwconf.worker.core.context import Context
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.registry import Registry
from dwconf.worker.core.tasks import Workflow
from dwconf.worker.shell.client import WorkerClient
from tests.grpc.scripted_engine import ScriptedEngine


class Gate:
    """An activity that waits until the test opens it."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.entered: asyncio.Queue[Json] = asyncio.Queue()


def registry(gate: Gate | None = None) -> Registry:
    made = Registry()

    @made.workflow("noop")
    def noop(_ctx: Context, value: Json) -> Workflow[Json]:
        yield from ()
        return value

    @made.workflow("one")
    def one(ctx: Context, value: Json) -> Workflow[Json]:
        return (yield from ctx.activity("echo", value))

    @made.activity("echo")
    def echo(_ctx: ActivityContext, value: Json) -> Json:
        return value

    @made.activity("gated")
    async def gated(_ctx: ActivityContext, value: Json) -> Json:
        assert gate is not None
        gate.entered.put_nowait(value)
        await gate.open.wait()
        return value

    return made


def turn(instance_id: str, name: str, cached_history: v.CachedHistory | None = None) -> v.WorkflowRequest:
    new = events(v.WorkflowStarted(), v.ExecutionStarted(name=name, input="1"))
    return v.WorkflowRequest(instance_id=instance_id, new_events=new, cached_history=cached_history)


def events(*bodies: v.EventBody) -> tuple[v.HistoryEvent, ...]:
    return tuple(v.HistoryEvent(event_id=-1, timestamp=10**18, body=body) for body in bodies)


def item(name: str, task_id: int = 0, payload: str = "1") -> v.ActivityRequest:
    instance = v.WorkflowInstance(instance_id="i")
    return v.ActivityRequest(name=name, input=payload, workflow_instance=instance, task_id=task_id)


@asynccontextmanager
async def serving(
    engine: ScriptedEngine,
    gate: Gate | None = None,
    *,
    decisions: Decisions = REFERENCE,
    api_token: str | None = None,
) -> AsyncIterator[WorkerClient]:
    client = WorkerClient(engine.address, registry(gate), decisions=decisions, api_token=api_token)
    running = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        await client.stop(grace=0.1)
        await running


def scripted(test: Callable[[ScriptedEngine], Awaitable[None]]) -> None:
    """Run a test with an engine of its own."""

    async def run() -> None:
        engine = await ScriptedEngine().start()
        try:
            await test(engine)
        finally:
            await engine.stop()

    asyncio.run(run())


def test_a_turn_is_answered_with_its_token() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            engine.send(turn("i", "noop"), "token-1")
            answer = await engine.turn()
        assert answer.completion_token == "token-1"
        assert answer.instance_id == "i"
        assert [type(action.body) for action in answer.actions] == [v.CompleteWorkflow]
        assert engine.capabilities == (v.WorkerCapability.STATEFUL_HISTORY, v.WorkerCapability.HEALTH_PING)

    scripted(test)


def test_an_activity_is_answered_with_its_token() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            engine.send(item("echo", 7, '{"a":[1]}'), "token-2")
            answer = await engine.activity()
        assert answer == v.ActivityResponse(instance_id="i", task_id=7, result='{"a":[1]}', completion_token="token-2")

    scripted(test)


def test_a_held_activity_holds_nothing_else() -> None:
    async def test(engine: ScriptedEngine) -> None:
        gate = Gate()
        async with serving(engine, gate):
            engine.send(item("gated"), "held")
            engine.send(turn("i", "noop"), "turn")
            engine.send(item("echo"), "other")
            tokens = {(await engine.answer()).completion_token, (await engine.answer()).completion_token}
            assert tokens == {"turn", "other"}
            gate.open.set()
            assert (await engine.answer()).completion_token == "held"

    scripted(test)


def test_a_hundred_and_fifty_held_activities_are_all_answered() -> None:
    async def test(engine: ScriptedEngine) -> None:
        gate = Gate()
        async with serving(engine, gate):
            for number in range(150):
                engine.send(item("gated", number), str(number))
            for _ in range(150):
                await gate.entered.get()
            gate.open.set()
            tokens = {(await engine.answer()).completion_token for _ in range(150)}
        assert tokens == {str(number) for number in range(150)}

    scripted(test)


@pytest.mark.parametrize(
    "status",
    [None, *(code for code in grpc.StatusCode if code is not grpc.StatusCode.OK)],
    ids=lambda code: "end" if code is None else code.name,
)
def test_the_stream_is_opened_again(status: grpc.StatusCode | None) -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            await engine.stream_opened.wait()
            engine.end_stream(status)
            engine.send(turn("i", "noop"), "after")
            assert (await engine.answer()).completion_token == "after"
        assert engine.calls["GetWorkItems"] == 2

    scripted(test)


class Delays:
    """Notes after how many failures the worker asked how long to wait, and lets it try again at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.third = asyncio.Event()

    def __call__(self, failures: int) -> float:
        self.asked.append(failures)
        if len(self.asked) == 3:
            self.third.set()
        return 0.0


def test_the_worker_waits_for_the_engine() -> None:
    async def run() -> None:
        probe = await ScriptedEngine().start()
        await probe.stop()
        engine = ScriptedEngine()
        engine.port = probe.port
        delays = Delays()
        async with serving(engine, decisions=replace(REFERENCE, reconnect_delay=delays)):
            await delays.third.wait()
            await engine.start(probe.port)
            engine.send(turn("i", "noop"))
            await engine.answer()
        await engine.stop()

    asyncio.run(run())


def test_each_failed_stream_counts_for_the_next_delay() -> None:
    async def test(engine: ScriptedEngine) -> None:
        engine.refuse_streams = grpc.StatusCode.INTERNAL
        delays = Delays()
        async with serving(engine, decisions=replace(REFERENCE, reconnect_delay=delays)):
            await delays.third.wait()
        assert delays.asked[:3] == [1, 2, 3]
        assert engine.calls["Hello"] >= 3

    scripted(test)


def test_a_stream_that_brought_work_counts_for_no_delay() -> None:
    async def test(engine: ScriptedEngine) -> None:
        delays = Delays()
        async with serving(engine, decisions=replace(REFERENCE, reconnect_delay=delays)):
            for number in range(3):
                engine.send(item("echo"), str(number))
                await engine.answer()
                engine.end_stream(grpc.StatusCode.INTERNAL)
            await delays.third.wait()
        assert delays.asked[:3] == [0, 0, 0]

    scripted(test)


def test_items_without_meaning_end_nothing() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            engine.send(None)
            engine.send(v.HealthPing())
            engine.to_send.put_nowait(b"\x1a\x00\x22\x00\x9a\x06\x00")
            engine.to_send.put_nowait(b"\xff\xff\xff")
            engine.send(turn("i", "noop"), "after")
            assert (await engine.answer()).completion_token == "after"
        assert engine.calls["GetWorkItems"] == 1
        assert engine.calls["CompleteWorkflowTask"] == 1

    scripted(test)


def test_every_call_carries_the_api_token() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine, api_token="s3cret"):
            engine.send(item("echo"))
            await engine.answer()
            engine.history["i"] = ()
            engine.send(turn("i", "noop", cached_history=v.CachedHistory(event_count=3)))
            await engine.answer()
        expected = {"Hello", "GetWorkItems", "CompleteActivityTask", "CompleteWorkflowTask", "GetInstanceHistory"}
        assert set(engine.metadata) == expected
        assert all(carried["dapr-api-token"] == "s3cret" for carried in engine.metadata.values())

    scripted(test)


@pytest.mark.parametrize("status", ["UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"])
def test_a_result_is_sent_again_after_a_transport_failure(status: str) -> None:
    async def test(engine: ScriptedEngine) -> None:
        engine.refusals = [grpc.StatusCode[status]]
        async with serving(engine):
            engine.send(item("echo"), "token")
            first, second = await engine.activity(), await engine.activity()
        assert first == second
        assert first.failure_details is None

    scripted(test)


def test_a_refused_result_is_not_sent_again() -> None:
    async def test(engine: ScriptedEngine) -> None:
        engine.refusals = [grpc.StatusCode.INVALID_ARGUMENT]
        async with serving(engine):
            engine.send(item("echo"), "first")
            engine.send(turn("i", "noop"), "next")
            assert {(await engine.answer()).completion_token for _ in range(2)} == {"first", "next"}
        assert engine.answers.empty()

    scripted(test)


def test_a_result_that_is_too_large_becomes_a_failure() -> None:
    async def test(engine: ScriptedEngine) -> None:
        engine.refusals = [grpc.StatusCode.RESOURCE_EXHAUSTED]
        async with serving(engine):
            engine.send(item("echo"), "token")
            first, second = await engine.activity(), await engine.activity()
        assert first.failure_details is None
        assert second.failure_details is not None
        assert second.completion_token == "token"

    scripted(test)


def test_results_of_a_lost_stream_are_sent() -> None:
    async def test(engine: ScriptedEngine) -> None:
        gate = Gate()
        async with serving(engine, gate):
            engine.send(item("gated"), "lost")
            await gate.entered.get()
            engine.stream_opened.clear()
            engine.end_stream(grpc.StatusCode.UNAVAILABLE)
            await engine.stream_opened.wait()
            gate.open.set()
            assert (await engine.answer()).completion_token == "lost"

    scripted(test)


def test_a_stop_lets_the_work_in_hand_finish() -> None:
    async def test(engine: ScriptedEngine) -> None:
        gate = Gate()
        async with serving(engine, gate) as client:
            engine.send(item("gated"), "in hand")
            await gate.entered.get()
            stopping = asyncio.create_task(client.stop())
            await asyncio.sleep(0)
            engine.send(turn("i", "noop"), "too late")
            gate.open.set()
            await stopping
        assert (await engine.answer()).completion_token == "in hand"
        assert engine.answers.empty()

    scripted(test)


def test_a_delta_continues_what_was_kept() -> None:
    past = (
        *events(v.WorkflowStarted(), v.ExecutionStarted(name="one", input="1")),
        v.HistoryEvent(event_id=0, body=v.TaskScheduled(name="echo")),
    )
    done = events(v.WorkflowStarted(), v.TaskCompleted(task_scheduled_id=0, result="9"))

    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            engine.send(v.WorkflowRequest(instance_id="i", past_events=past, new_events=events(v.WorkflowStarted())))
            assert (await engine.turn()).actions == ()
            cached = v.CachedHistory(event_count=3)
            engine.send(v.WorkflowRequest(instance_id="i", cached_history=cached, new_events=done))
            (action,) = (await engine.turn()).actions
            assert isinstance(action.body, v.CompleteWorkflow)
            assert action.body.result == "9"
        assert engine.calls["GetInstanceHistory"] == 0

    scripted(test)


@pytest.mark.parametrize("count", [1, 2, 4], ids=lambda count: f"{count} announced")
def test_a_delta_that_does_not_fit_is_fetched(count: int) -> None:
    past = (
        *events(v.WorkflowStarted(), v.ExecutionStarted(name="one", input="1")),
        v.HistoryEvent(event_id=0, body=v.TaskScheduled(name="echo")),
    )
    done = events(v.WorkflowStarted(), v.TaskCompleted(task_scheduled_id=0, result="9"))

    async def test(engine: ScriptedEngine) -> None:
        engine.history["i"] = past
        async with serving(engine):
            cached = v.CachedHistory(event_count=count)
            engine.send(
                v.WorkflowRequest(instance_id="i", past_events=past[count:], cached_history=cached, new_events=done)
            )
            (action,) = (await engine.turn()).actions
            assert isinstance(action.body, v.CompleteWorkflow)
            assert action.body.result == "9"
        assert engine.calls["GetInstanceHistory"] == 1

    scripted(test)


def test_a_history_that_cannot_be_fetched_ends_the_stream() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            await engine.stream_opened.wait()
            engine.stream_opened.clear()
            engine.send(turn("gone", "noop", cached_history=v.CachedHistory(event_count=1)))
            await engine.stream_opened.wait()
        assert engine.answers.empty()
        assert engine.calls["GetWorkItems"] == 2

    scripted(test)


def test_the_cache_dies_with_the_stream() -> None:
    async def test(engine: ScriptedEngine) -> None:
        past = events(v.WorkflowStarted(), v.ExecutionStarted(name="one", input="1"))
        engine.history["i"] = past
        async with serving(engine):
            engine.send(v.WorkflowRequest(instance_id="i", past_events=past, new_events=events(v.WorkflowStarted())))
            await engine.answer()
            engine.stream_opened.clear()
            engine.end_stream()
            await engine.stream_opened.wait()
            cached = v.CachedHistory(event_count=2)
            engine.send(
                v.WorkflowRequest(instance_id="i", cached_history=cached, new_events=events(v.WorkflowStarted()))
            )
            await engine.answer()
        assert engine.calls["GetInstanceHistory"] == 1

    scripted(test)


def test_a_turn_that_cannot_be_run_is_answered_all_the_same() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine):
            engine.send(v.WorkflowRequest(instance_id="i", new_events=events(v.WorkflowStarted())), "token")
            response = await engine.turn()
        (action,) = response.actions
        assert action.id == -1
        assert isinstance(action.body, v.CompleteWorkflow)
        assert response.completion_token == "token"

    scripted(test)


def test_the_deprecated_completion_is_a_decision() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine, decisions=replace(REFERENCE, uses_deprecated_completion=lambda: True)):
            engine.send(turn("i", "noop"))
            await engine.answer()
        assert engine.calls["CompleteOrchestratorTask"] == 1

    scripted(test)


def test_how_long_a_stream_may_be_idle_is_a_decision() -> None:
    async def test(engine: ScriptedEngine) -> None:
        async with serving(engine, decisions=replace(REFERENCE, idle_limit=lambda: 0.5)):
            await engine.stream_opened.wait()
            engine.stream_opened.clear()
            await engine.stream_opened.wait()
        assert engine.calls["GetWorkItems"] >= 2

    scripted(test)
