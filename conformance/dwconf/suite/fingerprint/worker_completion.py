"""What a worker does about completing a turn where the protocol leaves it free (chapter C)."""

from __future__ import annotations

from dwconf.suite.checks.worker.completion import STATUS, details
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import Answer, answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.wire.values import ScheduleTask, Value


def presence(text: str | None) -> str:
    """Whether an optional text is absent, empty, or what it is."""
    if text is None:
        return "absent"
    return text or "present and empty"


def kinds(given: Answer) -> str:
    """The actions of an answer by kind, in the order in which they are listed."""
    names = [type(action.body).__name__ for action in given.response.actions]
    end = given.end.workflow_status.name if given.end is not None else "goes on"
    return f"{', '.join(names) or 'no action'} ({end})"


@observation("worker/completion/completion-method", "worker/completion/plain-return")
def method(e: Evidence) -> str:
    return e.call("returned").name


@observation("worker/completion/null-result", "worker/completion/plain-return")
def null_result(e: Evidence) -> str:
    end = answer(e, "returned-nothing").end
    return "no completion" if end is None else presence(end.result)


@observation("worker/completion/unset-custom-status", "worker/completion/plain-return")
def unset_status(e: Evidence) -> str:
    return presence(answer(e, "returned").response.custom_status)


@observation("worker/completion/action-router", "worker/completion/plain-return")
def router(e: Evidence) -> str:
    routers = [action.router for action in answer(e, "returned").response.actions]
    return "; ".join("none" if one is None else router_in_words(one) for one in routers)


def router_in_words(router: Value) -> str:
    """The fields of a router that are set."""
    source, target = getattr(router, "source_app_id", ""), getattr(router, "target_app_id", None)
    return f"sourceAppID {source!r}" + ("" if target is None else f", targetAppID {target!r}")


@observation("worker/completion/error-type-format", "worker/completion/thrown")
def error_type(e: Evidence) -> str:
    return details(answer(e, "thrown")).error_type


@observation("worker/completion/inner-failure", "worker/completion/failed-task")
def inner_failure(e: Evidence) -> str:
    inner = details(answer(e, "activity-failed")).inner_failure
    return "absent" if inner is None else f"present: {inner.error_type}"


@observation("worker/completion/unawaited-work", "worker/completion/unawaited")
def unawaited_work(e: Evidence) -> str:
    given = answer(e, "returned")
    return "sent with the completion" if given.of(ScheduleTask) else "discarded"


@observation("worker/completion/implicit-return", "worker/completion/unawaited")
def implicit_return(e: Evidence) -> str:
    return kinds(answer(e, "ran-out"))


@observation("worker/completion/keep-events-default", "worker/completion/buffered-events")
def keep_events_default(e: Evidence) -> str:
    end = answer(e, "default").end
    return "no completion" if end is None else "kept" if end.carryover_events else "dropped"


@observation("worker/completion/continue-as-new-effect", "worker/completion/continued")
def effect_of_continue_as_new(e: Evidence) -> str:
    return kinds(answer(e, "among-others"))


@observation("worker/completion/continue-as-new-then-error", "worker/completion/continued")
def error_after_continue_as_new(e: Evidence) -> str:
    return kinds(answer(e, "then-thrown"))


@observation("worker/completion/custom-status-encoding", "worker/completion/custom-status")
def status_encoding(e: Evidence) -> str:
    seen = answer(e, "set").response.custom_status
    return "plain text" if seen == STATUS else f"as {seen}"
