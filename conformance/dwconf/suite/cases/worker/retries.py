"""Retry policies (chapter H): the worker retries, by timers of the workflow."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import Retry, all_, call, child, program, return_, start, try_, var
from dwconf.suite.scene.instance import Instance, Turn
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import CreateChildWorkflow, CreateTimer, ScheduleTask

GROWING: Retry = {"max": 4, "firstMs": 1_000, "coef": 1.5, "maxMs": 2_200}
"""Neither the coefficient nor a delay is a whole number; 1.5 twice is 2.25, which is too long."""
TWICE: Retry = {"max": 2, "firstMs": 1_000}
NOTHING = {"program": 1, "steps": []}
MOST = 8
"""After so many attempts a worker is not followed any further."""


async def fail_attempts(wf: Instance, first: Turn, count: int) -> None:
    """Fail every attempt, `count` in all; fire the timer between two.

    The answer to failure n is the step `failed-n`, the one to the timer after it `fired-n`.
    """
    task = first.task
    for attempt in range(1, count + 1):
        failed = await wf.turn(wf.failed(task, f"failure {attempt}"), step=f"failed-{attempt}")
        if attempt < count:
            timer, _ = failed.one(CreateTimer)
            task = (await wf.turn(wf.fired(timer), after=0.0, step=f"fired-{attempt}")).task


@case(needs=("retry",))
async def growing_delays(s: WorkerScene) -> None:
    """An activity with four attempts and growing delays fails each time."""
    wf = Instance(s, program(call("fail", {"message": "boom"}, retry=GROWING), return_("not reached")))
    await fail_attempts(wf, await wf.turn(step="first"), 4)


@case(depth=Depth.FULL, needs=("retry", "try"))
async def exhausted(s: WorkerScene) -> None:
    """Both attempts of an activity fail, and the code catches that."""
    wf = Instance(s, program(try_(call("fail", {}, retry=TWICE), as_="error"), return_(var("error"))))
    await fail_attempts(wf, await wf.turn(step="first"), 2)


@case(needs=("retry",))
async def second_succeeds(s: WorkerScene) -> None:
    """The second attempt of an activity succeeds."""
    wf = Instance(s, program(call("echo", {"n": 0}, as_="x", retry=TWICE), return_(var("x"))))
    failed = await wf.turn(wf.failed((await wf.turn(step="first")).task), step="failed")
    timer, _ = failed.one(CreateTimer)
    fired = await wf.turn(wf.fired(timer), step="fired")
    await wf.turn(wf.completed(fired.task, '"second"'), step="last")


@case(needs=("child", "child-retry"))
async def child_retry(s: WorkerScene) -> None:
    """A child with three attempts fails twice."""
    policy: Retry = {"max": 3, "firstMs": 1_000}
    wf = Instance(s, program(child("interp_child", NOTHING, as_="x", retry=policy), return_(var("x"))))
    made = await wf.turn(step="first")
    for attempt in (1, 2):
        number, _ = made.one(CreateChildWorkflow)
        failed = await wf.turn(wf.child_failed(number), step=f"failed-{attempt}")
        timer, _ = failed.one(CreateTimer)
        made = await wf.turn(wf.fired(timer), step=f"fired-{attempt}")
    number, _ = made.one(CreateChildWorkflow)
    await wf.turn(wf.child_completed(number, '"third"'), step="last")


@case(depth=Depth.FULL, needs=("child", "child-retry", "try"))
async def child_exhausted(s: WorkerScene) -> None:
    """Both attempts of a child fail, and the code catches that."""
    wf = Instance(s, program(try_(child("interp_child", NOTHING, retry=TWICE), as_="error"), return_(var("error"))))
    number, _ = (await wf.turn(step="first")).one(CreateChildWorkflow)
    failed = await wf.turn(wf.child_failed(number, "failure 1"), step="failed-1")
    timer, _ = failed.one(CreateTimer)
    number, _ = (await wf.turn(wf.fired(timer), after=0.0, step="fired-1")).one(CreateChildWorkflow)
    await wf.turn(wf.child_failed(number, "failure 2"), step="failed-2")


@case(depth=Depth.FULL, needs=("retry",))
async def retry_timeout(s: WorkerScene) -> None:
    """A policy with a delay of one second and a timeout of three; each attempt fails at once."""
    policy: Retry = {"max": MOST, "firstMs": 1_000, "timeoutMs": 3_000}
    wf = Instance(s, program(call("fail", {}, retry=policy)))
    task = (await wf.turn(step="first")).task
    for attempt in range(1, MOST + 1):
        failed = await wf.turn(wf.failed(task), after=0.0, step=f"failed-{attempt}")
        if not failed.of(CreateTimer):
            break
        timer, _ = failed.one(CreateTimer)
        task = (await wf.turn(wf.fired(timer), after=0.0, step=f"fired-{attempt}")).task


@case(needs=("retry",))
async def non_retriable(s: WorkerScene) -> None:
    """An activity with attempts left fails in a way that is marked as not to be retried."""
    wf = Instance(s, program(call("fail", {}, retry=TWICE)))
    first = await wf.turn(step="first")
    await wf.turn(wf.failed(first.task, "final", non_retriable=True), step="last")


@case(depth=Depth.FULL, needs=("retry",))
async def no_delay(s: WorkerScene) -> None:
    """A policy without delay."""
    wf = Instance(s, program(call("fail", {}, retry={"max": 2, "firstMs": 0})))
    first = await wf.turn(step="first")
    await wf.turn(wf.failed(first.task), step="failed")


@case(depth=Depth.FULL, needs=("retry", "all"))
async def side_by_side(s: WorkerScene) -> None:
    """Two activities with policies are awaited together, and both fail once."""
    starts = (start("echo", "a", as_="a", retry=TWICE), start("echo", "b", as_="b", retry=TWICE))
    wf = Instance(s, program(*starts, all_("a", "b", as_="both"), return_(var("both"))))
    (a, _), (b, _) = (await wf.turn(step="first")).several(ScheduleTask, 2)
    a_timer, _ = (await wf.turn(wf.failed(a), step="a-failed")).one(CreateTimer)
    b_timer, _ = (await wf.turn(wf.failed(b), step="b-failed")).one(CreateTimer)
    b_again = await wf.turn(wf.fired(b_timer), step="b-fired")
    a_again = await wf.turn(wf.fired(a_timer), after=0.0, step="a-fired")
    await wf.turn(wf.completed(b_again.task, '"B"'), step="b-completed")
    await wf.turn(wf.completed(a_again.task, '"A"'), step="last")
