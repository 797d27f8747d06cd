"""Starting instances (chapter B)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import complete, schedule
from dwconf.suite.scene.payloads import AWKWARD, LONG, NAME
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event
from dwconf.wire.values import CreateInstanceResponse, EventRaised, ExecutionStarted, TraceContext

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
MALFORMED = ("garbage", "00-xyz-b7ad6b7169203331-01", "00-zzf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
YEAR = 365 * 24 * 3600.0
brings_event = event(EventRaised)


@case()
async def plain(s: SidecarScene) -> None:
    """An instance starts, its only turn completes it."""
    s.connect()
    wf, started = s.start(input='{"n": 1}', step="started")
    turn = await s.turn(wf, step="first")
    s.reached("before-answer")
    await s.answer(turn, complete(0, '"out"'), step="answered")
    await s.settle(started, step="start-answered", expects="an answer to StartInstance")
    await s.state(wf, step="state-then")
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case(depth=Depth.FULL)
async def held_first_turn(s: SidecarScene) -> None:
    """The first turn is held for a while before it is answered; the start waits, or its client does not."""
    s.connect()
    wf, started = s.start(step="started")
    given_up, hasty = s.start(timeout=s.tolerances.impatient, step="hasty")
    turn = await s.turn(wf, step="first")
    other = await s.turn(given_up, step="hasty-first")
    await s.settle(hasty, step="hasty-answered", own_deadline=True)
    await s.quiet(opens="held", closes="released")
    await s.state(given_up, step="hasty-state")
    await s.answer(turn, complete(0), step="answered")
    await s.answer(other, complete(0, '"kept"'))
    await s.settle(started, step="start-answered", expects="an answer to StartInstance")
    await s.state(wf, step="state-then")
    await s.completed(given_up, step="hasty-completed")


@case()
async def inputs(s: SidecarScene) -> None:
    """Instances start with no input, an empty one, a foreign one and a long one."""
    s.connect()
    for step, given in (("unset", None), ("empty", ""), ("text", AWKWARD), ("long", LONG)):
        wf, started = s.start(name=NAME, input=given, step=f"{step}-started")
        turn = await s.turn(wf, step=step)
        await s.answer(turn, complete(0))
        await s.settle(started)


@case()
async def extras(s: SidecarScene) -> None:
    """A start names a version, tags and an execution id of its own."""
    s.connect()
    tags = (("colour", "green"), ("size", ""))
    wf, started = s.start(step="started", version="1.2.3", tags=tags, execution_id=f"{s.prefix}-execution")
    turn = await s.turn(wf, step="first")
    await s.answer(turn, complete(0))
    await s.settle(started)


@case()
async def odd_names(s: SidecarScene) -> None:
    """Ids and names that a shell or a URL would trip over, a long id, and a name that nobody registered."""
    s.connect()
    for step, hint, name in (
        ("odd-id", "a b/c?d#e%20f:g@h&i=é", "wf"),
        ("long-id", "x" * 150, "wf"),
        ("odd-name", "n", "Wörk flow/№ 1: (draft)"),
        ("no-name", "e", ""),
        ("nobody", "u", f"nobody-registered-{s.prefix}"),
    ):
        wf, started = s.start(s.new_id(hint), name=name, step=f"{step}-started")
        turn = await s.turn(wf, step=step)
        await s.answer(turn, complete(0))
        await s.settle(started)


@case()
async def scheduled(s: SidecarScene) -> None:
    """A start lies a little ahead; another one lies in the past."""
    s.connect()
    at = s.after(1.0)
    wf, started = s.start(step="started", scheduled_start_timestamp=at)
    await s.settle(started, step="start-answered", expects="an answer to StartInstance")
    await s.state(wf, step="state-before")
    late, past = s.start(step="past-started", scheduled_start_timestamp=s.after(-3600))
    turn = await s.turn(late, step="past-first")
    await s.settle(past, step="past-answered", expects="an answer to StartInstance while its first turn is held")
    await s.answer(turn, complete(0))
    await s.pass_time(1.1)
    turn = await s.turn(wf, step="first")
    await s.answer(turn, complete(0))
    await s.completed(wf)


@case(depth=Depth.FULL, slow=True)
async def message_before_start(s: SidecarScene) -> None:
    """An event is raised to an instance whose start lies ahead."""
    s.connect()
    wf, started = s.start(step="started", scheduled_start_timestamp=s.after(3.0))
    await s.settle(started, step="start-answered")
    await s.settle(s.raise_event(wf, "early", '"bird"'), step="raised")
    await s.quiet(opens="waiting", closes="waited")
    await s.pass_time(3.1)
    turn = await s.turn(wf, where=event(ExecutionStarted), step="first")
    if not any(brings_event(item) for item in s.items):
        await s.answer(turn)
        turn = await s.turn(wf, step="second")
    await s.answer(turn, complete(0))
    await s.completed(wf, step="completed")


@case()
async def traced(s: SidecarScene) -> None:
    """A start carries a trace parent, sampled or not."""
    s.connect()
    for step, parent in (("sampled", SAMPLED), ("unsampled", UNSAMPLED)):
        context = TraceContext(trace_parent=parent, span_id=parent.split("-")[2])
        wf, started = s.start(step=f"{step}-started", parent_trace_context=context)
        turn = await s.turn(wf, step=step)
        await s.answer(turn, complete(0))
        await s.settle(started)


@case()
async def badly_traced(s: SidecarScene) -> None:
    """A start carries a trace parent that is none."""
    s.connect()
    for number, parent in enumerate(MALFORMED):
        context = TraceContext(trace_parent=parent)
        wf, started = s.start(parent_trace_context=context, timeout=s.tolerances.dispatch)
        await s.settle(started, step=f"started-{number}", own_deadline=True)
        await s.state(wf, step=f"state-{number}")


@case()
async def untraced(s: SidecarScene) -> None:
    """Nobody traces an instance with an activity."""
    s.connect()
    wf, started = s.start(step="started")
    turn = await s.turn(wf, step="first")
    await s.answer(turn, schedule(0))
    await s.settle(started)
    task = await s.activity(wf, step="activity")
    await s.finish(task)
    turn = await s.turn(wf, step="second")
    await s.answer(turn, complete(1))
    await s.completed(wf)


@case(depth=Depth.FULL, alone=True)
async def empty_id(s: SidecarScene) -> None:
    """A start that lies far ahead names no instance."""
    s.connect()
    _, started = s.start("", scheduled_start_timestamp=s.after(YEAR))
    call = await s.settle(started, step="answered")
    s.adopt(call.response(CreateInstanceResponse).instance_id)
