"""Workers that break rules of the chapter completion."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dwconf.wire import values as v
from dwconf.worker.core import completion, events, failures
from dwconf.worker.core.jsontext import Json, encode, write_carried_input, write_result
from dwconf.worker.mutants.registry import mutant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dwconf.worker.core.events import Buffered

FAILED = v.OrchestrationStatus.FAILED


def nameless(request: v.WorkflowRequest) -> str:
    """Leaves the instance id out."""
    return ""


def stays_running(result: str | None) -> v.CompleteWorkflow:
    """Completes with the wrong status."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.RUNNING, result=result)


def twice_encoded(value: Json) -> str | None:
    """Sends the JSON text as a JSON string."""
    text = write_result(value)
    return None if text is None else encode(text)


def loses_falsy(value: Json) -> str | None:
    """Takes 0, false and an empty text for nothing."""
    return write_result(value) if value else None


def as_python(value: Json) -> str | None:
    """Sends the value as the language prints it."""
    return None if value is None else str(value)


def nothing_is_an_error(value: Json) -> str | None:
    """Cannot return nothing."""
    if value is None:
        raise ValueError("nothing to return")
    return write_result(value)


def completes_anyway(details: v.TaskFailureDetails) -> v.CompleteWorkflow:
    """Completes with the failure beside."""
    return replace(completion.failed(details), workflow_status=v.OrchestrationStatus.COMPLETED)


def without_details(details: v.TaskFailureDetails) -> v.CompleteWorkflow:
    """Fails without saying why."""
    return v.CompleteWorkflow(workflow_status=FAILED)


def failure_as_result(details: v.TaskFailureDetails) -> v.CompleteWorkflow:
    """Says the error as a result, too."""
    return replace(completion.failed(details), result=encode(details.error_message))


def no_type(error: BaseException) -> str:
    """Leaves the error type out."""
    return ""


def class_alone(error: BaseException) -> str:
    """Gives the class in place of the text."""
    return type(error).__name__


def no_stack(error: BaseException) -> str | None:
    """Gives no stack trace."""
    return None


def always_final(error: BaseException) -> bool:
    """Marks every error as not to be retried."""
    return True


def forgets_why(what: str, details: v.TaskFailureDetails | None) -> Exception:
    """Says only that a task failed."""
    return failures.TaskFailedError("the task", v.TaskFailureDetails(error_type="TaskFailed"))


def completes_despite_failed_task(error: BaseException, rules: object, *, depth: int = 0) -> v.TaskFailureDetails:
    """Loses the failure of a task that nobody handles."""
    if isinstance(error, failures.TaskFailedError):
        return v.TaskFailureDetails(error_type="TaskFailedError")
    return failures.details(error, rules, depth=depth)  # type: ignore[arg-type]


class Silence(BaseException):
    """Passes everything that reports errors."""


def silent(name: str) -> Exception:
    """Raises where an error should be made."""
    raise Silence(name)


def falsy_is_nothing(value: Json) -> str | None:
    """Loses inputs that count as false."""
    return write_carried_input(value) if value else None


def input_twice_encoded(value: Json) -> str | None:
    """Sends the new input as a JSON string of its JSON text."""
    return None if value is None else encode(encode(value)) if value else encode(value)


def carries_nothing(new_input: str | None, carryover: tuple[v.HistoryEvent, ...]) -> v.CompleteWorkflow:
    """Forgets the events that it was asked to keep."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.CONTINUED_AS_NEW, result=new_input)


def completes_with_input(new_input: str | None, carryover: tuple[v.HistoryEvent, ...]) -> v.CompleteWorkflow:
    """Completes where it should continue."""
    return replace(completion.continued(new_input, carryover), workflow_status=v.OrchestrationStatus.COMPLETED)


def last_first(buffered: Sequence[Buffered]) -> tuple[v.HistoryEvent, ...]:
    """Carries the latest event first."""
    return events.carryover(buffered)[::-1]


def one_of_each_name(buffered: Sequence[Buffered]) -> tuple[v.HistoryEvent, ...]:
    """Carries one event of each name."""
    carried = {event.body.name: event for event in events.carryover(buffered) if isinstance(event.body, v.EventRaised)}
    return tuple(carried.values())


def without_payloads(buffered: Sequence[Buffered]) -> tuple[v.HistoryEvent, ...]:
    """Carries names alone."""
    carried = events.carryover(buffered)
    return tuple(
        replace(event, body=replace(event.body, input=None))
        for event in carried
        if isinstance(event.body, v.EventRaised)
    )


def null_instead(value: Json) -> str | None:
    """Sends null for what JSON cannot hold."""
    try:
        return write_result(value)
    except ValueError:
        return "null"


def only_ordinary(error: BaseException) -> bool:
    """Lets crashes of user code through."""
    return isinstance(error, Exception)


def twice(action: v.WorkflowAction) -> tuple[v.WorkflowAction, ...]:
    """Completes twice in one response."""
    return action, action


def only_now(in_past: bool, before: str | None) -> bool:  # noqa: FBT001  (the decision's inputs)
    """Forgets a status that was set in an earlier turn."""
    return not in_past


def only_once(in_past: bool, before: str | None) -> bool:  # noqa: FBT001  (the decision's inputs)
    """Keeps the status that was set first."""
    return before is None


def drops_behind_the_end(event: v.EventRaised) -> bool:
    """Drops an event that comes behind the end of the code."""
    return False


def not_while_suspended(status: str | None, suspended: bool) -> str | None:  # noqa: FBT001  (the decision's input)
    """Shows no status while suspended."""
    return None if suspended else status


mutant(
    "answers-without-instance",
    "worker/completion/instance-id-echoed",
    "leaves the instance id out of its answers",
    answered_instance=nameless,
)
mutant(
    "completes-as-running",
    "worker/completion/return-completes",
    "returns with the status RUNNING",
    completed=stays_running,
)
mutant(
    "encodes-results-twice",
    "worker/completion/return-completes",
    "sends a result as a JSON string of its JSON text",
    write_workflow_result=twice_encoded,
)
mutant(
    "prints-results",
    "worker/completion/return-completes",
    "sends a result as its language prints it",
    write_workflow_result=as_python,
)
mutant(
    "returns-nothing-for-falsy",
    "worker/completion/return-completes",
    "sends no result for what is falsy",
    write_workflow_result=loses_falsy,
)
mutant(
    "cannot-return-nothing",
    "worker/completion/return-completes",
    "fails when a workflow returns nothing",
    write_workflow_result=nothing_is_an_error,
)
mutant("completes-on-error", "worker/completion/error-fails", "completes after an error", failed=completes_anyway)
mutant(
    "fails-without-details", "worker/completion/error-fails", "fails without failure details", failed=without_details
)
mutant(
    "fails-with-result", "worker/completion/error-fails", "has a result beside the failure", failed=failure_as_result
)
mutant("errors-without-type", "worker/completion/error-fails", "leaves the error type out", error_type=no_type)
mutant(
    "errors-without-text", "worker/completion/error-message", "leaves the thrown text out", error_message=class_alone
)
mutant("no-stack-trace", "worker/completion/stack-trace", "gives no stack trace", stack_trace=no_stack)
mutant(
    "errors-are-final",
    "worker/completion/retriable-by-default",
    "marks every error as non-retriable",
    non_retriable=always_final,
)
mutant(
    "hides-failed-task",
    "worker/completion/task-failure-propagates",
    "does not say why a task failed that nobody handles",
    workflow_failure=completes_despite_failed_task,
)
mutant(
    "loses-task-failure",
    "worker/completion/task-failure-propagates",
    "loses the details of a failed task",
    failed_task=forgets_why,
)
mutant(
    "silent-on-unknown-workflow",
    "worker/completion/unregistered-workflow-fails",
    "does not answer for a workflow that it does not have",
    unregistered_workflow=silent,
)
mutant(
    "completes-instead-of-continuing",
    "worker/completion/continue-as-new-completes",
    "completes where the code continues as new",
    continued=completes_with_input,
)
mutant(
    "encodes-continuation-twice",
    "worker/completion/continue-as-new-completes",
    "sends the new input as a JSON string of its JSON text",
    write_carried_input=input_twice_encoded,
)
mutant(
    "loses-falsy-continuation",
    "worker/completion/continue-as-new-falsy-input",
    "continues as new without an input that counts as false",
    write_carried_input=falsy_is_nothing,
)
mutant(
    "carries-no-events",
    "worker/completion/carryover-events",
    "drops the events that it was asked to keep",
    continued=carries_nothing,
)
mutant("carries-latest-first", "worker/completion/carryover-events", "carries events backwards", carryover=last_first)
mutant(
    "carries-one-of-each-name",
    "worker/completion/carryover-events",
    "carries one event of each name",
    carryover=one_of_each_name,
)
mutant(
    "carries-names-alone",
    "worker/completion/carryover-events",
    "carries events without payload",
    carryover=without_payloads,
)
mutant(
    "sends-null-for-bad-value",
    "worker/completion/bad-value-fails",
    "completes with null when a value cannot be sent",
    write_workflow_result=null_instead,
)
mutant(
    "dies-of-panic", "worker/completion/panic-fails", "does not report a crash of user code", is_reported=only_ordinary
)
mutant("completes-twice", "worker/completion/one-completion", "lists the completion twice", completions=twice)
mutant(
    "forgets-custom-status",
    "worker/completion/custom-status-repeated",
    "sends a custom status once",
    notes_status=only_now,
)
mutant(
    "keeps-the-first-status",
    "worker/completion/custom-status-repeated",
    "overlooks that the code sets another custom status",
    notes_status=only_once,
)
mutant(
    "drops-events-behind-the-end",
    "worker/completion/carryover-events",
    "does not carry over an event that came in the turn that continued as new, behind what it awaited",
    keeps_after_end=drops_behind_the_end,
)
mutant(
    "hides-status-while-suspended",
    "worker/completion/custom-status-repeated",
    "answers a suspended turn without the custom status",
    shown_status=not_while_suspended,
)
