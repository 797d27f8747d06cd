"""Instances that cannot go on (chapter H).

How a stall shows: an answer that may stall carries a custom status, and the instance is asked for until it is STALLED
or shows that status. An engine that commits the answer is not waited for, and the case ends there. Where the worker of
a stalled instance is replaced, all streams end, so that an engine may hold the turn as long as any of them is open.
"""

from __future__ import annotations

from collections.abc import Callable

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call, Item
from dwconf.suite.evidence.events import of, raises, settles
from dwconf.suite.scene.actions import complete, schedule, timer
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.limits import message_limit
from dwconf.suite.scene.management import VERSIONS, DaprApi
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import event, raised, turn_with
from dwconf.wire.values import (
    ExecutionStalled,
    ExecutionSuspended,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetInstanceRequest,
    GetInstanceResponse,
    GetMetadataRequest,
    GetMetadataResponse,
    OrchestrationStatus,
    ResumeRequest,
    SuspendRequest,
    TerminateRequest,
    TimerFired,
    WorkflowAction,
    WorkflowState,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)

STALLED = OrchestrationStatus.STALLED
V1 = WorkflowVersion(name="v1")
RESULT = '"meanwhile"'


def unavailable(action_id: int) -> WorkflowAction:
    """The version of the workflow is not available here."""
    return WorkflowAction(id=action_id, body=WorkflowVersionNotAvailable())


def patched(*names: str) -> WorkflowVersion:
    """These patches were taken, and no version is named."""
    return WorkflowVersion(patches=names)


def shown(call: Call) -> WorkflowState:
    """The state that a GetInstance call answered; an empty one if it answered none."""
    return call.response(GetInstanceResponse).workflow_state or WorkflowState()


async def begun(s: SidecarScene, *actions: WorkflowAction, version: WorkflowVersion) -> str:
    """Start an instance and commit its first turn with a version; its id."""
    wf, starting = s.start(name="stalls")
    await s.answer(await s.turn(wf, step="first"), *actions, version=version)
    await s.settle(starting, expects="an answer to StartInstance")
    return wf


async def told(s: SidecarScene, wf: str, version: WorkflowVersion, *, name: str = "go", step: str = "turn") -> Item:
    """Raise an event, and take the turn that brings it."""
    await s.settle(s.raise_event(wf, name), expects="an answer to RaiseEvent")
    return await turn_with(s, wf, raised(name), step=step, version=version)


async def stalls(
    s: SidecarScene, item: Item, *actions: WorkflowAction, version: WorkflowVersion | None = None, step: str = "stalled"
) -> None:
    """Answer a turn, and see that the instance stalls on it; ends the case when the answer is committed instead."""
    mark = f'"{step}"'

    def tells(call: Call) -> bool:
        state = shown(call)
        return state.workflow_status == STALLED or state.custom_status == mark

    await s.answer(item, *actions, version=version, custom_status=mark, step=f"{step}/answered")
    request = GetInstanceRequest(instance_id=item.instance_id, get_inputs_and_outputs=True)
    call = await s.eventually("GetInstance", request, tells, step=step, expects="status STALLED")
    if shown(call).workflow_status != STALLED:
        raise CaseOver("the answer was committed")


async def replaced(s: SidecarScene, wf: str, *, step: str) -> Item:
    """Let all workers of a stalled instance leave and another one come; the turn that it gets.

    An engine may see that the instance can go on only when it has noticed that nobody is there any more, and then at
    the next time at which it looks for what was left behind.
    """
    for stream in s.streams:
        await stream.drop()
    await alone(s, step=f"{step}/alone")
    s.connect(step=f"{step}/connected")
    return await s.turn(wf, step=step, within=s.tolerances.crash)


async def alone(s: SidecarScene, *, step: str) -> None:
    """Wait until the engine has noticed that no worker is connected: until it says so, if it does, or for a while."""

    def nobody(call: Call) -> bool:
        workflows = call.response(GetMetadataResponse).workflows
        return workflows is None or workflows.connected_workers == 0

    await s.quiet(opens=f"{step}/from", closes=f"{step}/to")
    if (await s.call("GetMetadata", GetMetadataRequest())).ok:
        await s.eventually("GetMetadata", GetMetadataRequest(), nobody, step=step, expects="no worker connected")


async def removed(s: SidecarScene, wf: str) -> None:
    """Let nothing of a stalled instance be left to be given to other workers."""
    await s.purge(wf, force=True)


@case(needs=("stalled",))
async def version_not_available(s: SidecarScene) -> None:
    """A worker answers that it lacks the version of an instance, which is then asked for, told things, and purged."""
    s.connect()
    wf = await begun(s, version=V1)
    turn = await told(s, wf, V1)
    await s.history(wf, step="history-before")
    await stalls(s, turn, unavailable(0))
    await s.history(wf, step="history")
    await s.settle(s.raise_event(wf, "more"), step="raised")
    controls = (
        ("SuspendInstance", SuspendRequest(instance_id=wf), "suspended"),
        ("ResumeInstance", ResumeRequest(instance_id=wf), "resumed"),
        ("TerminateInstance", TerminateRequest(instance_id=wf), "terminated"),
    )
    for method, request, step in controls:
        await s.call(method, request, step=step, timeout=s.tolerances.dispatch)
    _, again = s.start(wf, timeout=s.tolerances.dispatch)
    await s.settle(again, step="started-again", own_deadline=True)
    await s.state(wf, step="state")
    await s.purge(wf, step="purged")
    await s.purge(wf, recursive=True, step="purged-recursively")
    await s.state(wf, step="state-then")
    await s.purge(wf, force=True, step="forced")
    await s.state(wf, step="gone")


@case(needs=("stalled", "management-api"))
async def through_the_dapr_api(s: SidecarScene) -> None:
    """A stalled instance is asked for, told things and purged through both versions of the Dapr API."""
    s.connect()
    wf = await begun(s, version=V1)
    await stalls(s, await told(s, wf, V1), unavailable(0))
    for version in VERSIONS:
        api = DaprApi(s, version)
        await api.get(wf, step=f"shown-{version}")
        await api.raise_event(wf, "more", step=f"raised-{version}")
        for verb in ("PauseWorkflow", "ResumeWorkflow", "TerminateWorkflow", "PurgeWorkflow"):
            await api.by_id(verb, wf, step=f"{verb}-{version}")
    await s.state(wf, step="state-then")
    await removed(s, wf)


@case(depth=Depth.FULL, needs=("stalled", "patch-diff"))
async def another_patch(s: SidecarScene) -> None:
    """A worker takes another patch than history has."""
    s.connect()
    wf = await begun(s, version=patched("a"))
    turn = await told(s, wf, patched("a"))
    await s.history(wf, step="history-before")
    await stalls(s, turn, version=patched("b"))
    await s.history(wf, step="history")
    await removed(s, wf)


@case(needs=("stalled", "patch-diff"))
async def without_patches(s: SidecarScene) -> None:
    """A worker takes no patch where history has one."""
    s.connect()
    wf = await begun(s, version=patched("a"))
    turn = await told(s, wf, patched("a"))
    await stalls(s, turn)
    await removed(s, wf)


@case(needs=("stalled", "patch-diff"))
async def patches_in_another_order(s: SidecarScene) -> None:
    """A worker takes the patches that history has in another order."""
    s.connect()
    wf = await begun(s, version=patched("a", "b"))
    turn = await told(s, wf, patched("a", "b"))
    await stalls(s, turn, version=patched("b", "a"))
    await removed(s, wf)


@case()
async def further_patches(s: SidecarScene) -> None:
    """A worker takes the patches that history has, and more of them in each turn."""
    s.connect()
    wf = await begun(s, version=patched("a"))
    taken: tuple[str, ...] = ("a",)
    for name in ("b", "c"):
        turn = await told(s, wf, patched(*taken), name=name, step=f"turn-{name}")
        taken = (*taken, name)
        await s.answer(turn, version=patched(*taken), step=f"answered-{name}")
    last = await told(s, wf, patched(*taken), name="end", step="last")
    await s.answer(last, complete(0), version=patched(*taken))
    await s.completed(wf, step="completed")


@case(alone=True, needs=("stalled",))
async def recovered(s: SidecarScene) -> None:
    """An instance stalls with events to tell and an activity under way; then a worker comes that has its version."""
    s.connect()
    wf = await begun(s, schedule(0), version=V1)
    task = await s.activity(wf, step="activity")
    held = await told(s, wf, V1, name="one", step="held")
    for name in ("two", "three"):
        await s.settle(s.raise_event(wf, name), expects="an answer to RaiseEvent")
    await s.answer(held, version=V1)
    await stalls(s, await s.turn(wf, step="turn"), unavailable(1))
    request = GetInstanceRequest(instance_id=wf, get_inputs_and_outputs=True)
    ending = s.begin("WaitForInstanceCompletion", request, timeout=s.tolerances.crash, step="wait")
    await s.finish(task, RESULT, step="finished")
    turn = await replaced(s, wf, step="again")
    await s.answer(turn, version=V1, step="again/answered")
    await s.in_status(wf, OrchestrationStatus.RUNNING, step="running")
    last = await everything(s, wf, turn, step="last")
    await s.answer(last, complete(2), version=V1, step="last/answered")
    await s.completed(wf, step="completed")
    await s.settle(ending, step="wait-answered", own_deadline=True)


async def everything(s: SidecarScene, wf: str, first: Item, *, step: str) -> Item:
    """Raise an event, and take what comes until that, what was raised before, and the activity's result have come.

    A result that the engine could not hand on while the instance was stalled may be asked for once more.
    """
    await s.settle(s.raise_event(wf, "end"), expects="an answer to RaiseEvent")
    seen, within = first.turn.new_events, s.tolerances.crash
    while True:
        item = await s.item(lambda one: one.instance_id == wf, step=step, expects="all that was queued", within=within)
        seen += item.turn.new_events
        if not item.turn.instance_id:
            await s.finish(item, RESULT)
        elif raises("two", "three", "end")(seen) and settles(("task", 0))(seen):
            return item
        else:
            await s.answer(item, version=V1)


@case(alone=True, depth=Depth.FULL, needs=("stalled",))
async def stalled_at_first(s: SidecarScene) -> None:
    """An instance stalls on its first turn; then a worker comes that has its version."""
    s.connect()
    wf, _ = s.start(name="stalls", timeout=s.tolerances.crash)
    await stalls(s, await s.turn(wf, step="first"), unavailable(0))
    await s.answer(await replaced(s, wf, step="again"), complete(0), version=V1, step="again/answered")
    await s.completed(wf, step="completed")


@case(alone=True, depth=Depth.FULL, needs=("stalled",))
async def stalled_on_timer(s: SidecarScene) -> None:
    """An instance stalls on the turn that brings its timer; then a worker comes that has its version."""
    s.connect()
    wf = await begun(s, timer(0, s.after(1)), version=V1)
    await s.pass_time(1.1)
    await stalls(s, await turn_with(s, wf, event(TimerFired), step="turn", version=V1), unavailable(1))
    await replaced(s, wf, step="again")


@case(alone=True, depth=Depth.FULL, needs=("stalled", "patch-diff"))
async def stalled_again(s: SidecarScene) -> None:
    """An instance stalls twice for the same cause, and then for another one, before it goes on."""
    s.connect()
    wf = await begun(s, version=patched("a"))
    turn = await told(s, wf, patched("a"))
    await stalls(s, turn, schedule(7, "never"), version=patched("b"))
    await s.answer(await replaced(s, wf, step="second"), schedule(7, "never"), version=patched("b"))
    await s.quiet(opens="second/window", closes="second/over")
    third = await replaced(s, wf, step="third")
    await s.history(wf, step="history-third")
    await s.answer(third, schedule(7, "never"), version=patched("c"), step="third/answered")
    request = GetInstanceHistoryRequest(instance_id=wf)
    await s.eventually("GetInstanceHistory", request, more_than(1), step="other", expects="another executionStalled")
    await s.answer(await replaced(s, wf, step="fourth"), complete(1), version=patched("a"), step="fourth/answered")
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


def more_than(count: int) -> Callable[[Call], bool]:
    """Whether a history has more executionStalled than that."""
    return lambda call: len(list(of(call.response(GetInstanceHistoryResponse).events, ExecutionStalled))) > count


@case(depth=Depth.FULL, alone=True, needs=("stalled",))
async def stalled_while_suspended(s: SidecarScene) -> None:
    """A suspended instance stalls, and goes on with another worker."""
    s.connect()
    wf = await begun(s, version=V1)
    pausing = s.suspend(wf)
    await s.answer(await turn_with(s, wf, event(ExecutionSuspended), step="pausing", version=V1), version=V1)
    await s.settle(pausing, expects="an answer to SuspendInstance")
    await s.state(wf, step="suspended")
    await stalls(s, await told(s, wf, V1), unavailable(0))
    await s.answer(await replaced(s, wf, step="again"), version=V1, step="again/answered")
    await s.in_status(wf, OrchestrationStatus.SUSPENDED, step="suspended-again")


@case(depth=Depth.FULL, restarts=True, needs=("stalled", "persistence"))
async def restarted(s: SidecarScene) -> None:
    """An engine is killed while an instance is stalled."""
    stream = s.connect()
    wf = await begun(s, version=V1)
    await stalls(s, await told(s, wf, V1), unavailable(0))
    await s.history(wf, step="history-before")
    await stream.drop()
    await s.quiet(opens="leaving", closes="left")
    await s.restart(kill=True, step="restarted")
    await s.state(wf, step="state-after")
    await s.history(wf, step="history-after")
    s.connect(step="worker-comes")
    turn = await turn_with(s, wf, raised("go"), step="again", within=s.tolerances.crash, version=V1)
    await s.answer(turn, complete(0), version=V1)
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL, needs=("payload-stall",))
async def large_payloads(s: SidecarScene) -> None:
    """A workflow's results fill nine tenths of a message, and then all of it; another one asks for a large activity."""
    s.connect()
    limit = await message_limit(s, step="limit")
    wf, starting = s.start()
    await s.answer(await s.turn(wf), *(schedule(number) for number in range(3)))
    await s.settle(starting, expects="an answer to StartInstance")
    tasks = [await s.activity(wf, task_id=number) for number in range(3)]
    for number, percent in ((0, 45), (1, 45)):
        await s.finish(tasks[number], filling(limit, percent))
        wanted = settles(("task", number))
        await s.answer(await gather(s, wf, wanted, step=f"turn-{number}", expects="a turn with the result"))
    await s.finish(tasks[2], filling(limit, 10), step="filled")
    await sent_or_stalled(s, wf, step="turn-sent-or-stalled")
    await s.history(wf, step="history")
    await removed(s, wf)
    other, starting = s.start()
    turn = await s.turn(other)
    await s.answer(turn, schedule(0, "large", input=filling(limit, 97)), step="asked")
    await s.settle(starting, expects="an answer to StartInstance")
    await sent_or_stalled(s, other, step="activity-sent-or-stalled")
    await s.history(other, step="other-history")
    await removed(s, other)


def filling(limit: int, percent: int) -> str:
    """A JSON string that takes so much of a message."""
    return '"' + "x" * (limit * percent // 100) + '"'


async def sent_or_stalled(s: SidecarScene, wf: str, *, step: str) -> None:
    """Wait until an instance is STALLED, or has work for a worker after all; then the case ends."""
    taken = len(s.taken(wf))

    def settled(call: Call) -> bool:
        return shown(call).workflow_status == STALLED or sum(item.instance_id == wf for item in s.items) > taken

    request = GetInstanceRequest(instance_id=wf)
    call = await s.eventually("GetInstance", request, settled, step=step, expects="status STALLED")
    if shown(call).workflow_status != STALLED:
        raise CaseOver("the work was sent")
