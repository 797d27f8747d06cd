"""Replay: a workflow request in, its response out, and nothing else (OL-2, EX-11).

`replay` is a pure function. The workflow function runs from its start over the past events and then the new ones; what
it asked for and history does not have is the answer. See `execution` for how, `ledger` for what is compared, and
`decisions` for every single choice.
"""

from __future__ import annotations

from collections.abc import Sequence

from dwconf.wire import values as v
from dwconf.worker.core.decisions import REFERENCE, Decisions
from dwconf.worker.core.execution import Execution
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.registry import Registry


class NoHistoryError(Exception):
    """The request holds no ExecutionStarted, so there is nothing to run."""


def replay(
    request: v.WorkflowRequest,
    registry: Registry,
    *,
    decisions: Decisions = REFERENCE,
    past: Sequence[v.HistoryEvent] | None = None,
) -> v.WorkflowResponse:
    """Answer one turn.

    Args:
        request: the work item's content.
        registry: the functions of this worker.
        decisions: how each rule is kept.
        past: the past events, if they are not the request's own (stateful history).

    Returns:
        The response, without completion token.
    """
    events = request.past_events if past is None else past
    execution = Execution(request, registry, decisions, decisions.versions_of((*events, *request.new_events)))
    try:
        for in_past, batch in ((True, events), (False, decisions.taken_of_turn(request.new_events))):
            execution.in_past = in_past
            for event in batch:
                execution.take(event)
        if not execution.started and execution.completion is None and not execution.suspended:
            raise NoHistoryError("neither past nor new events hold an ExecutionStarted")
    except NonDeterminismError as error:
        execution.contradict(error)
    finally:
        execution.close()
    return execution.answer()
