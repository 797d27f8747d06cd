"""Schedules by chance: what clients, workers and streams do in an order that nobody thought of."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.schedules.exploring import Explorer


@case(alone=True)
async def life(s: SidecarScene) -> None:
    """Instances live through random schedules; one that an engine plays wrong is shrunk and played again."""
    await Explorer(s, virtual=s.tolerances.pace < 1).explore()
