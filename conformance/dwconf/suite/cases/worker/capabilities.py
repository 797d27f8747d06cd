"""Looking for what an app does not claim: probes read these cases, and no rule is judged on them.

A program with an operation that the app does not have has to end FAILED with `Unsupported` (docs/conformance-app.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from dwconf.suite.cases.registry import case
from dwconf.suite.programs import (
    Program,
    all_,
    any_,
    bad,
    call,
    can,
    child,
    detach,
    patched,
    probe,
    program,
    return_,
    send,
    start,
    start_all,
    start_child,
    start_timer,
    start_wait,
    status,
    throw,
    timer,
    try_,
    wait,
)
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.scene.worker import WorkerScene
from dwconf.wire.values import TraceContext

RETRY = {"max": 2, "firstMs": 1000}
ECHO = start("echo", 1, as_="h")
OPERATIONS: dict[str, Program] = {
    "child": program(start_child("interp_child", program(return_(1)), as_="c"), child("interp_child", program())),
    "timer": program(start_timer(1000, as_="t"), timer(1000)),
    "wait": program(start_wait("E", as_="w"), wait("F")),
    "all": program(ECHO, all_("h")),
    "any": program(ECHO, any_("h")),
    "nested-combinators": program(ECHO, start_all("h", as_="all"), {"op": "startAny", "handles": ["all"], "as": "any"}),
    "try": program(try_(call("echo", 1))),
    "continue-as-new": program(can(1)),
    "custom-status": program(status("s"), return_(1)),
    "patches": program(patched("p"), return_(1)),
    "send-event": program(send("nobody", "E"), return_(1)),
    "detach": program(detach("interp_child", program()), return_(1)),
    "bad-value": program(bad()),
}
"""Programs that use all the operations of a capability."""
FEATURES: dict[str, Program] = {
    "event-timeout": program(wait("E", timeout_ms=1000)),
    "retry": program(call("echo", 1, retry={"max": 2, "firstMs": 1000})),
    "child-retry": program(child("interp_child", program(), retry={"max": 2, "firstMs": 1000})),
    "keep-events": program(can(1, keep_events=True)),
    "guid": program(probe(as_="p", guid=True), return_({"var": "p"})),
    "cross-app": program(call("echo", 1, app="another-app")),
    "history-propagation": program(call("echo", 1, propagate="own")),
    "panic": program(throw("crash", panic=True)),
}
"""Programs that use a feature."""
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def operations(steps: object) -> Iterator[str]:
    """All operations that a program uses, in blocks as well."""
    if isinstance(steps, dict):
        if "op" in steps:
            yield steps["op"]
        for inner in steps.values():
            yield from operations(inner)
    elif isinstance(steps, list):
        for step in steps:
            yield from operations(step)


@case()
async def undeclared(s: WorkerScene) -> None:
    """Programs with what the app does not claim."""
    for name, code in {**OPERATIONS, **FEATURES}.items():
        if set(operations(code)) <= s.target.can and (name not in FEATURES or name in s.target.features):
            continue
        with suppress(CaseOver):
            await Instance(s, code).turn(step=name)
    if "versions" not in s.target.features:
        with suppress(CaseOver):
            await Instance(s, name="ver", input="null").turn(step="versions")


@case()
async def shown(s: WorkerScene) -> None:
    """What the app's activities, its workflow code and its stream show."""
    connection = await s.stream()
    s.reached("offers", names=" ".join(sorted(s.offers(connection))))
    traced = TraceContext(trace_parent=PARENT, span_id="b7ad6b7169203331")
    with suppress(CaseOver):
        await s.activity("ctx", "null", step="ctx", task_execution_id="execution-1", parent_trace_context=traced)
    if "probe" in s.target.can:
        with suppress(CaseOver):
            await Instance(s, program(probe(as_="p"), return_({"var": "p"}))).turn(step="probe")
    if "wait" in s.target.can:
        with suppress(CaseOver):
            await Instance(s, program(wait("E"))).turn(step="wait")
