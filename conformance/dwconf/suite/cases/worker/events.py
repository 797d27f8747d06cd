"""External events (chapter F)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import await_, call, program, return_, start_wait, try_, var, wait
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CreateTimer, ScheduleTask, TaskScheduled, TimerCreated, TimerOriginExternalEvent

FOREVER = 253_402_300_799_999_999_999
"""9999-12-31T23:59:59.999999999Z, the fire time of an optional timer."""
MANY = 1_050


@case(needs=("wait",))
async def buffered(s: WorkerScene) -> None:
    """An event comes in the first turn, and is awaited in the second."""
    wf = Instance(s, program(call("echo", 1), wait("E", as_="x"), return_(var("x"))))
    first = await wf.turn(wf.raised("E", '"early"'), step="first")
    await wf.turn(wf.completed(first.task), step="last")


@case(needs=("wait",))
async def in_order(s: WorkerScene) -> None:
    """Two waits and then two events of one name; and two events, then two waits."""
    both = return_([var("x"), var("y")])
    waits = (start_wait("E", as_="v"), start_wait("E", as_="w"), await_("v", as_="x"), await_("w", as_="y"))
    waiting = Instance(s, program(*waits, both))
    await waiting.turn(step="waiting")
    await waiting.turn(waiting.raised("E", '"first"'), step="waiting/one")
    await waiting.turn(waiting.raised("E", '"second"'), step="waiting/last")
    late = Instance(s, program(call("echo", 1), wait("E", as_="x"), wait("E", as_="y"), both))
    first = await late.turn(late.raised("E", '"first"'), late.raised("E", '"second"'), step="buffered")
    await late.turn(late.completed(first.task), step="buffered/last")


@case(needs=("wait",))
async def other_case(s: WorkerScene) -> None:
    """Events whose names differ from the wait's in case: one after the wait, one before it."""
    after = Instance(s, program(wait("Event", as_="x"), return_(var("x"))))
    await after.turn(step="waiting")
    await after.turn(after.raised("eVENT", '"after"'), step="waiting/last")
    before = Instance(s, program(call("echo", 1), wait("Event", as_="x"), return_(var("x"))))
    first = await before.turn(before.raised("eVENT", '"before"'), step="buffered")
    await before.turn(before.completed(first.task), step="buffered/last")


PAYLOADS = {"value": '{"a": [1, null, "é"]}', "absent": None, "empty": "", "zero": "0", "false": "false"}
"""A JSON value, no input, an empty one, and values that count as false, by the event's name."""


@case(needs=("wait",))
async def payloads(s: WorkerScene) -> None:
    """Events with every kind of payload, each of which is awaited."""
    code = program(*(wait(name, as_=name) for name in PAYLOADS), return_([var(name) for name in PAYLOADS]))
    wf = Instance(s, code)
    await wf.turn(step="first")
    for name, given in PAYLOADS.items():
        await wf.turn(wf.raised(name, given), step=f"raised-{name}")


@case(depth=Depth.FULL, needs=("wait",))
async def buffered_payloads(s: WorkerScene) -> None:
    """Events with every kind of payload, all of which come before anybody waits for them."""
    waits = (wait(name, as_=name) for name in PAYLOADS)
    wf = Instance(s, program(call("echo", 1), *waits, return_([var(name) for name in PAYLOADS])))
    raised = [wf.raised(name, given) for name, given in PAYLOADS.items()]
    first = await wf.turn(*raised, step="first")
    await wf.turn(wf.completed(first.task), step="last")


@case(depth=Depth.FULL, needs=("wait",))
async def equal_events(s: WorkerScene) -> None:
    """Two events of one name and payload come before anybody waits, and then two waits."""
    waits = (wait("E", as_="x"), wait("E", as_="y"))
    wf = Instance(s, program(call("echo", 1), *waits, return_([var("x"), var("y")])))
    first = await wf.turn(wf.raised("E", '"same"'), wf.raised("E", '"same"'), step="first")
    await wf.turn(wf.completed(first.task), step="last")


@case(needs=("event-timeout",))
async def timeout(s: WorkerScene) -> None:
    """A wait with a timeout of ten seconds that its event ends."""
    wf = Instance(s, program(wait("E", timeout_ms=10_000, as_="x"), return_(var("x"))))
    await wf.turn(step="first")
    await wf.turn(wf.raised("E", "1"), step="last")


@case(needs=("wait",))
async def no_timeout(s: WorkerScene) -> None:
    """A wait without timeout."""
    await Instance(s, program(wait("E", as_="x"), return_(var("x")))).turn(step="first")


@case(needs=("wait",))
async def without_optional_timer(s: WorkerScene) -> None:
    """A history from before optional timers: an activity has the id that the wait's timer would have."""
    code = program(start_wait("E", as_="w"), call("echo", 1), call("echo", 2), await_("w", as_="x"), return_(var("x")))
    learned = await Instance(s, code).turn(step="learned")
    number = min([learned.task, *(timer for timer, _ in learned.of(CreateTimer))])
    wf = Instance(s, code)
    wf.recorded(wf.event(TaskScheduled(name="echo", input="1"), number))
    second = await wf.turn(wf.completed(number), step="second")
    await wf.turn(wf.completed(second.task), step="third")
    await wf.turn(wf.raised("E", '"event"'), step="last")


@case(depth=Depth.FULL, needs=("wait",))
async def with_optional_timer(s: WorkerScene) -> None:
    """A history with an optional timer, though the code does not wait: its only activity has the next id."""
    code = program(call("echo", 1, as_="x"), return_(var("x")))
    number = (await Instance(s, code).turn(step="learned")).task
    wf = Instance(s, code)
    optional = TimerCreated(fire_at=FOREVER, origin=TimerOriginExternalEvent(name="E"))
    wf.recorded(wf.event(optional, number), wf.event(TaskScheduled(name="echo", input="1"), number + 1))
    await wf.turn(wf.completed(number + 1), step="last")


@case(needs=("event-timeout",))
async def buffered_with_timeout(s: WorkerScene) -> None:
    """Waits with a timeout, and with timeout zero, for events that have come already."""
    for name, limit in (("limited", 10_000), ("zero", 0)):
        wf = Instance(s, program(call("echo", 1), wait("E", timeout_ms=limit, as_="x"), call("echo", var("x"))))
        first = await wf.turn(wf.raised("E", '"early"'), step=f"{name}/first")
        await wf.turn(wf.completed(first.task), step=name)


@case(depth=Depth.FULL, needs=("event-timeout",))
async def zero_timeout(s: WorkerScene) -> None:
    """A wait with timeout zero for an event that has not come."""
    await Instance(s, program(wait("E", timeout_ms=0), return_("not reached"))).turn(step="first")


@case(needs=("event-timeout", "try"))
async def timed_out(s: WorkerScene) -> None:
    """A wait times out and the code catches that; the event comes later, while the code does something else."""
    caught = (call("echo", var("error")), wait("E", as_="x"), return_(var("x")))
    wf = Instance(s, program(try_(wait("E", timeout_ms=5_000), as_="error"), *caught))
    number, _ = (await wf.turn(step="first")).one(CreateTimer)
    fired = await wf.turn(wf.fired(number), step="timed-out")
    task, _ = fired.one(ScheduleTask)
    await wf.turn(wf.raised("E", '"late"'), step="late")
    await wf.turn(wf.completed(task), step="last")


@case(depth=Depth.FULL, needs=("event-timeout", "try"))
async def waits_again(s: WorkerScene) -> None:
    """A wait times out, the code waits for the same event again, and then it comes."""
    wf = Instance(s, program(try_(wait("E", timeout_ms=5_000)), wait("E", as_="x"), return_(var("x"))))
    number, _ = (await wf.turn(step="first")).one(CreateTimer)
    await wf.turn(wf.fired(number), step="timed-out")
    await wf.turn(wf.raised("E", '"late"'), step="last")


@case(depth=Depth.FULL, needs=("event-timeout", "try"))
async def timer_before_event(s: WorkerScene) -> None:
    """The timer of a wait and its event come in one turn, the timer first; the code waits again."""
    wf = Instance(s, program(try_(wait("E", timeout_ms=5_000), as_="error"), wait("E", as_="x"), return_(var("x"))))
    number, _ = (await wf.turn(step="first")).one(CreateTimer)
    fired = wf.fired(number)
    await wf.turn(fired, wf.raised("E", '"late"'), step="last")


@case(depth=Depth.FULL, needs=("wait",))
async def many_buffered(s: WorkerScene) -> None:
    """Events of many names are buffered, and then the last of them is awaited."""
    wf = Instance(s, program(call("echo", 1), wait(f"E{MANY}", as_="x"), return_(var("x"))))
    events = [wf.raised(f"E{number}", str(number)) for number in range(1, MANY + 1)]
    first = await wf.turn(*events, step="first")
    await wf.turn(wf.completed(first.task), step="last")
