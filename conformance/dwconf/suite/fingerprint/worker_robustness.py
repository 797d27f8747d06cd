"""What a worker does with large messages and with what it cannot process (chapter N)."""

from __future__ import annotations

from dwconf.suite.checks.worker.activities import response
from dwconf.suite.evidence import Evidence
from dwconf.suite.evidence.answers import answer
from dwconf.suite.fingerprint.registry import observation
from dwconf.suite.fingerprint.worker_completion import kinds, presence


@observation("worker/robustness/message-limits", "worker/robustness/large-history")
def large_history(e: Evidence) -> str:
    if e.missed("read"):
        return "does not take a history of 5 MB"
    given = answer(e, "read")
    return "takes a history of 5 MB" if given.result == "read" else f"answers it with {kinds(given)}"


@observation("worker/robustness/oversize-result", "worker/robustness/refused-results")
def refused_result(e: Evidence) -> str:
    first, closes = e.call("refused"), e.moment("refused-closes")
    later = [c for c in e.calls_to("CompleteActivityTask") if first.number < c.number < closes.number]
    if not later:
        return "sends nothing more"
    failed = response(later[0]).failure_details
    return "sends the same again" if failed is None else f"sends a failure: {failed.error_type}"


@observation("worker/robustness/internal-error", "worker/robustness/incomprehensible")
def internal_error(e: Evidence) -> str:
    if e.missed("answered"):
        return "does not answer"
    given = answer(e, "answered")
    if given.end is None:
        return kinds(given)
    return f"{kinds(given)}, action id {given.response.actions[0].id}, result {presence(given.end.result)}"
