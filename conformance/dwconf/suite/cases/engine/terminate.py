"""Termination (chapter H)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import child, complete, continue_as_new, schedule, timer
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, started, turn_after, turn_with
from dwconf.wire.values import ExecutionTerminated, OrchestrationStatus, TerminateRequest

TERMINATED = OrchestrationStatus.TERMINATED


@case()
async def obeyed(s: SidecarScene) -> None:
    """A terminate comes while a turn is outstanding; the worker obeys it in the next one."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="first")
    ending = s.terminate(wf, '"why"', step="terminate")
    await s.settle(s.raise_event(wf, "beside"), expects="an answer to RaiseEvent")
    await s.answer(turn, step="first-answered")
    await s.settle(starting, expects="an answer to StartInstance")
    order = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    await s.answer(order, complete(0, '"bye"', status=TERMINATED), step="obeyed")
    await s.settle(ending, step="terminate-answered", expects="an answer to TerminateInstance")
    await s.state(wf, step="state-then")
    await s.completed(wf, step="completed")


@case()
async def outrun(s: SidecarScene) -> None:
    """The worker completes in the turn that brings the terminate; later the ended instance is terminated again."""
    s.connect()
    wf = await started(s)
    ending = s.terminate(wf, '"why"')
    order = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    await s.answer(order, complete(3, '"mine"'), step="outran")
    await s.completed(wf, step="completed")
    await s.settle(ending, step="terminate-answered", expects="an answer to TerminateInstance")
    await s.history(wf, step="history")
    await s.settle(s.terminate(wf, '"late"'), step="terminated-again", expects="an answer to TerminateInstance")
    await s.state(wf, step="state-again")
    await s.history(wf, step="history-again")


@case(depth=Depth.FULL)
async def ignored(s: SidecarScene) -> None:
    """The worker answers the terminate's turn with work instead of an end."""
    s.connect()
    wf = await started(s)
    other, kid = await started(s, step="other"), s.new_id("kid")
    ending = s.terminate(wf, '"why"', step="terminate")
    order = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    work = (schedule(4, "late"), child(5, instance_id=kid), timer(6, s.after(0.2)))
    await s.answer(order, *work, step="ignored")
    await s.completed(wf, step="completed")
    await s.settle(ending, step="terminate-answered", expects="an answer to TerminateInstance")
    fence = await turn_after(s, other, "fence", step="fence")
    await s.answer(fence, complete(0))
    await s.quiet(opens="window", closes="window-over")
    await s.state(kid, step="kid")
    await s.history(wf, step="history")


@case()
async def continued(s: SidecarScene) -> None:
    """The worker answers the terminate's turn with continue-as-new."""
    s.connect()
    wf = await started(s)
    ending = s.terminate(wf, '"why"')
    order = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    await s.answer(order, continue_as_new(0, '"again"'), step="continued")
    await s.completed(wf, step="completed")
    await s.settle(ending, expects="an answer to TerminateInstance")


@case(depth=Depth.FULL)
async def given_up(s: SidecarScene) -> None:
    """The client's deadline passes while the terminate waits behind an outstanding turn."""
    s.connect()
    wf, starting = s.start()
    turn = await s.turn(wf, step="first")
    request = TerminateRequest(instance_id=wf, output='"why"')
    leaving = s.begin("TerminateInstance", request, timeout=s.tolerances.impatient)
    await s.settle(s.raise_event(wf, "beside"), step="beside", expects="an answer to RaiseEvent")
    await s.settle(leaving, step="given-up", own_deadline=True)
    await s.answer(turn, step="first-answered")
    await s.settle(starting, expects="an answer to StartInstance")
    order = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    await s.answer(order, complete(0, '"bye"', status=TERMINATED))
    await s.completed(wf, step="completed")


@case()
async def unknown(s: SidecarScene) -> None:
    """An instance that does not exist is terminated."""
    s.connect()
    await s.settle(s.terminate(s.new_id("nobody")), step="answered", expects="an error from TerminateInstance")


@case()
async def suspended(s: SidecarScene) -> None:
    """A suspended instance is terminated."""
    s.connect()
    wf = await started(s)
    pausing = s.suspend(wf)
    await s.turn_and_answer(wf)
    await s.settle(pausing, expects="an answer to SuspendInstance")
    await s.in_status(wf, OrchestrationStatus.SUSPENDED, step="suspended")
    ending = s.terminate(wf, '"why"')
    order = await turn_with(s, wf, event(ExecutionTerminated), step="order")
    await s.answer(order, complete(0, '"bye"', status=TERMINATED), step="obeyed")
    await s.completed(wf, step="completed")
    await s.settle(ending, step="terminate-answered", expects="an answer to TerminateInstance")
