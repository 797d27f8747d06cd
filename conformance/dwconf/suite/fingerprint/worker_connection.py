"""What a worker does on its connection where the protocol leaves it free (chapter A)."""

from __future__ import annotations

from dwconf.suite.cases.worker.connection import TRANSPORT
from dwconf.suite.checks.worker.connection import same_work
from dwconf.suite.evidence import Evidence, NoEvidence
from dwconf.suite.evidence.answers import COMPLETIONS
from dwconf.suite.fingerprint.registry import observation
from dwconf.suite.trace.record import Kind, Record
from dwconf.suite.trace.words import in_a_line
from dwconf.wire import codec
from dwconf.wire.values import GetWorkItemsRequest


def opened(e: Evidence) -> Record:
    """The first stream of a case."""
    found = next((record for record in e.records if record.kind is Kind.OPEN), None)
    if found is None:
        raise NoEvidence("a stream")
    return found


@observation("worker/connection/hello-before-stream", "worker/connection/first-contact")
def hello_first(e: Evidence) -> str:
    first = opened(e).number
    return "yes" if any(call.number < first for call in e.calls_to("Hello")) else "no"


@observation("worker/connection/stream-request-fields", "worker/connection/first-contact")
def stream_request(e: Evidence) -> str:
    return in_a_line(codec.decode(GetWorkItemsRequest, opened(e).payload))


@observation("worker/connection/user-agent", "worker/connection/first-contact")
def user_agent(e: Evidence) -> str:
    return str(opened(e).fields.get("agent", "none"))


@observation("worker/connection/completion-retried", "worker/connection/undelivered")
def completion_retried(e: Evidence) -> str:
    e.moment("closes")
    calls = list(e.calls_to("CompleteActivityTask", *COMPLETIONS))
    repeated = [
        name
        for name in TRANSPORT
        if any(
            same_work(call, e.call(f"activity-{name}"))
            for call in calls
            if call.number > e.call(f"activity-{name}").number
        )
    ]
    return f"after {', '.join(repeated)}" if repeated else "not while we looked"
