"""Peers whose messages are spoilt, from all of them to one field now and then: the suite is neither stopped nor fooled.

Every case is driven against such peers. Nothing that they say may make a case, a check, a monitor or an observation
raise: what cannot be read is the peer's fault or leaves a rule untested, and is never our error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import replace
from random import Random

import pytest
from google.protobuf.message import Message

from dwconf.engine.shell.clocks import VirtualClock
from dwconf.engine.shell.faults import Faults
from dwconf.engine.shell.memory import MemoryStore
from dwconf.engine.shell.server import EngineServer
from dwconf.suite.cases.registry import CASES, Case, Depth, load_suite
from dwconf.suite.rulebook import load_rulebook
from dwconf.suite.rulebook.model import Side
from dwconf.suite.running.conduct import Scene, conduct
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.suite.targets.worker import EmbeddedWorker
from dwconf.suite.tolerances import MUTANT
from dwconf.suite.trace.record import Tape
from dwconf.wire.rpc import DAPR, TASK_HUB
from dwconf.worker.shell import client
from dwconf.worker.shell.calls import Calls
from tests.quality.distortion import DISTORTIONS, Distortion

HASTY = replace(
    MUTANT, reply=0.5, dispatch=0.4, silent=0.2, quiet=0.02, reconnect=0.4, crash=0.4, stalled=0.5, ready=30, pace=0.02
)
"""Most of what is waited for never comes; what a deadline cuts short here is no verdict on anybody."""
AT_ONCE = 16
SHARE = 5
"""Each distortion meets every fifth case, and nearly each case one distortion or two: together they stay affordable."""
SEED = 1

load_suite()
RULEBOOK = load_rulebook()


def responses() -> dict[str, type[Message]]:
    return {name: method.response for service in (DAPR, TASK_HUB) for name, method in service.methods.items()}


class HostileEngine(EmbeddedSidecar):
    """The reference engine, whose messages are spoilt on their way out."""

    def __init__(self, distortion: Distortion, random: Random) -> None:
        super().__init__(tolerances=HASTY)
        kinds = responses()

        def outgoing(method: str, data: bytes) -> tuple[bytes]:
            return (data if method == "Hello" else distortion(random, kinds[method], data),)

        self._faults = Faults(outgoing=outgoing)

    async def start(self) -> None:
        await self._start(VirtualClock(), MemoryStore(), 0)

    async def _start(self, clock: VirtualClock, store: MemoryStore, port: int) -> None:
        server = await EngineServer.start(clock=clock, store=store, port=port, send_timeout=0.3, faults=self._faults)
        self._serve(server)

    async def restart(self, *, kill: bool) -> None:
        del kill
        before = self._server
        await self.stop()
        await self._start(before.clock, before.store, before.port)


CHANCE: ContextVar[Random] = ContextVar("chance")
"""Each case has its own, which the tasks of its worker inherit: what it meets does not depend on its neighbours."""


def spoiling_calls(distortion: Distortion) -> type[Calls]:
    """The calls of a worker whose answers are spoilt."""

    class Spoiling(Calls):
        async def complete(self, method: str, answer: bytes) -> str:
            return await super().complete(method, distortion(CHANCE.get(), TASK_HUB.methods[method].request, answer))

    return Spoiling


def outcomes(side: str, distortion: Distortion, perform: Callable[[Case], object]) -> list[CaseOutcome]:
    """The outcomes of this distortion's share of a side's cases, many at a time: mostly they wait."""
    place = DISTORTIONS.index(distortion)
    cases = [case for case in CASES.values() if case.side == side and case.depth is not Depth.SOAK]
    share = [case for number, case in enumerate(cases) if (number - place) % SHARE == 0]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(case: Case) -> CaseOutcome:
        async with gate:
            outcome = await perform(case)  # type: ignore[misc]
            assert isinstance(outcome, CaseOutcome)
            return outcome

    async def all_of_them() -> list[CaseOutcome]:
        return await asyncio.gather(*(one(case) for case in share))

    return asyncio.run(all_of_them())


async def conducted(case: Case, target: EmbeddedSidecar | EmbeddedWorker) -> CaseOutcome:
    """Run a case on a target of its own, judged for every rule of its side."""

    def scene(tape: Tape) -> Scene:
        if isinstance(target, EmbeddedSidecar):
            return SidecarScene(target, tape, "dwhostile")
        return WorkerScene(target, tape, "dwhostile")

    await target.start()
    try:
        return await conduct(
            case,
            scene,
            rules=frozenset(rule for rule in RULEBOOK.rules if rule.startswith(f"{case.side}/")),
            clock=target.now,
            target="hostile",
            choices=RULEBOOK.profile(Side(case.side), "reference").overrides,
            scale=0.1,
        )
    finally:
        await target.stop()


def our_errors(outcome: CaseOutcome) -> Iterator[str]:
    if outcome.status == "error":
        yield f"{outcome.case}: {outcome.message}"
    for rule in outcome.rules:
        if rule.error:
            yield f"{outcome.case}, {rule.rule}: {rule.error}"


def breaches(found: list[CaseOutcome]) -> int:
    return sum(len(rule.breaches) for outcome in found for rule in outcome.rules)


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=lambda d: d.__name__)
def test_an_engine_with_spoilt_messages(distortion: Distortion) -> None:
    async def perform(case: Case) -> CaseOutcome:
        return await conducted(case, HostileEngine(distortion, Random(f"{SEED} {case.id}")))

    found = outcomes("engine", distortion, perform)
    assert [error for outcome in found for error in our_errors(outcome)] == []
    assert breaches(found) > 0


@pytest.mark.parametrize("distortion", DISTORTIONS, ids=lambda d: d.__name__)
def test_a_worker_with_spoilt_answers(distortion: Distortion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "Calls", spoiling_calls(distortion))

    async def perform(case: Case) -> CaseOutcome:
        CHANCE.set(Random(f"{SEED} {case.id}"))
        return await conducted(case, EmbeddedWorker(tolerances=HASTY))

    found = outcomes("worker", distortion, perform)
    assert [error for outcome in found for error in our_errors(outcome)] == []
    assert breaches(found) > 0
