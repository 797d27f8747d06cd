"""The examination of an app, from its manifest to its end.

What has been found wrong is not found wrong again: an app whose interpreter does not run is asked for no operation, and
one that stays silent is not waited for over and over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from dwconf.suite.cli.doctor import contract, questions
from dwconf.suite.cli.doctor.answers import Complaint
from dwconf.suite.cli.doctor.contract import ProgramExam
from dwconf.suite.cli.doctor.environment import Sign
from dwconf.suite.cli.doctor.life import another
from dwconf.suite.cli.doctor.questions import Doubt, Question, Silence
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.process import Process
from dwconf.suite.targets.worker import StartedWorker, Worker
from dwconf.suite.trace.record import Tape
from dwconf.wire.codec import WireError

PATIENCE = 3
"""So many questions in a row without an answer end the examination."""
KNOWN_FEATURES = contract.FEATURES.keys() | contract.ELSEWHERE


class Course:
    """One app's examination; it `took` so many seconds to connect."""

    def __init__(self, worker: Worker, *, took: float) -> None:
        self._worker = worker
        self._took = took
        self._process: Process | None = getattr(worker, "process", None)
        self._asked = 0
        self._silent = 0

    async def signs(self) -> AsyncIterator[Sign]:
        """What is found, one sign after the other."""
        for sign in self._manifest():
            yield sign
        for exam in contract.ACTIVITIES:
            if not self._over() and (not exam.feature or exam.feature in self._worker.features):
                yield await self._sign(exam.about or f"activity {exam.name}", questions.activity(exam))
        async for sign in self._programs():
            yield sign
            if self._over():
                break
        if not self._over() and isinstance(self._worker, StartedWorker):
            yield await self._sign(
                "a second process", another(within=max(self._worker.tolerances.dispatch, 3 * self._took))
            )
        if ended := self._ended():
            yield "wrong", ended
        elif self._silent >= PATIENCE:
            yield "wrong", f"{PATIENCE} questions in a row without an answer: the rest was not asked"

    def _over(self) -> bool:
        return self._silent >= PATIENCE or bool(self._ended())

    def _ended(self) -> str:
        """How the app's process ended, if it did."""
        process = self._process
        if process is None or process.running:
            return ""
        return f"the app's process ended with code {process.exit_code} while it was asked\n{process.tail()}".rstrip()

    def _manifest(self) -> Iterator[Sign]:
        manifest = self._worker.manifest
        yield "ok", f"manifest: {manifest.sdk} {manifest.version}, program language {manifest.program}"
        for name in ("sdk", "version"):
            if not getattr(manifest, name):
                yield "wrong", f"manifest: `{name}` is missing: reports are headed by it"
        for name in sorted(self._worker.can - contract.OPERATIONS.keys()):
            yield "wrong", f"manifest: {name!r} is no operation of the language; see docs/conformance-app.md"
        for name in sorted(self._worker.features - KNOWN_FEATURES):
            yield "wrong", f"manifest: {name!r} is no feature that there is; see docs/conformance-app.md"

    async def _programs(self) -> AsyncIterator[Sign]:
        """Workflows: their names first, then the language, its operations, and their features."""
        if "return" not in self._worker.can:
            yield "wrong", "manifest: `return` is not declared, and no program can be looked at without it"
            return
        for name in contract.INTERPRETERS:
            sign = await self._sign(f"workflow {name}", questions.program(contract.SMALLEST, name=name))
            yield sign
            if sign[0] == "wrong" and name == "interp":
                return
        yield await self._sign("no workflow missing_wf", questions.unknown_workflow)
        if "versions" in self._worker.features:
            for version in ("v1", "v2"):
                yield await self._sign(f"workflow ver, version {version}", questions.version(version))
        for about, exam in contract.LANGUAGE.items():
            yield await self._sign(f"language: {about}", questions.program(exam, judge=exam.judge))
        async for sign in self._operations():
            yield sign

    async def _operations(self) -> AsyncIterator[Sign]:
        can, features = self._worker.can, self._worker.features
        for name, exam in contract.OPERATIONS.items():
            if exam.needs <= can:
                yield await self._declared_or_not(name, exam, declared=name in can)
            else:
                yield "note", f"{name}: not looked at without {', '.join(sorted(exam.needs - can))}"
        for name, (operation, exam) in contract.FEATURES.items():
            if operation in can:
                yield await self._declared_or_not(f"feature {name}", exam, declared=name in features)

    async def _declared_or_not(self, name: str, exam: ProgramExam, *, declared: bool) -> Sign:
        if declared:
            return await self._sign(name, questions.program(exam))
        sign = await self._sign(name, questions.program(exam, judge=contract.undeclared))
        return sign if sign[0] == "wrong" else ("note", f"{name}: not declared")

    async def _sign(self, about: str, question: Question) -> Sign:
        self._asked += 1
        scene = WorkerScene(self._worker, Tape("doctor"), f"dw-doctor-{self._asked}")
        try:
            complaint = await self._answer(question, scene)
            self._silent = 0
        except Doubt as doubt:
            return "note", f"{about}: {doubt}"
        except Silence as error:
            complaint = str(error)
            self._silent += 1
        except (CaseOver, WireError, ValueError) as error:
            complaint = str(error)
        finally:
            await scene.close()
        return ("wrong", f"{about}: {complaint}") if complaint else ("ok", about)

    async def _answer(self, question: Question, scene: WorkerScene) -> Complaint:
        """The answer to a question; nobody waits for one of a process that has ended."""
        asking = asyncio.ensure_future(question(scene))
        ending = asyncio.ensure_future(self._process.wait() if self._process else asyncio.Event().wait())
        try:
            await asyncio.wait((asking, ending), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise CaseOver("ends the process")
            return asking.result()
        finally:
            for task in (asking, ending):
                task.cancel()
            await asyncio.gather(asking, ending, return_exceptions=True)
