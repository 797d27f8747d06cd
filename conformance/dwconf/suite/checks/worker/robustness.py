"""Checks about traces and about what nobody expects (chapter N)."""

from __future__ import annotations

import json

from dwconf.suite.cases.worker.robustness import BAD_PARENTS, TRACE
from dwconf.suite.checks.registry import check
from dwconf.suite.checks.worker.activities import ctx, response
from dwconf.suite.evidence import Evidence, Finding, Findings
from dwconf.suite.evidence.answers import answer, as_json, completes
from dwconf.suite.trace.words import in_a_line


@check("worker/robustness/trace-context-passed", "worker/robustness/traced")
def an_activity_sees_the_trace_of_its_item(e: Evidence) -> Findings:
    """The span may be the worker's own; the trace has to be the same."""
    seen = ctx(e, "told").get("traceparent")
    if not isinstance(seen, str) or TRACE not in seen:
        expected = f"a traceparent of the trace {TRACE}"
        yield Finding(expected=expected, seen=json.dumps(seen), at=e.call("told").at)


@check("worker/robustness/bad-trace-parent-tolerated", "worker/robustness/traced")
def a_malformed_trace_does_no_harm(e: Evidence) -> Findings:
    for number, parent in enumerate(BAD_PARENTS):
        call = e.call(f"bad-{number}", due=True)
        given = response(call)
        if given.failure_details is not None or as_json(given.result) != 1:
            expected = f"the result 1, in spite of the traceParent {parent[:20]!r}"
            yield Finding(expected=expected, seen=in_a_line(given), at=call.at)


@check("worker/robustness/unknown-fields-ignored", "worker/robustness/unknown-fields")
def an_activity_item_with_unknown_fields_is_served(e: Evidence) -> Findings:
    call = e.call("activity", due=True)
    if as_json(response(call).result) != "as ever":
        yield Finding(expected='the result "as ever"', seen=in_a_line(response(call)), at=call.at)


@check("worker/robustness/unknown-fields-ignored", "worker/robustness/unknown-fields")
def a_turn_with_unknown_fields_is_answered(e: Evidence) -> Findings:
    answer(e, "first")
    yield from completes(answer(e, "turn", due=True), "value")
