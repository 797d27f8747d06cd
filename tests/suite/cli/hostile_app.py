"""Workers that no suite may be hung or fooled by: the reference app with a hostile streak, as processes of their own.

python hostile_app.py NAME
"""

import itertools
import os
import random
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import grpc

from dwconf.wire.codec import encode
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import ActivityResponse, WorkflowRequest, WorkflowResponse, WorkItem
from dwconf.worker.core.activities import ActivityContext
from dwconf.worker.core.decisions import REFERENCE
from tests.suite.cli.broken_app import App, start

HOSTILE: dict[str, Callable[[App], None]] = {}
COMPLETIONS = ("CompleteActivityTask", "CompleteWorkflowTask", "CompleteOrchestratorTask")
LARGE = 8_000_000
NTH = 7


def hostile(change: Callable[[App], None]) -> Callable[[App], None]:
    HOSTILE[change.__name__.replace("_", "-")] = change
    return change


@hostile
def says_nothing(app: App) -> None:
    """Takes turns, and never answers one."""

    def takes(item: WorkItem, in_hand: int) -> bool:
        return not isinstance(item.request, WorkflowRequest)

    app.decisions = replace(REFERENCE, takes_item=takes)


@hostile
def crashes_at_the_seventh_item(app: App) -> None:
    count = itertools.count(1)

    def takes(item: WorkItem, in_hand: int) -> bool:
        if next(count) == NTH:
            os._exit(9)
        return True

    app.decisions = replace(REFERENCE, takes_item=takes)


@hostile
def completes_what_it_was_not_given(app: App) -> None:
    """Each answer comes with others: about another task, another instance, and under a token that nobody gave out."""

    def activities(right: ActivityResponse) -> tuple[ActivityResponse, ...]:
        return (
            replace(right, task_id=right.task_id + 1, completion_token=""),
            replace(right, instance_id=f"{right.instance_id}-not", completion_token="x"),
            right,
        )

    def turns(right: WorkflowResponse) -> tuple[WorkflowResponse, ...]:
        return (replace(right, instance_id=f"{right.instance_id}-not", completion_token="x"), right)

    app.decisions = replace(REFERENCE, activity_answers=activities, workflow_answers=turns)


@hostile
def sends_garbage_without_end(app: App) -> None:
    """Completion calls in an endless row: bytes that are no message, and messages about nobody's work."""
    draw = random.Random(1)

    def garbage() -> Iterator[tuple[str, bytes]]:
        while True:
            yield draw.choice(COMPLETIONS), draw.randbytes(draw.randrange(300))
            yield COMPLETIONS[0], encode(ActivityResponse(instance_id="nobody", task_id=draw.randrange(9)))

    beside(app, garbage())


@hostile
def sends_huge_messages(app: App) -> None:
    """An activity whose result is huge, and completions of nobody's work that are."""

    async def echo(_ctx: ActivityContext, value: object) -> object:
        return value if value == "fence" else "x" * LARGE

    app.registry.activity("echo")(echo)
    huge = encode(ActivityResponse(instance_id="nobody", result="x" * LARGE))
    beside(app, itertools.repeat((COMPLETIONS[0], huge), 5))


def beside(app: App, calls: Iterator[tuple[str, bytes]]) -> None:
    """Make these calls from another thread, one after the other, for as long as the process lives."""

    def run() -> None:
        channel = grpc.insecure_channel(app.endpoint.removeprefix("http://"), (("grpc.max_send_message_length", -1),))
        for method, request in calls:
            rpc: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(TASK_HUB.methods[method].path)
            try:
                rpc(request, timeout=30)
            except grpc.RpcError:
                continue

    threading.Thread(target=run, daemon=True).start()


if __name__ == "__main__":
    start(HOSTILE[sys.argv[1]])
