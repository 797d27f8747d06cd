"""Traces, sizes and what nobody expects (chapter N)."""

from __future__ import annotations

from dataclasses import replace

import grpc

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, program, return_, var
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import Reaction, WorkerScene
from dwconf.wire.values import (
    ActivityRequest,
    ExecutionStarted,
    HistoryEvent,
    TaskCompleted,
    TraceContext,
    WorkflowInstance,
    WorkflowRequest,
)

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
BAD_PARENTS = ("garbage", "", "00-zz-zz-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-00", "é" * 300)
FIELD_99 = b"\x9a\x06\x07unknown"
"""Field 99, with seven bytes in it, which no message has."""
FIVE_MEGABYTES = 5 * 1024 * 1024
TOO_LARGE = (grpc.StatusCode.RESOURCE_EXHAUSTED, "the message is larger than the engine takes")


@case()
async def traced(s: WorkerScene) -> None:
    """Activities run in a trace, and with traces that are none."""
    traced = TraceContext(trace_parent=PARENT, span_id="b7ad6b7169203331", trace_state="vendor=value")
    await s.activity("ctx", "null", step="told", parent_trace_context=traced)
    for number, parent in enumerate(BAD_PARENTS):
        bad = TraceContext(trace_parent=parent, span_id="nothing", trace_state="=,=")
        await s.activity("echo", "1", step=f"bad-{number}", parent_trace_context=bad)


@case()
async def unknown_fields(s: WorkerScene) -> None:
    """Items with a field that nobody knows, at every depth."""
    instance = WorkflowInstance(instance_id=s.new_id("a"), execution_id=s.new_id("e"), unknown=FIELD_99)
    traced = TraceContext(trace_parent=PARENT, unknown=FIELD_99)
    request = ActivityRequest(
        name="echo",
        input='"as ever"',
        workflow_instance=instance,
        task_id=3,
        parent_trace_context=traced,
        unknown=FIELD_99,
    )
    item = await s.send(request, step="activity/sent", unknown=FIELD_99)
    await s.answered(item, step="activity")
    wf = Instance(s, program(call("echo", 1, as_="x"), return_(var("x"))))
    task = (await wf.turn(step="first")).task
    new = wf.new_events(wf.completed(task, '"value"'))
    wf.past, new = tuple(map(strange, wf.past)), tuple(map(strange, new))
    turn: WorkflowRequest = replace(wf.request(new), unknown=FIELD_99)
    await s.answered(await s.send(turn, step="turn/sent", unknown=FIELD_99), step="turn")


def strange(event: HistoryEvent) -> HistoryEvent:
    """An event with an unknown field, in its body and in what that holds as well."""
    body = event.body
    if isinstance(body, ExecutionStarted) and body.workflow_instance is not None:
        body = replace(body, workflow_instance=replace(body.workflow_instance, unknown=FIELD_99))
    return replace(event, body=None if body is None else replace(body, unknown=FIELD_99), unknown=FIELD_99)


@case(depth=Depth.FULL, apart=True, unsafe=True)
async def large_history(s: WorkerScene) -> None:
    """A turn of 5 MB, for an app process of its own."""
    double = await s.own_double()
    await s.own_app(double.port)
    s.use(double)
    wf = Instance(s, program(call("echo", 1), return_("read")))
    task = (await wf.turn(step="first")).task
    await wf.send(wf.new_events(TaskCompleted(task_scheduled_id=task, result=f'"{"x" * FIVE_MEGABYTES}"')), step="read")


@case(depth=Depth.FULL)
async def refused_results(s: WorkerScene) -> None:
    """The engine refuses results as too large."""
    s.react = once("CompleteActivityTask")
    await s.activity("echo", '"large"', step="refused")
    await s.quiet(opens="refused-opens", closes="refused-closes")


def once(method: str) -> Reaction:
    """Refuse the first call of a method."""
    left = [TOO_LARGE]

    def react(called: str, _request: bytes, _context: object) -> tuple[grpc.StatusCode, str] | None:
        return left.pop() if called == method and left else None

    return react


@case(depth=Depth.FULL)
async def incomprehensible(s: WorkerScene) -> None:
    """A turn without any event, of an execution that never started."""
    await Instance(s).send((), step="answered")
