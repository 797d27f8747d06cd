"""Patches and versions (chapter K)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, patched, program, return_, var
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import ExecutionStalled, StalledReason, TaskScheduled, WorkflowVersion

OLD_OR_NEW = program(
    patched("p", then=(call("echo", 1), return_("new")), otherwise=(call("echo", 1), return_("old"))),
)
"""Takes another path with the patch, and calls the same activity on both."""
ECHO = TaskScheduled(name="echo", input="1")


@case(depth=Depth.FULL, needs=("patches",))
async def new_patch(s: WorkerScene) -> None:
    """A patch is met for the first time, by a new instance."""
    wf = Instance(s, OLD_OR_NEW)
    first = await wf.turn(step="first")
    await wf.turn(wf.completed(first.task), step="last")


async def replayed(s: WorkerScene, version: WorkflowVersion | None) -> None:
    """A history in which the first turn has this version goes on."""
    task = (await Instance(s, OLD_OR_NEW).turn(step="learned")).task
    wf = Instance(s, OLD_OR_NEW)
    wf.recorded(wf.event(ECHO, task), version=version)
    await wf.turn(wf.completed(task), step="last")


@case(needs=("patches",))
async def recorded_patch(s: WorkerScene) -> None:
    """History lists the patch."""
    await replayed(s, WorkflowVersion(patches=("p",)))


@case(needs=("patches",))
async def unrecorded_patch(s: WorkerScene) -> None:
    """History is from before the patch."""
    await replayed(s, None)


@case(depth=Depth.FULL, needs=("patches",))
async def other_patch(s: WorkerScene) -> None:
    """History lists another patch."""
    await replayed(s, WorkflowVersion(patches=("another",)))


@case(needs=("patches",))
async def decided_before(s: WorkerScene) -> None:
    """Code asks for a patch that history does not have: in a turn that is past, and again in the new one."""
    code = program(patched("p"), call("echo", 1), patched("p", then=(return_("new"),), otherwise=(return_("old"),)))
    task = (await Instance(s, code).turn(step="learned")).task
    wf = Instance(s, code)
    wf.recorded(wf.event(ECHO, task))
    await wf.turn(wf.completed(task), step="last")


@case(depth=Depth.FULL, needs=("patches",))
async def unread_event(s: WorkerScene) -> None:
    """The first turn of a new instance has an event behind the start."""
    wf = Instance(s, OLD_OR_NEW)
    first = await wf.turn(wf.raised("E", "1"), step="first")
    await wf.turn(wf.completed(first.task), step="last")


@case(depth=Depth.FULL, needs=("patches",))
async def several_patches(s: WorkerScene) -> None:
    """Code asks for three patches in two turns, for one of them in both."""
    code = program(
        patched("a"), call("echo", 1), patched("b"), patched("a"), patched("c"), call("echo", 2), return_("done")
    )
    wf = Instance(s, code)
    first = await wf.turn(step="first")
    second = await wf.turn(wf.completed(first.task), step="second")
    await wf.turn(wf.completed(second.task), step="last")


@case(depth=Depth.FULL, needs=("patches",))
async def dropped_patch(s: WorkerScene) -> None:
    """History lists two patches, of which the code asks for one."""
    code = program(patched("kept"), call("echo", 1), return_("done"))
    task = (await Instance(s, code).turn(step="learned")).task
    wf = Instance(s, code)
    wf.recorded(wf.event(ECHO, task), version=WorkflowVersion(patches=("dropped", "kept")))
    await wf.turn(wf.completed(task), step="last")


@case()
async def plain(s: WorkerScene) -> None:
    """A workflow without versions and patches."""
    wf = Instance(s, program(call("echo", 1), return_("done")))
    first = await wf.turn(step="first")
    await wf.turn(wf.completed(first.task), step="last")


@case(depth=Depth.FULL, needs=("versions",))
async def latest(s: WorkerScene) -> None:
    """A new instance of a workflow that has two versions."""
    wf = Instance(s, name="ver", input="null")
    first = await wf.turn(step="first")
    await wf.turn(wf.completed(first.task), step="last")


@case(needs=("versions",))
async def pinned(s: WorkerScene) -> None:
    """History says that the older version ran."""
    task = (await Instance(s, name="ver", input="null").turn(step="learned")).task
    wf = Instance(s, name="ver", input="null")
    wf.recorded(wf.event(TaskScheduled(name="echo", input='"v1"'), task), version=WorkflowVersion(name="v1"))
    await wf.turn(wf.completed(task, '"v1"'), step="last")


async def with_pin(s: WorkerScene, name: str) -> None:
    """History says that version v9 of a workflow ran."""
    wf = Instance(s, name=name, input="null")
    wf.recorded(version=WorkflowVersion(name="v9"))
    await wf.turn(wf.raised("E"), step="answered")


@case(needs=("versions",))
async def unknown_version(s: WorkerScene) -> None:
    """History says that a version ran which is not registered."""
    await with_pin(s, "ver")


@case(depth=Depth.FULL, needs=("versions",))
async def unknown_name(s: WorkerScene) -> None:
    """History says that a version ran of a workflow which is not registered at all."""
    await with_pin(s, "missing_wf")


@case(depth=Depth.FULL, needs=("versions",))
async def version_for_unversioned(s: WorkerScene) -> None:
    """History says that a version ran of a workflow which is registered without versions."""
    code = program(call("echo", 1), return_("done"))
    task = (await Instance(s, code).turn(step="learned")).task
    wf = Instance(s, code)
    wf.recorded(wf.event(ECHO, task), version=WorkflowVersion(name="v9"))
    await wf.turn(wf.completed(task), step="last")


@case()
async def after_stalls(s: WorkerScene) -> None:
    """A workflow was stalled twice, and goes on."""
    wf = Instance(s, program(call("echo", 1, as_="x"), call("echo", 2, as_="y"), return_([var("x"), var("y")])))
    first = await wf.turn(step="first")
    for reason in (StalledReason.VERSION_NOT_AVAILABLE, StalledReason.PATCH_MISMATCH):
        wf.past += (wf.event(ExecutionStalled(reason=reason, description="stalled by the suite")),)
    second = await wf.turn(wf.completed(first.task, '"A"'), step="after")
    await wf.turn(wf.completed(second.task, '"B"'), step="last")
