"""Starting instances (chapter B)."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.scene.actions import complete
from dwconf.suite.scene.sidecar import SidecarScene


@case()
async def plain(s: SidecarScene) -> None:
    """An instance starts, its only turn completes it."""
    s.connect()
    wf, started = s.start(input='{"n": 1}', step="started")
    turn = await s.turn(wf, step="first")
    s.reached("before-answer")
    await s.answer(turn, complete(0, '"out"'), step="answered")
    await s.settle(started, step="start-answered", expects="an answer to StartInstance")
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
