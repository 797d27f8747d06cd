"""Cases that run at the same time in one process, on one target where something keeps their work apart.

Most of a case on a real engine is waiting: for turns, for windows in which nothing may come, for what never comes. So
pytest still takes one item after the other, but the conversations of the next ones have begun by then.

A worker has no router: of its cases, those overlap that bring an engine and a process of their own.

When the target's process ends, nobody can say which of these cases ended it. Each is run again by itself, and so is
everything that had not begun.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Work

Perform = Callable[[Work], Awaitable[CaseOutcome]]


class Overlap:
    """Runs pieces of work in their order, `width` of them at a time. To be made on the event loop."""

    def __init__(self, perform: Perform, work: Iterable[Work], *, width: int) -> None:
        self._perform = perform
        self._places = asyncio.Semaphore(width)
        self._crashed = False
        self._tasks = {one.id: asyncio.ensure_future(self._run(one)) for one in work}

    async def _run(self, work: Work) -> CaseOutcome | None:
        async with self._places:
            outcome = None if self._crashed else await self._perform(work)
        if outcome is not None and outcome.status == "crashed":
            self._crashed = True
            return None
        return outcome

    async def outcome(self, work: Work) -> CaseOutcome | None:
        """The outcome of a piece of work once it is there; None when it is to be run by itself, and may be now."""
        task = self._tasks.get(work.id)
        if task is None:
            return None
        outcome = await task
        if outcome is None:
            await asyncio.wait(self._tasks.values())
        return outcome

    async def cancel(self) -> None:
        """End what is still under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
