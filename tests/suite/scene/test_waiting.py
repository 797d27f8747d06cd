"""What a case waits for by the wall clock is counted, once, so that a run can say where its time went."""

from __future__ import annotations

import asyncio

from dwconf.suite.scene.stage import CaseOver, Stage
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.worker import EmbeddedWorker
from dwconf.suite.tolerances import MUTANT, OURS
from dwconf.suite.trace.record import Tape

MOMENT = 0.02


def test_a_window_that_is_watched_counts() -> None:
    scene = WorkerScene(EmbeddedWorker(), Tape("worker/a/case"), "p")
    asyncio.run(scene.watch(MOMENT / OURS.pace, opens="opens", closes="closes", enough=lambda: False))
    assert scene.waited >= MOMENT


def test_a_worker_that_does_not_come_was_waited_for() -> None:
    scene = WorkerScene(EmbeddedWorker(), Tape("worker/a/case"), "p")

    async def connects() -> bool:
        try:
            await scene.stream(within=MOMENT)
        except CaseOver:
            return False
        return True

    assert not asyncio.run(connects())
    assert scene.waited == MOMENT


def test_what_is_waited_for_in_waiting_counts_once() -> None:
    stage = Stage(Tape("worker/a/case"), MUTANT, "p")

    async def waits() -> None:
        with stage.waiting():
            try:
                await stage.until(lambda: None, step="a", expects="nothing", within=MOMENT)
            except CaseOver:
                stage.waited += 1000
            await asyncio.sleep(MOMENT)

    asyncio.run(waits())
    assert 2 * MOMENT <= stage.waited < 1000
