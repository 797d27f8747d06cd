"""Child workflows, and what else reaches beyond the instance (chapter G)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, child, detach, program, return_, send, start_child, try_, var
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CreateChildWorkflow,
    TaskFailureDetails,
)

NOTHING = {"program": 1, "steps": []}
FURTHER = 40
"""How far the id of a created event is moved away from its action's."""


@case(needs=("child",))
async def explicit_id(s: WorkerScene) -> None:
    """A child with an input and an id that the code chose."""
    wanted = s.new_id("child")
    s.reached("wanted", id=wanted)
    wf = Instance(s, program(child("interp_child", NOTHING, id_=wanted, as_="x"), return_(var("x"))))
    first = await wf.turn(step="first")
    number, _ = first.one(CreateChildWorkflow)
    await wf.turn(wf.child_completed(number, '{"a": [1, null]}'), step="last")


@case(depth=Depth.FULL, needs=("child",))
async def falsy_inputs(s: WorkerScene) -> None:
    """Children whose inputs count as false."""
    starts = [start_child("interp_child", value, as_=f"c{place}") for place, value in enumerate((0, False, ""))]
    await Instance(s, program(*starts, call("echo", 1))).turn(step="first")


@case(needs=("child",))
async def default_id(s: WorkerScene) -> None:
    """The turn that starts a child without an id is sent twice, and another instance does the same."""
    code = program(child("interp_child", NOTHING), child("interp_child", NOTHING))
    wf = Instance(s, code)
    first = await wf.turn(step="first")
    await wf.again(first, step="first-again")
    number, _ = first.one(CreateChildWorkflow)
    second = await wf.turn(wf.child_completed(number), step="second")
    await wf.again(second, step="second-again")
    await Instance(s, code).turn(step="other")


@case(needs=("child", "try"))
async def failed_child(s: WorkerScene) -> None:
    """A child fails, and the code catches that."""
    wf = Instance(s, program(try_(child("interp_child", NOTHING), as_="error"), return_(var("error"))))
    first = await wf.turn(step="first")
    number, _ = first.one(CreateChildWorkflow)
    details = TaskFailureDetails(error_type="ChildFailure", error_message="the child's own words")
    await wf.turn(ChildWorkflowInstanceFailed(task_scheduled_id=number, failure_details=details), step="last")


@case(depth=Depth.FULL, needs=("child",))
async def moved_created_event(s: WorkerScene) -> None:
    """A child's created event, and its completion, have another id than the action had."""
    code = program(child("interp_child", NOTHING, as_="x"), return_(var("x")))
    learned = Instance(s, code)
    number, made = (await learned.turn(step="learned")).one(CreateChildWorkflow)
    wf = Instance(s, code, instance_id=learned.id)
    created = ChildWorkflowInstanceCreated(instance_id=made.instance_id, name=made.name)
    wf.recorded(wf.event(created, number + FURTHER))
    await wf.turn(ChildWorkflowInstanceCompleted(task_scheduled_id=number + FURTHER, result='"x"'), step="last")


@case(depth=Depth.FULL, needs=("send-event",))
async def sent_event(s: WorkerScene) -> None:
    """A workflow sends an event to another instance."""
    await Instance(s, program(send(s.new_id("other"), "E", {"a": 1}), call("echo", 1))).turn(step="first")


@case(depth=Depth.FULL, needs=("detach",))
async def detached(s: WorkerScene) -> None:
    """A workflow starts a detached one."""
    await Instance(s, program(detach("interp_child", NOTHING), call("echo", 1))).turn(step="first")


@case(depth=Depth.FULL, needs=("cross-app",))
async def other_app(s: WorkerScene) -> None:
    """A workflow calls an activity of another app."""
    await Instance(s, program(call("echo", 1, app="other-app"))).turn(step="first")


@case(depth=Depth.FULL, needs=("history-propagation",))
async def propagation(s: WorkerScene) -> None:
    """A workflow passes its history on to an activity."""
    await Instance(s, program(call("echo", 1, propagate="lineage"))).turn(step="first")
