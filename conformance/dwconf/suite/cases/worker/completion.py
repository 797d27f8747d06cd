"""Completing a turn (chapter C)."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.programs import builder as p
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
