"""Suspend, resume and terminate (WRK-I).

While suspended, what would move the code on is held back, in order; records of actions are not, they only confirm what
was issued. Whatever the code had issued before stays unanswered until it goes on, and is not lost: the replay after
the resume issues it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from dwconf.wire import values as v


def holds(body: v.EventBody) -> bool:
    """WRK-I-01: completions, timers and raised events wait while the instance is suspended."""
    return isinstance(
        body,
        v.TaskCompleted
        | v.TaskFailed
        | v.TimerFired
        | v.ChildWorkflowInstanceCompleted
        | v.ChildWorkflowInstanceFailed
        | v.EventRaised
        | v.ExecutionStarted,
    )


def suspends(suspended: bool) -> bool:  # noqa: ARG001, FBT001  (suspended already, or not: the decision's one input)
    """WRK-I-01: a suspend event stops the code, a second one changes nothing."""
    return True


def release(held: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """WRK-I-03, WRK-B-21: what was held is taken in order; with nothing held a resume does nothing."""
    return held


def while_suspended(actions: tuple[v.WorkflowAction, ...]) -> tuple[v.WorkflowAction, ...]:  # noqa: ARG001
    """WRK-I-02, WRK-I-04: a suspended turn is answered, with no actions."""
    return ()


def terminates(completion: v.CompleteWorkflow | None) -> bool:
    """WRK-I-06 to WRK-I-10: a terminate ends what has not ended, and wins over continue-as-new."""
    return completion is None or completion.workflow_status == v.OrchestrationStatus.CONTINUED_AS_NEW


def overlooks_terminate(event: v.ExecutionTerminated) -> bool:  # noqa: ARG001  (a mutant may look at it)
    """WRK-I-10: a terminate counts also while the instance is suspended."""
    return False


def terminated(event: v.ExecutionTerminated) -> v.CompleteWorkflow:
    """WRK-I-05: the result is what the terminate event carries."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.TERMINATED, result=event.input)


def stops_taking(terminate: v.ExecutionTerminated) -> bool:  # noqa: ARG001  (a mutant may look at it)
    """WRK-I-07: nothing that follows a terminate has an effect."""
    return True


def runs_code(completion: v.CompleteWorkflow | None) -> bool:
    """WRK-I-07, WRK-C-23: user code runs until the execution has ended, and not after."""
    return completion is None
