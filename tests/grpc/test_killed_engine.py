"""`dwconf engine` on a file, killed by the system thirty times in the course of one load, over real gRPC.

In memory, `tests/engine/test_kill_points.py` tries every point between two writes; here the process, its sockets and
the system's page cache are real. Each of thirty seeded steps is begun, and the process is killed: at once, when the
answer has come, or somewhere between. The next process finds the file as it was left, and a worker that repeats what
it told the ones before.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import grpc
import grpc.aio
import pytest

from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import CreateInstanceRequest, GetWorkItemsRequest, PurgeInstancesRequest, WorkflowResponse
from tests.engine.rig import SECOND, actions, complete
from tests.engine.scripted_load import LOAD, Session, View, elapsed, promised, turn, view

KILLS = 30
LIMIT = 300
"""Seconds for all of it: thirty processes are started, on a busy machine too."""
MOMENTS = (0, 20, 100, 400, None)
"""How long a step goes on before the kill, in rounds of our event loop; None is until it is answered."""
ADVANCE = "/dwconf.Control/Advance"
SERVES = re.compile(rb"serves at (\S+)")


class Wire:
    """The way to an engine over gRPC, on bytes."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def call(self, method: str, data: bytes) -> bytes:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(TASK_HUB.methods[method].path)
        return await call(data)

    async def advance(self, nanos: int) -> bytes:
        move: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(ADVANCE)
        return await move(nanos.to_bytes(8, "big"))

    async def work(self, session: Session) -> None:
        """Be the worker of a session, as long as the engine lives."""
        stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = self._channel.unary_stream(
            TASK_HUB.methods["GetWorkItems"].path
        )
        with suppress(grpc.RpcError):
            async for item in stream(encode(GetWorkItemsRequest())):
                session.arrived(item)


@dataclass(frozen=True, slots=True)
class Life:
    """One process, and the session with it."""

    process: asyncio.subprocess.Process
    session: Session
    wire: Wire

    async def interrupt(self, number: int, rounds: int | None) -> int:
        """Begin a step and kill the engine after so many rounds of our loop; None kills it once the step is answered.

        How many steps it has to remember.
        """
        await self.session.prepare(number)
        sent = self.session.send(number)
        if rounds is None and not promised([number]) > number:
            await asyncio.wait({sent})
        for _ in range(rounds or 0):
            await asyncio.sleep(0)
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()
        replies = self.session.replies
        await asyncio.gather(sent, *replies.values(), return_exceptions=True)
        return promised([step for step, reply in replies.items() if reply.exception() is None])

    async def all_sent(self) -> None:
        """What is queued does not show in the view, but in what is sent; a start behind all of it shows that it was."""
        ahead = CreateInstanceRequest(instance_id="ahead", name="wf")
        started = asyncio.ensure_future(self.wire.call("StartInstance", encode(ahead)))
        answer = WorkflowResponse(
            instance_id="ahead",
            actions=actions(complete()),
            completion_token=await self.session.take(turn("ahead")),
        )
        await self.wire.call("CompleteOrchestratorTask", encode(answer))
        await started
        await self.wire.call("PurgeInstances", encode(PurgeInstancesRequest(instance_id="ahead")))


@asynccontextmanager
async def living(folder: Path, steps: int) -> AsyncIterator[Life]:
    """An engine process on the file in `folder`, `steps` into the load; it is killed at the end, if not before.

    Where the engine before was killed while time passed, that time has passed: it may have been there already, and no
    engine's clock goes back.
    """
    environment = {**os.environ, "DWCONF_DIR": str(folder), "DWCONF_PORT": "0", "DWCONF_CLOCK": "virtual"}
    command = (sys.executable, "-m", "dwconf.suite", "engine")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    told = SERVES.search(await process.stdout.readline())
    assert told is not None
    async with grpc.aio.insecure_channel(told[1].decode()) as channel:
        wire = Wire(channel)
        session = Session(wire)
        await wire.advance(elapsed(steps) * SECOND)
        worker = asyncio.create_task(wire.work(session))
        try:
            yield Life(process, session, wire)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
            worker.cancel()
            await asyncio.gather(worker, *session.replies.values(), return_exceptions=True)


async def undisturbed(folder: Path) -> list[View]:
    """What is to be seen after each number of steps, from none to all."""
    async with living(folder, 0) as life:
        seen = [await view(life.wire)]
        for number in range(1, len(LOAD) + 1):
            await life.session.make(number)
            seen.append(await view(life.wire))
        return seen


async def found(life: Life, wanted: list[View], done: int) -> int:
    """How many steps an engine remembers whose predecessor was killed in the step behind the first `done`."""
    seen = await view(life.wire)
    known = [steps for steps in (done, done + 1) if steps < len(wanted) and wanted[steps] == seen]
    assert known, f"step {done + 1} is there in part: {seen}"
    if len(known) > 1:
        await life.all_sent()
        known = [done + 1 if life.session.item_for(LOAD[done + 1]) else done]
    return known[0]


@pytest.mark.timeout(LIMIT + 30)
def test_thirty_kills_lose_nothing(tmp_path: Path) -> None:
    async def test() -> None:
        for name in ("whole", "killed"):
            (tmp_path / name).mkdir()
        wanted = await undisturbed(tmp_path / "whole")
        choice = random.Random(20)
        doomed = sorted(choice.sample(range(1, len(LOAD) + 1), KILLS))
        done = kept = 0
        told: dict[int, tuple[str, bytes]] = {}
        begun = 0
        for doom in (*doomed, len(LOAD) + 1):
            async with living(tmp_path / "killed", begun) as life:
                done = await found(life, wanted, done)
                assert done >= kept
                for number, (method, answer) in told.items():
                    if number <= done and method.startswith("Complete"):
                        await life.wire.call(method, answer)
                for number in range(done + 1, doom):
                    await life.session.make(number)
                done, begun = doom - 1, doom
                if doom in doomed:
                    kept = await life.interrupt(doom, choice.choice(MOMENTS))
                    told |= life.session.requests
                else:
                    assert await view(life.wire) == wanted[done]

    asyncio.run(asyncio.wait_for(test(), LIMIT))
