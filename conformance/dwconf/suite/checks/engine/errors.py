"""Checks about refused requests (chapter J)."""

from __future__ import annotations

from dwconf.suite.checks.registry import check
from dwconf.suite.evidence import Call, Evidence, Finding, Findings, NoEvidence
from dwconf.wire.values import (
    EventRaised,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    GetInstanceResponse,
    Value,
)

REFUSED = (
    "raise-unknown",
    "terminate-unknown",
    "suspend-unknown",
    "resume-unknown",
    "purge-unknown",
    "purge-running",
    "start-taken",
    "start-badly-traced",
)
UNTYPED = ("UNKNOWN", "INTERNAL")
GIVEN_UP = ("", "DEADLINE_EXCEEDED", "CANCELLED", "UNAVAILABLE", "UNIMPLEMENTED")
"""Codes that say nothing of the request itself."""


def refused(call: Call) -> bool:
    """Whether the sidecar said no to a request."""
    return not call.ok and call.code not in GIVEN_UP


@check("engine/errors/typed-codes", "engine/errors/refusals")
def a_refusal_says_why(e: Evidence) -> Findings:
    calls = [(step, e.call(step)) for step in REFUSED if e.reached(step)]
    said = [(step, call) for step, call in calls if refused(call)]
    if not said:
        raise NoEvidence("a refused request")
    for step, call in said:
        if call.code in UNTYPED:
            what = step.replace("-", " ")
            yield Finding(expected=f"a code that says why ({what})", seen=call.outcome, at=call.at)


@check("engine/errors/failed-request-changes-nothing", "engine/errors/refusals")
def a_refused_request_leaves_instances_alone(e: Evidence) -> Findings:
    if not any(refused(e.call(step)) for step in ("terminate-unknown", "start-badly-traced", "purge-running")):
        raise NoEvidence("a refused request")
    yield from _nothing_made(e, "terminate-unknown", "unknown-then")
    yield from _nothing_made(e, "start-badly-traced", "badly-traced-then")
    purge, shown = e.call("purge-running"), e.call("running-then")
    if refused(purge) and shown.ok and not shown.response(GetInstanceResponse).exists:
        yield Finding(expected="the instance is still there", seen="it is gone", at=(*purge.at, *shown.at))
    if refused(purge) and refused(e.call("start-taken")) and e.call("history-before").ok:
        before, after = e.history("history-before"), e.history("history-after")
        if before != after:
            at = (*e.call("history-before").at, *e.call("history-after").at)
            yield Finding(expected=f"the same {len(before)} events", seen=f"{len(after)} events", at=at)
    if refused(purge):
        e.call("completed", due=True)


def _nothing_made(e: Evidence, step: str, then: str) -> Findings:
    call, shown = e.call(step), e.call(then)
    if refused(call) and shown.ok and shown.response(GetInstanceResponse).exists:
        yield Finding(expected="no instance after a refused request", seen="one", at=(*call.at, *shown.at))


@check("engine/errors/failed-request-changes-nothing", "engine/errors/refused-then-started")
def nothing_of_a_refused_request_reaches_a_later_instance(e: Evidence) -> Findings:
    kinds: tuple[tuple[str, type[Value]], ...] = (
        ("suspended", ExecutionSuspended),
        ("terminated", ExecutionTerminated),
        ("raised", EventRaised),
    )
    said = [(e.call(step), kind) for step, kind in kinds if refused(e.call(step))]
    if not said:
        raise NoEvidence("a refused request")
    for call, kind in said:
        for item in e.turns():
            ghosts = [x for x in item.new(kind) if not isinstance(x.body, EventRaised) or x.body.name == "ghost"]
            if ghosts:
                seen = f"a turn with its {kind.__name__}"
                yield Finding(expected="nothing of the refused request", seen=seen, at=(*call.at, *item.at))
    due = not any(e.call(step).ok for step in ("suspended", "terminated"))  # accepted ones may have their effect
    first = e.item("first", due=due)
    if due and not first.new(ExecutionStarted):
        seen = "a first turn without one"
        yield Finding(expected="the start's executionStarted", seen=seen, at=first.at)
        return
    e.item("last", due=due)
    e.call("completed", due=due)
    state = e.state("completed")
    if state.output != '"alive"':
        yield Finding(expected='output "alive"', seen=repr(state.output), at=e.call("completed").at)
