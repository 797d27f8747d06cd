"""Wrong about child and detached workflows (ENG-G)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance, Parent
from dwconf.engine.core.messages import Create, Effect, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.mutant import Mutant
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CreateDetachedWorkflow,
    DetachedWorkflowInstanceCreated,
    ExecutionCompleted,
    ExecutionStarted,
    ExecutionTerminated,
    OrchestrationStatus,
    ParentInstanceInfo,
    TaskFailureDetails,
)


def _decimal_id(parent: str, action_id: int) -> str:
    """Default child ids are decimal."""
    return f"{parent}:{action_id}"


def _orphan(state: Instance, created: ChildWorkflowInstanceCreated, action_id: int, moment: Moment) -> ExecutionStarted:
    """A child is not told that it has a parent."""
    return replace(REFERENCE.child_started(state, created, action_id, moment), parent_instance=None)


def _nameless_parent(
    state: Instance, created: ChildWorkflowInstanceCreated, action_id: int, moment: Moment
) -> ExecutionStarted:
    """A child is told neither its parent's name nor its execution."""
    parent = ParentInstanceInfo(task_scheduled_id=action_id, app_id=moment.site.app_id)
    return replace(REFERENCE.child_started(state, created, action_id, moment), parent_instance=parent)


def _no_parent_app(
    state: Instance, created: ChildWorkflowInstanceCreated, action_id: int, moment: Moment
) -> ExecutionStarted:
    """A child is not told its parent's app."""
    body = REFERENCE.child_started(state, created, action_id, moment)
    parent = body.parent_instance
    return body if parent is None else replace(body, parent_instance=replace(parent, app_id=None))


def _inputless(
    state: Instance, created: ChildWorkflowInstanceCreated, action_id: int, moment: Moment
) -> ExecutionStarted:
    """A child's input is lost."""
    return replace(REFERENCE.child_started(state, created, action_id, moment), input=None)


def _all_succeed(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """A child that failed counts as completed."""
    done = replace(ending, workflow_status=OrchestrationStatus.COMPLETED)
    return REFERENCE.child_outcome(parent, done)


def _terminated_succeeds(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """A child that was terminated counts as completed."""
    if ending.workflow_status == OrchestrationStatus.TERMINATED:
        return _all_succeed(parent, ending)
    return REFERENCE.child_outcome(parent, ending)


def _details_lost(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """The details of a child's failure are replaced by others."""
    body = REFERENCE.child_outcome(parent, ending)
    if isinstance(body, ChildWorkflowInstanceFailed):
        return replace(body, failure_details=TaskFailureDetails(error_type="ChildFailed"))
    return body


def _result_lost(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """The result of a child is lost."""
    body = REFERENCE.child_outcome(parent, ending)
    return replace(body, result=None) if isinstance(body, ChildWorkflowInstanceCompleted) else body


def _no_router(state: Instance, moment: Moment) -> None:
    """A child's completion does not say from which app to which it goes."""
    del state, moment


def _parent_not_told(
    state: Instance, ending: ExecutionCompleted, moment: Moment, rules: Decisions
) -> tuple[Effect, ...]:
    """A parent never hears of its child's end."""
    del state, ending, moment, rules
    return ()


def _refusal_kept_secret(
    occupant: Instance, create: Create, refusal: Refusal, moment: Moment, rules: Decisions
) -> tuple[Effect, ...]:
    """A parent never hears that its child's id was taken."""
    del occupant, create, refusal, moment, rules
    return ()


def _never_cascades(order: ExecutionTerminated) -> bool:
    """A recursive termination stays with the parent."""
    del order
    return False


def _always_cascades(order: ExecutionTerminated) -> bool:
    """Every termination reaches the children."""
    del order
    return True


def _nothing_after_the_end(state: Instance, event: object, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """A recursive termination of a finished parent does not reach its children."""
    del state, event, moment, rules
    return ()


def _detached_child(action: CreateDetachedWorkflow, moment: Moment, index: int) -> ExecutionStarted:
    """A detached workflow is told of a parent."""
    parent = ParentInstanceInfo(task_scheduled_id=index, app_id=moment.site.app_id)
    return replace(REFERENCE.detached_started(action, moment, index), parent_instance=parent)


def _detached_without_tags(action: CreateDetachedWorkflow, moment: Moment, index: int) -> ExecutionStarted:
    """Tags do not reach a detached workflow."""
    return replace(REFERENCE.detached_started(action, moment, index), tags=())


def _detached_unnamed(action: CreateDetachedWorkflow) -> DetachedWorkflowInstanceCreated:
    """The caller's history does not say which workflow it detached."""
    del action
    return DetachedWorkflowInstanceCreated()


MUTANTS = (
    Mutant(
        name="decimal-child-ids",
        breaks="engine/children/default-id",
        title="default child ids are decimal",
        decisions=replace(REFERENCE, child_id=_decimal_id),
    ),
    Mutant(
        name="child-without-parent",
        breaks="engine/children/child-started-event",
        title="a child is not told that it has a parent",
        decisions=replace(REFERENCE, child_started=_orphan),
    ),
    Mutant(
        name="child-with-nameless-parent",
        breaks="engine/children/child-started-event",
        title="a child is told neither its parent's name nor its id",
        decisions=replace(REFERENCE, child_started=_nameless_parent),
    ),
    Mutant(
        name="child-without-input",
        breaks="engine/children/child-started-event",
        title="a child's input is lost",
        decisions=replace(REFERENCE, child_started=_inputless),
    ),
    Mutant(
        name="child-without-parent-app",
        breaks="engine/children/child-parent-app",
        title="a child is not told its parent's app",
        decisions=replace(REFERENCE, child_started=_no_parent_app),
    ),
    Mutant(
        name="failed-child-succeeds",
        breaks="engine/children/child-failure",
        title="a child that failed counts as completed",
        decisions=replace(REFERENCE, child_outcome=_all_succeed),
    ),
    Mutant(
        name="child-failure-details-lost",
        breaks="engine/children/child-failure",
        title="the details of a child's failure are lost",
        decisions=replace(REFERENCE, child_outcome=_details_lost),
    ),
    Mutant(
        name="terminated-child-succeeds",
        breaks="engine/children/terminated-child-fails",
        title="a child that was terminated counts as completed",
        decisions=replace(REFERENCE, child_outcome=_terminated_succeeds),
    ),
    Mutant(
        name="child-result-lost",
        breaks="engine/children/child-completion",
        title="the result of a child is lost",
        decisions=replace(REFERENCE, child_outcome=_result_lost),
    ),
    Mutant(
        name="parent-not-told",
        breaks="engine/children/child-completion",
        title="a parent never hears of its child's end",
        decisions=replace(REFERENCE, tell_parent=_parent_not_told),
    ),
    Mutant(
        name="child-completion-without-router",
        breaks="engine/children/child-completion-router",
        title="a child's completion does not say from which app to which it goes",
        decisions=replace(REFERENCE, child_outcome_router=_no_router),
    ),
    Mutant(
        name="occupied-id-kept-secret",
        breaks="engine/children/occupied-id-fails",
        title="a parent never hears that its child's id was taken",
        decisions=replace(REFERENCE, child_refused=_refusal_kept_secret),
    ),
    Mutant(
        name="termination-stays-with-parent",
        breaks="engine/children/recursive-terminate",
        title="a recursive termination does not reach the children",
        decisions=replace(REFERENCE, cascades=_never_cascades),
    ),
    Mutant(
        name="termination-always-recursive",
        breaks="engine/children/plain-terminate-spares-children",
        title="every termination reaches the children",
        decisions=replace(REFERENCE, cascades=_always_cascades),
    ),
    Mutant(
        name="late-termination-not-recursive",
        breaks="engine/children/recursive-terminate-after-end",
        title="a recursive termination of a finished parent does not reach its children",
        decisions=replace(REFERENCE, after_the_end=_nothing_after_the_end),
    ),
    Mutant(
        name="detached-has-parent",
        breaks="engine/children/detached-has-no-parent",
        title="a detached workflow is told of a parent",
        decisions=replace(REFERENCE, detached_started=_detached_child),
    ),
    Mutant(
        name="detached-without-tags",
        breaks="engine/children/detached-fields",
        title="tags do not reach a detached workflow",
        decisions=replace(REFERENCE, detached_started=_detached_without_tags),
    ),
    Mutant(
        name="detached-not-named",
        breaks="engine/turns/detached-recorded",
        title="the caller's history does not say which workflow it detached",
        decisions=replace(REFERENCE, detached_created=_detached_unnamed),
    ),
)
