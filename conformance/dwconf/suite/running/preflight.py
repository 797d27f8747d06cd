"""Preflight: is the target what it should be? What fails here is said once, as one cause, before any rule is judged."""

from __future__ import annotations

import grpc
import grpc.aio

from dwconf.suite.running.plan import AnyTarget
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.targets.worker import Worker, read_manifest
from dwconf.suite.trace.record import Tape
from dwconf.wire import codec
from dwconf.wire.rpc import TASK_HUB
from dwconf.wire.values import ActivityResponse, GetInstanceHistoryRequest, ListInstanceIDsRequest

LANGUAGE = 1
"""The version of the program language that this suite speaks."""


async def prepare(target: AnyTarget) -> None:
    """Look at a started target. Raises TargetError when it is not of our kind."""
    if isinstance(target, Sidecar):
        await _recognise(target)
    else:
        await _introduce(target)


async def _recognise(sidecar: Sidecar) -> None:
    """A sidecar of the sibling dialect serves the same service name, without the RPCs that only Dapr's has."""
    own = {
        "GetInstanceHistory": codec.encode(GetInstanceHistoryRequest(instance_id="dwconf-preflight")),
        "ListInstanceIDs": codec.encode(ListInstanceIDsRequest(page_size=1)),
    }
    codes = {name: await _code(sidecar, name, data) for name, data in own.items()}
    if all(code is grpc.StatusCode.UNIMPLEMENTED for code in codes.values()):
        raise TargetError(
            "the sidecar speaks the Microsoft dialect of the task hub protocol",
            sidecar.endpoint.address,
            "it lacks GetInstanceHistory and ListInstanceIDs; dwconf judges the Dapr protocol, whose messages give "
            "other meanings to some field numbers. Point dwconf at daprd or at a durabletask-go of Dapr's",
        )


async def _code(sidecar: Sidecar, method: str, data: bytes) -> grpc.StatusCode:
    rpc: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = sidecar.channel.unary_unary(TASK_HUB.methods[method].path)
    try:
        await rpc(data, timeout=sidecar.tolerances.reply, metadata=sidecar.metadata)
    except grpc.aio.AioRpcError as error:
        return error.code()
    return grpc.StatusCode.OK


async def _introduce(worker: Worker) -> None:
    """Ask the app for its manifest, the way that the contract says."""
    scene = WorkerScene(worker, Tape("preflight"), "dw-preflight")
    try:
        call = await scene.activity("manifest", "null", step="manifest")
    except CaseOver as over:
        hint = "the app must register the activity `manifest`; see docs/conformance-app.md"
        raise TargetError("the app did not answer the manifest activity", worker.name, hint) from over
    finally:
        await scene.close()
    response = call.request(ActivityResponse)
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
