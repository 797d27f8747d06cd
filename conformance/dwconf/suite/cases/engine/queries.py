"""Queries and waits (chapter H)."""

from __future__ import annotations

import asyncio

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call
from dwconf.suite.scene.actions import child, complete, schedule
from dwconf.suite.scene.payloads import FAILURE
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, started, turn_after, turn_with
from dwconf.wire.values import (
    GetInstanceRequest,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    OrchestrationStatus,
    TaskCompleted,
    WorkflowAction,
    WorkflowVersionNotAvailable,
)

SHORT = 0.4
"""A client's deadline, in seconds, that is waited out."""
LATE = 10
"""After how many windows an engine that answers at all has answered, also on a busy machine."""
PAGES = 200
"""No list of a target under test is longer than this many pages."""


@case(depth=Depth.FULL)
async def nobody(s: SidecarScene) -> None:
    """An instance that does not exist is asked for, its history too, and both waits wait for it."""
    s.connect()
    wf = s.new_id("nobody")
    await s.state(wf, step="state")
    await s.history(wf, step="history")
    request = GetInstanceRequest(instance_id=wf, get_inputs_and_outputs=True)
    waits = {"end-awaited": "WaitForInstanceCompletion", "start-awaited": "WaitForInstanceStart"}
    await asyncio.gather(*(parked_or_not(s, method, request, step=step) for step, method in waits.items()))


async def parked_or_not(s: SidecarScene, method: str, request: GetInstanceRequest, *, step: str) -> None:
    """A wait with a deadline of ours, and once more with a longer one when it came first: a busy engine is late."""
    first = await s.call(method, request, timeout=SHORT)
    if first.code != "DEADLINE_EXCEEDED":
        s.reached(step, first.number)
        return
    await s.call(method, request, step=step, timeout=max(SHORT, LATE * s.tolerances.quiet))


@case()
async def appears(s: SidecarScene) -> None:
    """A wait begins before its instance exists."""
    s.connect()
    wf = s.new_id("later")
    waiting = s.begin("WaitForInstanceStart", GetInstanceRequest(instance_id=wf))
    await s.state(wf, step="nobody")
    _, starting = s.start(wf)
    await s.turn_and_answer(wf, complete(0))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.settle(waiting, step="waited", expects="an answer to WaitForInstanceStart")


@case()
async def a_life(s: SidecarScene) -> None:
    """An instance is asked for before its first commit, while it runs, and when it has completed."""
    s.connect()
    wf, starting = s.start(name="wf", input='{"n": 1}')
    turn = await s.turn(wf, step="first")
    await s.state(wf, step="pending")
    await s.answer(turn, custom_status='"busy"')
    await s.settle(starting, expects="an answer to StartInstance")
    await s.state(wf, step="running")
    await s.state(wf, step="running-bare", payloads=False)
    fence = await turn_after(s, wf, "end", step="end")
    await s.answer(fence, complete(0, '"out"'), custom_status='"ready"')
    await s.completed(wf)
    await s.state(wf, step="ended")
    await s.state(wf, step="ended-bare", payloads=False)
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def updated(s: SidecarScene) -> None:
    """An instance is asked for after its first turn and, more than a second later, after another one."""
    s.connect()
    wf, starting = s.start()
    await s.turn_and_answer(wf)
    await s.settle(starting, expects="an answer to StartInstance")
    await s.state(wf, step="before")
    await s.pass_time(1.2)
    await s.answer(await turn_after(s, wf, "end", step="end"), complete(0))
    await s.completed(wf)
    await s.state(wf, step="after")


@case(depth=Depth.FULL)
async def failed(s: SidecarScene) -> None:
    """A failed instance is asked for with and without payloads."""
    s.connect()
    wf, _ = s.start()
    failure = complete(0, None, status=OrchestrationStatus.FAILED, failure=FAILURE)
    await s.turn_and_answer(wf, failure, answer_step="answered")
    await s.completed(wf)
    await s.state(wf, step="ended")
    await s.state(wf, step="ended-bare", payloads=False)


@case()
async def silent(s: SidecarScene) -> None:
    """An instance without input ends without output."""
    s.connect()
    wf, _ = s.start(input=None)
    turn = await s.turn(wf, step="first")
    await s.answer(turn, complete(0, None))
    await s.completed(wf)
    await s.state(wf, step="ended")


@case(depth=Depth.FULL)
async def waits(s: SidecarScene) -> None:
    """Both waits begin before the first commit, and are asked again when they have come true."""
    s.connect()
    wf, _ = s.start()
    turn = await s.turn(wf, step="first")
    request = GetInstanceRequest(instance_id=wf, get_inputs_and_outputs=True)
    for_start = s.begin("WaitForInstanceStart", request)
    for_end = s.begin("WaitForInstanceCompletion", request)
    await s.state(wf, step="pending")
    await s.answer(turn, step="first-answered")
    await s.settle(for_start, step="start-awaited", expects="an answer to WaitForInstanceStart")
    await s.call("WaitForInstanceStart", request, step="start-awaited-again")
    await s.call("WaitForInstanceCompletion", request, step="given-up", timeout=SHORT)
    fence = await turn_after(s, wf, "end", step="end")
    await s.answer(fence, complete(0, '"out"'), step="end-answered")
    await s.settle(for_end, step="end-awaited", expects="an answer to WaitForInstanceCompletion")
    await s.call("WaitForInstanceCompletion", request, step="end-awaited-again")
    await s.call("WaitForInstanceStart", request, step="start-awaited-at-last")


async def all_pages(s: SidecarScene, size: int | None, step: str) -> list[str]:
    """Follow a list to its end; each page is a step."""
    ids: list[str] = []
    token: str | None = None
    for number in range(PAGES):
        request = ListInstanceIDsRequest(page_size=size, continuation_token=token)
        page: Call = await s.call("ListInstanceIDs", request, step=f"{step}-{number}")
        answer = page.response(ListInstanceIDsResponse)
        ids += answer.instance_ids
        if token is not None and answer.continuation_token == token:
            s.reached(f"{step}-stuck", page.number)
            break
        token = answer.continuation_token
        if not page.ok or not token:
            s.reached(f"{step}-end", pages=number + 1)
            break
    return ids


@case(depth=Depth.FULL, needs=("list-instances",))
async def lists(s: SidecarScene) -> None:
    """Instances in several states are listed, a child among them, all at once and in pages of at most two."""
    s.connect()
    members = [await started(s, step="running"), await started(s, step="ending")]
    await s.answer(await turn_after(s, members[1], "end", step="end"), complete(0))
    await s.completed(members[1])
    members.append(f"{members[0]}:0000")
    await s.answer(await turn_after(s, members[0], "parent", step="parent"), child(0))
    await s.turn_and_answer(members[2], complete(0))
    await s.completed(members[2])
    pending, _ = s.start()
    turn = await s.turn(pending, step="pending")
    s.reached("members", ids=" ".join([*members, pending]))
    await all_pages(s, None, "all")
    await all_pages(s, 2, "paged")
    await s.answer(turn, complete(0))


@case()
async def chain(s: SidecarScene) -> None:
    """Three activities, one after the other."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="first")
    for number in range(3):
        await s.answer(turn, schedule(number))
        await s.finish(await s.activity(wf, task_id=number))
        turn = await turn_with(s, wf, event(TaskCompleted), step=f"after-{number}")
    await s.answer(turn, complete(3))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.completed(wf)
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def unavailable(s: SidecarScene) -> None:
    """A worker answers that it does not have the version of the workflow."""
    s.connect()
    wf, _ = s.start()
    turn = await s.turn(wf, step="first")
    await s.answer(turn, WorkflowAction(id=0, body=WorkflowVersionNotAvailable()), step="answered")
    await s.quiet(opens="window", closes="window-over")
    await s.state(wf, step="state")
    await s.purge(wf, force=True)
