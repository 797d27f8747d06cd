"""Wrong about which re-runs are refused, and how (ENG-H-35)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.dedup import creation
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Code, Fork, Refusal, Refuse
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.rerun import event_id
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.values import (
    DetachedWorkflowInstanceCreated,
    ExecutionCompleted,
    HistoryEvent,
    OrchestrationStatus,
    RerunWorkflowFromEventRequest,
    TaskScheduled,
    TimerCreated,
)

RefuseTarget = Callable[[HistoryEvent | None, RerunWorkflowFromEventRequest, Decisions], Refusal | None]


def _completed_only(
    source: Instance | None, request: RerunWorkflowFromEventRequest, rules: Decisions
) -> Refusal | None:
    """Only what has completed can be run again."""
    refusal = REFERENCE.refuse_source(source, request, rules)
    if refusal is None and source is not None and source.status != OrchestrationStatus.COMPLETED:
        return Refusal(Code.INVALID_ARGUMENT, "it has not completed")
    return refusal


def _unfinished_too(
    source: Instance | None, request: RerunWorkflowFromEventRequest, rules: Decisions
) -> Refusal | None:
    """What still runs can be run again."""
    ended = source if source is None else replace(source, status=OrchestrationStatus.COMPLETED)
    return REFERENCE.refuse_source(ended, request, rules)


def _children_too(source: Instance | None, request: RerunWorkflowFromEventRequest, rules: Decisions) -> Refusal | None:
    """A child can be run again by itself."""
    return REFERENCE.refuse_source(source if source is None else replace(source, parent=None), request, rules)


def _source_untyped(
    source: Instance | None, request: RerunWorkflowFromEventRequest, rules: Decisions
) -> Refusal | None:
    """That a source does not exist has no code of its own."""
    refusal = REFERENCE.refuse_source(source, request, rules)
    return Refusal(Code.UNKNOWN, "no such instance exists") if source is None else refusal


def _source_needed(request: RerunWorkflowFromEventRequest, new_id: str) -> Refusal | None:
    """An empty source is one that does not exist."""
    return None if not request.source_instance_id else REFERENCE.refuse_rerun(request, new_id)


def _itself(request: RerunWorkflowFromEventRequest, new_id: str) -> Refusal | None:
    """That an instance is run again onto itself is seen by its id being taken."""
    return None if request.source_instance_id == new_id else REFERENCE.refuse_rerun(request, new_id)


mutant(
    "rerun-of-completed-only",
    "engine/rerun/any-end",
    "only an instance that has completed can be run again",
    refuse_source=_completed_only,
)
mutant(
    "rerun-of-running",
    "engine/rerun/source-has-ended",
    "an instance that runs can be run again",
    refuse_source=_unfinished_too,
)
mutant(
    "rerun-of-child",
    "engine/rerun/source-is-no-child",
    "a child can be run again by itself",
    refuse_source=_children_too,
)
mutant(
    "rerun-unknown-untyped",
    "engine/rerun/source-unknown",
    "a re-run of an unknown instance fails with UNKNOWN",
    refuse_source=_source_untyped,
)
mutant(
    "rerun-of-nothing-not-found",
    "engine/rerun/needs-source",
    "a re-run without a source fails as one of an unknown source",
    refuse_rerun=_source_needed,
)
mutant(
    "rerun-onto-itself",
    "engine/rerun/needs-another-id",
    "a re-run onto its source fails as one onto a taken id",
    refuse_rerun=_itself,
)


def _unless(wanted: Callable[[HistoryEvent | None, RerunWorkflowFromEventRequest], bool]) -> RefuseTarget:
    """A target for which this holds is not refused, or for another reason."""

    def refuse(target: HistoryEvent | None, request: RerunWorkflowFromEventRequest, rules: Decisions) -> Refusal | None:
        refusal = REFERENCE.refuse_target(target, request, rules)
        return _otherwise(target) if refusal is not None and wanted(target, request) else refusal

    return refuse


def _otherwise(target: HistoryEvent | None) -> Refusal | None:
    """An operation is not refused; anything else is, as if the request made no sense."""
    if target is not None and creation(target) is not None:
        return None
    return Refusal(Code.FAILED_PRECONDITION, "it cannot be run again")


def _renamed(target: HistoryEvent | None, request: RerunWorkflowFromEventRequest) -> bool:
    return request.new_child_workflow_instance_id is not None and isinstance(
        target and target.body, TaskScheduled | TimerCreated
    )


mutant(
    "rerun-event-unknown-untyped",
    "engine/rerun/event-unknown",
    "a re-run from an unknown event fails with FAILED_PRECONDITION",
    refuse_target=_unless(lambda target, request: target is None and event_id(request) >= 0),
)
mutant(
    "rerun-no-operation-untyped",
    "engine/rerun/event-is-operation",
    "a re-run from the end of an instance fails with FAILED_PRECONDITION",
    refuse_target=_unless(lambda target, _: isinstance(target and target.body, ExecutionCompleted)),
)
mutant(
    "rerun-timer-with-input",
    "engine/rerun/timer-has-no-input",
    "an input for a timer is ignored",
    refuse_target=_unless(
        lambda target, request: request.overwrite_input and isinstance(target and target.body, TimerCreated)
    ),
)
mutant(
    "rerun-child-id-for-all",
    "engine/rerun/child-id-for-children",
    "a child's id for another operation is ignored",
    refuse_target=_unless(_renamed),
)
mutant(
    "rerun-detached-not-found",
    "engine/rerun/not-from-detached",
    "a re-run from a detached workflow fails with FAILED_PRECONDITION",
    refuse_target=_unless(lambda target, _: isinstance(target and target.body, DetachedWorkflowInstanceCreated)),
)


def _taken_over(existing: Instance) -> Refusal | None:
    """The id of an ended instance may be used again."""
    return None if REFERENCE.is_terminal(existing.status) else REFERENCE.refuse_fork(existing)


mutant(
    "rerun-onto-ended",
    "engine/rerun/new-id-taken",
    "the id of an ended instance can be used for a re-run",
    refuse_fork=_taken_over,
)


def _made_then_refused(state: Instance | None, input_: Fork, moment: Moment, rules: Decisions) -> Stepped:
    """What the target is, is looked at when the new instance is there."""
    if state is not None or all(creation(event) is not None for event in input_.again):
        return REFERENCE.fork(state, input_, moment, rules)
    born, _ = REFERENCE.fork(state, replace(input_, again=()), moment, rules)
    return born, (Refuse(Refusal(Code.NOT_FOUND, "that is not an event that can be rerun")),)


def _later(target: HistoryEvent | None, request: RerunWorkflowFromEventRequest, rules: Decisions) -> Refusal | None:
    """A target that is no operation is not refused yet."""
    refusal = REFERENCE.refuse_target(target, request, rules)
    return None if target is not None and isinstance(target.body, ExecutionCompleted) else refusal


mutant(
    "rerun-refused-and-made",
    "engine/rerun/refusal-makes-nothing",
    "a re-run that is refused for its target makes an instance",
    refuse_target=_later,
    fork=_made_then_refused,
)
