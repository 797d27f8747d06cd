"""Cases that run at the same time in one process, on one target where something keeps their work apart.

Most of a case on a real engine is waiting: for turns, for windows in which nothing may come, for what never comes. So
pytest still takes one item after the other, but the conversations of the next ones have begun by then.

A worker has no router: of its cases, those overlap that bring an engine and a process of their own.

When the target's process ends, nobody can say which of these cases ended it: each that was under way is to be run again
by itself. What had not begun by then is left to be run beside others on the next target (`phases`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import Work

Perform = Callable[[Work], Awaitable[CaseOutcome]]


def _never() -> bool:
    return False


class Overlap:
    """Runs pieces of work in their order, `width` of them at a time. To be made on the event loop.

    One that goes on for longer than `long` seconds leaves its place to another: it waits for what may never come.
    `lost` says whether the target's process has ended by now: then nothing begins any more.
    """

    def __init__(
        self,
        perform: Perform,
        work: Iterable[Work],
        *,
        width: int,
        long: float | None = None,
        lost: Callable[[], bool] = _never,
    ) -> None:
        self._perform = perform
        self._lost = lost
        self._long = long
        self._places = asyncio.Semaphore(width)
        self._crashed = False
        self.hit: set[str] = set()
        """The ids of the work that was under way when the target's process ended."""
        self._tasks = {one.id: asyncio.ensure_future(self._run(one)) for one in work}

    async def _run(self, work: Work) -> CaseOutcome | None:
        async with self._place():
            outcome = None if self._crashed or self._lost() else await self._perform(work)
        if outcome is not None and outcome.status == "crashed":
            self._crashed = True
            self.hit.add(work.id)
            return None
        return outcome

    @contextlib.asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        """One of the places, until the case is over, or has taken so long that it must be waiting."""
        await self._places.acquire()
        with contextlib.ExitStack() as place:
            place.callback(self._places.release)
            if self._long is not None:
                asyncio.get_running_loop().call_later(self._long, place.close)
            yield

    def holds(self, work: Work) -> bool:
        """Whether a piece of work is one of these."""
        return work.id in self._tasks

    async def outcome(self, work: Work) -> CaseOutcome | None:
        """The outcome of a piece of work once it is there; None when it came to none, and nothing is under way."""
        outcome = await self._tasks[work.id]
        if outcome is None:
            await asyncio.wait(self._tasks.values())
        return outcome

    async def cancel(self) -> None:
        """End what is still under way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
