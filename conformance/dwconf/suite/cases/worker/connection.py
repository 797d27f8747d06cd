"""The connection (chapter A): how a worker comes, stays, is lost, comes back and goes.

Most of these cases need an engine and an app process of their own, because they take connections away.
"""

from __future__ import annotations

from contextlib import suppress

import grpc

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, program, return_
from dwconf.suite.scene.double import Connection, named
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import Environment, Reaction, RunningApp, WorkerScene
from dwconf.wire.values import ActivityRequest, HealthPing, WorkflowInstance

TOKEN = "a-token-of-the-suite"  # noqa: S105  (nobody's secret)
HOT = 60
"""As many attempts in half a minute are a hot loop (WRK-A-06)."""
HALF_A_MINUTE = 30
MANY = 150
USUAL = ("UNAVAILABLE", "CANCELLED", "INTERNAL", "UNAUTHENTICATED")
"""The statuses with which streams end most often."""
ERRORS = (*USUAL, *(code.name for code in grpc.StatusCode if code.name not in (*USUAL, "OK")))
LIVES = 3
"""So many processes of an app may stay away after an error; what comes then is not looked at."""
IDLE = 75
"""In so many seconds, two signs of life are due that come about every half minute (WRK-A-12)."""
SILENT = 5
"""So many seconds without work are nothing out of the way."""
BACK_OFF = 3
"""A worker that makes a failure of a lost result has sent it within so many seconds."""
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
TRANSPORT = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED")


async def own(s: WorkerScene, *, token: str = "", environment: Environment | None = None) -> RunningApp:
    """An engine and an app of the case's own, connected to each other."""
    double = await s.own_double(token=token)
    s.use(double)
    app = await s.own_app(double.port, token=token, environment=environment)
    await s.stream(step="connected", within=s.tolerances.ready)
    return app


def blocked(s: WorkerScene, seconds: float) -> ActivityRequest:
    """An activity that takes this long."""
    instance = WorkflowInstance(instance_id=s.new_id("b"), execution_id=s.new_id("e"))
    ms = round(1000 * seconds)
    return ActivityRequest(name="block", input=f'{{"ms": {ms}}}', workflow_instance=instance, task_id=5)


@case(apart=True)
async def first_contact(s: WorkerScene) -> None:
    """An app comes, is served, loses its stream in order, and comes back; what it had cached is gone with the stream.

    So a worker with stateful history has to fetch, which is one more kind of call.
    """
    await own(s, token=TOKEN)
    connection = await s.stream()
    await s.activity("echo", '"hello"', step="activity")
    wf = Instance(s, program(call("echo", 1), return_("done")))
    first = await wf.turn(step="turn")
    connection.end()
    await s.ended(connection, step="ended")
    again = await s.stream(step="again")
    await s.activity("echo", '"back"', step="served-again")
    if "stateful-history" in s.offers(again):
        await wf.delta(wf.completed(first.task), cached=len(wf.past), step="delta")


@case(depth=Depth.FULL, apart=True)
async def stream_errors(s: WorkerScene) -> None:
    """The stream ends with one error after the other; a process that does not come back is followed by a new one.

    The rule is broken by then, so that the next ones are not waited for as long.
    """
    left = list(ERRORS)
    for life in range(LIVES):
        app = await own(s)
        within = s.tolerances.reconnect / (2 if life else 1)
        with suppress(CaseOver):
            while left:
                await lost(s, await s.stream(), left.pop(0), within=within)
            return
        await app.stop(kill=True)


async def lost(s: WorkerScene, connection: Connection, name: str, *, within: float) -> None:
    """End a stream with a status, and see the worker back at work."""
    connection.end(grpc.StatusCode[name], "ended by the suite")
    await s.ended(connection, step=f"ended-{name}")
    await s.stream(step=f"again-{name}", within=within)
    await s.activity("echo", f'"{name}"', step=f"served-{name}")


@case(depth=Depth.FULL, apart=True)
async def refused_for_a_moment(s: WorkerScene) -> None:
    """Every stream fails as soon as it is opened, for three seconds."""
    await refused(s, 3)


@case(depth=Depth.SOAK, apart=True)
async def refused_for_long(s: WorkerScene) -> None:
    """Every stream fails as soon as it is opened, for half a minute."""
    await refused(s, HALF_A_MINUTE)


async def refused(s: WorkerScene, seconds: float) -> None:
    """Refuse every stream for so long, or until there is no doubt that the worker tries too often.

    One that neither tries too often nor slows down is refused for half a minute in all.
    """
    await own(s)
    connection = await s.stream()
    s.double.refuse = UNAVAILABLE
    connection.end()
    await s.ended(connection, step="ended")
    first = s.streams

    def hot() -> bool:
        return s.streams - first > HOT

    await s.watch(seconds / 2, opens="opens", closes="half", enough=hot)
    before = s.streams
    await s.watch(seconds / 2, opens="half-gone", closes="closes", enough=hot)
    if not hot() and s.streams - before >= seconds:
        await s.watch(HALF_A_MINUTE - seconds, opens="in-doubt", closes="out-of-doubt", enough=hot)
    s.double.refuse = None


@case(depth=Depth.FULL, apart=True)
async def late_engine(s: WorkerScene) -> None:
    """An app starts before its engine, which comes after the app has tried once."""
    port = await s.own_listener()
    await s.own_app(port.port)
    await s.until(lambda: port.heard or None, step="tried", expects="a first attempt", within=s.tolerances.ready)
    s.reached("tried")
    await port.stop()
    double = await s.own_double(port=port.port)
    s.use(double)
    await s.stream(step="connected", within=s.tolerances.reconnect)
    await s.activity("echo", '"late"', step="served")


@case()
async def side_by_side(s: WorkerScene) -> None:
    """A turn and an activity, while another activity is still running.

    When that ends first, the worker may only be slow; then the same again beside one that takes as long as any answer
    may, and that attempt counts.
    """
    for seconds in (s.tolerances.busy, s.tolerances.dispatch):
        block = await s.send(blocked(s, seconds), step="block/sent")
        turn = await s.send(Instance(s, program(return_(1))).first_request(), step="turn/sent")
        await s.answered(turn, step="turn")
        await s.fence(step="activity")
        if not s.was_answered(block):
            break


@case(depth=Depth.FULL)
async def many_items(s: WorkerScene) -> None:
    """A hundred and fifty activities at once; the case goes on for as long as answers come."""
    for number in range(MANY):
        s.owed(await s.send(blocked(s, 0.2), step=f"burst-{number}"))

    done = 0

    def more() -> int | None:
        count = sum(call.name == "CompleteActivityTask" for call in s.answers)
        return count if count > done else None

    while done < MANY:
        done = await s.until(more, step="all", expects=f"answer {done + 1} of {MANY}")
    s.reached("all")


@case(apart=True)
async def odd_items(s: WorkerScene) -> None:
    """Items without a request that anybody knows, to an app of this case's own: some never recover from one."""
    await own(s)
    connection = await s.stream(step="stream")
    unknown = {"empty": b"", "three": b"\x1a\x02\x08\x01", "four": b'"\x02\x08\x01', "ninety-nine": b"\x9a\x06\x00"}
    for step, fields in unknown.items():
        await s.send(None, step=step, unknown=fields, connection=connection)
    await s.fence(step="fence")


@case(needs=("health-ping",))
async def health_ping(s: WorkerScene) -> None:
    """A worker that takes health pings is sent one."""
    connection = await s.stream(step="stream")
    if "health-ping" in s.offers(connection):
        await s.send(HealthPing(), step="ping", connection=connection)
        await s.fence(step="fence")


@case(depth=Depth.FULL, apart=True)
async def stopped(s: WorkerScene) -> None:
    """An app is asked to stop while an activity is running."""
    app = await own(s)
    item = await s.send(blocked(s, s.tolerances.busy), step="block/sent")
    await s.fence(step="fence")
    s.reached("stopping")
    app.terminate()
    with s.waiting():
        await s.answered(item, step="result")


@case(depth=Depth.FULL, apart=True)
async def lost_stream(s: WorkerScene) -> None:
    """The stream is lost while an activity is running."""
    await own(s)
    connection = await s.stream()
    item = await s.send(blocked(s, s.tolerances.busy), step="block/sent")
    await s.fence(step="fence")
    connection.end(UNAVAILABLE, "ended by the suite")
    await s.ended(connection, step="ended")
    with s.waiting():
        await s.answered(item, step="result", within=s.tolerances.reconnect)


@case(depth=Depth.FULL)
async def undelivered(s: WorkerScene) -> None:
    """Completion calls fail in transport, and the worker has some seconds to say something else."""
    failed = set[str]()
    for name in TRANSPORT:
        for method in ("activity", "turn"):
            s.react = failing_firsts(grpc.StatusCode[name], failed)
            if method == "activity":
                await s.activity("echo", f'"{name}"', step=f"activity-{name}")
            else:
                await Instance(s, program(return_(name))).turn(step=f"turn-{name}")
    s.react = None
    await s.watch(BACK_OFF, opens="opens", closes="closes", enough=lambda: False)


def failing_once(method: str, code: grpc.StatusCode) -> Reaction:
    """Fail the first call of the methods that begin so."""
    left = [code]

    def react(called: str, _request: bytes, _context: object) -> tuple[grpc.StatusCode, str] | None:
        return (left.pop(), "lost by the suite") if called.startswith(method) and left else None

    return react


def failing_firsts(code: grpc.StatusCode, failed: set[str]) -> Reaction:
    """Fail the first completion call about each instance, and not what is said again about one that `failed` before."""

    def react(called: str, request: bytes, _context: object) -> tuple[grpc.StatusCode, str] | None:
        about = next(iter(named(called, request)), "") if called.startswith("Complete") else ""
        if not about or about in failed:
            return None
        failed.add(about)
        return code, "lost by the suite"

    return react


@case(depth=Depth.FULL, apart=True, needs=("endpoint-env",))
async def address(s: WorkerScene) -> None:
    """An app that knows a port alone, and one whose endpoint and port are not the same."""
    double = await s.own_double()
    s.use(double)
    nobody = await s.own_listener()
    by_port = await s.own_app(double.port, environment={"DAPR_GRPC_ENDPOINT": None})
    connection = await s.stream(step="by-port")
    await by_port.stop(kill=True)
    await s.ended(connection, step="by-port-over")
    await s.own_app(double.port, environment={"DAPR_GRPC_PORT": str(nobody.port)})
    await s.stream(step="by-endpoint")


@case(depth=Depth.FULL, apart=True, needs=("tls",))
async def secured(s: WorkerScene) -> None:
    """An app whose endpoint begins with https."""
    port = await s.own_listener()
    await s.own_app(port.port, environment={"DAPR_GRPC_ENDPOINT": f"https://127.0.0.1:{port.port}"})
    within = s.tolerances.ready if "tls" in s.target.features else s.tolerances.dispatch
    await s.until(lambda: port.heard or None, step="connected", expects="a connection", within=within)
    s.reached("connected", first=port.heard[0].hex(" "))


@case(depth=Depth.FULL, apart=True)
async def idle_for_a_moment(s: WorkerScene) -> None:
    """An app has work, none for five seconds, and then some again.

    Its signs of life are due about every half minute, so that no shorter look than that of soak depth can miss them.
    """
    await own(s)
    await s.fence(step="busy")
    connection = await s.stream()
    await s.watch(SILENT, opens="opens", closes="closes", enough=lambda: not connection.open)
    await s.fence(step="fence")


@case(depth=Depth.SOAK, apart=True)
async def idle(s: WorkerScene) -> None:
    """An app without work for longer than a minute; its first sign of life by a call fails."""
    double = await s.own_double()
    s.use(double)
    relay = await s.own_relay(double.port)
    await s.own_app(relay.port)
    connection = await s.stream(step="connected", within=s.tolerances.ready)
    s.react = failing_once("Hello", UNAVAILABLE)
    before = relay.pings
    await s.watch(IDLE, opens="opens", closes="closes", enough=lambda: False)
    s.reached("counted", pings=relay.pings - before, open=connection.open)
    await s.fence(step="fence")
