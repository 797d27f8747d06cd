"""Engines that break a rule of lifecycle and queries (chapter H)."""

from __future__ import annotations

from dwconf.engine.mutants.registry import mutant

from dwconf.wire.values import ExecutionCompleted, ExecutionTerminated, OrchestrationStatus

# Termination.

mutant(
    "terminate-without-output",
    "engine/lifecycle/terminate-event",
    "the terminate's output does not reach the workflow",
    terminated=lambda request: ExecutionTerminated(recurse=request.recursive),
)
mutant(
    "terminate-answers-early",
    "engine/lifecycle/terminate-waits-for-end",
    "TerminateInstance answers before the instance has ended",
    has_ended=lambda state, rules: True,
)
mutant(
    "terminate-always-recursive",
    "engine/lifecycle/terminate-default-not-recursive",
    "a terminate is recursive whether asked for or not",
    terminated=lambda request: ExecutionTerminated(input=request.output, recurse=True),
)


def _quietly(order: ExecutionTerminated) -> None:
    del order


mutant(
    "terminate-not-enforced",
    "engine/lifecycle/terminate-enforced",
    "a terminate that the worker ignores is forgotten",
    forced_ending=_quietly,
)
mutant(
    "terminate-enforced-with-an-id",
    "engine/lifecycle/terminate-enforced",
    "the enforced end has an event id of its own",
    forced_ending_id=lambda: 0,
)
mutant(
    "terminate-carries-out-actions",
    "engine/lifecycle/terminate-discards-actions",
    "an enforced terminate lets the work of the response go on",
    keeps_effects=lambda forced: True,
)
mutant(
    "terminate-beats-completion",
    "engine/lifecycle/completion-beats-terminate",
    "the terminate's output replaces the worker's result",
    execution_completed=lambda action: ExecutionCompleted(
        workflow_status=OrchestrationStatus.TERMINATED, result='"why"'
    ),
)
mutant(
    "terminate-lets-continue",
    "engine/lifecycle/continue-as-new-under-terminate",
    "a terminated workflow may continue as new",
    may_continue=lambda order: True,
)
mutant(
    "terminate-of-unknown-succeeds",
    "engine/lifecycle/terminate-unknown",
    "a terminate of an instance that does not exist answers OK",
    unknown_instance=lambda body: None,
)
