"""Preflight: is the target what it should be? What fails here is said once, as one cause, before any rule is judged."""

from __future__ import annotations

import asyncio

import grpc.aio

from dwconf.suite.cases.registry import CASES
from dwconf.suite.evidence import Evidence
from dwconf.suite.probes.registry import PROBES, look
from dwconf.suite.running.plan import AnyTarget
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.targets.worker import Worker, read_manifest
from dwconf.suite.trace.record import Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import ActivityResponse, GetWorkItemsRequest

SHOWN = "worker/capabilities/shown"
GET_WORK_ITEMS = TASK_HUB.methods["GetWorkItems"].path
LANGUAGE = 1
"""The version of the program language that this suite speaks."""


async def prepare(target: AnyTarget) -> None:
    """Look at a started target. Raises TargetError when it is not of our kind."""
    if isinstance(target, Sidecar):
        await _recognise(target)
        if target.access != "embedded":
            await _admitted(target)
    else:
        await _introduce(target)


SIBLING = "/TaskHubSidecarService/ListInstanceIds"
"""An RPC that only the sibling dialect has (Dapr's is ListInstanceIDs); an empty request reads and changes nothing."""
NOBODYS = "/TaskHubSidecarService/DwconfAsksForNothing"
"""An RPC that no dialect has: who answers this one answers whatever it is asked, and the other proves nothing."""


async def _recognise(sidecar: Sidecar) -> None:
    """Microsoft's task hub has the same service name, and other meanings for some field numbers."""
    if await _serves(sidecar, SIBLING) and not await _serves(sidecar, NOBODYS):
        raise TargetError(
            "the sidecar speaks the Microsoft dialect of the task hub protocol",
            sidecar.endpoint.address,
            "dwconf judges the Dapr protocol, whose messages give other meanings to some field numbers: "
            "point it at daprd, or at a sidecar built on Dapr's durabletask-go",
        )


async def _serves(sidecar: Sidecar, method: str) -> bool:
    """Whether an empty request to this method is answered."""
    rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = sidecar.channel.unary_unary(method)
    try:
        await rpc(b"", timeout=sidecar.tolerances.reply, metadata=sidecar.metadata)
    except grpc.aio.AioRpcError:
        return False
    return True


async def _admitted(sidecar: Sidecar) -> None:
    """A host may refuse workers for a while (ENG-A-27): wait until a work-item stream stays open."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + sidecar.tolerances.reply
    while (ended := await _stream_end(sidecar)) is not None:
        if loop.time() > limit:
            hint = "is its state store an actor state store, and are placement and scheduler running?"
            what = f"the sidecar takes no worker: GetWorkItems ends with {ended.code().name} ({ended.details()})"
            raise TargetError(what, sidecar.endpoint.address, hint)
        await asyncio.sleep(sidecar.tolerances.quiet)


async def _stream_end(sidecar: Sidecar) -> grpc.aio.AioRpcError | None:
    """How a work-item stream ends within a moment; None if it stays open. Whatever it delivers goes back unanswered."""
    rpc: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = sidecar.channel.unary_stream(GET_WORK_ITEMS)
    call = rpc(b"", metadata=sidecar.metadata)
    try:
        async with asyncio.timeout(sidecar.tolerances.quiet):
            await call.wait_for_connection()
            await call.read()
    except TimeoutError:
        return None
    except grpc.aio.AioRpcError as error:
        return error
    finally:
        call.cancel()
    return None


ENTITY = b"\x1a\x10\x0a\x0e@dwconf@nobody"
"""Field 3 of a work item, which Dapr has reserved: in the sibling dialect, a request to an entity to do nothing."""
ENTITY_DONE = "/TaskHubSidecarService/CompleteEntityTask"
"""What a worker of the sibling dialect calls then. No Dapr engine has this method, and no Dapr worker calls it."""


async def _introduce(worker: Worker) -> None:
    """Ask the app for its manifest, the way that the contract says."""
    scene = WorkerScene(worker, Tape("preflight"), "dw-preflight")
    try:
        response = await _manifest(worker, scene)
    except CaseOver as over:
        hint = "the app must register the activity `manifest`; see docs/conformance-app.md"
        raise TargetError("the app did not answer the manifest activity", worker.name, hint) from over
    finally:
        await scene.close()
    if response.failure_details is not None:
        failure = f"{response.failure_details.error_type}: {response.failure_details.error_message}"
        hint = "the app must register the activity `manifest`; see docs/conformance-app.md"
        raise TargetError("the app's manifest activity failed", failure[:300], hint)
    worker.manifest = read_manifest(response.result or "")
    if worker.manifest.program != LANGUAGE:
        raise TargetError(
            f"the app speaks version {worker.manifest.program} of the program language",
            worker.name,
            f'this dwconf speaks version {LANGUAGE}: give "program": {LANGUAGE} in the manifest once the app does',
        )
    if worker.access != "embedded":
        worker.shown = await _shown(worker)


async def _manifest(worker: Worker, scene: WorkerScene) -> ActivityResponse:
    """The answer of the manifest activity. Raises CaseOver without one, TargetError for the sibling dialect.

    A worker is only tried with what no Dapr worker knows when its stream asks for what Dapr has reserved, as the
    sibling's does. That alone proves nothing: Dapr's own protocol had these fields once, and so have SDKs of that time.
    """
    suspect = bool(codec.decode(GetWorkItemsRequest, (await scene.stream()).capabilities).unknown)
    if suspect:
        await scene.send(None, unknown=ENTITY)
    began = asyncio.get_running_loop().time()
    try:
        return (await scene.activity("manifest", "null", step="manifest")).request(ActivityResponse)
    finally:
        took = asyncio.get_running_loop().time() - began
        if suspect and await scene.double.overhears(ENTITY_DONE, within=scene.tolerances.quiet + took):
            raise TargetError(
                "the app speaks the Microsoft dialect of the task hub protocol",
                worker.name,
                "dwconf judges the Dapr protocol, whose messages give other meanings to some field numbers: "
                "build the app on a Dapr SDK",
            )


async def _shown(worker: Worker) -> frozenset[str]:
    """What probes see of the capabilities that a manifest does not speak of."""
    tape = Tape("preflight")
    scene = WorkerScene(worker, tape, "dw-preflight")
    try:
        await CASES[SHOWN].drive(scene)
    finally:
        await scene.close()
    evidence = Evidence(tape.records)
    probes = (probe for probe in PROBES.values() if SHOWN in probe.cases)
    return frozenset(probe.capability.removeprefix("worker/") for probe in probes if look(probe, evidence))
