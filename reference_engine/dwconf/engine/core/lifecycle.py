"""Status, termination, suspension, the next generation, and purge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dwconf.engine.core.dedup import resolution
from dwconf.engine.core.instance import Instance, Queued, queued
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.wire.values import (
    CompleteWorkflow,
    ExecutionCompleted,
    ExecutionResumed,
    ExecutionStarted,
    ExecutionSuspended,
    ExecutionTerminated,
    OrchestrationStatus,
    WorkflowInstance,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

TERMINAL = frozenset(
    {
        OrchestrationStatus.COMPLETED,
        OrchestrationStatus.FAILED,
        OrchestrationStatus.CANCELED,
        OrchestrationStatus.TERMINATED,
    }
)


def is_terminal(status: OrchestrationStatus) -> bool:
    """ENG-C-29, ENG-H-27: the four statuses that end an instance."""
    return status in TERMINAL


def may_end_with(status: OrchestrationStatus) -> bool:
    """ENG-C-29: what a completeWorkflow action may say; anything else makes the answer inapplicable."""
    return status in TERMINAL or status == OrchestrationStatus.CONTINUED_AS_NEW


def status_after(before: OrchestrationStatus, events: Sequence[Queued]) -> OrchestrationStatus:
    """ENG-H-09, ENG-H-13: the status after a turn that did not end the instance: the last control event decides."""
    suspended = before == OrchestrationStatus.SUSPENDED
    for waiting in events:
        match waiting.event.body:
            case ExecutionSuspended():
                suspended = True
            case ExecutionResumed():
                suspended = False
            case _:
                pass
    return OrchestrationStatus.SUSPENDED if suspended else OrchestrationStatus.RUNNING


def holds_turn(state: Instance) -> bool:
    """ENG-H-12: whether queued events wait because the instance is suspended. They do not: the worker buffers."""
    del state
    return False


def custom_status_after(before: str | None, answered: str | None) -> str | None:
    """ENG-C-20: the answer's custom status, also when it is unset."""
    del before
    return answered


def termination_in(events: Sequence[Queued]) -> ExecutionTerminated | None:
    """The order to terminate that a turn carries, if it carries one."""
    for waiting in events:
        if isinstance(waiting.event.body, ExecutionTerminated):
            return waiting.event.body
    return None


def forced_ending(order: ExecutionTerminated) -> ExecutionCompleted | None:
    """ENG-H-03: how an instance ends whose worker was told to terminate and did not complete."""
    return ExecutionCompleted(workflow_status=OrchestrationStatus.TERMINATED, result=order.input)


def forced_ending_id() -> int:
    """ENG-H-03: no action caused it, so it has no action's id."""
    return -1


def keeps_effects(forced: ExecutionCompleted | None) -> bool:
    """ENG-H-03: what a forcibly terminated turn asked for is not carried out, though its events stay."""
    return forced is None


def may_continue(order: ExecutionTerminated | None) -> bool:
    """ENG-H-05: a turn that was told to terminate cannot continue as new."""
    return order is None


def next_start(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """ENG-H-14, ENG-G-05: the next generation has the same name and parent, a new input and a new execution id."""
    start = state.start
    return ExecutionStarted(
        name=start.name,
        version=completion.new_version or start.version,
        input=completion.result,
        workflow_instance=WorkflowInstance(instance_id=state.id, execution_id=moment.nonce.uuid(1)),
        parent_instance=start.parent_instance,
        parent_trace_context=start.parent_trace_context,
        tags=start.tags,
    )


def carried(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """ENG-H-14, ENG-H-17: of the consumed events, exactly those that the worker lists, as it lists them."""
    return tuple(queued(event) for event in completion.carryover_events)


def survives(waiting: Queued) -> bool:
    """ENG-H-17: events still queued go to the next generation; ENG-D-12, ENG-E-07, ENG-G-11: results do not."""
    return resolution(waiting.event.body) is None


def refuse_purge(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """ENG-H-22, ENG-H-23, ENG-H-25, ENG-H-32: only what exists and has ended is purged, unless it is forced."""
    if state is None:
        return Refusal(Code.NOT_FOUND, "failed to purge workflow state: no such instance exists")
    if rules.is_terminal(state.status) or (force and rules.honours_force()):
        return None
    why = "orchestration has not yet completed" if state.stalled is None else "workflow is stalled"
    return Refusal(Code.FAILED_PRECONDITION, f"failed to purge workflow state: {why}")


def honours_force() -> bool:
    """ENG-H-25: a forced purge deletes whatever the state."""
    return True
