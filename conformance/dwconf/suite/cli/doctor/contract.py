"""The contract of the conformance app, as examinations: what is registered, and what each operation and feature does.

An examination looks at an app's first answers alone, one turn or two. What a program gives back in a second turn shows
that results have the shape that the language says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dwconf.suite import programs as p
from dwconf.suite.cli.doctor.answers import (
    AGAIN,
    COMPLETED,
    FAILED,
    ActivityJudge,
    Complaint,
    TurnJudge,
    acts,
    anything,
    completes,
    ends,
    ends_without_json,
    fails_with,
    gives,
    is_not_registered,
    misunderstanding,
    refusal,
    returns,
    returns_no_json,
    sets_status,
    throws,
    told,
    waits,
)
from dwconf.suite.scene.instance import Instance, Turn
from dwconf.wire.values import (
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    EventBody,
    ScheduleTask,
    SendEvent,
    WorkflowResponse,
)

Next = Callable[[Instance, Turn], Sequence[EventBody]]
"""The events of a second turn, made of what the first one scheduled. Raises CaseOver if that is not there."""


@dataclass(frozen=True, slots=True)
class ActivityExam:
    """One activity, with an input, and what its answer has to be. `feature` is what has to be declared for it."""

    name: str
    input: object
    judge: ActivityJudge
    about: str = ""
    """What is looked at, in the words of a report; the activity's name where that is empty."""
    feature: str = ""
    may_be_silent: bool = False
    """Whether an SDK that gives no answer is for the rules to judge."""


@dataclass(frozen=True, slots=True)
class ProgramExam:
    """A program, what the answer to its first turn has to hold, and to a second one after some events."""

    program: Any
    judge: TurnJudge
    then: Next | None = None
    last: TurnJudge = anything
    needs: frozenset[str] = frozenset()
    """Operations that it uses besides the one that it is about."""
    may_be_silent: bool = False
    """As of an activity."""


# --- what is registered

ACTIVITIES = (
    ActivityExam("echo", {"a": [1, None, "ü"]}, returns(lambda v: v == {"a": [1, None, "ü"]}, "its input")),
    ActivityExam("fail", {"type": "DoctorError", "message": "doctor", "nonRetriable": False}, throws("doctor")),
    ActivityExam("fail", None, throws(), about="activity fail, without an input", may_be_silent=True),
    ActivityExam("fail", {"message": None}, throws(), about="activity fail, without a message", may_be_silent=True),
    ActivityExam(
        "ctx",
        None,
        returns(
            lambda v: isinstance(v, dict) and {"taskId", "taskExecutionId", "instanceId", "traceparent"} <= v.keys(),
            "an object with taskId, taskExecutionId, instanceId and traceparent",
        ),
    ),
    ActivityExam("block", {"ms": 1}, returns(lambda value: value is None, "null")),
    ActivityExam("big", {"bytes": 1000}, returns(lambda v: isinstance(v, str) and len(v) == 1000, "1000 characters")),  # noqa: PLR2004
    ActivityExam("bad", None, returns_no_json, feature="bad-result"),
    ActivityExam("missing_act", None, is_not_registered, about="no activity missing_act"),
)

INTERPRETERS = ("interp", "interp_child")
SMALLEST = ProgramExam(p.program(p.return_({"a": 1})), completes({"a": 1}))
"""What every app can run."""

# --- the language: values, names, and what is no program

N = {"n": 3}
FOREIGN = {"program": 1, "steps": [{"op": "return", "value": p.var("n")}]}
LANGUAGE: Mapping[str, ProgramExam] = {
    "a name inside a value": ProgramExam(p.program(p.return_([{"x": p.var("n")}]), variables=N), completes([{"x": 3}])),
    "a program for somebody else inside a value": ProgramExam(
        p.program(p.return_({**FOREIGN, "vars": {"m": p.var("n")}}), variables=N),
        completes({**FOREIGN, "vars": {"m": 3}}),
    ),
    "a program without return": ProgramExam(p.program(), gives(lambda value: value is None, "nothing")),
    "a name that is not defined": ProgramExam(p.program(p.return_(p.var("nobody"))), fails_with("BadProgram")),
    "an input that is no program": ProgramExam(7, fails_with("BadProgram")),
    "an operation that nobody has": ProgramExam(p.program({"op": "doctor"}), fails_with("Unsupported")),
}

# --- operations


def _done(*results: str) -> Next:
    """The activities that the first turn scheduled complete with these results."""

    def events(wf: Instance, turn: Turn) -> Sequence[EventBody]:
        ids = [task_id for task_id, _ in turn.several(ScheduleTask, len(results))]
        return [wf.completed(task_id, result) for task_id, result in zip(ids, results, strict=False)]

    return events


def _second_done(wf: Instance, turn: Turn) -> Sequence[EventBody]:
    """The second of two activities completes."""
    _, (task_id, _) = turn.several(ScheduleTask, 2)
    return [wf.completed(task_id, '"B"')]


def _task_failed(wf: Instance, turn: Turn) -> Sequence[EventBody]:
    return [wf.failed(turn.task, "a failure for the doctor")]


def _child_done(wf: Instance, turn: Turn) -> Sequence[EventBody]:
    return [wf.child_completed(turn.one(CreateChildWorkflow)[0], "7")]


def _child_failed(wf: Instance, turn: Turn) -> Sequence[EventBody]:
    return [wf.child_failed(turn.one(CreateChildWorkflow)[0])]


def _timer_fired(wf: Instance, turn: Turn) -> Sequence[EventBody]:
    return [wf.fired(turn.one(CreateTimer)[0])]


def _raised(wf: Instance, _turn: Turn) -> Sequence[EventBody]:
    return [wf.raised("go", "7")]


def _caught(value: object) -> bool:
    return isinstance(value, dict) and "type" in value and "a failure for the doctor" in str(value.get("message"))


def _probed(value: object) -> bool:
    return isinstance(value, dict) and {"now", "isReplaying", "instanceId"} <= value.keys() and _time(value["now"])


def _time(now: object) -> bool:
    """Whether this is null, or a time as RFC 3339 in UTC with `Z`."""
    try:
        return now is None or (str(now).endswith("Z") and "T" in str(now) and bool(datetime.fromisoformat(str(now))))
    except ValueError:
        return False


X = p.return_(p.var("x"))
_TWO = (p.start("echo", 1, as_="a"), p.start("echo", 2, as_="b"))
_CHILD = p.program(p.return_(1))
START = frozenset({"start"})

OPERATIONS: Mapping[str, ProgramExam] = {
    "return": SMALLEST,
    "call": ProgramExam(p.program(p.call("echo", 1, as_="x"), X), acts(ScheduleTask), _done("7"), completes(7)),
    "start": ProgramExam(p.program(*_TWO, p.return_(1)), anything),
    "await": ProgramExam(
        p.program(p.start("echo", 1, as_="h"), p.await_("h", as_="x"), X), waits, _done("7"), completes(7), START
    ),
    "child": ProgramExam(
        p.program(p.child("interp_child", _CHILD, as_="x"), X), acts(CreateChildWorkflow), _child_done, completes(7)
    ),
    "startChild": ProgramExam(
        p.program(p.start_child("interp_child", _CHILD, as_="h"), p.await_("h", as_="x"), X),
        acts(CreateChildWorkflow),
        _child_done,
        completes(7),
        frozenset({"await"}),
    ),
    "timer": ProgramExam(p.program(p.timer(1000), p.return_(1)), acts(CreateTimer), _timer_fired, completes(1)),
    "startTimer": ProgramExam(
        p.program(p.start_timer(1000, as_="h"), p.await_("h", as_="x"), X),
        acts(CreateTimer),
        _timer_fired,
        gives(lambda value: value is None, "null"),
        frozenset({"await"}),
    ),
    "wait": ProgramExam(p.program(p.wait("go", as_="x"), X), waits, _raised, completes(7)),
    "startWait": ProgramExam(
        p.program(p.start_wait("go", as_="h"), p.await_("h", as_="x"), X),
        waits,
        _raised,
        completes(7),
        frozenset({"await"}),
    ),
    "all": ProgramExam(
        p.program(*_TWO, p.all_("a", "b", as_="x"), X),
        acts(ScheduleTask, count=2),
        _done("1", "2"),
        completes([1, 2]),
        START,
    ),
    "startAll": ProgramExam(
        p.program(*_TWO, p.start_all("a", "b", as_="h"), p.await_("h", as_="x"), X),
        waits,
        _done("1", "2"),
        completes([1, 2]),
        START | {"await"},
    ),
    "any": ProgramExam(
        p.program(*_TWO, p.any_("a", "b", as_="x"), X),
        acts(ScheduleTask, count=2),
        _second_done,
        completes({"index": 1, "value": "B"}),
        START,
    ),
    "startAny": ProgramExam(
        p.program(*_TWO, p.start_any("a", "b", as_="h"), p.await_("h", as_="x"), X),
        waits,
        _second_done,
        completes({"index": 1, "value": "B"}),
        START | {"await"},
    ),
    "try": ProgramExam(
        p.program(p.try_(p.call("echo", 1), catch=(p.return_(p.var("e")),), as_="e")),
        acts(ScheduleTask),
        _task_failed,
        gives(_caught, "an object with `type`, and `message` with the text of the failure"),
        frozenset({"call"}),
    ),
    "status": ProgramExam(p.program(p.status("doctor"), p.return_(1)), sets_status),
    "patched": ProgramExam(
        p.program(p.patched("doctor", then=(p.return_(1),), otherwise=(p.return_(2),))), ends(COMPLETED)
    ),
    "can": ProgramExam(p.program(p.can(_CHILD)), ends(AGAIN)),
    "send": ProgramExam(p.program(p.send("doctor-1", "go", 1), p.return_(1)), acts(SendEvent)),
    "detach": ProgramExam(p.program(p.detach("interp_child", _CHILD), p.return_(1)), acts(CreateDetachedWorkflow)),
    "probe": ProgramExam(
        p.program(p.probe(as_="x"), X),
        gives(_probed, "an object with `now` (null, or RFC 3339 with Z), `isReplaying` and `instanceId`"),
    ),
    "throw": ProgramExam(p.program(p.throw("doctor")), ends(FAILED)),
    "bad": ProgramExam(p.program(p.bad()), ends_without_json, may_be_silent=True),
    "loop": ProgramExam(p.program(p.loop(2, p.return_(7)), p.return_(8)), completes(7)),
}
"""For each operation of the language, the program that shows it."""

# --- features of operations

RETRY: p.Retry = {"max": 2, "firstMs": 1000}
FEATURES: Mapping[str, tuple[str, ProgramExam]] = {
    "retry": ("call", ProgramExam(p.program(p.call("echo", 1, retry=RETRY)), acts(ScheduleTask), _task_failed, waits)),
    "child-retry": (
        "child",
        ProgramExam(
            p.program(p.child("interp_child", _CHILD, retry=RETRY)), acts(CreateChildWorkflow), _child_failed, waits
        ),
    ),
    "event-timeout": ("wait", ProgramExam(p.program(p.wait("go", timeout_ms=1000)), acts(CreateTimer))),
    "keep-events": ("can", ProgramExam(p.program(p.can(_CHILD, keep_events=True)), ends(AGAIN))),
    "cross-app": ("call", ProgramExam(p.program(p.call("echo", 1, app="another-app")), acts(ScheduleTask))),
    "history-propagation": ("call", ProgramExam(p.program(p.call("echo", 1, propagate="own")), acts(ScheduleTask))),
    "guid": (
        "probe",
        ProgramExam(
            p.program(p.probe(as_="x", guid=True), X),
            gives(lambda v: isinstance(v, dict) and isinstance(v.get("guid"), str), "an object with `guid`, a text"),
        ),
    ),
}
"""For each feature that is a field of an operation: that operation, and a program with the field."""
ELSEWHERE = frozenset({"versions", "bad-result", "endpoint-env", "api-token", "tls", "panic"})
"""Features that no field shows; and `panic`, which some SDKs do not survive: that is for the rules to say."""


def judged(exam: ProgramExam, response: WorkflowResponse) -> Complaint:
    """What is wrong with the first answer to the program of something that the manifest declares."""
    if words := refusal(response):
        return f"the manifest declares it, but the app says {words}"
    if words := misunderstanding(response):
        return f"the app does not understand the program: {words}"
    return exam.judge(response)


def undeclared(response: WorkflowResponse) -> Complaint:
    """What is wrong with the answer to the program of something that the manifest does not declare."""
    if refusal(response):
        return ""
    return (
        f"not declared, so the app must fail with Unsupported, but it gave {told(response)}: declare it, or refuse it"
    )
