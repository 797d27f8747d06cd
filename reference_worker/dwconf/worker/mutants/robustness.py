"""Workers that break rules of the chapter robustness."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core import connection, tracing
from dwconf.worker.mutants.registry import mutant


def trace_of_its_own(context: v.TraceContext | None) -> str | None:
    """Begins a new trace."""
    return "00-11111111111111111111111111111111-2222222222222222-01"


def no_trace(context: v.TraceContext | None) -> str | None:
    """Shows no trace."""
    return None


def stumbles(context: v.TraceContext | None) -> str | None:
    """Cannot go on with a malformed trace."""
    shown = tracing.shown_traceparent(context)
    if context is not None and shown is None:
        raise ValueError(context.trace_parent)
    return shown


def drops_the_unknown(item: v.WorkItem) -> bool:
    """Does not take what has fields that it does not know."""
    return connection.ignores_item(item) or bool(item.unknown)


def drops_unknown_events(item: v.WorkItem) -> bool:
    """Does not take a turn whose events have fields that it does not know."""
    request = item.request
    past = request.past_events if isinstance(request, v.WorkflowRequest) else ()
    return connection.ignores_item(item) or any(event.unknown for event in past)


TRACE = "worker/robustness/trace-context-passed"
mutant("begins-new-trace", TRACE, "runs activities in a trace of its own", shown_traceparent=trace_of_its_own)
mutant("hides-trace", TRACE, "shows activities no trace", shown_traceparent=no_trace)
mutant(
    "stumbles-over-bad-trace",
    "worker/robustness/bad-trace-parent-tolerated",
    "does not serve an activity item with a malformed traceParent",
    shown_traceparent=stumbles,
)
UNKNOWN = "worker/robustness/unknown-fields-ignored"
mutant("drops-unknown-fields", UNKNOWN, "drops items with unknown fields", ignores_item=drops_the_unknown)
mutant("drops-unknown-event-fields", UNKNOWN, "drops turns with odd events", ignores_item=drops_unknown_events)
