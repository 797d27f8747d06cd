"""Workers that break rules of the chapter completion."""

from __future__ import annotations

from dwconf.wire import values as v
from dwconf.worker.core.jsontext import Json, write_carried_input
from dwconf.worker.mutants.registry import mutant


def falsy_is_nothing(value: Json) -> str | None:
    """Loses inputs that count as false."""
    return write_carried_input(value) if value else None


def carries_nothing(new_input: str | None, carryover: tuple[v.HistoryEvent, ...]) -> v.CompleteWorkflow:
    """Forgets the events that it was asked to keep."""
    return v.CompleteWorkflow(workflow_status=v.OrchestrationStatus.CONTINUED_AS_NEW, result=new_input)


def twice(action: v.WorkflowAction) -> tuple[v.WorkflowAction, ...]:
    """Completes twice in one response."""
    return action, action


mutant(
    "loses-falsy-continuation",
    "worker/completion/continue-as-new-falsy-input",
    "continues as new without an input that counts as false",
    write_carried_input=falsy_is_nothing,
)
mutant(
    "carries-no-events",
    "worker/completion/carryover-events",
    "drops the events that it was asked to keep",
    continued=carries_nothing,
)
mutant(
    "completes-twice",
    "worker/completion/one-completion",
    "lists the completion twice",
    completions=twice,
)
