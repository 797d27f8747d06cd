"""Examine a target: is a sidecar there and of the right kind, and does an app keep its contract?"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.cli.doctor.contract import ACTIVITIES, OPERATIONS, ActivityExam, ProgramExam, judged
from dwconf.suite.cli.doctor.environment import Sign
from dwconf.suite.running.plan import AnyTarget, TargetSpec
from dwconf.suite.running.preflight import prepare
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.worker import Worker
from dwconf.suite.trace.record import Tape
from dwconf.wire.codec import WireError
from dwconf.wire.values import ActivityResponse


async def examine(spec: TargetSpec) -> AsyncIterator[Sign]:
    """What is found, one sign after the other. Raises TargetError when there is nothing to examine."""
    load_suite()  # preflight runs a case
    async with _open(spec) as target:
        yield "ok", f"reachable: {target.name}"
        await prepare(target)
        if isinstance(target, Worker):
            async for sign in _contract(target):
                yield sign
        else:
            yield "ok", "speaks the Dapr task hub protocol"


@asynccontextmanager
async def _open(spec: TargetSpec) -> AsyncIterator[AnyTarget]:
    target = spec.make(os.environ.get("DAPR_API_TOKEN", ""))
    try:
        await target.start()
        yield target
    finally:
        await target.stop()


async def _contract(worker: Worker) -> AsyncIterator[Sign]:
    manifest = worker.manifest
    yield "ok", f"manifest: {manifest.sdk} {manifest.version}, program language {manifest.program}"
    for name in sorted(worker.can - OPERATIONS.keys()):
        yield "wrong", f"manifest: {name!r} is no operation of the language; see docs/conformance-app.md"
    for exam in ACTIVITIES:
        yield await _activity(worker, exam)
    for name, program in OPERATIONS.items():
        yield await _operation(worker, name, program) if name in worker.can else ("note", f"{name}: not declared")


async def _activity(worker: Worker, exam: ActivityExam) -> Sign:
    scene = WorkerScene(worker, Tape("doctor"), f"dw-doctor-{exam.name}")
    try:
        call = await scene.activity(exam.name, json.dumps(exam.input, ensure_ascii=False))
        complaint = exam.judge(call.request(ActivityResponse))
    except (CaseOver, WireError) as error:
        complaint = str(error)
    finally:
        await scene.close()
    return ("wrong", f"activity {exam.name}: {complaint}") if complaint else ("ok", f"activity {exam.name}")


async def _operation(worker: Worker, name: str, exam: ProgramExam) -> Sign:
    scene = WorkerScene(worker, Tape("doctor"), f"dw-doctor-{name}")
    try:
        made = await Instance(scene, exam.program).turn()
        complaint = judged(exam, made.response)
    except (CaseOver, WireError, ValueError) as error:
        complaint = str(error)
    finally:
        await scene.close()
    return ("wrong", f"{name}: {complaint}") if complaint else ("ok", name)
