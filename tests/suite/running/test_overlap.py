"""Cases that overlap: as many as may be at a time, and each by itself again when the target's process ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.overlap import Overlap
from dwconf.suite.running.plan import TargetSpec, Work

WORK = [Work(f"engine/test/{name}", TargetSpec("engine", "attached"), ()) for name in "abcdef"]


def outcomes(
    perform: Callable[[Work], Awaitable[CaseOutcome]], *, width: int, long: float | None = None
) -> list[CaseOutcome | None]:
    async def run() -> list[CaseOutcome | None]:
        overlap = Overlap(perform, WORK, width=width, long=long)
        return [await overlap.outcome(work) for work in WORK]

    return asyncio.run(run())


def test_no_more_are_under_way_than_may_be_and_they_begin_in_order() -> None:
    begun: list[str] = []
    under_way = most = 0

    async def perform(work: Work) -> CaseOutcome:
        nonlocal under_way, most
        begun.append(work.case)
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return CaseOutcome(work.case, "target", "done", 0, 0)

    assert [one.case if one else "" for one in outcomes(perform, width=2)] == [work.case for work in WORK]
    assert begun == [work.case for work in WORK]
    assert most == 2


def test_one_that_goes_on_for_long_leaves_its_place_to_another() -> None:
    ended = asyncio.Event()

    async def perform(work: Work) -> CaseOutcome:
        if work is WORK[0]:
            await ended.wait()
        elif work is WORK[-1]:
            ended.set()
        return CaseOutcome(work.case, "target", "done", 0, 0)

    found = outcomes(perform, width=1, long=0.01)
    assert [one.status if one else "" for one in found] == ["done"] * len(WORK)


def test_what_a_crash_hit_is_left_to_be_run_alone_once_nothing_else_is_under_way() -> None:
    ended = asyncio.Event()

    async def perform(work: Work) -> CaseOutcome:
        if work is not WORK[0]:
            await ended.wait()
        if work is WORK[1] or work is WORK[2]:
            return CaseOutcome(work.case, "target", "crashed", 0, 0)
        ended.set()
        return CaseOutcome(work.case, "target", "done", 0, 0)

    found = outcomes(perform, width=3)
    assert [one.status if one else "" for one in found] == ["done", "", "", "", "", ""]
