"""Completing a turn (chapter C)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import bad, call, can, child, program, return_, start, status, throw
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CreateChildWorkflow, ExecutionResumed, ExecutionSuspended

TEXT = "the cable is cut: ü"
"""A message that no SDK makes up."""


FALSY = {"zero": 0, "false": False, "empty": ""}
"""Values that many languages take for nothing, and that are not."""


@case()
async def plain_return(s: WorkerScene) -> None:
    """A workflow returns a value in its first turn, another one nothing, and others what is next to nothing."""
    await Instance(s, program(return_({"a": 1, "b": [True, None, "é"]}))).turn(step="returned")
    await Instance(s, program(return_(None))).turn(step="returned-nothing")
    for step, value in FALSY.items():
        await Instance(s, program(return_(value))).turn(step=f"returned-{step}")


@case()
async def thrown(s: WorkerScene) -> None:
    """Workflow code throws an error of its own."""
    await Instance(s, program(throw(TEXT))).turn(step="thrown")
    wf = Instance(s, program(call("echo", 1), throw(TEXT)))
    first = await wf.turn(step="called")
    await wf.turn(wf.completed(first.task, "1"), step="thrown-later")


@case()
async def failed_task(s: WorkerScene) -> None:
    """An activity fails, and a child fails, and nobody catches that."""
    wf = Instance(s, program(call("fail", {"message": TEXT}), return_("went on")))
    first = await wf.turn(step="called")
    await wf.turn(wf.failed(first.task, TEXT, error_type="CableError"), step="activity-failed")
    if "child" in s.target.can:
        parent = Instance(s, program(child("interp_child", program(throw(TEXT))), return_("went on")))
        begun = await parent.turn(step="child-begun")
        task, _ = begun.one(CreateChildWorkflow)
        await parent.turn(parent.child_failed(task, TEXT), step="child-failed")


@case()
async def unregistered(s: WorkerScene) -> None:
    """A turn of a workflow that the app does not have."""
    await Instance(s, name="missing_wf", input="null").turn(step="answered")


@case(depth=Depth.FULL)
async def unawaited(s: WorkerScene) -> None:
    """A workflow ends while an activity that it started is not awaited."""
    await Instance(s, program(start("echo", 1, as_="h"), return_("done"))).turn(step="returned")
    await Instance(s, program(start("echo", 1, as_="h"))).turn(step="ran-out")


@case(needs=("continue-as-new",))
async def continued(s: WorkerScene) -> None:
    """Workflows continue as new with inputs of every kind."""
    for step, value in {"object": {"n": [1, None]}, **FALSY}.items():
        await Instance(s, program(can(value))).turn(step=step)
    await Instance(s, program(start("echo", 1, as_="a"), can(1), start("echo", 2, as_="b"), return_(3))).turn(
        step="among-others"
    )
    await Instance(s, program(can(1), throw("afterwards"))).turn(step="then-thrown")


@case(needs=("continue-as-new",))
async def buffered_events(s: WorkerScene) -> None:
    """A workflow continues as new while events wait that nobody asked for."""
    for step, keep in (("kept", True), ("default", None)):
        if keep and "keep-events" not in s.target.features:
            continue
        wf = Instance(s, program(call("echo", 1), can("next", keep_events=keep)))
        first = await wf.turn(step=f"{step}-called")
        raised = [wf.raised("B", "0"), wf.raised("a", "1"), wf.raised("B", '"z"'), wf.raised("c")]
        raised += [wf.raised("B", str(number)) for number in range(2, 8)]  # so many that no chance keeps their order
        await wf.turn(*raised, wf.completed(first.task, "1"), step=step)


@case(depth=Depth.FULL, needs=("continue-as-new", "keep-events"))
async def events_behind_the_end(s: WorkerScene) -> None:
    """A workflow continues as new and keeps events; one more event comes in that turn, behind what it awaited."""
    wf = Instance(s, program(call("echo", 1), can("next", keep_events=True)))
    first = await wf.turn(step="called")
    await wf.turn(wf.raised("E", '"before"'), wf.completed(first.task, "1"), wf.raised("E", '"behind"'), step="kept")


@case(needs=("bad-value",))
async def bad_value(s: WorkerScene) -> None:
    """A workflow returns a value that no JSON can hold."""
    await Instance(s, program(bad())).turn(step="returned")
    await s.fence(step="fence")


@case(depth=Depth.FULL, needs=("panic",), apart=True, unsafe=True)
async def panic(s: WorkerScene) -> None:
    """Workflow code crashes, in an app process of its own."""
    double = await s.own_double()
    await s.own_app(double.port)
    s.use(double)
    await Instance(s, program(throw(TEXT, panic=True))).turn(step="crashed")
    await s.fence(step="fence")


@case(depth=Depth.FULL, needs=("custom-status",))
async def another_status(s: WorkerScene) -> None:
    """A custom status is set in the first turn, and another one in the second."""
    steps = (status("setting out"), call("echo", 1), status("on its way"), call("echo", 2), return_(3))
    wf = Instance(s, program(*steps))
    first = await wf.turn(step="first")
    second = await wf.turn(wf.completed(first.task, "1"), step="set")
    await wf.turn(wf.completed(second.task, "2"), step="last")


@case(needs=("custom-status",))
async def custom_status(s: WorkerScene) -> None:
    """A custom status is set once, and the workflow takes more turns, one of them suspended."""
    wf = Instance(s, program(status("on its way"), call("echo", 1), call("echo", 2), return_(3)))
    first = await wf.turn(step="set")
    second = await wf.turn(wf.completed(first.task, "1"), step="next")
    await wf.turn(ExecutionSuspended(), step="suspended")
    await wf.turn(ExecutionResumed(), wf.completed(second.task, "2"), step="last")
