"""A worker's answers to turns, as checks read them, and what is commonly asked of one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from dwconf.suite.evidence.evidence import Evidence
from dwconf.suite.evidence.facts import Call, Item
from dwconf.suite.evidence.verdicts import Finding, Findings
from dwconf.suite.trace.words import in_a_line, shorten
from dwconf.wire import codec
from dwconf.wire.values import (
    ActionBody,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateTimer,
    OrchestrationStatus,
    ScheduleTask,
    Value,
    WorkflowAction,
    WorkflowResponse,
)

B = TypeVar("B", bound=Value)
COMPLETIONS = ("CompleteWorkflowTask", "CompleteOrchestratorTask")
"""The two names of the call that answers a turn."""
LINE = 300


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one turn."""

    call: Call
    response: WorkflowResponse

    @property
    def at(self) -> tuple[int, ...]:
        return self.call.at

    def of(self, kind: type[B]) -> list[tuple[int, B]]:
        """The actions of a kind: id and body."""
        return [(a.id, cast("B", a.body)) for a in self.response.actions if isinstance(a.body, kind)]

    @property
    def end(self) -> CompleteWorkflow | None:
        """The completion; the first, if there are several."""
        return next((a.body for a in self.response.actions if isinstance(a.body, CompleteWorkflow)), None)

    @property
    def result(self) -> object:
        """The result of the completion as a JSON value; None without one."""
        return None if self.end is None else as_json(self.end.result)

    def __str__(self) -> str:
        if not self.response.actions:
            return "an answer without actions"
        return shorten(", ".join(in_a_line(action) for action in self.response.actions), LINE)


def answer(e: Evidence, step: str, *, due: bool = False) -> Answer:
    """The answer to the turn of a step. With `due`, an answer that did not come is a breach."""
    call = e.call(step, due=due)
    return Answer(call, call.request(WorkflowResponse))


def as_json(text: str | None) -> object:
    """The value of a JSON text, null for an absent or empty one; the text itself, marked, when it is none."""
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return ("not JSON", text)


def equal(one: object, other: object) -> bool:
    """Whether two JSON values are the same, however deep; 1 and 1.0 are, 1 and true are not."""
    pairs = [(one, other)]
    while pairs:
        match pairs.pop():
            case list() as first, list() as second if len(first) == len(second):
                pairs += zip(first, second, strict=True)
            case dict() as first, dict() as second if first.keys() == second.keys():
                pairs += ((first[key], second[key]) for key in first)
            case (list() | dict(), _) | (_, list() | dict()):
                return False
            case first, second:
                if first != second or isinstance(first, bool) != isinstance(second, bool):
                    return False
    return True


def completes(given: Answer, value: object) -> Findings:
    """The answer completes the workflow with this result."""
    end = given.end
    if end is None or end.workflow_status != OrchestrationStatus.COMPLETED or not equal(as_json(end.result), value):
        yield Finding(expected=f"COMPLETED with the result {json.dumps(value)}", seen=str(given), at=given.at)


def ends(given: Answer, status: OrchestrationStatus, *, because: str = "") -> Findings:
    """The answer ends the workflow with this status."""
    if given.end is None or given.end.workflow_status != status:
        yield Finding(expected=f"a completion with status {status.name}{because}", seen=str(given), at=given.at)


def goes_on(given: Answer) -> Findings:
    """The answer does not end the workflow."""
    if given.end is not None:
        yield Finding(expected="no completion: the workflow is not at its end", seen=str(given), at=given.at)


def asks_nothing(given: Answer, *, because: str) -> Findings:
    """The answer holds no action."""
    if given.response.actions:
        yield Finding(expected=f"no action, because {because}", seen=str(given), at=given.at)


def schedules(given: Answer, *inputs: object) -> Findings:
    """The answer schedules activities with these inputs, in this order, and does not end the workflow."""
    seen = [as_json(task.input) for _, task in given.of(ScheduleTask)]
    if not equal(seen, list(inputs)) or given.end is not None:
        wanted = ", ".join(json.dumps(one) for one in inputs)
        yield Finding(expected=f"scheduleTask with the input {wanted}", seen=str(given), at=given.at)


def essence(actions: Iterable[WorkflowAction]) -> list[bytes]:
    """What has to be the same on every replay (ids, kinds, names, inputs, fire times), in the order of ids.

    Of a failure that is its status: messages and stack traces may tell of the moment (WRK-B-27).
    """
    kept = [replace(action, router=None, body=_essence(action.body), unknown=b"") for action in actions]
    return [codec.encode(action) for action in sorted(kept, key=lambda action: action.id)]


def _essence(body: ActionBody | None) -> ActionBody | None:
    match body:
        case ScheduleTask(input=given):
            return replace(body, task_execution_id="", input=canonical(given))
        case CreateChildWorkflow(input=given):
            return replace(body, input=canonical(given))
        case CreateTimer():
            return replace(body, origin=None)
        case CompleteWorkflow(workflow_status=OrchestrationStatus.FAILED):
            return replace(body, failure_details=None, result=None)
        case CompleteWorkflow(result=result):
            return replace(body, result=canonical(result))
        case _:
            return body


def canonical(text: str | None) -> str | None:
    """One text for one JSON value; what nests too deep for that stays as it is."""
    try:
        return text if text is None else json.dumps(_plain(as_json(text)), sort_keys=True)
    except RecursionError:
        return text


def _plain(value: object) -> object:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_plain(one) for one in value]
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case _:
            return value


def same_actions(first: Answer, second: Answer) -> Findings:
    """Two answers ask for the same."""
    if essence(first.response.actions) != essence(second.response.actions):
        yield Finding(
            expected=f"the same actions as the first time: {first}", seen=str(second), at=first.at + second.at
        )


def answers_item(call: Call, item: Item) -> bool:
    """Whether a completion call is about a workflow item: its token, or none and its instance."""
    if call.name not in COMPLETIONS:
        return False
    given = call.request(WorkflowResponse)
    if given.completion_token:
        return given.completion_token == item.token
    return given.instance_id == item.instance_id
