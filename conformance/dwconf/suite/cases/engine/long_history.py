"""Histories and batches that are longer than usual (chapter C)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence.events import raises
from dwconf.suite.scene.actions import complete, timer
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.sidecar import SidecarScene

MANY, FEW = 300, 40
"""As many as make a history longer than a page of anything, and as many as make a batch."""


@case(depth=Depth.FULL)
async def many(s: SidecarScene) -> None:
    """An answer has many actions, and many events are raised while a turn is held."""
    s.connect()
    wf, started = s.start()
    far = s.after(24 * 3600)
    first = await s.turn(wf, step="first")
    await s.answer(first, *(timer(number, far) for number in range(MANY)), step="answered")
    await s.settle(started)
    await s.settle(s.raise_event(wf, "go"))
    second = await gather(s, wf, raises("go"), step="second", expects="a turn with the raised event")
    for number in range(FEW):
        await s.settle(s.raise_event(wf, f"e{number}"))
    await s.answer(second)
    every = raises(*(f"e{number}" for number in range(FEW)))
    last = await gather(s, wf, every, step="last", expects="turns with all raised events")
    await s.history(wf, step="history-last")
    await s.answer(last, complete(MANY))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
