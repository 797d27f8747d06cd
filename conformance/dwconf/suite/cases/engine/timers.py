"""Timers (chapter E)."""

from __future__ import annotations

from dwconf.suite.cases.registry import case
from dwconf.suite.evidence.events import raises, settles
from dwconf.suite.scene.actions import complete, continue_as_new, timer
from dwconf.suite.scene.gathering import gather
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import event, turn_with
from dwconf.wire.values import ExecutionResumed, ExecutionSuspended, OrchestrationStatus, TimerOriginExternalEvent

MONTH = 30 * 24 * 3600.0
FOREVER = 253_402_300_799_999_999_999
"""9999-12-31T23:59:59.999999999Z, by which SDKs say that a wait has no end."""


@case()
async def fires(s: SidecarScene) -> None:
    """A timer is created and fires."""
    s.connect()
    wf, started = s.start(step="started")
    first = await s.turn(wf, step="first")
    await s.answer(first, timer(5, s.after(0.4), name="a-timer"), step="answered")
    await s.settle(started)
    await s.pass_time(0.2, step="half")
    await s.pass_time(0.3, step="due")
    fired = await gather(s, wf, settles(("timer", 5)), step="fired", expects="a turn with the timer that fired")
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event", first=fired)
    await s.answer(last, complete(6))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def past(s: SidecarScene) -> None:
    """A timer whose time has gone by."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), timer(0, s.after(-60)), step="answered")
    await s.settle(started)
    last = await gather(s, wf, settles(("timer", 0)), step="last", expects="a turn with the timer that fired")
    await s.answer(last, complete(1))
    await s.completed(wf, step="completed")


@case()
async def together(s: SidecarScene) -> None:
    """Three timers become due while a turn is outstanding, two of them at one time."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    at = s.after(0.3)
    await s.answer(first, timer(4, at), timer(9, s.after(0.2)), timer(2, at), step="answered")
    await s.settle(started)
    await s.settle(s.raise_event(wf, "hold"))
    held = await gather(s, wf, raises("hold"), step="held", expects="a turn with the raised event")
    await s.pass_time(0.5, step="due")
    await s.settle(s.raise_event(wf, "fence"))
    timers = settles(("timer", 4), ("timer", 9), ("timer", 2))
    last = await gather(
        s,
        wf,
        lambda seen: timers(seen) and raises("fence")(seen),
        step="last",
        expects="turns with all three timers",
        first=held,
        since=first.number,
    )
    await s.answer(last, complete(10))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def event_timeout(s: SidecarScene) -> None:
    """An event answers one of two waits with a timeout; a third timer has nothing to do with events."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    await s.answer(
        first,
        timer(1, s.after(1.0), name="approval", origin=TimerOriginExternalEvent(name="approval")),
        timer(2, s.after(1.1), name="other", origin=TimerOriginExternalEvent(name="other")),
        timer(3, s.after(1.1)),
        step="answered",
    )
    await s.settle(started)
    await s.settle(s.raise_event(wf, "Approval"), step="raised")
    answered = await gather(s, wf, raises("Approval"), step="event", expects="a turn with the raised event")
    await s.answer(answered)
    await s.pass_time(1.2, step="due")
    await s.settle(s.raise_event(wf, "fence"))
    timers = settles(("timer", 2), ("timer", 3))
    last = await gather(
        s,
        wf,
        lambda seen: timers(seen) and raises("fence")(seen),
        step="last",
        expects="turns with the timers 2 and 3",
        since=first.number,
    )
    await s.answer(last, complete(4))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def suspended(s: SidecarScene) -> None:
    """A timer becomes due while its instance is suspended."""
    s.connect()
    wf, started = s.start()
    first = await s.turn(wf, step="first")
    suspending = s.suspend(wf)
    await s.answer(first, timer(0, s.after(1.0)), step="answered")
    await s.settle(started)
    await s.answer(await turn_with(s, wf, event(ExecutionSuspended), step="suspending"))
    await s.settle(suspending)
    await s.in_status(wf, OrchestrationStatus.SUSPENDED, step="suspended")
    await s.pass_time(1.1, step="due")
    resuming = s.resume(wf)
    fired = settles(("timer", 0))
    last = await gather(
        s,
        wf,
        lambda seen: fired(seen) and any(isinstance(e.body, ExecutionResumed) for e in seen),
        step="last",
        expects="turns with the timer that fired and the resumption",
        since=first.number,
    )
    await s.answer(last, complete(1))
    await s.settle(resuming)
    await s.completed(wf, step="completed")


@case()
async def generations(s: SidecarScene) -> None:
    """Two timers become due in the next generation, which has a timer with the id of one of them, not yet due."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), timer(0, s.after(0.9)), timer(3, s.after(0.9)), step="answered")
    await s.settle(started)
    await s.settle(s.raise_event(wf, "go"))
    turn = await gather(s, wf, raises("go"), step="go", expects="a turn with the raised event")
    await s.answer(turn, continue_as_new(1, '"second"'))
    renewed = await s.turn(wf, step="renewed")
    await s.answer(renewed, timer(0, s.after(3600)), timer(7, s.after(0.9)))
    await s.pass_time(1.1, step="due")
    await s.settle(s.raise_event(wf, "fence"))
    done = settles(("timer", 7))
    last = await gather(
        s, wf, lambda seen: done(seen) and raises("fence")(seen), step="last", expects="a turn with the timer 7"
    )
    await s.answer(last, complete(8))
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")


@case()
async def after_the_end(s: SidecarScene) -> None:
    """A timer becomes due when its instance has ended."""
    s.connect()
    wf, started = s.start()
    await s.answer(await s.turn(wf, step="first"), timer(0, s.after(0.3)), complete(1), step="answered")
    await s.settle(started)
    other, started = s.start()
    await s.answer(await s.turn(other), timer(0, s.after(0.4)))
    await s.settle(started)
    await s.completed(wf, step="completed")
    await s.pass_time(0.6, step="due")
    fence = await gather(s, other, settles(("timer", 0)), step="fence", expects="a later timer of another instance")
    await s.answer(fence, complete(1))
    await s.completed(other)
    await s.history(wf, step="history")


@case()
async def forever(s: SidecarScene) -> None:
    """A timer at the end of time, and two whose delay in milliseconds does not fit into 31 and 32 bits."""
    s.connect()
    wf, started = s.start()
    long = (timer(1, s.after(MONTH)), timer(2, s.after(2**32 / 1000 + 0.2)))
    await s.answer(await s.turn(wf, step="first"), timer(0, FOREVER), *long, step="answered")
    await s.pass_time(0.3)
    await s.settle(s.raise_event(wf, "fence"))
    last = await gather(s, wf, raises("fence"), step="last", expects="a turn with the raised event")
    await s.answer(last, complete(3))
    await s.settle(started)
    await s.completed(wf, step="completed")
    await s.history(wf, step="history")
