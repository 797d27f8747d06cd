"""The round: what is answered, and when. On an event loop, without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from dwconf.engine.core.hub import Hub
from dwconf.engine.core.store import Batch
from dwconf.engine.shell.clocks import VirtualClock
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.runtime import COMPANY, Runtime
from dwconf.wire.codec import decode
from dwconf.wire.values import (
    CompleteWorkflow,
    CreateInstanceRequest,
    CreateInstanceResponse,
    GetInstanceRequest,
    OrchestrationStatus,
    WorkflowAction,
    WorkflowResponse,
)

LIMIT = 10.0
END = WorkflowAction(body=CompleteWorkflow(workflow_status=OrchestrationStatus.COMPLETED))


class Watched(MemoryStore):
    """Calls `during` while a batch is being saved, and counts the batches that are durable."""

    def __init__(self) -> None:
        super().__init__()
        self.saves = 0
        self.during: Callable[[], object] = lambda: None

    def save(self, batch: Batch) -> None:
        super().save(batch)
        self.saves += 1
        self.during()


class Full(MemoryStore):
    """A disk that is full."""

    def save(self, batch: Batch) -> None:
        del batch
        raise OSError("no space left")


class Engine:
    """A hub and its runtime on a store, with one worker's stream."""

    def __init__(self, store: MemoryStore) -> None:
        clock = VirtualClock()
        self.hub = Hub(store=store, seed=b"runtime", now=clock.now())
        self.runtime = Runtime(hub=self.hub, store=store, clock=clock)
        self.runtime.open_stream(())

    @classmethod
    async def at_rest(cls, store: MemoryStore) -> Engine:
        """An engine between two rounds."""
        engine = cls(store)
        await engine.runtime.durable()
        return engine

    def start(self, instance_id: str = "i") -> asyncio.Task[bytes]:
        """A client that starts an instance."""
        request = CreateInstanceRequest(instance_id=instance_id, name="wf")
        return asyncio.create_task(self.runtime.reply(self.hub.start(request, self.runtime.now)))

    def wait(self) -> asyncio.Task[bytes]:
        """A client that waits for the end of `i`."""
        request = GetInstanceRequest(instance_id="i")
        return asyncio.create_task(self.runtime.reply(self.hub.wait(request, self.hub.rules.has_ended)))

    def end(self) -> None:
        """A worker that ends `i`; the round is still to come."""
        self.hub.complete_turn(WorkflowResponse(instance_id="i", actions=(END,)), self.runtime.now)


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, LIMIT))


def test_a_condition_that_holds_by_what_is_not_durable_is_not_answered() -> None:
    """The turn is answered in the moment between the round of the start and the waking of its client."""

    async def test() -> None:
        store = Watched()
        engine = await Engine.at_rest(store)
        store.during = lambda: store.saves == 1 and asyncio.get_running_loop().call_soon(engine.end)
        waiting = engine.start()
        await engine.runtime.durable()
        for _ in range(5):
            await asyncio.sleep(0)
        assert store.saves == 1
        assert not waiting.done()
        await engine.runtime.durable()
        assert decode(CreateInstanceResponse, await waiting).instance_id == "i"
        assert store.saves == 2

    run(test())


def test_requests_of_one_round_share_a_transaction() -> None:
    async def test() -> None:
        store = Watched()
        engine = await Engine.at_rest(store)
        engine.start()
        replies = [asyncio.create_task(engine.runtime.reply(engine.hub.history("i"))) for _ in range(3)]
        await asyncio.gather(*replies)
        assert store.saves == 1

    run(test())


@pytest.mark.parametrize(
    ("others", "alone", "rounds"),
    [(COMPANY, False, 1), (COMPANY, True, 2), (COMPANY - 1, False, 2)],
    ids=["many", "many, but one by one", "few"],
)
def test_while_many_items_are_out_answers_that_come_together_wait_for_others(
    others: int,
    alone: bool,  # noqa: FBT001
    rounds: int,
) -> None:
    async def test() -> None:
        store = Watched()
        engine = await Engine.at_rest(store)
        for number in range(others):
            engine.start(f"other-{number}")
        engine.start()
        await engine.runtime.durable()
        if alone:
            await engine.runtime.durable()
        before = store.saves
        engine.end()
        ended = asyncio.create_task(engine.runtime.durable())
        for _ in range(5):
            await asyncio.sleep(0)
        engine.start("later")
        await asyncio.gather(ended, engine.runtime.durable())
        assert store.saves == before + rounds

    run(test())


def test_a_round_that_is_open_at_the_end_is_saved() -> None:
    async def test() -> None:
        store = Watched()
        engine = await Engine.at_rest(store)
        started = engine.start()
        await asyncio.sleep(0)
        engine.runtime.close()
        assert store.saves == 1
        started.cancel()

    run(test())


def test_who_gives_up_waiting_is_forgotten() -> None:
    async def test() -> None:
        engine = await Engine.at_rest(MemoryStore())
        waiting = [engine.wait(), engine.wait()]
        await engine.runtime.durable()
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        assert engine.runtime._waiting == {}

    run(test())


@pytest.mark.parametrize("wanted", ["end", "history"])
def test_nothing_is_answered_when_the_store_fails(wanted: str) -> None:
    async def test() -> None:
        engine = await Engine.at_rest(Full())
        engine.start()
        waiting = engine.wait() if wanted == "end" else asyncio.create_task(engine.runtime.durable())
        with pytest.raises(OSError, match="no space left"):
            await waiting
        with pytest.raises(OSError, match="no space left"):
            await engine.runtime.durable()

    run(test())
