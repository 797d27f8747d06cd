"""What both kinds of scene have: a tape, named steps, deadlines, and a way to wait for what the peer does next."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from dwconf.suite.looking import Look
from dwconf.suite.tolerances import Tolerances
from dwconf.suite.trace.record import Actor, Kind, Scalar, Tape

T = TypeVar("T")


class CaseOver(Exception):
    """What the case awaited did not come, so the rest of the conversation has no basis."""


class Stage:
    """The tape of one case, and waiting on it.

    `prefix` begins every instance id of the case (letters, digits and dashes), so that no two cases, runs or users of
    a shared target meet.
    """

    def __init__(self, tape: Tape, tolerances: Tolerances, prefix: str) -> None:
        self.tape = tape
        self.tolerances = tolerances
        self.prefix = prefix
        self.look = Look()
        self._ids = 0
        self._adopted: set[str] = set()
        self._news = asyncio.Event()
        self.waited = 0.0
        """For how long only the wall clock was waited for, in seconds: windows, pauses, what never came."""

    def new_id(self, hint: str = "i") -> str:
        """A fresh instance id of this case."""
        self._ids += 1
        return f"{self.prefix}-{hint}{self._ids}"

    def mine(self, instance_id: str) -> bool:
        """Whether an instance belongs to this case (children and detached ones begin with their parent's id)."""
        return instance_id.startswith(f"{self.prefix}-") or instance_id in self._adopted

    def adopt(self, instance_id: str) -> None:
        """From here on, an instance whose id the target chose belongs to this case."""
        self._adopted.add(instance_id)

    def note(self, text: str, **fields: Scalar) -> None:
        """Record something that the harness did or knows."""
        self.tape.add(Actor.HARNESS, Kind.NOTE, text=text, fields=fields)

    def reached(self, step: str, ref: int = 0, **fields: Scalar) -> None:
        """Record that a step was reached; `ref` is the number of the record it points to."""
        if step:
            self.tape.add(Actor.HARNESS, Kind.STEP, text=step, fields={"ref": ref, **fields})

    def missed(self, step: str, expects: str) -> None:
        """Record that what a step awaited did not come before its deadline."""
        self.tape.add(Actor.HARNESS, Kind.STEP, text=step or "(unnamed)", fields={"missed": True, "expects": expects})

    def wake(self) -> None:
        """Something arrived: whoever waits looks again."""
        self._news.set()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """All that is done in here counts as waiting for the wall clock."""
        before, began = self.waited, time.monotonic()
        try:
            yield
        finally:
            self.waited = before + time.monotonic() - began

    async def until(self, look: Callable[[], T | None], *, step: str, expects: str, within: float | None = None) -> T:
        """Wait until `look` finds what a step expects. Raises CaseOver when it has not come `within` seconds."""
        limit = self.tolerances.dispatch if within is None else within
        try:
            async with asyncio.timeout(limit):
                while (found := look()) is None:
                    self._news.clear()
                    await self._news.wait()
                return found
        except TimeoutError:
            self.waited += limit
            self.missed(step, expects)
            raise CaseOver(f"{expects} did not come within {limit:g} s") from None
