"""The end of an execution (WRK-C), and errors on the way there."""

from __future__ import annotations

import pytest

from dwconf.wire import values as v
from dwconf.wire.codec import decode, encode
from dwconf.worker.core.context import Context
from dwconf.worker.core.failures import ApplicationError, TaskFailedError
from dwconf.worker.core.jsontext import Json
from dwconf.worker.core.tasks import Workflow
from tests.worker import history as h

BEGIN = (h.turn(), h.start())


class Crash(BaseException):
    pass


def returning(value: Json) -> h.Code:
    def code(_ctx: Context, _value: Json) -> Workflow[Json]:
        yield from ()
        return value

    return code


def raising(error: BaseException) -> h.Code:
    def code(_ctx: Context, _value: Json) -> Workflow[Json]:
        yield from ()
        raise error

    return code


@pytest.mark.parametrize(
    ("value", "text"),
    [({"a": 1}, '{"a":1}'), (0, "0"), (False, "false"), ("", '""'), ([], "[]"), (None, None), ("\ud800", '"\\ud800"')],
    ids=repr,
)
def test_a_result_is_json(value: Json, text: str | None) -> None:
    assert h.outcome(h.run(returning(value), BEGIN)) == ("COMPLETED", text)


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), {(1,): 2}], ids=["object", "set", "nan", "key"])
def test_a_result_that_json_cannot_hold_fails(value: Json) -> None:
    assert h.outcome(h.run(returning(value), BEGIN)) == ("FAILED", "PayloadError")


@pytest.mark.parametrize(
    ("error", "error_type", "message", "non_retriable"),
    [
        (ValueError("it broke"), "ValueError", "it broke", False),
        (ValueError(), "ValueError", "", False),
        (Crash("down"), "Crash", "down", False),
        (ApplicationError("no", error_type="Mine", non_retriable=True), "Mine", "no", True),
        (ValueError("half \ud800"), "ValueError", "half \\ud800", False),
    ],
    ids=["error", "no message", "crash", "with a type", "half a surrogate pair"],
)
def test_an_error_fails_the_workflow(
    error: BaseException, error_type: str, message: str, *, non_retriable: bool
) -> None:
    response = h.run(raising(error), BEGIN)
    details = h.completion(response).failure_details
    assert details is not None
    assert (details.error_type, details.error_message) == (error_type, message)
    assert details.is_non_retriable is non_retriable
    assert details.stack_trace is not None
    assert h.completion(response).result is None
    assert decode(v.WorkflowResponse, encode(response)) == response


def test_causes_are_reported() -> None:
    def code(_ctx: Context, _value: Json) -> Workflow[Json]:
        yield from ()
        raise ValueError("outer") from KeyError("inner")

    details = h.completion(h.run(code, BEGIN)).failure_details
    assert details is not None
    assert details.inner_failure is not None
    assert details.inner_failure.error_type == "KeyError"


def test_a_failed_task_raises_with_its_details() -> None:
    seen: list[v.TaskFailureDetails] = []

    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        try:
            yield from ctx.activity("a")
        except TaskFailedError as error:
            seen.append(error.details)
            raise

    details = h.completion(h.run(code, [*BEGIN, h.failed(0, "deep down")])).failure_details
    assert details is not None
    assert "deep down" in details.error_message
    assert seen == [details.inner_failure]


def test_an_error_after_continue_as_new_is_a_failure() -> None:
    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        ctx.continue_as_new(1)
        yield from ()
        raise ValueError

    assert h.outcome(h.run(code, BEGIN)) == ("FAILED", "ValueError")


@pytest.mark.parametrize("payload", ["{bad", "[" * 100_000], ids=["no json", "nested deep"])
def test_an_input_that_is_not_json_fails(payload: str) -> None:
    assert h.outcome(h.run(returning(1), [h.turn(), h.start(payload=payload)])) == ("FAILED", "PayloadError")


def test_waiting_for_something_else_than_a_task_fails() -> None:
    def code(_ctx: Context, _value: Json) -> Json:
        yield 5

    assert h.outcome(h.run(code, BEGIN)) == ("FAILED", "TypeError")


def test_code_is_left_without_complaint() -> None:
    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        try:
            yield from ctx.activity("a")
        finally:
            raise ValueError

    assert h.scheduled_names(h.run(code, BEGIN)) == [(0, "a")]


def test_the_router_names_a_target_app() -> None:
    def code(ctx: Context, _value: Json) -> Workflow[Json]:
        ctx.child("c", app="other")
        yield from ctx.activity("a")

    routed = v.HistoryEvent(event_id=-1, body=v.ExecutionStarted(name="code"), router=v.TaskRouter(source_app_id="us"))
    child, activity = h.run(code, [h.turn(), routed]).actions
    assert child.router == v.TaskRouter(source_app_id="us", target_app_id="other")
    assert activity.router is None
