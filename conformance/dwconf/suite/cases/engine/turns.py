"""The workflow turn: how it is formed, answered and committed (chapter C)."""

from __future__ import annotations

from contextlib import suppress

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.evidence import Call
from dwconf.suite.evidence.events import raises, settles
from dwconf.suite.scene.actions import (
    child,
    complete,
    continue_as_new,
    detached,
    fail,
    schedule,
    timer,
)
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.payloads import AWKWARD, FAILURE
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.turns import anything, turn_with
from dwconf.wire.values import (
    ExecutionCompleted,
    GetInstanceHistoryRequest,
    GetInstanceHistoryResponse,
    GetInstanceRequest,
    GetInstanceResponse,
    HistoryEvent,
    OrchestrationStatus,
    TaskRouter,
    TaskScheduled,
    TimerOriginActivityRetry,
    TimerOriginChildWorkflowRetry,
    TimerOriginCreateTimer,
    TimerOriginExternalEvent,
    WorkflowAction,
    WorkflowResponse,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)

FORGED = TaskRouter(source_app_id="somebody-else")
"""A router that a worker has no say in."""


@case()
async def actions(s: SidecarScene) -> None:
    """One answer with every common action; a second turn without any; a third that completes."""
    s.connect()
    wf, started = s.start(input='{"n": 1}')
    first = await s.turn(wf, step="first")
    far = s.after(3600)
    origins = (TimerOriginExternalEvent(name="never"), TimerOriginActivityRetry(task_execution_id="exec-3"))
    await s.answer(
        first,
        schedule(3, "act-a", input='{"a": [1, 2]}', version="1.0", execution="exec-3", router=FORGED),
        timer(1, far, name="a-timer", origin=TimerOriginCreateTimer()),
        child(4, "kid", instance_id=f"{wf}-kid", input='"k"', version="2.0"),
        schedule(0, "act-b", input=None),
        timer(12, far + 1, origin=origins[0]),
        timer(8, far + 2, origin=origins[1]),
        timer(6, far + 3, origin=TimerOriginChildWorkflowRetry(instance_id=f"{wf}-kid")),
        child(9, "kid", input=None),
        schedule(2, "act-c", input=""),
        step="answered",
    )
    await s.settle(started)
    for task in (3, 0, 2):
        await s.activity(wf, task_id=task, step=f"activity-{task}")
    await s.settle(s.raise_event(wf, "go"))
    second = await gather(s, wf, raises("go"), step="second", expects="a turn with the raised event")
    await s.history(wf, step="history-second")
    await s.answer(second, step="answered-empty")
    for item in [i for i in s.items if i.activity.name]:
        await s.finish(item)
    await s.settle(s.raise_event(wf, "end"))
    wanted = settles(("task", 3), ("task", 0), ("task", 2))
    last = await gather(
        s, wf, lambda seen: wanted(seen) and raises("end")(seen), step="last", expects="a turn with all results"
    )
    await s.answer(last, complete(20, '"out"'))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
    await _end_children(s, wf)


async def _end_children(s: SidecarScene, wf: str) -> None:
    """Answer the turns of children, so that nothing stays behind."""
    for item in [i for i in s.items if i.turn.instance_id.startswith(wf) and i.turn.instance_id != wf]:
        await s.answer(item, complete(0))


@case(depth=Depth.FULL)
async def odd_ids(s: SidecarScene) -> None:
    """Action ids that are zero, negative and as large as they get."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    await s.answer(first, schedule(2**31 - 1, "a"), schedule(0, "b"), schedule(-7, "c"), step="answered")
    await s.settle(started)
    for task in (2**31 - 1, 0, -7):
        await s.finish(await s.activity(wf, task_id=task))
    ids = (("task", 2**31 - 1), ("task", 0), ("task", -7))
    last = await gather(s, wf, settles(*ids), step="last", expects="a turn with all results")
    await s.answer(last, complete(41))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def targeted(s: SidecarScene) -> None:
    """An activity is routed to the engine's own app, whose name its events tell."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), schedule(0, "act"))
    await s.settle(started)
    await s.finish(await s.activity(wf))
    second = await gather(s, wf, settles(("task", 0)), step="second", expects="a turn with the result")
    routers = [event.router for event in second.turn.past_events if isinstance(event.body, TaskScheduled)]
    app = next((router.source_app_id for router in routers if router is not None), "")
    router = TaskRouter(target_app_id=app) if app else None
    await s.answer(second, schedule(1, "act", router=router), step="answered")
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(2))
    await s.completed(wf, step="completed")
    for item in [i for i in s.items if i.activity.task_id == 1]:
        await s.finish(item)


@case()
async def custom_status(s: SidecarScene) -> None:
    """A custom status is set, set to the empty string, set again, and left unset."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), custom_status='"A"')
    await s.settle(started)
    for name, status in (("set", ""), ("empty", '"A"'), ("set-again", None), ("unset", '"end"')):
        await s.settle(s.raise_event(wf, name))
        turn = await s.turn(wf, step=f"turn-{name}")
        await s.state(wf, step=f"status-{name}")
        await s.answer(turn, *([complete(0)] if name == "unset" else []), custom_status=status)
    await s.completed(wf, step="completed")


@case(needs=("instance-history",))
async def atomic(s: SidecarScene) -> None:
    """What clients see before an answer, and what they see once its first effect shows."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), custom_status='"A"')
    await s.settle(started)
    await s.settle(s.raise_event(wf, "go"))
    second = await s.turn(wf, step="second")
    await s.state(wf, step="state-before")
    await s.history(wf, step="history-before")
    await s.answer(second, schedule(5, "act"), custom_status='"B"', step="answered")
    await s.eventually(
        "GetInstance",
        GetInstanceRequest(instance_id=wf, get_inputs_and_outputs=True),
        lambda call: _custom_status(call) == '"B"',
        step="state-after",
        expects="the custom status of the answer",
    )
    await s.history(wf, step="history-after")
    await s.finish(await s.activity(wf))
    last = await gather(s, wf, settles(("task", 5)), step="last", expects="a turn with the result")
    await s.answer(last, complete(6), custom_status='"C"', step="answered-last")
    await s.eventually(
        "GetInstanceHistory",
        GetInstanceHistoryRequest(instance_id=wf),
        lambda call: any(isinstance(x.body, ExecutionCompleted) for x in _events(call)),
        step="history-ended",
        expects="the end in history",
    )
    await s.state(wf, step="state-ended")


def _custom_status(call: Call) -> str | None:
    state = call.response(GetInstanceResponse).workflow_state
    return state.custom_status if state is not None else None


def _events(call: Call) -> tuple[HistoryEvent, ...]:
    return call.response(GetInstanceHistoryResponse).events if call.ok else ()


@case(depth=Depth.FULL)
async def queued_at_start(s: SidecarScene) -> None:
    """An event is raised before the first turn is dispatched."""
    wf, started = s.start(step="started")
    request = GetInstanceRequest(instance_id=wf)
    with suppress(CaseOver):  # an engine may create nothing before a worker connects
        await s.eventually("GetInstance", request, _exists, step="exists", expects="the instance", within=0.5)
        await s.settle(s.raise_event(wf, "early"), step="raised")
    s.connect()
    first = await s.turn(wf, step="first")
    await s.answer(first)
    await s.settle(started)
    await s.settle(s.raise_event(wf, "end"))
    last = await gather(s, wf, raises("end"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")


@case()
async def late_events(s: SidecarScene) -> None:
    """Events are raised while a turn is outstanding."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    for name in ("one", "two"):
        await s.settle(s.raise_event(wf, name, '"x"'), step=f"raised-{name}", expects="an answer to RaiseEvent")
    await s.answer(first, step="answered")
    await s.settle(started)
    second = await turn_with(s, wf, anything, step="second")
    await s.settle(s.raise_event(wf, "three", '"x"'), step="raised-three", expects="an answer to RaiseEvent")
    last = await gather(
        s, wf, raises("one", "two", "three"), step="last", expects="turns with all raised events", first=second
    )
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


UNENDED = (OrchestrationStatus.PENDING, OrchestrationStatus.RUNNING)


@case()
async def several_completions(s: SidecarScene) -> None:
    """Answers with two completions, and with an action behind them."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    await s.answer(first, complete(0, '"first"'), fail(1, "second"), schedule(2, "act"), step="answered")
    await s.settle(started)
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
    await s.finish(await s.activity(wf, step="activity"), step="finished")
    other, _ = s.start()
    answers = (fail(0, "first"), continue_as_new(1, '"again"'))
    await s.answer(await s.turn(other, step="turn-other"), *answers, step="answered-other")

    def decided(call: Call) -> bool:
        state = call.response(GetInstanceResponse).workflow_state
        again = sum(item.instance_id == other for item in s.items) > 1
        return again or (state is not None and state.workflow_status not in UNENDED)

    request = GetInstanceRequest(instance_id=other, get_inputs_and_outputs=True)
    expects = "the end of the instance, or another turn"
    await s.eventually("GetInstance", request, decided, step="decided-other", expects=expects)


@case(depth=Depth.FULL)
async def ended(s: SidecarScene) -> None:
    """What arrives after the end: an event that was queued, one that was not, a result, a timer."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    await s.answer(first, schedule(0, "act"), timer(1, s.after(0.4)))
    await s.settle(started)
    activity = await s.activity(wf, step="activity")
    await s.settle(s.raise_event(wf, "go"))
    last = await s.turn(wf, step="last")
    await s.settle(s.raise_event(wf, "queued"))
    await s.answer(last, complete(2, '"out"'), step="answered")
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
    await s.settle(s.raise_event(wf, "late"), step="raised-late", expects="an answer to RaiseEvent")
    await s.finish(activity, '"late"', step="finished-late")
    await s.pass_time(0.6, step="timer-due")
    await s.quiet(opens="after-the-end", closes="still-ended")
    await s.state(wf, step="state-late")
    await s.history(wf, step="history-late")


STATUSES = {
    "completed": complete(1, AWKWARD),
    "failed": complete(1, '"so far"', status=OrchestrationStatus.FAILED, failure=FAILURE),
    "terminated": complete(1, '"why"', status=OrchestrationStatus.TERMINATED),
    "bare-completed": complete(1, None),
    "bare-failed": complete(1, None, status=OrchestrationStatus.FAILED),
    "empty-result": complete(1, ""),
}


@case()
async def endings(s: SidecarScene) -> None:
    """Each way to complete that ends an instance."""
    s.connect()
    for name, action in STATUSES.items():
        wf, started = s.start()
        await s.answer(await s.turn(wf, step=f"turn-{name}"), action, step=f"answered-{name}")
        await s.completed(wf, step=name)
        await s.settle(started)
        await s.history(wf, step=f"history-{name}")


@case(depth=Depth.FULL)
async def canceled(s: SidecarScene) -> None:
    """A completion with the status that no SDK sends."""
    s.connect()
    wf, started = s.start()
    action = complete(0, '"why"', status=OrchestrationStatus.CANCELED)
    await s.answer(await s.turn(wf, step="turn"), action, step="answered")
    await s.settle(started)
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL, needs=("instance-history",))
async def odd_status(s: SidecarScene) -> None:
    """A completion whose status is no end."""
    s.connect()
    wf, _ = s.start()
    await s.answer(
        await s.turn(wf, step="turn"), complete(0, '"x"', status=OrchestrationStatus.RUNNING), step="answered"
    )

    def decided(call: Call) -> bool:
        again = any(i.turn.instance_id == wf for i in s.items[1:])
        return again or any(isinstance(x.body, ExecutionCompleted) for x in _events(call))

    request = GetInstanceHistoryRequest(instance_id=wf)
    await s.eventually("GetInstanceHistory", request, decided, step="decided", expects="a commit or the turn again")
    await s.state(wf, step="state")
    if len(s.items) == 1:  # it was committed: no turn is due
        return
    await s.answer(await s.turn(wf, step="again"), complete(0))
    await s.completed(wf, step="completed")


@case()
async def versions(s: SidecarScene) -> None:
    """Three answers name a version: the first it alone, the next a patch as well, and the third two."""
    s.connect()
    wf, started = s.start()
    none, one, two = (WorkflowVersion(name="v1", patches=patches) for patches in ((), ("p1",), ("p1", "p2")))
    await s.answer(await s.turn(wf, step="first"), version=none, step="answered-first")
    await s.settle(started)
    for version, step in ((one, "second"), (two, "third")):
        await s.pass_time(0.01)
        await s.settle(s.raise_event(wf, "go"))
        await s.answer(await s.turn(wf, step=step), version=version, step=f"answered-{step}")
    await s.pass_time(0.01)
    await s.settle(s.raise_event(wf, "end"))
    last = await s.turn(wf, step="last")
    await s.answer(last, complete(0), version=two)
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(needs=("detached",))
async def detached_workflow(s: SidecarScene) -> None:
    """A workflow detaches another one."""
    s.connect()
    wf, started = s.start()
    other = f"{wf}-apart"
    await s.answer(
        await s.turn(wf), detached(3, "other", instance_id=other, input='"secret"'), complete(4), step="answered"
    )
    await s.settle(started)
    await s.answer(await s.turn(other, step="detached-turn"), complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
    await s.completed(other)


@case(needs=("instance-history",))
async def unavailable_version(s: SidecarScene) -> None:
    """A worker says that it has not the version that a workflow needs."""
    s.connect()
    wf, _ = s.start()
    action = WorkflowAction(id=77, body=WorkflowVersionNotAvailable())
    await s.answer(await s.turn(wf, step="turn"), action, step="answered")
    request = GetInstanceRequest(instance_id=wf)
    await s.eventually("GetInstance", request, _left_pending, step="left-pending", expects="a commit of the turn")
    await s.history(wf, step="history")
    await s.purge(wf, force=True)


def _exists(call: Call) -> bool:
    return call.response(GetInstanceResponse).exists


def _left_pending(call: Call) -> bool:
    state = call.response(GetInstanceResponse).workflow_state
    return state is not None and state.workflow_status != OrchestrationStatus.PENDING


@case()
async def renewed(s: SidecarScene) -> None:
    """The first turn after continue-as-new."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), continue_as_new(0, '"again"'), step="answered")
    again = await s.turn(wf, step="renewed")
    await s.answer(again, schedule(0, "act"))
    await s.settle(started)
    await s.finish(await s.activity(wf))
    last = await gather(s, wf, settles(("task", 0)), step="last", expects="a turn with the result")
    await s.answer(last, complete(1))
    await s.completed(wf, step="completed")


@case(needs=("detached", "instance-history"))
async def inapplicable(s: SidecarScene) -> None:
    """An answer with an action that cannot be carried out, between others that can."""
    s.connect()
    wf, _ = s.start()
    first = await s.turn(wf)
    await s.settle(s.raise_event(wf, "early"))
    turn = await gather(s, wf, raises("early"), step="turn", expects="a turn with the raised event", first=first)
    await s.state(wf, step="state-before")
    before = await s.history(wf, step="history-before")
    spoiled = (schedule(0, "act"), detached(1, instance_id=""), complete(2))
    await s.answer(turn, *spoiled, custom_status='"spoiled"', step="answered")

    def decided(call: Call) -> bool:
        again = [i for i in s.items if i.turn.instance_id == wf and i.number > turn.number]
        return bool(again) or _events(call) != _events(before)

    request = GetInstanceHistoryRequest(instance_id=wf)
    await s.eventually("GetInstanceHistory", request, decided, step="history-after", expects="the turn again")
    await s.state(wf, step="state-after")
    again = await s.turn(wf, step="again")
    await s.answer(again, complete(0))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(unsafe=True)
async def unknown_action(s: SidecarScene) -> None:
    """An answer with an action of no known type."""
    s.connect()
    wf, _ = s.start()
    turn = await s.turn(wf, step="turn")
    await s.answer(turn, WorkflowAction(id=0), complete(1), step="answered")
    await s.call("Hello", b"", step="hello")
    other, started = s.start()
    await s.answer(await s.turn(other, step="other"), complete(0))
    await s.settle(started)
    await s.completed(other, step="other-completed")
    await s.state(wf, step="state")
    await s.answer(await s.turn(wf, step="again"), complete(0))
    await s.completed(wf, step="completed")


@case(depth=Depth.FULL)
async def reused_id(s: SidecarScene) -> None:
    """An answer that schedules with an id which history has already."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), schedule(0, "act"))
    await s.settle(started)
    await s.activity(wf)
    await s.settle(s.raise_event(wf, "go"))
    second = await s.turn(wf, step="second")
    await s.answer(second, schedule(0, "act"), custom_status='"reused"', step="answered")
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the next event")
    await s.call("Hello", b"", step="hello")
    await s.answer(last, complete(1))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
    for item in [i for i in s.items if i.activity.name]:
        await s.finish(item)


@case(depth=Depth.FULL)
async def events_processed(s: SidecarScene) -> None:
    """An answer says that it processed one of several events."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf)
    for name in ("one", "two", "three"):
        await s.settle(s.raise_event(wf, name))
    await s.answer(first)
    await s.settle(started)
    second = await s.turn(wf, step="second")
    response = WorkflowResponse(instance_id=wf, completion_token=second.token, num_events_processed=1)
    await s.call("CompleteWorkflowTask", response, step="answered")
    await s.settle(s.raise_event(wf, "end"))
    last = await gather(s, wf, raises("end"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(0))
    await s.completed(wf, step="completed")
