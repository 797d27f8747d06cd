"""The Dapr API: lives that are led through it (chapter J)."""

from __future__ import annotations

from typing import Any

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import child, complete, fail, schedule
from dwconf.suite.scene.management import BY_ID, VERSIONS, DaprApi
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, raised, turn_with
from dwconf.suite.trace.words import instant
from dwconf.wire.values import (
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    GetMetadataRequest,
    OrchestrationStatus,
    StartWorkflowResponse,
    TaskFailureDetails,
)

NEEDS = ("management-api",)
START_TIME = "dapr.workflow.start_time"
LONGEST = 64
STARTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "no-json": {"input": b"no JSON: {"},
    "no-input": {"input": b""},
    "no-component": {"component": ""},
    "odd-component": {"component": "no such component"},
    "odd-option": {"options": (("dwconf.unknown", "1"),)},
}
GARBLED = {"word": "tomorrow", "date": "2030-01-01"}
"""Few: an engine may try such a start several times before it gives up."""
EVENTS = {"json": b'{"n": 1}', "text": b"no JSON: {", "bare": b""}


@case(needs=NEEDS)
async def nobody(s: SidecarScene) -> None:
    """Each verb is called for an instance that does not exist, in both versions; then one is started in each."""
    s.connect()
    for version in VERSIONS:
        api = DaprApi(s, version)
        for verb in BY_ID:
            await api.by_id(verb, s.new_id("nobody"), step=f"{version}-{verb}")
        await api.raise_event(s.new_id("nobody"), "go", step=f"{version}-RaiseEventWorkflow")
    for version in VERSIONS:
        wf, starting = await DaprApi(s, version).start(step=f"{version}-StartWorkflow")
        if starting.ok:
            await s.turn_and_answer(wf, complete(0))


@case(needs=NEEDS)
async def lives(s: SidecarScene) -> None:
    """One life is led through each version: started, paused, resumed, told, ended, terminated and purged."""
    s.connect()
    for version in VERSIONS:
        await life(s, DaprApi(s, version))


async def life(s: SidecarScene, api: DaprApi) -> None:
    """A life whose steps begin with the version."""
    v = api.version
    wf, _ = await api.start(input=b'{"n": 1}', step=f"{v}-started")
    turn = await s.turn(wf, step=f"{v}-first")
    await api.get(wf, step=f"{v}-pending")
    await s.answer(turn, custom_status='"busy"', step=f"{v}-first-answered")
    await api.in_status(wf, "RUNNING", step=f"{v}-running")
    await api.by_id("PauseWorkflow", wf, step=f"{v}-paused")
    await s.answer(await turn_with(s, wf, event(ExecutionSuspended), step=f"{v}-suspending"))
    await api.in_status(wf, "SUSPENDED", step=f"{v}-suspended")
    await api.by_id("ResumeWorkflow", wf, step=f"{v}-continued")
    await s.answer(await turn_with(s, wf, event(ExecutionResumed), step=f"{v}-resuming"))
    await api.in_status(wf, "RUNNING", step=f"{v}-resumed")
    await api.raise_event(wf, "go", b'{"data": 1}', step=f"{v}-raised")
    turn = await turn_with(s, wf, raised("go"), step=f"{v}-told")
    await s.answer(turn, complete(0, '"out"'), custom_status='"ready"')
    await api.in_status(wf, "COMPLETED", step=f"{v}-ended")
    await s.state(wf, step=f"{v}-hub")
    await api.by_id("TerminateWorkflow", wf, step=f"{v}-terminated")
    await api.get(wf, step=f"{v}-ended-then")
    await api.by_id("PurgeWorkflow", wf, step=f"{v}-purged")
    await api.get(wf, step=f"{v}-gone")


@case(needs=NEEDS)
async def starts(s: SidecarScene) -> None:
    """Instances are started with several inputs, components, options and ids."""
    s.connect()
    api = DaprApi(s)
    ids = {"long": f"{s.new_id('long')}-".ljust(LONGEST, "x"), "marked": f"{s.new_id('marked')}-a_B-9"}
    for step, given in (*STARTS.items(), *((name, {"instance_id": made}) for name, made in ids.items())):
        wf, starting = await api.start(name=f"wf-{step}", step=f"{step}-started", **given)
        if starting.ok:
            await s.answer(await s.turn(wf, step=step), complete(0))


@case(depth=Depth.FULL, alone=True, needs=NEEDS)
async def without_id(s: SidecarScene) -> None:
    """Two instances are started a little ahead, without an id; then their turns come."""
    s.connect()
    api = DaprApi(s)
    ahead = ((START_TIME, instant(s.after(2.0))),)
    made = []
    for step in ("one", "two"):
        _, starting = await api.start("", options=ahead, step=f"{step}-started")
        made.append(starting.response(StartWorkflowResponse).instance_id)
        s.adopt(made[-1])
    await s.pass_time(2.1)
    for wf, step in zip(made, ("one", "two"), strict=True):
        await s.answer(await s.turn(wf, step=step), complete(0))


@case(depth=Depth.FULL, needs=NEEDS)
async def scheduled(s: SidecarScene) -> None:
    """A start lies a little ahead, and one without a time follows it; others name a time that is none."""
    s.connect()
    api = DaprApi(s)
    for step, garbled in GARBLED.items():
        await api.start(options=((START_TIME, garbled),), step=step)
    at = s.after(1.0)
    wf, _ = await api.start(options=((START_TIME, instant(at)),), step="started")
    s.reached("due", at=at)
    fence, _ = await api.start()  # a turn that was not held back comes before this one's, and so before time passes
    await s.answer(await s.turn(fence, step="fence"), complete(0))
    await s.pass_time(1.1)
    await s.answer(await s.turn(wf, step="first"), complete(0))


@case(needs=NEEDS)
async def taken(s: SidecarScene) -> None:
    """The id of a running instance is started again."""
    s.connect()
    api = DaprApi(s)
    wf, _ = await api.start(input=b'"one"', step="started")
    await s.turn_and_answer(wf, step="first")
    await api.in_status(wf, "RUNNING", step="running")
    await api.start(wf, name="other", input=b'"two"', step="again")
    await api.get(wf, step="then")
    await api.raise_event(wf, "end")
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(0, '"mine"'))
    await api.in_status(wf, "COMPLETED", step="ended")


@case(depth=Depth.FULL, needs=NEEDS)
async def endings(s: SidecarScene) -> None:
    """Instances fail, with and without an output, are cancelled, and end without a word."""
    s.connect()
    api = DaprApi(s)
    details = TaskFailureDetails(error_type="Broken", error_message="went wrong", stack_trace="line 1\nline 2")
    failed = OrchestrationStatus.FAILED
    ends = {
        "failed": (complete(0, None, status=failed, failure=details), "FAILED"),
        "plainly": (fail(0, "went wrong", error_type="Broken"), "FAILED"),
        "partly": (complete(0, '"partial"', status=failed, failure=details), "FAILED"),
        "canceled": (complete(0, None, status=OrchestrationStatus.CANCELED), "CANCELED"),
        "silent": (complete(0, None), "COMPLETED"),
    }
    for step, (ending, status) in ends.items():
        wf, _ = await api.start(step=f"{step}-started")
        await s.turn_and_answer(wf, ending, step=f"{step}-first", answer_step=f"{step}-answered")
        await s.completed(wf, step=f"{step}-hub")
        await api.get(wf, step=step)
        s.reached(f"{step}-expected", status=status)


@case(depth=Depth.FULL, needs=NEEDS)
async def raising(s: SidecarScene) -> None:
    """Events are raised with data that is JSON, that is not, and with none."""
    s.connect()
    api = DaprApi(s)
    wf, _ = await api.start(step="started")
    await s.turn_and_answer(wf, step="first")
    for name, data in EVENTS.items():
        await api.raise_event(wf, name, data, step=f"{name}-raised")
    await api.raise_event(wf, "last", step="last-raised")
    await s.answer(await turn_with(s, wf, raised("last"), step="last"), complete(0))


@case(needs=NEEDS)
async def tree(s: SidecarScene) -> None:
    """A parent is terminated while its child runs, and purged; then its id is started again."""
    s.connect()
    api = DaprApi(s)
    wf, _ = await api.start(step="started")
    kid = s.new_id("kid")
    await s.turn_and_answer(wf, child(0, instance_id=kid), step="first")
    await s.turn_and_answer(kid, step="kid-first")
    for name, step in ((wf, "running"), (kid, "kid-running")):
        await api.in_status(name, "RUNNING", step=step)
    await api.by_id("TerminateWorkflow", wf, step="terminated")
    for name, step in ((wf, "order"), (kid, "kid-order")):
        turn = await turn_with(s, name, event(ExecutionTerminated), step=step)
        await s.answer(turn, complete(1, None, status=OrchestrationStatus.TERMINATED), step=f"{step}-obeyed")
    for name, step in ((wf, "ended"), (kid, "kid-ended")):
        await api.in_status(name, "TERMINATED", step=step)
    await api.by_id("PurgeWorkflow", wf, step="purged")
    for name, step in ((wf, "gone"), (kid, "kid-gone")):
        await api.get(name, step=step)
    await api.start(wf, input=b'"new"', step="again")
    await s.turn_and_answer(wf, complete(0), step="again-first")
    await api.in_status(wf, "COMPLETED", step="again-ended")


@case(needs=NEEDS)
async def running_purged(s: SidecarScene) -> None:
    """A running instance is purged; then it goes on."""
    s.connect()
    api = DaprApi(s)
    wf, _ = await api.start(step="started")
    await s.turn_and_answer(wf, step="first")
    await api.in_status(wf, "RUNNING", step="running")
    await api.by_id("PurgeWorkflow", wf, step="purged")
    await api.get(wf, step="then")
    await api.raise_event(wf, "end", step="raised")
    await s.answer(await turn_with(s, wf, raised("end"), step="last"), complete(0))
    await api.in_status(wf, "COMPLETED", step="ended")


@case(depth=Depth.FULL, needs=NEEDS)
async def held(s: SidecarScene) -> None:
    """An instance is told four things while its turn is held."""
    s.connect()
    api = DaprApi(s)
    wf, _ = await api.start(step="started")
    turn = await s.turn(wf, step="first")
    await api.raise_event(wf, "beside", step="RaiseEventWorkflow")
    for verb in ("PauseWorkflow", "ResumeWorkflow", "TerminateWorkflow"):
        await api.by_id(verb, wf, step=verb)
    await s.answer(turn, schedule(0), step="first-answered")
    turn = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    await s.answer(turn, complete(1, None, status=OrchestrationStatus.TERMINATED))
    await api.in_status(wf, "TERMINATED", step="ended")


@case(depth=Depth.FULL, alone=True, needs=NEEDS)
async def workers_counted(s: SidecarScene) -> None:
    """Metadata are asked for while streams come and go."""
    first = s.connect()
    wf, _ = await DaprApi(s).start()
    await s.turn_and_answer(wf, complete(0))
    await s.call("GetMetadata", GetMetadataRequest(), step="one")
    second = s.connect()
    await s.quiet(opens="opening", closes="open")
    await s.call("GetMetadata", GetMetadataRequest(), step="two")
    await first.drop()
    await second.drop()
    await s.quiet(opens="dropping", closes="dropped")
    await s.call("GetMetadata", GetMetadataRequest(), step="none")
