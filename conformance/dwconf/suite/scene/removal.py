"""Removing what a case has left on a sidecar that others use: a conversation of its own, and evidence of nothing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from dwconf.suite.scene.actions import complete
from dwconf.suite.scene.calls import Pending
from dwconf.suite.scene.client import SidecarTarget
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.trace.record import Tape
from dwconf.wire.values import GetInstanceResponse, OrchestrationStatus, PurgeInstancesResponse, WorkflowRequest


class Removal(SidecarScene):
    """Terminates and purges instances, and answers what belongs to them: `ours` says of an instance whether it does."""

    def __init__(
        self, target: SidecarTarget, tape: Tape, prefix: str, *, instances: Iterable[str], ours: Callable[[str], bool]
    ) -> None:
        super().__init__(target, tape, prefix)
        self.instances = list(instances)
        self._ours = ours
        self._done = 0

    @classmethod
    def of(cls, scene: SidecarScene, tape: Tape) -> Removal:
        """The removal of what a scene leaves. Where a router holds the stream, what the scene did not answer is out."""
        made = cls(scene.target, tape, scene.prefix, instances=scene.instances, ours=scene.mine)
        made.items = scene.unanswered() if scene.target.routed is not None else []
        return made

    def mine(self, instance_id: str) -> bool:
        return self._ours(instance_id)

    async def carry_out(self, *, within: float) -> None:
        """Purge the instances; those that have not ended are terminated first. As far as it goes `within` seconds."""
        left: list[str] = []
        try:
            async with asyncio.timeout(within):
                left += [one for one in self.instances if one and not await self._purged(one)]
                if left:
                    await self._answer_until([self.terminate(one, recursive=True) for one in left])
                for instance_id in left:
                    if not (await self.purge(instance_id, recursive=True)).ok:
                        await self.purge(instance_id, force=True)
        except (TimeoutError, CaseOver):
            await self._force(left, within=within)
        finally:
            await self.close()

    async def _force(self, instances: Iterable[str], *, within: float) -> None:
        """Purge what does not end, where the sidecar does that."""
        self.note("not every instance ended in time")
        with contextlib.suppress(TimeoutError, CaseOver):
            async with asyncio.timeout(within):
                for instance_id in instances:
                    await self.purge(instance_id, force=True)

    async def _purged(self, instance_id: str) -> bool:
        """Whether an instance is gone: purged now, or not there at all."""
        call = await self.purge(instance_id, recursive=True)
        if call.ok and call.response(PurgeInstancesResponse).deleted_instance_count:
            return True
        state = await self.state(instance_id, payloads=False)
        return state.ok and not state.response(GetInstanceResponse).exists

    async def _answer_until(self, ends: list[Pending]) -> None:
        """Answer whatever is out, until calls are answered."""
        self.connect()
        while not all(pending.done for pending in ends):
            waiting, self._done = self.items[self._done :], len(self.items)
            for item in waiting:
                if isinstance(item.item.request, WorkflowRequest):
                    await self.answer(item, complete(-1, None, status=OrchestrationStatus.TERMINATED))
                else:
                    await self.finish(item)
            if not waiting:
                self._news.clear()
                await self._news.wait()
