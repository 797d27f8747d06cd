"""Workers that break rules of the chapter activities."""

from __future__ import annotations

from dataclasses import replace

from dwconf.wire import values as v
from dwconf.worker.core import activities, failures
from dwconf.worker.core.decisions import Decisions
from dwconf.worker.core.jsontext import Json, decode, encode, read_payload, write_input, write_result
from dwconf.worker.mutants.registry import mutant


def the_neighbour(request: v.ActivityRequest) -> int:
    """Answers for the task next to it."""
    return request.task_id ^ 1


def zero_is_none(request: v.ActivityRequest) -> int:
    """Takes the task id 0 for none."""
    return request.task_id or -1


def of_nobody(request: v.ActivityRequest) -> str:
    """Leaves the instance id out."""
    return ""


def token_of_another(token: str) -> str:
    """Sends a token that it makes up."""
    return f"{token}-and-more"


def no_token(token: str) -> str:
    """Sends no token."""
    return ""


def as_python(value: Json) -> str | None:
    """Sends a result as the language prints it, unless it is an object."""
    return write_result(value) if value is None or isinstance(value, dict) else str(value)


def twice_encoded(value: Json) -> str | None:
    """Sends the JSON text as a JSON string, unless it is an object."""
    text = write_result(value)
    return text if text is None or isinstance(value, dict) else encode(text)


def falsy_is_nothing(value: Json) -> str | None:
    """Loses results that count as false."""
    return write_result(value) if value else None


def message_as_result(error: BaseException, rules: Decisions) -> v.TaskFailureDetails:
    """Gives details without a type."""
    return replace(failures.details(error, rules), error_type="")


def silent_details(error: BaseException, rules: Decisions) -> v.TaskFailureDetails:
    """Gives details without the text."""
    return replace(failures.details(error, rules), error_message="the activity failed")


def stumbles_over_no_message(error: BaseException, rules: Decisions) -> v.TaskFailureDetails:
    """Needs a message, and dies without one."""
    if not str(error):
        raise IndexError("an error without arguments")
    return failures.details(error, rules)


class Silence(BaseException):
    """Passes everything that reports errors."""


def dies_of_unknown(name: str) -> Exception:
    """Does not answer for an activity that it does not have."""
    raise Silence(name)


def as_it_came(text: str | None) -> Json:
    """Hands the text of the input over."""
    return text


def null_when_bad(text: str | None) -> Json:
    """Takes null for an input that is no JSON."""
    try:
        return read_payload(text)
    except ValueError:
        return None


def needs_text(text: str | None) -> Json:
    """Cannot do without an input."""
    return decode(text or "")


def no_identity(request: v.ActivityRequest) -> str:
    """Hides the task execution id from activity code."""
    return ""


def other_identity(request: v.ActivityRequest) -> str:
    """Shows activity code a task execution id in capitals."""
    return request.task_execution_id.upper()


def task_zero(request: v.ActivityRequest) -> int:
    """Shows activity code the task id 0."""
    return 0


def hidden_instance(request: v.ActivityRequest) -> str:
    """Shows activity code no instance id."""
    return ""


def falsy_input_is_nothing(value: Json) -> str | None:
    """Loses inputs that count as false."""
    return write_input(value) if value else None


def without_execution_id(
    name: str, payload: str | None, task_execution_id: str, scope: v.HistoryPropagationScope | None
) -> v.ScheduleTask:
    """Schedules without a task execution id."""
    return activities.schedule_task(name, payload, "", scope)


def numbered(instance_id: str, now: v.Nanos, number: int) -> str:
    """Takes a number for a task execution id."""
    return str(number)


def answered_twice(response: v.ActivityResponse) -> tuple[v.ActivityResponse, ...]:
    """Answers twice."""
    return response, response


def unanswered_null(response: v.ActivityResponse) -> tuple[v.ActivityResponse, ...]:
    """Has nothing to say when there is no result."""
    return (response,) if response.result is not None or response.failure_details is not None else ()


def null_instead(value: Json) -> str | None:
    """Sends null for what JSON cannot hold."""
    try:
        return write_result(value)
    except ValueError:
        return "null"


IDENTITY = "worker/activities/response-identity"
mutant("answers-for-another-task", IDENTITY, "names another task than the item's", answered_task_id=the_neighbour)
mutant("takes-task-zero-for-none", IDENTITY, "answers task 0 with another id", answered_task_id=zero_is_none)
mutant("answers-for-nobody", IDENTITY, "leaves out the instance id", answered_activity_instance=of_nobody)
mutant(
    "makes-up-tokens",
    "worker/activities/no-foreign-token",
    "answers activity items with a token of its own",
    answered_activity_token=token_of_another,
)
mutant(
    "activity-answers-without-token",
    "worker/activities/token-echoed",
    "leaves the token out of answers to activity items",
    answered_activity_token=no_token,
)
RESULT = "worker/activities/result-is-json"
mutant("prints-activity-results", RESULT, "sends a result as its language prints it", write_activity_result=as_python)
mutant("encodes-activity-results-twice", RESULT, "sends a result as a string", write_activity_result=twice_encoded)
mutant("loses-falsy-results", RESULT, "loses results that count as false", write_activity_result=falsy_is_nothing)
mutant(
    "activity-failure-without-type",
    "worker/activities/error-fails",
    "leaves out the type of an activity's error",
    activity_failure=message_as_result,
)
mutant(
    "activity-failure-without-text",
    "worker/activities/error-fails",
    "leaves out the text of an activity's error",
    activity_failure=silent_details,
)
mutant(
    "dies-without-message",
    "worker/activities/error-without-message",
    "does not answer when an error has no message",
    activity_failure=stumbles_over_no_message,
)
mutant(
    "silent-on-unknown-activity",
    "worker/activities/unregistered-activity-fails",
    "does not answer for an activity that it does not have",
    unregistered_activity=dies_of_unknown,
)
mutant(
    "hands-over-json-text",
    "worker/activities/input-decoded",
    "hands activity code the text of its input",
    read_input=as_it_came,
)
mutant("needs-an-input", "worker/activities/input-decoded", "fails without an input", read_input=needs_text)
mutant(
    "takes-bad-input-for-null",
    "worker/activities/bad-input-fails",
    "hands over null for an input that is no JSON",
    read_input=null_when_bad,
)
mutant(
    "sends-null-for-bad-result",
    "worker/activities/bad-result-fails",
    "answers null when a result cannot be sent",
    write_activity_result=null_instead,
)
EXECUTION_ID = "worker/activities/task-execution-id-exposed"
mutant("hides-task-execution-id", EXECUTION_ID, "shows an empty task execution id", shown_task_execution_id=no_identity)
mutant(
    "changes-task-execution-id",
    EXECUTION_ID,
    "shows the task execution id in capitals",
    shown_task_execution_id=other_identity,
)
SEEN = "worker/activities/identity-exposed"
mutant("shows-task-zero", SEEN, "shows activity code the task id 0", shown_task_id=task_zero)
mutant("hides-instance", SEEN, "shows activity code no instance id", activity_instance=hidden_instance)
mutant(
    "loses-falsy-inputs",
    "worker/activities/falsy-input-sent",
    "schedules activities without an input that counts as false",
    write_activity_input=falsy_input_is_nothing,
)
mutant(
    "schedules-without-execution-id",
    "worker/activities/task-execution-id-set",
    "schedules activities without a task execution id",
    schedule_task=without_execution_id,
)
mutant(
    "numbers-task-executions",
    "worker/activities/task-execution-id-set",
    "takes a number for a task execution id",
    task_execution_id=numbered,
)
ONCE = "worker/activities/one-answer-per-item"
mutant("answers-activities-twice", ONCE, "answers each activity item twice", activity_answers=answered_twice)
mutant("no-answer-without-result", ONCE, "sends no answer for a null result", activity_answers=unanswered_null)
