"""A sidecar that serves already is ours alone, or it is refused; and what runs leave there is removed.

Any stream may be handed any item. So before the first case a few canaries are started, all at once, and each must come
to us; and a sidecar with the Dapr API says itself how many workers are connected. Canaries are not answered before all
have come, so that an engine which hands work around has to show it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc.aio
from google.protobuf.message import DecodeError

from dwconf.reports.model import Notice
from dwconf.suite.evidence import Item
from dwconf.suite.scene.calls import Pending
from dwconf.suite.scene.removal import Removal
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.trace.record import Tape
from dwconf.wire import codec
from dwconf.wire.rpc import DAPR, TASK_HUB
from dwconf.wire.values import ExecutionStarted, ListInstanceIDsRequest, ListInstanceIDsResponse, WorkflowRequest

CANARY = "dwconf-canary"
MANY = 8
MOST_PAGES = 1000
SHOWN = 5
"""Ids that a notice names."""
ROUNDS = 3
"""How often what an earlier run left is looked for again: an end may bring new instances."""
HINT = "end the app or the other dwconf that is connected, or use a sidecar with an app id of its own and no app"


def beginning(run: str) -> str:
    """How all instance ids of a run begin."""
    return f"dw{run}"


async def make_sure(sidecar: Sidecar, run: str) -> None:
    """See that nobody else takes our work. Raises TargetError."""
    await _nobody_connected(sidecar)
    scene = _Canaries(sidecar, Tape("preflight"), f"{beginning(run)}-canary")
    scene.connect()
    starting = {f'"{run}-{number}"': scene.start(name=CANARY, input=f'"{run}-{number}"')[1] for number in range(MANY)}
    try:
        came = await asyncio.gather(*(scene.comes(told, pending) for told, pending in starting.items()))
    finally:
        await scene.close()
        ours = scene.came()
        removal = Removal(sidecar, Tape("preflight"), scene.prefix, instances=ours, ours=ours.__contains__)
        await removal.carry_out(within=sidecar.tolerances.dispatch)
    if not all(came):
        what = (
            f"work goes to somebody else: of {MANY} workflows that we started, {came.count(False)} did not come to us"
        )
        raise TargetError(what, sidecar.endpoint.address, HINT)


class _Canaries(SidecarScene):
    """Knows its workflows by what they are told, whatever ids an engine gives them."""

    def mine(self, instance_id: str) -> bool:
        del instance_id
        return True

    async def comes(self, told: str, starting: Pending) -> bool:
        """Whether a workflow's first turn comes to us; a refused start says nothing about who else is there."""

        def first_turn(item: Item) -> bool:
            started = item.new(ExecutionStarted) if isinstance(item.item.request, WorkflowRequest) else ()
            return any(isinstance(e.body, ExecutionStarted) and e.body.input == told for e in started)

        try:
            await self.item(first_turn, expects="the first turn of a workflow that we started")
        except CaseOver:
            return starting.done and not starting.task.result().ok
        return True

    def came(self) -> frozenset[str]:
        """The instances that they are, by the ids that were asked for and by those that came."""
        return frozenset({*self.instances, *(item.instance_id for item in self.items if item.number in self._claimed)})


async def _nobody_connected(sidecar: Sidecar) -> None:
    """Where the Dapr API is served, it tells how many workers there are; our last stream may still count a moment."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + sidecar.tolerances.reply / 3
    while workers := await _workers(sidecar):
        if loop.time() > limit:
            who = "1 other worker is" if workers == 1 else f"{workers} other workers are"
            raise TargetError(f"{who} connected to the sidecar", sidecar.endpoint.address, HINT)
        await asyncio.sleep(sidecar.tolerances.quiet / 5)


async def _workers(sidecar: Sidecar) -> int:
    """How many workers the sidecar says are connected; 0 when it does not say."""
    method = DAPR.methods["GetMetadata"]
    rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = sidecar.channel.unary_unary(method.path)
    try:
        answer = await rpc(b"", timeout=sidecar.tolerances.reply, metadata=sidecar.metadata)
        said: Any = method.response.FromString(answer)
        return int(said.workflows.connected_workers)
    except (grpc.aio.AioRpcError, DecodeError):
        return 0


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of runs in a sidecar; None where it does not list its instances."""

    instances: tuple[str, ...] | None = ()

    @property
    def clean(self) -> bool:
        """Whether it is known that nothing is left."""
        return self.instances == ()

    def notices(self) -> Iterator[Notice]:
        """What a user should know of it."""
        if self.instances is None:
            yield Notice(
                level="info",
                title="the sidecar does not list its instances",
                message="Each case purged its own; whether all of them are gone cannot be told.",
            )
        elif self.instances:
            count, shown = len(self.instances), ", ".join(self.instances[:SHOWN])
            more = f" and {count - SHOWN} more" if count > SHOWN else ""
            are = "workflow instance of dwconf is" if count == 1 else "workflow instances of dwconf are"
            yield Notice(
                level="warning",
                title=f"{count} {are} left in the sidecar",
                message=f"Asked to terminate and to purge them, it has neither ended nor purged {shown}{more}.",
                hint="the next run on this sidecar asks again; or purge them by id, or delete its state store",
            )


async def sweep(sidecar: Sidecar, runs: Iterable[str]) -> Left:
    """Terminate and purge the instances of runs."""
    beginnings = tuple(beginning(run) for run in runs)
    before: list[str] = []
    for _ in range(ROUNDS):
        found = await _instances(sidecar, beginnings) if beginnings else []
        if not found:
            return Left(None if found is None else ())
        if found == before:  # they do not end, and the sidecar does not let go of what has not ended
            return Left(tuple(found))
        before = found
        removal = Removal(
            sidecar, Tape("leftovers"), beginnings[0], instances=found, ours=lambda one: one.startswith(beginnings)
        )
        await removal.carry_out(within=sidecar.tolerances.dispatch)
    found = await _instances(sidecar, beginnings)
    return Left(None if found is None else tuple(found))


async def _instances(sidecar: Sidecar, beginnings: tuple[str, ...]) -> list[str] | None:
    """The ids of instances that begin so, parents before children; None when the sidecar does not list."""
    rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
    rpc = sidecar.channel.unary_unary(TASK_HUB.methods["ListInstanceIDs"].path)
    found: set[str] = set()
    token: str | None = None
    try:
        for _ in range(MOST_PAGES):
            request = codec.encode(ListInstanceIDsRequest(continuation_token=token))
            data = await rpc(request, timeout=sidecar.tolerances.reply, metadata=sidecar.metadata)
            page = codec.decode(ListInstanceIDsResponse, data)
            found |= {one for one in page.instance_ids if one.startswith(beginnings)}
            token = page.continuation_token
            if not token:
                break
    except (grpc.aio.AioRpcError, codec.WireError):
        return None
    return sorted(found, key=lambda one: (len(one), one))
