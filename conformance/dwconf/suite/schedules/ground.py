"""What a schedule is played on: a sidecar scene, or, in tests, the core of an engine without a wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from dwconf.suite.evidence import Call, Item
from dwconf.suite.trace.record import Tape
from dwconf.wire.values import TaskFailureDetails, WorkerCapability, WorkflowAction

T = TypeVar("T")


class Ground(Protocol):
    """What a schedule is played on: the verbs of a sidecar scene that it takes."""

    tape: Tape

    def new_id(self, hint: str = ...) -> str: ...
    def note(self, text: str, **fields: Any) -> None: ...  # noqa: ANN401
    def now(self) -> int: ...
    def connect(self, *capabilities: WorkerCapability | int) -> Any: ...  # noqa: ANN401
    def start(self, instance_id: str | None = None, *, input: str | None = ...) -> Any: ...  # noqa: A002, ANN401
    def raise_event(self, instance_id: str, name: str, input: str | None = None) -> Any: ...  # noqa: A002, ANN401
    def terminate(self, instance_id: str, output: str | None = None) -> Any: ...  # noqa: ANN401
    def suspend(self, instance_id: str, reason: str | None = None) -> Any: ...  # noqa: ANN401
    def resume(self, instance_id: str, reason: str | None = None) -> Any: ...  # noqa: ANN401
    async def settle(self, pending: Any) -> Call: ...  # noqa: ANN401
    async def until(
        self, look: Callable[[], T | None], *, step: str, expects: str, within: float | None = None
    ) -> T: ...
    async def eventually(
        self,
        method: str,
        request: Any,  # noqa: ANN401
        holds: Callable[[Call], bool],
        *,
        step: str,
        expects: str,
    ) -> Call: ...
    async def purge(self, instance_id: str) -> Call: ...
    async def state(self, instance_id: str) -> Call: ...
    async def history(self, instance_id: str) -> Call: ...
    async def completed(self, instance_id: str) -> Call: ...
    async def answer(self, item: Item, *actions: WorkflowAction, token: object = ...) -> Call: ...
    async def finish(
        self, item: Item, result: str | None = ..., *, failure: TaskFailureDetails | None = None
    ) -> Call: ...
    async def pass_time(self, seconds: float) -> None: ...
