"""The contract of the conformance app, as examinations: each activity once, and a small program for each operation.

An examination looks at the app's first answer alone: does it do what docs/conformance-app.md says that this operation
does? Whether the SDK then keeps the protocol is for the rules to say, not for the doctor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dwconf.suite import programs as p
from dwconf.wire.values import (
    ActivityResponse,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    CreateTimer,
    OrchestrationStatus,
    ScheduleTask,
    SendEvent,
    TaskFailureDetails,
    Value,
    WorkflowResponse,
)

Complaint = str
"""What is wrong, in words; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class ActivityExam:
    """One activity, with an input, and what its answer has to be."""

    name: str
    input: object
    judge: Callable[[ActivityResponse], Complaint]


@dataclass(frozen=True, slots=True)
class ProgramExam:
    """A program that uses one operation, and what the answer to its first turn has to hold."""

    program: Mapping[str, Any]
    judge: Callable[[WorkflowResponse], Complaint]


def _result(wanted: Callable[[Any], bool], words: str) -> Callable[[ActivityResponse], Complaint]:
    def judge(response: ActivityResponse) -> Complaint:
        if response.failure_details is not None:
            return f"must return {words}, but failed: {failure(response.failure_details)}"
        try:
            value = json.loads(response.result) if response.result else None
        except ValueError:
            return f"must return {words}, but its result is no JSON: {response.result!r:.200}"
        return "" if wanted(value) else f"must return {words}, but returned {response.result!r:.200}"

    return judge


def _throws(response: ActivityResponse) -> Complaint:
    if response.failure_details is None:
        return f"must throw, but returned {response.result!r:.200}"
    return "" if "doctor" in response.failure_details.error_message else "throws, but not with the message of its input"


ACTIVITIES = (
    ActivityExam("echo", {"a": [1, None, "ü"]}, _result(lambda v: v == {"a": [1, None, "ü"]}, "its input")),
    ActivityExam("fail", {"type": "DoctorError", "message": "doctor", "nonRetriable": False}, _throws),
    ActivityExam(
        "ctx",
        None,
        _result(
            lambda v: isinstance(v, dict) and {"taskId", "taskExecutionId", "instanceId", "traceparent"} <= v.keys(),
            "an object with taskId, taskExecutionId, instanceId and traceparent",
        ),
    ),
    ActivityExam("block", {"ms": 1}, _result(lambda _: True, "at all")),
    ActivityExam("big", {"bytes": 1000}, _result(lambda v: isinstance(v, str) and len(v) == 1000, "1000 characters")),  # noqa: PLR2004
)


def completion(response: WorkflowResponse) -> CompleteWorkflow | None:
    """How the answer ends the workflow; None when it goes on."""
    return next((a.body for a in response.actions if isinstance(a.body, CompleteWorkflow)), None)


def failure(details: TaskFailureDetails) -> str:
    """A failure in words."""
    return f"{details.error_type}: {details.error_message}"[:300]


def _refused(response: WorkflowResponse) -> Complaint:
    """An operation that the app does not know, or a program that it does not understand."""
    done = completion(response)
    details = done.failure_details if done is not None else None
    if details is None:
        return ""
    words = f"{details.error_type} {details.error_message}"
    if "Unsupported" in words:
        return f"the manifest declares it, but the app says: {failure(details)}"
    return f"the app does not understand the program: {failure(details)}" if "BadProgram" in words else ""


def _acts(kind: type[Value], *, count: int = 1) -> Callable[[WorkflowResponse], Complaint]:
    """The answer must hold so many actions of a kind."""

    def judge(response: WorkflowResponse) -> Complaint:
        found = sum(isinstance(action.body, kind) for action in response.actions)
        return "" if found == count else f"must give {count} {kind.__name__} action(s), but gave {_told(response)}"

    return judge


def _ends(status: OrchestrationStatus, *, result: object = None) -> Callable[[WorkflowResponse], Complaint]:
    """The answer must end the workflow with a status, and a result if one is named."""

    def judge(response: WorkflowResponse) -> Complaint:
        done = completion(response)
        if done is None or done.workflow_status != status:
            return f"must end the workflow as {status.name}, but gave {_told(response)}"
        if result is not None and json.loads(done.result or "null") != result:
            return f"must return {json.dumps(result)}, but returned {done.result!r:.200}"
        return ""

    return judge


def _waits(response: WorkflowResponse) -> Complaint:
    """The workflow must go on: it waits for something."""
    return "must wait, but ended the workflow" if completion(response) is not None else ""


def _status(response: WorkflowResponse) -> Complaint:
    return "" if response.custom_status else "must set the custom status, but the answer has none"


def _no_json(response: WorkflowResponse) -> Complaint:
    """The value must be none that JSON has; what the SDK makes of that is for the rules to say."""
    done = completion(response)
    if done is None or done.workflow_status is not COMPLETED or not done.result:
        return ""
    return f"must end with a value that the SDK cannot turn into JSON, but gave {done.result!r:.200}"


def _told(response: WorkflowResponse) -> str:
    done = completion(response)
    if done is not None and done.failure_details is not None:
        return f"a failed workflow ({failure(done.failure_details)})"
    kinds = [type(action.body).__name__ for action in response.actions]
    return ", ".join(kinds) if kinds else "no action"


COMPLETED = OrchestrationStatus.COMPLETED
FAILED = OrchestrationStatus.FAILED
AGAIN = OrchestrationStatus.CONTINUED_AS_NEW
_TWO = (p.start("echo", 1, as_="a"), p.start("echo", 2, as_="b"))

OPERATIONS: Mapping[str, ProgramExam] = {
    "call": ProgramExam(p.program(p.call("echo", 1, as_="x"), p.return_(p.var("x"))), _acts(ScheduleTask)),
    "start": ProgramExam(p.program(p.start("echo", 1, as_="h"), p.wait("go")), _acts(ScheduleTask)),
    "child": ProgramExam(p.program(p.child("interp_child", p.program(p.return_(1)))), _acts(CreateChildWorkflow)),
    "startChild": ProgramExam(
        p.program(p.start_child("interp_child", p.program(p.return_(1)), as_="h"), p.wait("go")),
        _acts(CreateChildWorkflow),
    ),
    "timer": ProgramExam(p.program(p.timer(1000)), _acts(CreateTimer)),
    "startTimer": ProgramExam(p.program(p.start_timer(1000, as_="h"), p.await_("h")), _acts(CreateTimer)),
    "wait": ProgramExam(p.program(p.wait("go")), _waits),
    "startWait": ProgramExam(p.program(p.start_wait("go", as_="h"), p.await_("h")), _waits),
    "await": ProgramExam(p.program(p.start("echo", 1, as_="h"), p.await_("h")), _waits),
    "all": ProgramExam(p.program(*_TWO, p.all_("a", "b", as_="x")), _acts(ScheduleTask, count=2)),
    "startAll": ProgramExam(p.program(*_TWO, p.start_all("a", "b", as_="h"), p.await_("h")), _waits),
    "any": ProgramExam(p.program(*_TWO, p.any_("a", "b", as_="x")), _acts(ScheduleTask, count=2)),
    "startAny": ProgramExam(p.program(*_TWO, p.start_any("a", "b", as_="h"), p.await_("h")), _waits),
    "try": ProgramExam(
        p.program(p.try_(p.throw("doctor"), catch=(p.return_("caught"),), as_="e")), _ends(COMPLETED, result="caught")
    ),
    "status": ProgramExam(p.program(p.status("doctor"), p.return_(1)), _status),
    "patched": ProgramExam(
        p.program(p.patched("doctor", then=(p.return_(1),), otherwise=(p.return_(2),))), _ends(COMPLETED)
    ),
    "can": ProgramExam(p.program(p.can(p.program(p.return_(1)))), _ends(AGAIN)),
    "send": ProgramExam(p.program(p.send("doctor-1", "go", 1), p.return_(1)), _acts(SendEvent)),
    "detach": ProgramExam(
        p.program(p.detach("interp_child", p.program(p.return_(1))), p.return_(1)), _acts(CreateDetachedWorkflow)
    ),
    "probe": ProgramExam(p.program(p.probe(as_="x"), p.return_(p.var("x"))), _ends(COMPLETED)),
    "throw": ProgramExam(p.program(p.throw("doctor")), _ends(FAILED)),
    "bad": ProgramExam(p.program(p.bad()), _no_json),
    "return": ProgramExam(p.program(p.return_({"a": 1})), _ends(COMPLETED, result={"a": 1})),
    "loop": ProgramExam(p.program(p.loop(2, p.status("x")), p.return_(7)), _ends(COMPLETED, result=7)),
}
"""For each operation of the language, the program that shows it."""


def judged(exam: ProgramExam, response: WorkflowResponse) -> Complaint:
    """What is wrong with the answer to a program."""
    return _refused(response) or exam.judge(response)
