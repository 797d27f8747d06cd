"""An engine that keeps nothing over a restart is not waited for as if it kept work locked."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.evidence import Evidence
from dwconf.suite.probes.registry import PROBES, look
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.suite.tolerances import OURS
from dwconf.suite.trace.record import Tape


class Forgetful(EmbeddedSidecar):
    """Begins anew when it is started again."""

    async def restart(self, *, kill: bool) -> None:
        await self.stop(grace=0 if kill else 1)
        await self.start()


def test_what_an_engine_says_it_has_forgotten_is_not_waited_for_until_its_locks_expire() -> None:
    load_suite()

    async def driven() -> tuple[str, Evidence]:
        target = Forgetful(tolerances=replace(OURS, dispatch=0.1, crash=30))
        await target.start()
        scene = SidecarScene(target, Tape("case"), "dw-test")
        over = ""
        try:
            await CASES["engine/persistence/killed"].drive(scene)
        except CaseOver as error:
            over = str(error)
        finally:
            await scene.close()
            await target.stop()
        return over, Evidence(scene.tape.records)

    over, evidence = asyncio.run(driven())
    assert over.endswith("did not come within 0.1 s")
    assert evidence.missed("told")
    assert look(PROBES["engine/persistence"], evidence) is False
