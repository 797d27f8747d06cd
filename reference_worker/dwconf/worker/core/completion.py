"""The end of a turn, and of an execution (WRK-C)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dwconf.wire import values as v
from dwconf.worker.core import failures
from dwconf.worker.core.jsontext import Json

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions

INTERNAL_ID = -1


def completed(result: str | None) -> v.CompleteWorkflow:
    """WRK-C-03: a normal return."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.COMPLETED, result=result)


def failed(details: v.TaskFailureDetails) -> v.CompleteWorkflow:
    """WRK-C-05: an error that nobody caught; there is no result then."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.FAILED, failure_details=details)


def continued(new_input: str | None, carryover: tuple[v.HistoryEvent, ...]) -> v.CompleteWorkflow:
    """WRK-C-15, WRK-C-17: the result is the new input, and unused events go along if asked for."""
    return v.CompleteWorkflow(
        workflow_status=v.OrchestrationStatus.CONTINUED_AS_NEW, result=new_input, carryover_events=carryover
    )


def keeps_events(asked: bool | None) -> bool:  # noqa: FBT001  (the decision's one input)
    """WRK-C-18: events are kept if the code asks for it."""
    return asked is True


def continues_after_failure(error: BaseException) -> bool:  # noqa: ARG001  (a mutant may look at it)
    """WRK-C-20: an error after a request to continue as new is a failure."""
    return False


def is_reported(error: BaseException) -> bool:  # noqa: ARG001  (a mutant looks at it)
    """WRK-C-05, WRK-C-22: whatever user code throws, a crash too, ends the workflow, not the worker."""
    return True


def completion_id(next_free: int) -> int:
    """WRK-B-02: the completion's id is unique as well."""
    return next_free


def beside_completion(
    actions: tuple[v.WorkflowAction, ...], completion: v.CompleteWorkflow
) -> tuple[v.WorkflowAction, ...]:
    """WRK-C-13, WRK-C-19, WRK-I-07: what was scheduled and not awaited goes out with the completion.

    Nothing does beside a terminate or a continue-as-new, after which it would not be applied.
    """
    ends = (v.OrchestrationStatus.COMPLETED, v.OrchestrationStatus.FAILED)
    return actions if completion.workflow_status in ends else ()


def completions(action: v.WorkflowAction) -> tuple[v.WorkflowAction, ...]:
    """WRK-C-23: one completion in a response."""
    return (action,)


def in_order(actions: tuple[v.WorkflowAction, ...]) -> tuple[v.WorkflowAction, ...]:
    """WRK-B-07: actions go out by ascending id."""
    return tuple(sorted(actions, key=lambda action: action.id))


def notes_status(in_past: bool, before: str | None) -> bool:  # noqa: ARG001, FBT001  (mutants look at them)
    """WRK-C-25: a status counts whether code sets it while it replays or now, and whether it has set one before."""
    return True


def shown_status(status: str | None, suspended: bool) -> str | None:  # noqa: ARG001, FBT001  (a mutant looks at it)
    """WRK-C-24, WRK-C-25: the status that code set last, in every response since; absent before."""
    return status


def answered_instance(request: v.WorkflowRequest) -> str:
    """WRK-C-02: the answer names the instance of the request."""
    return request.instance_id


def unregistered_workflow(name: str) -> Exception:
    """WRK-C-12: a workflow that nobody registered fails."""
    return failures.NotRegisteredError("workflow", name)


def finished(value: Json, rules: Decisions) -> v.CompleteWorkflow:
    """WRK-C-03, WRK-C-21: the completion for a returned value; one that JSON cannot hold is a failure."""
    try:
        return rules.completed(rules.write_workflow_result(value))
    except ValueError as error:
        return rules.failed(rules.workflow_failure(error, rules))


def internal_failure(request: v.WorkflowRequest, error: BaseException, rules: Decisions) -> v.WorkflowResponse:
    """WRK-N-06: an error of the worker itself still answers the item, as a failure with id -1."""
    body = rules.failed(rules.workflow_failure(error, rules))
    action = v.WorkflowAction(id=INTERNAL_ID, body=body)
    return v.WorkflowResponse(instance_id=rules.answered_instance(request), actions=(action,))


def with_token(response: v.WorkflowResponse, token: str) -> v.WorkflowResponse:
    """The answer with its completion token (AL-4)."""
    return replace(response, completion_token=token)
