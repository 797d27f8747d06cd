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
        return next((body for _, body in self.of(CompleteWorkflow)), None)

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
    """Whether two JSON values are the same; 1 and 1.0 are, 1 and true are not."""
    match one, other:
        case list(), list():
            return len(one) == len(other) and all(equal(a, b) for a, b in zip(one, other, strict=True))
        case dict(), dict():
            return one.keys() == other.keys() and all(equal(one[key], other[key]) for key in one)
        case _:
            return one == other and isinstance(one, bool) == isinstance(other, bool)


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
    """What has to be the same on every replay (ids, kinds, names, inputs, fire times), in the order of ids."""
    kept = [replace(action, router=None, body=_essence(action.body), unknown=b"") for action in actions]
    return [codec.encode(action) for action in sorted(kept, key=lambda action: action.id)]


def _essence(body: ActionBody | None) -> ActionBody | None:
    match body:
        case ScheduleTask(input=given):
            return replace(body, task_execution_id="", input=_canonical(given))
        case CreateChildWorkflow(input=given):
            return replace(body, input=_canonical(given))
        case CreateTimer():
            return replace(body, origin=None)
        case CompleteWorkflow(failure_details=details, result=result):
            kept = None if details is None else replace(details, stack_trace=None)
            return replace(body, failure_details=kept, result=_canonical(result))
        case _:
            return body


def _canonical(text: str | None) -> str | None:
    return text if text is None else json.dumps(as_json(text), sort_keys=True)


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
