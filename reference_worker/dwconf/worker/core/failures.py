"""Errors as they reach user code, and errors as they leave it (EX-9).

A failed task raises TaskFailedError in the workflow, with the details that the wire gave. What user code lets escape
becomes TaskFailureDetails again; each field of those has its own decision.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

from dwconf.wire import values as v

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions

DEEPEST_CAUSE = 8


class ApplicationError(Exception):
    """A failure that user code raises with a type of its own choice."""

    def __init__(self, message: str = "", *, error_type: str = "ApplicationError", non_retriable: bool = False) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.non_retriable = non_retriable


class TaskFailedError(Exception):
    """An activity or a child workflow failed; `details` is what the wire said about it."""

    def __init__(self, what: str, details: v.TaskFailureDetails) -> None:
        super().__init__(f"{what} failed: {details.error_message}")
        self.details = details


class WaitTimedOutError(Exception):
    """WRK-F-11: no event came in time."""

    def __init__(self, event: str) -> None:
        super().__init__(f"no event {event!r} came in time")


class NonDeterminismError(Exception):
    """SH-4: the code asks for something else than its history recorded."""


class NotRegisteredError(Exception):
    """No workflow or activity has this name."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} is registered as {name!r}")


def error_type(error: BaseException) -> str:
    """WRK-C-05, WRK-C-07: the type that user code chose, else the name of the class."""
    return error.error_type if isinstance(error, ApplicationError) else type(error).__name__


def error_message(error: BaseException) -> str:
    """WRK-C-08, WRK-D-05: the message holds the thrown text, and is empty when there was none."""
    return str(error).encode("utf-8", "backslashreplace").decode()


def stack_trace(error: BaseException) -> str | None:
    """WRK-C-06: where the error came from."""
    text = "".join(traceback.format_exception(error, limit=-DEEPEST_CAUSE))
    return text.encode("utf-8", "backslashreplace").decode()


def non_retriable(error: BaseException) -> bool:
    """WRK-C-10: only when the user said so."""
    return isinstance(error, ApplicationError) and error.non_retriable


def cause(error: BaseException) -> BaseException | None:
    """WRK-C-09: the error that this one was raised from."""
    return error.__cause__


def failed_task(what: str, details: v.TaskFailureDetails | None) -> Exception:
    """WRK-C-11, WRK-G-03: what a failed activity or child raises in workflow code."""
    return TaskFailedError(what, details or v.TaskFailureDetails())


def timed_out(event: str) -> Exception:
    """WRK-F-11: what a wait raises that no event ended in time, unlike any failed task."""
    return WaitTimedOutError(event)


def details(error: BaseException, rules: Decisions, *, depth: int = 0) -> v.TaskFailureDetails:
    """WRK-C-05, WRK-D-04: the failure as the wire carries it."""
    return v.TaskFailureDetails(
        error_type=rules.error_type(error),
        error_message=rules.error_message(error),
        stack_trace=rules.stack_trace(error) if depth == 0 else None,
        inner_failure=_inner(error, rules, depth),
        is_non_retriable=rules.non_retriable(error),
    )


def _inner(error: BaseException, rules: Decisions, depth: int) -> v.TaskFailureDetails | None:
    if isinstance(error, TaskFailedError):
        return error.details
    raised_from = rules.cause(error)
    if raised_from is None or depth == DEEPEST_CAUSE:
        return None
    return details(raised_from, rules, depth=depth + 1)
