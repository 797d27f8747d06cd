"""Timers (chapter E). Time is what the histories say it is, so a long timer costs nothing."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, program, return_, start_timer, timer, var, wait
from dwconf.suite.scene.instance import SECOND, Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CreateTimer, TimerCreated, TimerFired

DAY_MS = 86_400_000


@case(needs=("timer",))
async def two_timers(s: WorkerScene) -> None:
    """A timer of more than two days, and in a later turn one that is no whole number of seconds."""
    wf = Instance(s, program(timer(2 * DAY_MS + 30_000), call("echo", 1), timer(5_250), return_("done")))
    first = await wf.turn(step="first")
    fired = await wf.turn(wf.fired(first.one(CreateTimer)[0]), step="fired")
    second = await wf.turn(wf.completed(fired.task), after=7.0, step="second")
    await wf.turn(wf.fired(second.one(CreateTimer)[0]), after=0.0, step="last")


@case(needs=("timer",))
async def no_delay(s: WorkerScene) -> None:
    """Timers with a delay of zero and of less than zero."""
    for name, delay in (("zero", 0), ("negative", -5_000)):
        wf = Instance(s, program(timer(delay), return_("done")))
        first = await wf.turn(step=name)
        await wf.turn(wf.fired(first.one(CreateTimer)[0]), step=f"{name}/last")


@case(depth=Depth.FULL, needs=("timer",))
async def long_timer(s: WorkerScene) -> None:
    """A timer of ten days."""
    await Instance(s, program(timer(10 * DAY_MS), return_("done"))).turn(step="first")


@case(depth=Depth.FULL, needs=("timer",))
async def fired_early(s: WorkerScene) -> None:
    """A timer fires in a turn that begins before its fire time."""
    wf = Instance(s, program(timer(30_000), return_("done")))
    number, made = (await wf.turn(step="first")).one(CreateTimer)
    await wf.turn(TimerFired(timer_id=number, fire_at=made.fire_at), step="early")


@case(depth=Depth.FULL, needs=("event-timeout",))
async def abandoned(s: WorkerScene) -> None:
    """The timer of a wait fires after its event has come."""
    wf = Instance(s, program(wait("E", timeout_ms=10_000, as_="x"), call("echo", 1), return_(var("x"))))
    number, _ = (await wf.turn(step="first")).one(CreateTimer)
    raised = await wf.turn(wf.raised("E", '"event"'), step="raised")
    await wf.turn(wf.fired(number), step="fired")
    await wf.turn(wf.completed(raised.task), step="last")


@case(needs=("event-timeout",))
async def event_before_timer(s: WorkerScene) -> None:
    """The event of a wait and its timer come in one turn, the event first."""
    wf = Instance(s, program(wait("E", timeout_ms=10_000, as_="x"), return_(var("x"))))
    number, _ = (await wf.turn(step="first")).one(CreateTimer)
    fired = wf.fired(number)
    await wf.turn(wf.raised("E", '"event"'), fired, step="last")


@case(depth=Depth.FULL, needs=("timer",))
async def never_awaited(s: WorkerScene) -> None:
    """A workflow starts a timer and ends without awaiting it."""
    await Instance(s, program(start_timer(60_000, as_="t"), return_("done"))).turn(step="first")


@case(depth=Depth.FULL)
async def infrastructure_timer(s: WorkerScene) -> None:
    """History holds a timer with the id -100, as old engines wrote it."""
    wf = Instance(s, program(call("echo", 1, as_="x"), return_(var("x"))))
    first = await wf.turn(step="first")
    wf.past += (wf.event(TimerCreated(fire_at=wf.clock + SECOND), -100),)
    await wf.turn(wf.completed(first.task), step="last")
