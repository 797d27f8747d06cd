"""What a worker does about replay where the protocol leaves it free (chapter B)."""

from __future__ import annotations

from itertools import pairwise

from dwconf.suite.checks.worker.replay import listed, member
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import ScheduleTask


@observation("worker/replay/first-action-id", "worker/replay/sequence")
def first_id(e: Evidence) -> str:
    return ", ".join(str(action.id) for action in answer(e, "first").response.actions[:1])


@observation("worker/replay/calls-consuming-ids", "worker/replay/all-kinds")
def ids_used(e: Evidence) -> str:
    ids = [number for number, _ in answer(e, "first").of(ScheduleTask)]
    steps = [after - before - 1 for before, after in pairwise(ids)]
    return ", ".join(f"{kind} {used}" for kind, used in zip(("timer", "child", "wait"), steps, strict=False))


@observation("worker/replay/clock-precision", "worker/replay/clock")
def clock_digits(e: Evidence) -> str:
    times = [member(one, "now") for one in listed(answer(e, "last"))]
    digits = [len(str(time).rstrip("Z").partition(".")[2].rstrip("0")) for time in times]
    return f"{max(digits, default=0)} digits of the second"


@observation("worker/replay/instance-id-source", "worker/replay/instance-id")
def instance_id_source(e: Evidence) -> str:
    shown = member(answer(e, "answered").result, "instanceId")
    return "that of the request" if shown == e.item("answered/sent").instance_id else f"another: {shown}"


@observation(
    "worker/replay/odd-events",
    "worker/replay/execution-completed-event",
    "worker/replay/continue-as-new-event",
    "worker/replay/detached-created-event",
)
def odd_events(e: Evidence) -> str:
    sent = e.item("after/sent").turn.past_events[-1].body
    given = answer(e, "after")
    told = "the workflow ends" if given.end is not None else "goes on" if given.of(ScheduleTask) else "nothing happens"
    return f"{type(sent).__name__}: {told}"


@observation("worker/replay/num-events-processed", "worker/replay/sequence")
def events_processed(e: Evidence) -> str:
    number = answer(e, "second").response.num_events_processed
    return "absent" if number is None else str(number)
