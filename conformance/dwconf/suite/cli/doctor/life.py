"""The life of an app's process: it takes its address from the environment, and ends when it is told to."""

from __future__ import annotations

import asyncio

from dwconf.suite.cli.doctor.answers import Complaint
from dwconf.suite.cli.doctor.questions import Doubt, Question
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import RunningApp, WorkerScene


def another(*, within: float) -> Question:
    """One more process of the app, beside the first and at another address; once it is there, it is told to stop."""

    async def ask(s: WorkerScene) -> Complaint:
        double = await s.own_double()
        s.use(double)
        app = await s.own_app(double.port)
        try:
            await s.stream(within=within)
        except CaseOver:
            return (
                "does not connect to the address in its DAPR_GRPC_ENDPOINT and DAPR_GRPC_PORT within"
                f" {within:.0f} s: several must be able to run at once, each at an address of its own"
            )
        app.terminate()
        return await _ends(app, s.tolerances.reply)

    return ask


async def _ends(app: RunningApp, within: float) -> Complaint:
    try:
        async with asyncio.timeout(within):
            code = await app.wait()
    except TimeoutError:
        raise Doubt(f"is told to stop by SIGTERM, and still runs {within:g} s later") from None
    return f"is told to stop by SIGTERM, and ends with code {code} instead of 0" if code else ""
