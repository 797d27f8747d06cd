"""The references, started in this process. Nothing else of the suite imports them."""

from __future__ import annotations

import asyncio
import contextlib

from dwconf.engine.mutants import MUTANTS as ENGINE_MUTANTS
from dwconf.engine.shell.server import EngineServer
from dwconf.worker.app.registry import conformance_registry
from dwconf.worker.mutants import MUTANTS as WORKER_MUTANTS
from dwconf.worker.shell.client import WorkerClient
