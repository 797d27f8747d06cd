"""One case's search on a target that lives on an event loop: Hypothesis draws in a thread, schedules play on the loop.

Whatever is found is played again, alone, for the record. A schedule that does not break its rule then, whether or not
it did before, has no evidence that anybody could follow: it is left in the trace, and judged by no one.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass

from dwconf.suite.cases.registry import Depth
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.schedules.operations import Schedule, read, written
from dwconf.suite.schedules.player import Player
from dwconf.suite.schedules.search import search
from dwconf.suite.schedules.verdicts import PLAYED, RULES
from dwconf.wire.codec import WireError


@dataclass(frozen=True, slots=True)
class Budget:
    """How many schedules are drawn, and for how many seconds of real time new ones are played.

    On a target in real time nearly all of a schedule is waiting, so that more seconds show little more.
    """

    examples: int
    virtual: float
    real: float


BUDGETS = {Depth.QUICK: Budget(10, 1.5, 1.5), Depth.FULL: Budget(100, 4.0, 2.0), Depth.SOAK: Budget(5000, 120.0, 120.0)}
ATTEMPTS = 3
REAL_TICK = 0.2
VIRTUAL_TICK = 1.0
"""The unit of time of a schedule, in seconds of the target's."""


class Explorer:
    """Plays schedules on one scene."""

    def __init__(self, scene: SidecarScene, *, virtual: bool) -> None:
        self._scene = scene
        self._virtual = virtual
        self._tick = VIRTUAL_TICK if virtual else REAL_TICK
        self._loop = asyncio.get_running_loop()
        self._running: concurrent.futures.Future[list[str]] | None = None
        self._deadline = self._more = 0.0

    async def explore(self) -> None:
        """Search as the scene's look says, or play what it is to play again."""
        look = self._scene.look
        if look.again:
            await self._confirm(look.rule, read(look.again))
            return
        budget = BUDGETS[Depth(look.depth)]
        self._more = budget.virtual if self._virtual else budget.real
        self._deadline = self._loop.time() + self._more
        try:
            found = await asyncio.to_thread(self._search, look.seed, budget.examples)
        finally:
            self._deadline = 0.0
            if self._running is not None:
                self._running.cancel()
        for rule, schedule in found:
            await self._confirm(rule, schedule)

    async def _confirm(self, rule: str, schedule: Schedule) -> None:
        """Play a schedule for the record, until it breaks its rule, a few times at most."""
        for _ in range(ATTEMPTS):
            if rule in await self.play(schedule, rule=rule):
                return

    def _search(self, seed: int, examples: int) -> list[tuple[str, Schedule]]:
        """Hypothesis, in its thread."""
        try:
            found = search(self._from_thread, seed=seed, examples=examples, patient=self._patient)
        except concurrent.futures.CancelledError:  # the case is over
            return []
        return [(one.rule, one.schedule) for one in found]

    def _patient(self) -> bool:
        return self._loop.time() < self._deadline

    def _from_thread(self, schedule: Schedule) -> Iterable[str]:
        self._running = asyncio.run_coroutine_threadsafe(self.play(schedule), self._loop)
        return self._running.result()

    async def play(self, schedule: Schedule, *, rule: str = "") -> list[str]:
        """Play one schedule on instances of its own; the rules that are in scope and were broken."""
        self._scene.note(PLAYED, schedule=written(schedule), rule=rule)
        quiet = self._scene.tolerances.quiet
        player = Player(self._scene, tick=self._tick, quiet=quiet, cares=self._cares)
        with contextlib.suppress(CaseOver, WireError):  # for others to judge
            await player.play(schedule)
        broken = [rule for rule, _ in player.witness.findings if self._cares(rule)]
        if broken:  # shrinking has as much time again
            self._deadline, self._more = self._deadline + self._more, 0.0
        return broken

    def _cares(self, rule: str) -> bool:
        return rule in RULES and rule in self._scene.rules
