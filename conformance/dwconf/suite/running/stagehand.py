"""The stagehand of one process: an event loop in a thread, and the target that its cases run on.

Cases run one after the other; the loop runs all the time, so that streams, processes and embedded references live on
between them. A target is started when the first case asks for it, checked after each case, and started anew for the
next one when it has crashed. While a sidecar is shared (see `phases`), several cases may be under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.running.conduct import Scene, conduct
from dwconf.suite.running.exclusive import Left, beginning, make_sure, sweep
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.overlap import Overlap
from dwconf.suite.running.patience import Patience
from dwconf.suite.running.plan import AnyTarget, TargetSpec, Work
from dwconf.suite.running.preflight import prepare
from dwconf.suite.running.router import Router
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.claim import Claim
from dwconf.suite.targets.process import Process
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.trace.file import TraceWriter
from dwconf.suite.trace.record import Tape

T = TypeVar("T")
CLEANUP = 20.0
"""How long an interrupted case or start may clean up, in seconds."""
MOMENT = 1.0
"""How long after a connection was lost a process may still be ending, in seconds."""


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
        self._claim: Claim | None = None
        self.left = Left()
        """What the last sweep of an attached sidecar left there."""
        self._router: Router | None = None
        self._overlap: Overlap | None = None
        self._hit: set[str] = set()
        self._patience = Patience()
        self._having = asyncio.Lock()
        self._cases = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dwconf", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self._unshare())
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

    def shares(self, spec: TargetSpec) -> bool:
        """Whether cases may be under way at the same time on a target. Raises TargetError."""
        target = self.target(spec)
        return isinstance(target, Sidecar) and target.shares

    @contextmanager
    def sharing(self, spec: TargetSpec) -> Iterator[TargetSpec]:
        """Let a router hand out the target's work; gives the spec by which other processes reach it, and its router."""
        try:
            yield self.do(self._share(spec))
        finally:
            self.do(self._unshare())

    def lost(self, spec: TargetSpec) -> bool:
        """Whether the process of a target has ended by itself."""
        return self._spec == spec and self._ended()

    def begin(self, work: Iterable[Work], *, width: int, long: float | None = None) -> None:
        """Begin work that will be asked for, as `Overlap` does; something has to keep it apart from the rest."""
        self.do(self._begin(work, width, long))

    def perform(self, work: Work) -> CaseOutcome | None:
        """Run one case on its target, or wait for it when it has begun; None when the target was lost meanwhile.

        Raises TargetError when the target cannot be started.
        """
        return self.do(self._outcome(work))

    def hit(self) -> frozenset[str]:
        """The ids of the work that was under way when a target that was shared ended; they are forgotten then."""
        hit, self._hit = frozenset(self._hit), set()
        return hit

    async def _share(self, spec: TargetSpec) -> TargetSpec:
        target = await self._have(spec)
        if not isinstance(target, Sidecar):
            raise TypeError("only a sidecar's work is routed")
        self._router = Router(beginning(self._run), target.new_channel, target.metadata)
        await self._router.start()
        await target.route(self._router.address)
        return msgspec.structs.replace(spec, address=target.endpoint.url, router=self._router.address)

    async def _unshare(self) -> None:
        overlap, self._overlap = self._overlap, None
        if overlap is not None:
            await overlap.cancel()
            self._hit |= overlap.hit
        await self._close_router()

    async def _close_router(self) -> None:
        router, self._router = self._router, None
        if isinstance(self._target, Sidecar):
            await self._target.route("")
        if router is not None:
            await router.close()

    async def _begin(self, work: Iterable[Work], width: int, long: float | None) -> None:
        shared = self._router is not None
        self._overlap = Overlap(
            self._perform, work, width=width, long=long, lost=lambda: shared and (self._target is None or self._ended())
        )

    def _ended(self) -> bool:
        process: Process | None = getattr(self._target, "process", None)
        return process is not None and not process.running

    async def _outcome(self, work: Work) -> CaseOutcome | None:
        if self._overlap is not None and self._overlap.holds(work):
            return await self._overlap.outcome(work)
        return await self._perform(work)

    async def _perform(self, work: Work) -> CaseOutcome:
        target = await self._have(work.target)
        self._cases += 1
        prefix = f"{beginning(self._run)}{self._name}-{self._cases}"

        apart = CASES[work.case].apart

        tapes: list[Tape] = []

        def open_scene(tape: Tape) -> Scene:
            scene: Scene
            tapes.append(tape)
            if isinstance(target, Sidecar):
                scene = SidecarScene(target, tape, prefix)
            else:
                scene = WorkerScene(target, tape, prefix, apart=apart)
            scene.tolerances = self._patience.granted(scene.tolerances)
            return scene

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
            look=work.look,
        )
        self._patience.heard(outcome)
        if apart:
            return outcome
        await self._seen_to_end(target, tapes)
        return await self._after(outcome, target)

    @staticmethod
    async def _seen_to_end(target: AnyTarget, tapes: Iterable[Tape]) -> None:
        """Where a connection was lost, wait a moment for the end of the target's process: that is told a little later.

        A case that came through with answers of an engine that was dying says nothing about it.
        """
        process: Process | None = getattr(target, "process", None)
        lost = any(record.code == "UNAVAILABLE" for tape in tapes for record in tape.records)
        if process is not None and process.running and lost:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(MOMENT):
                    await process.wait()

    @staticmethod
    def _lost(target: AnyTarget, work: Work) -> Callable[[], Awaitable[object]] | None:
        """What returns when the target's process has ended, unless the case itself ends it or has one of its own."""
        process: Process | None = getattr(target, "process", None)
        case = CASES[work.case]
        return None if process is None or case.restarts or case.apart else process.wait

    def _trace(self, folder: Path, target: AnyTarget) -> TraceWriter:
        if self._writer is None:
            path = folder / f"trace-{self._name}.dwt"
            self._writer = TraceWriter(path, suite=self._suite, run=self._run, target=target.name)
        return self._writer

    async def _after(self, outcome: CaseOutcome, target: AnyTarget) -> CaseOutcome:
        process: Process | None = getattr(target, "process", None)
        if target is not self._target:  # a case beside this one was the first to see that its process had ended
            message = "the target's process ended during this case, or during one beside it"
        elif process is None or process.running:
            return outcome
        else:
            message = f"the target's process ended with code {process.exit_code} during this case\n{process.tail()}"
            await self._let_go()
        return msgspec.structs.replace(outcome, status="crashed", message=message)

    async def _have(self, spec: TargetSpec) -> AnyTarget:
        async with self._having:
            if self._target is None or self._spec != spec:
                await self._let_go()
                self._target, self._patience = await self._reached(spec), Patience()
                self._spec = spec
            return self._target

    async def _reached(self, spec: TargetSpec) -> AnyTarget:
        """A target that is started, and what it should be. Raises TargetError."""
        target = spec.make(os.environ.get("DAPR_API_TOKEN", ""))
        await target.start()
        try:
            if isinstance(target, Sidecar) and target.access == "attached" and not spec.router:
                await self._have_alone(target)
            elif not spec.router:  # who started the router has looked at the target
                await prepare(target)
        except BaseException:
            self._give_up_claim(clean=False)
            await target.stop()
            raise
        return target

    async def _have_alone(self, sidecar: Sidecar) -> None:
        """A sidecar that serves already is nobody else's, and has nothing left of runs before. Raises TargetError."""
        claim = self._claim = Claim.take(sidecar.endpoint)
        await prepare(sidecar)
        claim.note(self._run)
        await make_sure(sidecar, self._run)
        await sweep(sidecar, claim.earlier)

    async def _let_go(self) -> None:
        await self._close_router()
        target, self._target, self._spec = self._target, None, None
        if target is None:
            return
        if self._claim is not None and isinstance(target, Sidecar):
            self.left = await sweep(target, (self._run, *self._claim.earlier))
            self._give_up_claim(clean=self.left.clean)
        await target.stop()

    def _give_up_claim(self, *, clean: bool) -> None:
        claim, self._claim = self._claim, None
        if claim is not None:
            claim.release(clean=clean)


async def _watched(work: Coroutine[Any, Any, T], ended: threading.Event) -> T:
    try:
        return await work
    finally:
        ended.set()
