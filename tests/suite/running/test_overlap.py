"""Cases that overlap: as many as may be at a time, and each by itself again when the target's process ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.overlap import Overlap
from dwconf.suite.running.plan import TargetSpec, Work

WORK = [Work(f"engine/test/{name}", TargetSpec("engine", "attached"), ()) for name in "abcdef"]


def overlapped(
    perform: Callable[[Work], Awaitable[CaseOutcome]], *, width: int, long: float | None = None
) -> tuple[list[CaseOutcome | None], set[str]]:
    """The outcomes, and what was under way when the target's process ended."""

    async def run() -> tuple[list[CaseOutcome | None], set[str]]:
        overlap = Overlap(perform, WORK, width=width, long=long)
        return [await overlap.outcome(work) for work in WORK], overlap.hit

    return asyncio.run(run())


def outcomes(
    perform: Callable[[Work], Awaitable[CaseOutcome]], *, width: int, long: float | None = None
) -> list[CaseOutcome | None]:
    return overlapped(perform, width=width, long=long)[0]


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


def test_what_a_crash_hit_is_told_apart_from_what_had_not_begun() -> None:
    ended = asyncio.Event()

    async def perform(work: Work) -> CaseOutcome:
        if work is not WORK[0]:
            await ended.wait()
        if work is WORK[1] or work is WORK[2]:
            return CaseOutcome(work.case, "target", "crashed", 0, 0)
        await asyncio.sleep(0)  # until those beside it have begun
        ended.set()
        return CaseOutcome(work.case, "target", "done", 0, 0)

    found, hit = overlapped(perform, width=3)
    assert [one.status if one else "" for one in found] == ["done", "", "", "", "", ""]
    assert hit == {WORK[1].id, WORK[2].id}


def test_nothing_begins_on_a_target_whose_process_has_ended() -> None:
    begun: list[str] = []

    async def perform(work: Work) -> CaseOutcome:
        begun.append(work.id)
        await asyncio.sleep(0)
        return CaseOutcome(work.case, "target", "crashed", 0, 0)

    async def run() -> tuple[list[CaseOutcome | None], set[str]]:
        overlap = Overlap(perform, WORK, width=2, lost=lambda: bool(begun))
        return [await overlap.outcome(work) for work in WORK], overlap.hit

    found, hit = asyncio.run(run())
    assert found == [None] * len(WORK)
    assert begun == [WORK[0].id] == list(hit)
