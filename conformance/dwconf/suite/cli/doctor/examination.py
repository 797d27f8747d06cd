"""Examine a target: is a sidecar there and of the right kind, and does an app keep its contract?"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.cli.doctor.course import Course
from dwconf.suite.cli.doctor.environment import Sign
from dwconf.suite.running.plan import AnyTarget, TargetSpec
from dwconf.suite.running.preflight import prepare
from dwconf.suite.targets.worker import Worker


async def examine(spec: TargetSpec) -> AsyncIterator[Sign]:
    """What is found, one sign after the other. Raises TargetError when there is nothing to examine."""
    load_suite()  # preflight runs a case
    begun = time.monotonic()
    async with _open(spec) as target:
        took = time.monotonic() - begun
        yield "ok", f"reachable: {target.name}"
        await prepare(target)
        if isinstance(target, Worker):
            async for sign in Course(target, took=took).signs():
                yield sign
        else:
            yield "ok", "speaks the Dapr task hub protocol"


@asynccontextmanager
async def _open(spec: TargetSpec) -> AsyncIterator[AnyTarget]:
    """The started target, whose output and {dir} lie in a folder that goes with it."""
    with tempfile.TemporaryDirectory(prefix="dwconf-") as folder:
        target = msgspec.structs.replace(spec, folder=folder).make(os.environ.get("DAPR_API_TOKEN", ""))
        try:
            await target.start()
            yield target
        finally:
            await target.stop()
