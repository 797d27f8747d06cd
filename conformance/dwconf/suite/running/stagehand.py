"""The stagehand of one process: an event loop in a thread, and the target that its cases run on.

Cases run one after the other; the loop runs all the time, so that streams, processes and embedded references live on
between them. A target is started when the first case asks for it, checked after each case, and started anew for the
next one when it has crashed.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.running.conduct import Scene, conduct
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import AnyTarget, TargetSpec, Work
from dwconf.suite.running.preflight import prepare
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.process import Process
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.trace.file import TraceWriter
from dwconf.suite.trace.record import Tape

T = TypeVar("T")
CLEANUP = 20.0
"""How long an interrupted case or start may clean up, in seconds."""


class Stagehand:
    """Runs work. `run` is the run's short id; it begins every instance id. `traces` is a folder, or None."""

    def __init__(self, run: str, *, suite: str, traces: Path | None = None, name: str = "0") -> None:
        load_suite()
        self._run = run
        self._name = name
        self._suite = suite
        self._traces = traces
        self._writer: TraceWriter | None = None
        self._spec: TargetSpec | None = None
        self._target: AnyTarget | None = None
        self._cases = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dwconf", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self._let_go())
        if self._writer is not None:
            self._writer.__exit__(None, None, None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop, from outside it; interrupted, it cleans up before this raises."""
        ended = threading.Event()
        future = asyncio.run_coroutine_threadsafe(_watched(work, ended), self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            ended.wait(CLEANUP)
            raise

    def target(self, spec: TargetSpec) -> AnyTarget:
        """The started and prepared target of a spec. Raises TargetError."""
        return self.do(self._have(spec))

    def perform(self, work: Work) -> CaseOutcome:
        """Run one case on its target. Raises TargetError when the target cannot be started."""
        return self.do(self._perform(work))

    async def _perform(self, work: Work) -> CaseOutcome:
        target = await self._have(work.target)
        self._cases += 1
        prefix = f"dw{self._run}{self._name}-{self._cases}"

        def open_scene(tape: Tape) -> Scene:
            return (
                SidecarScene(target, tape, prefix) if isinstance(target, Sidecar) else WorkerScene(target, tape, prefix)
            )

        outcome = await conduct(
            CASES[work.case],
            open_scene,
            rules=frozenset(work.rules),
            clock=target.now,
            target=work.target.label,
            choices=work.choices,
            probes=work.probes,
            sinks=(self._trace(self._traces, target),) if self._traces else (),
            lost=self._lost(target, work),
            scale=work.target.scale,
        )
        return await self._after(outcome, target)

    @staticmethod
    def _lost(target: AnyTarget, work: Work) -> Callable[[], Awaitable[object]] | None:
        """What returns when the target's process has ended, unless the case itself ends it."""
        process: Process | None = getattr(target, "process", None)
        return None if process is None or CASES[work.case].restarts else process.wait

    def _trace(self, folder: Path, target: AnyTarget) -> TraceWriter:
        if self._writer is None:
            path = folder / f"trace-{self._name}.dwt"
            self._writer = TraceWriter(path, suite=self._suite, run=self._run, target=target.name)
        return self._writer

    async def _after(self, outcome: CaseOutcome, target: AnyTarget) -> CaseOutcome:
        process: Process | None = getattr(target, "process", None)
        if process is None or process.running:
            return outcome
        message = f"the target's process ended with code {process.exit_code} during this case\n{process.tail()}"
        await self._let_go()
        return msgspec.structs.replace(outcome, status="crashed", message=message)

    async def _have(self, spec: TargetSpec) -> AnyTarget:
        if self._target is not None and self._spec == spec:
            return self._target
        await self._let_go()
        target = spec.make(os.environ.get("DAPR_API_TOKEN", ""))
        await target.start()
        try:
            await prepare(target)
        except BaseException:
            await target.stop()
            raise
        self._spec, self._target = spec, target
        return target

    async def _let_go(self) -> None:
        target, self._target, self._spec = self._target, None, None
        if target is not None:
            await target.stop()


async def _watched(work: Coroutine[Any, Any, T], ended: threading.Event) -> T:
    try:
        return await work
    finally:
        ended.set()
