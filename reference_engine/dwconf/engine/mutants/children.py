"""Wrong about child and detached workflows (ENG-G)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance, Parent
from dwconf.engine.core.messages import Create, Effect, Post, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
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


def _root_told(state: Instance, ending: ExecutionCompleted, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """The end of a child is told at the root of the tree."""
    effects = REFERENCE.tell_parent(state, ending, moment, rules)
    return tuple(
        replace(effect, instance_id=effect.instance_id.split(":")[0]) if isinstance(effect, Post) else effect
        for effect in effects
    )


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


def _first_child_only(
    state: Instance, order: ExecutionTerminated, moment: Moment, rules: Decisions
) -> tuple[Effect, ...]:
    """A recursive termination reaches one child of each parent."""
    return REFERENCE.cascade(state, order, moment, rules)[:1]


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


mutant(
    "one-child-is-terminated",
    "engine/children/recursive-terminate",
    "a recursive termination reaches one child of each parent",
    cascade=_first_child_only,
)
mutant(
    "root-is-told",
    "engine/children/child-completion",
    "the end of a grandchild is told at the root",
    tell_parent=_root_told,
)
mutant("decimal-child-ids", "engine/children/default-id", "default child ids are decimal", child_id=_decimal_id)
mutant(
    "child-without-parent",
    "engine/children/child-started-event",
    "a child is not told that it has a parent",
    child_started=_orphan,
)
mutant(
    "child-with-nameless-parent",
    "engine/children/child-started-event",
    "a child is told neither its parent's name nor its id",
    child_started=_nameless_parent,
)
mutant(
    "child-without-input", "engine/children/child-started-event", "a child's input is lost", child_started=_inputless
)
mutant(
    "child-without-parent-app",
    "engine/children/child-parent-app",
    "a child is not told its parent's app",
    child_started=_no_parent_app,
)
mutant(
    "failed-child-succeeds",
    "engine/children/child-failure",
    "a child that failed counts as completed",
    child_outcome=_all_succeed,
)
mutant(
    "child-failure-details-lost",
    "engine/children/child-failure",
    "the details of a child's failure are lost",
    child_outcome=_details_lost,
)
mutant(
    "terminated-child-succeeds",
    "engine/children/terminated-child-fails",
    "a child that was terminated counts as completed",
    child_outcome=_terminated_succeeds,
)
mutant(
    "child-result-lost", "engine/children/child-completion", "the result of a child is lost", child_outcome=_result_lost
)
mutant(
    "parent-not-told",
    "engine/children/child-completion",
    "a parent never hears of its child's end",
    tell_parent=_parent_not_told,
)
mutant(
    "child-completion-without-router",
    "engine/children/child-completion-router",
    "a child's completion does not say from which app to which it goes",
    child_outcome_router=_no_router,
)
mutant(
    "occupied-id-kept-secret",
    "engine/children/occupied-id-fails",
    "a parent never hears that its child's id was taken",
    child_refused=_refusal_kept_secret,
)
mutant(
    "termination-stays-with-parent",
    "engine/children/recursive-terminate",
    "a recursive termination does not reach the children",
    cascades=_never_cascades,
)
mutant(
    "termination-always-recursive",
    "engine/children/plain-terminate-spares-children",
    "every termination reaches the children",
    cascades=_always_cascades,
)
mutant(
    "late-termination-not-recursive",
    "engine/children/recursive-terminate-after-end",
    "a recursive termination of a finished parent does not reach its children",
    after_the_end=_nothing_after_the_end,
)
mutant(
    "detached-has-parent",
    "engine/children/detached-has-no-parent",
    "a detached workflow is told of a parent",
    detached_started=_detached_child,
)
mutant(
    "detached-without-tags",
    "engine/children/detached-fields",
    "tags do not reach a detached workflow",
    detached_started=_detached_without_tags,
)
mutant(
    "detached-not-named",
    "engine/turns/detached-recorded",
    "the caller's history does not say which workflow it detached",
    detached_created=_detached_unnamed,
)
