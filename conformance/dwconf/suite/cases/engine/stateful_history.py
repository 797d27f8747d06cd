"""Workers that remember: history sent as deltas (chapter A, from A-17)."""

from __future__ import annotations

import contextlib

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import complete, continue_as_new, timer
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import raised, turn_with
from dwconf.wire.values import WorkerCapability

REMEMBERS = WorkerCapability.STATEFUL_HISTORY
HOUR = 3600.0
TRIES = 10
OTHERS = 3
"""How many other streams there are for a next generation: most often it comes on one of them."""
ATTEMPTS = 3
NEEDS = ("stateful-history",)


@case(alone=True, needs=NEEDS)
async def deltas(s: SidecarScene) -> None:
    """Five turns go to one worker that remembers, whose stream then ends, and two more to its next stream."""
    for _ in range(ATTEMPTS):
        with contextlib.suppress(CaseOver):  # whether a lost turn comes again is judged elsewhere (ENG-A-11)
            await _sent_and_lost(s)
            return
        for stream in s.streams:
            await stream.drop()
        await s.quiet(opens="dropping", closes="dropped")


async def _sent_and_lost(s: SidecarScene) -> None:
    stream = s.connect(REMEMBERS)
    wf, starting = s.start()
    await s.answer(await s.turn(wf, step="turn-0"), timer(0, s.after(HOUR)))
    await s.settle(starting)
    await s.settle(s.raise_event(wf, "e1"))
    turn = await turn_with(s, wf, raised("e1"), step="turn-1")
    await s.history(wf, step="history-1")
    for name in ("a", "b", "c"):
        await s.settle(s.raise_event(wf, name))
    await s.answer(turn)
    turn = await turn_with(s, wf, raised("c"), step="turn-2")
    await s.history(wf, step="history-2")
    await s.answer(turn)
    for number in (3, 4):
        await s.settle(s.raise_event(wf, f"e{number}"))
        turn = await turn_with(s, wf, raised(f"e{number}"), step=f"turn-{number}")
        await s.history(wf, step=f"history-{number}")
        await s.answer(turn, timer(number, s.after(HOUR)))
    await s.settle(s.raise_event(wf, "e5"))
    await turn_with(s, wf, raised("e5"), step="lost")
    await stream.drop()
    s.connect(REMEMBERS)
    turn = await turn_with(s, wf, raised("e5"), step="turn-5")
    await s.history(wf, step="history-5")
    await s.answer(turn)
    await s.settle(s.raise_event(wf, "e6"))
    turn = await turn_with(s, wf, raised("e6"), step="turn-6")
    await s.history(wf, step="history-6")
    await s.answer(turn, complete(7))
    await s.completed(wf)


@case(depth=Depth.FULL, alone=True, needs=NEEDS)
async def next_generation(s: SidecarScene) -> None:
    """A worker that remembers one generation gets a later one's turns only after another worker had the first."""
    first = s.connect(REMEMBERS)
    wf, starting = s.start()
    await s.answer(await s.turn(wf), timer(0, s.after(HOUR)))
    await s.settle(starting)
    for attempt in range(TRIES):
        await s.settle(s.raise_event(wf, f"warm-{attempt}"))
        turn = await turn_with(s, wf, raised(f"warm-{attempt}"), step=f"warm-{attempt}")
        others = [s.connect(REMEMBERS) for _ in range(OTHERS)]
        await s.quiet(opens=f"opening-{attempt}", closes=f"open-{attempt}")  # nothing tells when they are open
        await s.answer(turn, continue_as_new(1, f'"{attempt}"'))
        turn = await s.turn(wf, step=f"generation-{attempt}")
        elsewhere = turn.stream != first.number
        await s.answer(turn, *(timer(n, s.after(HOUR)) for n in range(6 + attempt)))
        for other in others:
            await other.drop()
        if not elsewhere:  # an engine may prefer one of the streams for an instance, for as long as they are open
            await first.drop()
        await s.quiet(opens=f"closing-{attempt}", closes=f"closed-{attempt}")
        if elsewhere:
            s.reached("elsewhere")
            break
        first = s.connect(REMEMBERS)
    await s.settle(s.raise_event(wf, "back"))
    turn = await turn_with(s, wf, raised("back"), step="back")

    await s.history(wf, step="history-back")
    await s.answer(turn)
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(9))
    await s.completed(wf)


@case(alone=True, needs=NEEDS)
async def continued(s: SidecarScene) -> None:
    """A workflow continues as new on the one stream of a worker that remembers."""
    s.connect(REMEMBERS)
    wf, starting = s.start()
    await s.answer(await s.turn(wf), timer(0, s.after(HOUR)))
    await s.settle(starting)
    for name in ("one", "two"):
        await s.settle(s.raise_event(wf, name))
        turn = await turn_with(s, wf, raised(name), step=name)
        await s.answer(turn, *([continue_as_new(1, '"again"')] if name == "two" else []))
    await s.answer(await s.turn(wf, step="generation-first"), timer(0, s.after(HOUR)))
    await s.settle(s.raise_event(wf, "end"))
    await s.answer(await turn_with(s, wf, raised("end"), step="generation-second"), complete(9))
    await s.completed(wf)


@case(depth=Depth.FULL, alone=True, needs=NEEDS)
async def warm_and_cold(s: SidecarScene) -> None:
    """One worker remembers and another one does not; turns of one instance go to either."""
    warm = s.connect(REMEMBERS)
    s.connect()
    wf, starting = s.start()
    await s.answer(await s.turn(wf))
    await s.settle(starting)
    hits = 0
    for number in range(6):
        await s.settle(s.raise_event(wf, f"e{number}"))
        turn = await turn_with(s, wf, raised(f"e{number}"), step=f"turn-{number}")
        hits += turn.stream == warm.number
        await s.answer(turn, *([complete(0)] if number == 5 else []))  # noqa: PLR2004  (the last)
    await s.completed(wf)
    s.reached("counted", hits=hits)
