"""A worker on Microsoft's SDK, so that the suite can be seen to refuse it: its dialect is not Dapr's.

It answers what preflight asks an app, and would run a program of no steps; no more is needed, since no more may be
asked of it.
"""

import os
import signal
import threading
from typing import Any
from urllib.parse import urlsplit

from durabletask import task, worker

Json = Any


def interp(ctx: task.OrchestrationContext, program: Json) -> None:
    """A program without steps."""


def manifest(ctx: task.ActivityContext, _: Json) -> Json:
    return {"program": 1, "sdk": "durabletask", "version": "1.12.0", "can": ["return"], "features": []}


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    hub = worker.TaskHubGrpcWorker(host_address=urlsplit(os.environ["DAPR_GRPC_ENDPOINT"]).netloc)
    hub.add_orchestrator(interp)
    hub.add_activity(manifest)
    hub.start()
    stopping.wait()
    hub.stop()


if __name__ == "__main__":
    main()
