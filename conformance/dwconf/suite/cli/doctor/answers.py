"""What an answer of an app has to hold: judges of one answer, each of which gives a complaint in words.

They look at what docs/conformance-app.md says that an operation does. Whether the SDK then keeps the protocol is for
the rules to say, not for the doctor.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from dwconf.wire.values import (
    ActivityResponse,
    CompleteWorkflow,
    OrchestrationStatus,
    TaskFailureDetails,
    Value,
    WorkflowResponse,
)

Complaint: TypeAlias = str
"""What is wrong, in words; empty when nothing is."""
ActivityJudge: TypeAlias = Callable[[ActivityResponse], Complaint]
TurnJudge: TypeAlias = Callable[[WorkflowResponse], Complaint]
COMPLETED = OrchestrationStatus.COMPLETED
FAILED = OrchestrationStatus.FAILED
AGAIN = OrchestrationStatus.CONTINUED_AS_NEW
SHOWN = 200
"""So much of a value is shown, in characters."""


def in_short(value: object) -> str:
    """A value in a line of bounded length."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def failure(details: TaskFailureDetails) -> str:
    """A failure in words."""
    return f"{details.error_type}: {details.error_message}"[: 2 * SHOWN]


# --- activities


def returns(wanted: Callable[[Any], bool], words: str) -> ActivityJudge:
    """The activity must return a value of this kind."""

    def judge(response: ActivityResponse) -> Complaint:
        if response.failure_details is not None:
            return f"must return {words}, but failed with {failure(response.failure_details)}"
        try:
            value = json.loads(response.result) if response.result else None
        except ValueError:
            return f"must return {words}, but its result is no JSON: {in_short(response.result)}"
        if wanted(value):
            return ""
        twice = isinstance(value, str) and _holds(value, wanted)
        hint = " (a text that holds JSON: return the value itself, the SDK makes JSON of it)" if twice else ""
        return f"must return {words}, but returned {in_short(response.result)}{hint}"

    return judge


def _holds(text: str, wanted: Callable[[Any], bool]) -> bool:
    try:
        return wanted(json.loads(text))
    except ValueError:
        return False


def throws(message: str = "") -> ActivityJudge:
    """The activity must throw, with this text in its message."""

    def judge(response: ActivityResponse) -> Complaint:
        if response.failure_details is None:
            return f"must throw, but returned {in_short(response.result)}"
        if message in response.failure_details.error_message:
            return ""
        return f"must throw with the message {message!r} of its input, but threw {failure(response.failure_details)}"

    return judge


def returns_no_json(response: ActivityResponse) -> Complaint:
    """What cannot be turned into JSON either fails, or comes out as no JSON; which of them is for the rules to say."""
    if response.failure_details is not None or not response.result:
        return ""
    return f"must return what the SDK cannot turn into JSON, but returned {in_short(response.result)}"


def is_not_registered(response: ActivityResponse) -> Complaint:
    """An activity that nobody is to register."""
    if response.failure_details is not None:
        return ""
    return f"must not be registered: rules need an unknown name, but it returned {in_short(response.result)}"


# --- turns


def completion(response: WorkflowResponse) -> CompleteWorkflow | None:
    """How the answer ends the workflow; None when it goes on."""
    return next((a.body for a in response.actions if isinstance(a.body, CompleteWorkflow)), None)


def refusal(response: WorkflowResponse) -> str:
    """How an app says that it does not implement something, in its own words; empty when it does not say so."""
    return _failed_with("Unsupported", response)


def misunderstanding(response: WorkflowResponse) -> str:
    """How an app says that a program is none; empty when it does not say so."""
    return _failed_with("BadProgram", response)


def _failed_with(word: str, response: WorkflowResponse) -> str:
    done = completion(response)
    details = done.failure_details if done is not None else None
    return failure(details) if details and word in f"{details.error_type} {details.error_message}" else ""


def acts(kind: type[Value], *, count: int = 1) -> TurnJudge:
    """The answer must hold so many actions of a kind."""

    def judge(response: WorkflowResponse) -> Complaint:
        found = sum(isinstance(action.body, kind) for action in response.actions)
        return "" if found == count else f"must give {count} {kind.__name__} action(s), but gave {told(response)}"

    return judge


def ends(status: OrchestrationStatus) -> TurnJudge:
    """The answer must end the workflow with a status."""

    def judge(response: WorkflowResponse) -> Complaint:
        done = completion(response)
        right = done is not None and done.workflow_status == status
        return "" if right else f"must end the workflow as {status.name}, but gave {told(response)}"

    return judge


def completes(wanted: object) -> TurnJudge:
    """The workflow must complete with this result."""
    return gives(lambda value: bool(value == wanted), json.dumps(wanted))


def gives(wanted: Callable[[Any], bool], words: str) -> TurnJudge:
    """The workflow must complete with a result of this kind."""

    def judge(response: WorkflowResponse) -> Complaint:
        done = completion(response)
        if done is None or done.workflow_status != COMPLETED:
            return f"must return {words}, but gave {told(response)}"
        try:
            value = json.loads(done.result) if done.result else None
        except ValueError:
            return f"must return {words}, but its result is no JSON: {in_short(done.result)}"
        return "" if wanted(value) else f"must return {words}, but returned {in_short(done.result)}"

    return judge


def fails_with(word: str) -> TurnJudge:
    """The workflow must fail, with this word as its error type or in its message."""

    def judge(response: WorkflowResponse) -> Complaint:
        right = _failed_with(word, response)
        return "" if right else f"must end the workflow as FAILED with {word}, but gave {told(response)}"

    return judge


def waits(response: WorkflowResponse) -> Complaint:
    """The workflow must go on: it waits for something."""
    return f"must wait, but ended with {told(response)}" if completion(response) is not None else ""


def sets_status(response: WorkflowResponse) -> Complaint:
    """The answer must hold a custom status."""
    return "" if response.custom_status else "must set the custom status, but the answer has none"


def ends_without_json(response: WorkflowResponse) -> Complaint:
    """The value must be none that JSON has; what the SDK makes of that is for the rules to say."""
    done = completion(response)
    if done is None or done.workflow_status != COMPLETED or not done.result:
        return ""
    return f"must end with a value that the SDK cannot turn into JSON, but gave {in_short(done.result)}"


def anything(_response: WorkflowResponse) -> Complaint:
    """Whatever it is: what the SDK makes of it is for the rules to say."""
    return ""


def told(response: WorkflowResponse) -> str:
    """An answer in words."""
    done = completion(response)
    if done is not None and done.failure_details is not None:
        return f"a failed workflow ({failure(done.failure_details)})"
    if done is not None:
        return f"{OrchestrationStatus(done.workflow_status).name} with {in_short(done.result)}"
    kinds = [type(action.body).__name__ for action in response.actions]
    return ", ".join(kinds) if kinds else "no action"
