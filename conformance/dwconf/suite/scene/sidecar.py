"""The sidecar scene: we are the client and the worker of one engine.

A case calls the verbs of `Client` and those below; each records what crosses the wire and, where the case names a
`step`, a pointer for the checks. Verbs that wait raise CaseOver when nothing comes: the case ends there, and the checks
judge what there is.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import grpc.aio

from dwconf.suite.evidence import Call, Item
from dwconf.suite.scene.calls import Metadata
from dwconf.suite.scene.client import Client, SidecarTarget
from dwconf.suite.scene.streams import PREFIX, WorkStream
from dwconf.suite.trace.record import Tape
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    TaskFailureDetails,
    WorkerCapability,
    WorkflowAction,
    WorkflowRequest,
    WorkflowResponse,
    WorkflowVersion,
)

OLDER_COMPLETION = "CompleteOrchestratorTask"
MOST_ITEMS = 20_000
"""A sidecar that sends more items in one case sends them without end; its streams are dropped."""
ECHO = object()
"""Stands for the item's own token."""


class NotAlone(RuntimeError):
    """A case does to streams what cannot be done while others share them: our fault."""


class SidecarScene(Client):
    """One conversation with a sidecar."""

    def __init__(self, target: SidecarTarget, tape: Tape, prefix: str) -> None:
        super().__init__(target, tape, prefix)
        self.items: list[Item] = []
        self.streams: list[WorkStream] = []
        self._claimed: set[int] = set()
        self._answered: set[int] = set()
        self._completion = "CompleteWorkflowTask"
        self._channels: list[grpc.aio.Channel] = []

    # --- worker verbs

    def connect(
        self,
        *capabilities: WorkerCapability | int,
        step: str = "",
        channel: grpc.aio.Channel | None = None,
        reads: bool = True,
        metadata: Metadata | None = None,
    ) -> WorkStream:
        """Open a work-item stream; one that does not read leaves what comes where it is.

        `metadata` stands in for what calls carry otherwise.
        """
        routed = self.target.routed
        plain = not (capabilities or channel or metadata or any(stream.open for stream in self.streams)) and reads
        if routed is not None and not plain:
            raise NotAlone("a case that opens more than one plain stream is about streams: register it as alone")
        own = self.target.metadata if metadata is None else metadata
        stream = WorkStream(
            routed or channel or self.target.channel,
            self.tape,
            capabilities=capabilities,
            metadata=own if routed is None else ((PREFIX, f"{self.prefix}-"),),
            mine=self.mine,
            arrived=self._arrived,
            reads=reads,
        )
        self.streams.append(stream)
        self.reached(step, stream.number)
        return stream

    def adopt(self, instance_id: str) -> None:
        """Take an instance whose id the engine made for one of this case; no router could know whose it is."""
        if self.target.routed is not None:
            raise NotAlone("a case whose instances the engine names is not to share it: register it as alone")
        super().adopt(instance_id)
        if instance_id not in self.instances:
            self.instances.append(instance_id)

    def own_channel(self) -> grpc.aio.Channel:
        """A connection apart from the shared one, closed with the scene."""
        channel = self.target.new_channel()
        self._channels.append(channel)
        return channel

    def _arrived(self, item: Item | None) -> None:
        if item is not None and len(self.items) < MOST_ITEMS:
            self.items.append(item)
        elif item is not None:
            for stream in self.streams:
                stream.cancel()
        self.wake()

    async def item(
        self,
        wanted: Callable[[Item], bool],
        *,
        step: str = "",
        expects: str,
        within: float | None = None,
    ) -> Item:
        """The next item not yet claimed that is wanted, from any stream of this scene."""

        def look() -> Item | None:
            return next((i for i in self.items if i.number not in self._claimed and wanted(i)), None)

        found = await self.until(look, step=step, expects=expects, within=within)
        self._claimed.add(found.number)
        self.reached(step, found.number)
        return found

    def taken(self, instance_id: str) -> list[Item]:
        """The items of an instance that the case has taken so far, in the order of their arrival."""
        return [i for i in self.items if i.number in self._claimed and i.instance_id == instance_id]

    async def turn(
        self,
        instance_id: str,
        *,
        step: str = "",
        stream: WorkStream | None = None,
        where: Callable[[Item], bool] | None = None,
        within: float | None = None,
    ) -> Item:
        """The next turn of an instance; `where` narrows which."""

        def wanted(item: Item) -> bool:
            return (
                isinstance(item.item.request, WorkflowRequest)
                and item.instance_id == instance_id
                and (stream is None or item.stream == stream.number)
                and (where is None or where(item))
            )

        return await self.item(wanted, step=step, expects=f"a turn of {instance_id}", within=within)

    async def activity(
        self,
        instance_id: str,
        *,
        task_id: int | None = None,
        step: str = "",
        stream: WorkStream | None = None,
        within: float | None = None,
    ) -> Item:
        """The next activity of an instance; `task_id` narrows which."""

        def wanted(item: Item) -> bool:
            request = item.item.request
            return (
                isinstance(request, ActivityRequest)
                and item.instance_id == instance_id
                and task_id in (None, request.task_id)
                and (stream is None or item.stream == stream.number)
            )

        return await self.item(wanted, step=step, expects=f"an activity of {instance_id}", within=within)

    async def answer(
        self,
        item: Item,
        *actions: WorkflowAction,
        step: str = "",
        token: object = ECHO,
        custom_status: str | None = None,
        version: WorkflowVersion | None = None,
        method: str = "",
    ) -> Call:
        """Answer a turn with actions; `token` stands in for the item's own.

        Unless a `method` is named, a sidecar that does not serve the newer one is answered by the older (ENG-A-02).
        """
        response = WorkflowResponse(
            instance_id=item.turn.instance_id,
            actions=actions,
            custom_status=custom_status,
            completion_token=item.token if token is ECHO else str(token),
            version=version,
        )
        self._settled(item, token)
        call = await self.call(method or self._completion, response, step=step)
        if call.code == "UNIMPLEMENTED" and not method and self._completion != OLDER_COMPLETION:
            self._completion = OLDER_COMPLETION
            call = await self.call(self._completion, response, step=step)
        return call

    async def finish(
        self,
        item: Item,
        result: str | None = '"ok"',
        *,
        failure: TaskFailureDetails | None = None,
        step: str = "",
        token: object = ECHO,
        task_id: int | None = None,
    ) -> Call:
        """Answer an activity with a result or a failure."""
        response = ActivityResponse(
            instance_id=item.instance_id,
            task_id=item.activity.task_id if task_id is None else task_id,
            result=result,
            failure_details=failure,
            completion_token=item.token if token is ECHO else str(token),
        )
        self._settled(item, token)
        return await self.call("CompleteActivityTask", response, step=step)

    def _settled(self, item: Item, token: object) -> None:
        """An item that is answered with its own token is out no longer."""
        if token is ECHO:
            self._answered.add(item.number)

    async def turn_and_answer(
        self, instance_id: str, *actions: WorkflowAction, step: str = "", answer_step: str = ""
    ) -> Item:
        """Take the next turn of an instance and answer it."""
        item = await self.turn(instance_id, step=step)
        await self.answer(item, *actions, step=answer_step)
        return item

    # --- restarts

    async def restart(self, *, kill: bool, step: str) -> None:
        """Stop the sidecar (or kill it) and start it again; `step` is reached once it answers.

        All streams are over, and what came on them and was not taken is no longer there to be taken.
        """
        self.note("the sidecar is killed" if kill else "the sidecar is stopped")
        await self.target.restart(kill=kill)
        for stream in self.streams:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stream.ended(), self.tolerances.quiet)
            await stream.drop()
        self._claimed |= {item.number for item in self.items}
        self._caller = self._new_caller()
        self.reached(step)

    # --- the end

    async def close(self) -> None:
        """End what is still under way."""
        for stream in self.streams:
            await stream.drop()
        for pending in self._pending:
            pending.task.cancel()
        await asyncio.gather(*(pending.task for pending in self._pending), return_exceptions=True)
        for channel in self._channels:
            await channel.close()

    def unanswered(self) -> list[Item]:
        """What came and was not answered."""
        return [item for item in self.items if item.number not in self._answered]
