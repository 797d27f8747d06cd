"""Completing a turn (chapter C)."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.programs import program, return_
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene


@case()
async def plain_return(s: WorkerScene) -> None:
    """A workflow returns a value in its first turn."""
    await Instance(s, program(return_({"a": 1, "b": [True, None, "é"]}))).turn(step="returned")
