"""Wrong about children and detached workflows in ways that take more than one decision (ENG-G)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.actions import Applied, Carrying
from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.frames import History, split
from dwconf.engine.core.instance import Instance, Parent, queued
from dwconf.engine.core.messages import Answered, Create, Deliver, Effect, Post, Refusal, RejectTurn
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceCreated,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    DetachedWorkflowInstanceCreated,
    ExecutionCompleted,
    ExecutionStarted,
    ExecutionTerminated,
    HistoryEvent,
    OrchestrationStatus,
    TraceContext,
    WorkflowAction,
    WorkflowInstance,
    WorkflowResponse,
)


def _tells_at_each_generation(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """A child that continues as new counts as ended."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    result = completion.body.result if isinstance(completion.body, CompleteWorkflow) else None
    end = ExecutionCompleted(workflow_status=OrchestrationStatus.COMPLETED, result=result)
    return after, (*effects, *rules.tell_parent(state, end, moment, rules))


def _orphaned_by_generation(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """A child that continues as new does not tell its parent of its end any more."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    return (after if after is None else replace(after, parent=None)), effects


mutant(
    "child-ends-with-its-generation",
    "engine/children/child-continues-as-new",
    "a child that continues as new counts as ended for its parent",
    continue_as_new=_tells_at_each_generation,
)
mutant(
    "child-orphaned-by-its-generation",
    "engine/children/child-continues-as-new",
    "a child that has continued as new does not tell its parent of its end",
    continue_as_new=_orphaned_by_generation,
)


def _takes_children_along(state: Instance) -> tuple[Effect, ...]:
    """When a parent ends, its children are terminated."""
    effects = REFERENCE.drop_at_end(state)
    if state.ending is None:
        return effects
    event = HistoryEvent(event_id=-1, timestamp=state.updated_at, body=ExecutionTerminated())
    children = REFERENCE.recorded_children(state.history)
    return (*effects, *(Post(child, Deliver(event, parent=state.id)) for child in children))


def _hears_after_the_end(state: Instance | None, input_: Deliver, moment: Moment, rules: Decisions) -> Stepped:
    """The end of a child is written into the history of a parent that has ended."""
    ends = (ChildWorkflowInstanceCompleted, ChildWorkflowInstanceFailed)
    if state is None or state.ending is None or not isinstance(input_.event.body, ends):
        return REFERENCE.deliver(state, input_, moment, rules)
    return replace(state, history=rules.append(state.history, [encode(input_.event)])), ()


mutant(
    "ended-parent-hears-its-child",
    "engine/children/parent-ends-first",
    "the end of a child is recorded by a parent that has ended",
    deliver=_hears_after_the_end,
)
mutant(
    "children-end-with-their-parent",
    "engine/children/parent-ends-first",
    "children are terminated when their parent ends",
    drop_at_end=_takes_children_along,
)


def _disturbs_the_occupant(state: Instance | None, input_: Create, moment: Moment, rules: Decisions) -> Stepped:
    """Who sits on a child's id is sent the child's start."""
    after, effects = REFERENCE.create(state, input_, moment, rules)
    if state is None or input_.parent is None or after is not state:
        return after, effects
    return replace(state, inbox=(*state.inbox, queued(input_.birth))), effects


def _replaces_the_occupant(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """A child takes the place of who sits on its id."""
    return None if create.parent is not None else REFERENCE.refuse_create(existing, create, rules)


mutant(
    "occupant-sent-the-childs-start",
    "engine/children/occupant-untouched",
    "the occupant of a child's id is sent the child's start",
    create=_disturbs_the_occupant,
)
mutant(
    "occupant-replaced-by-child",
    "engine/children/occupant-untouched",
    "a child takes the place of the running instance on its id",
    refuse_create=_replaces_the_occupant,
)


def _created_from_discarded(
    state: Instance | None, response: WorkflowResponse, moment: Moment, rules: Decisions
) -> tuple[Post, ...]:
    """The children of an answer are created before it is seen that the answer is out of date."""
    if state is None:
        return ()
    posts = []
    for action in response.actions:
        if isinstance(action.body, CreateChildWorkflow):
            created = rules.record(state, action, moment, rules)
            if isinstance(created, ChildWorkflowInstanceCreated):
                event = HistoryEvent(event_id=action.id, body=created)
                posts.append(rules.create_child(state, event, created, moment, rules))
    return tuple(posts)


def _starts_again(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """A child that is created again starts again."""
    same = create.parent is not None and create.parent == existing.parent
    return None if same else REFERENCE.refuse_create(existing, create, rules)


mutant(
    "repeated-child-starts-again",
    "engine/children/repeated-creation",
    "a child starts again when its creation is repeated",
    discarded=_created_from_discarded,
    refuse_create=_starts_again,
)


def _epoch_of_the_id(state: Instance | None, input_: Create, moment: Moment, rules: Decisions) -> Stepped:
    """Instances with the same id are taken for the same."""
    after, effects = REFERENCE.create(state, input_, moment, rules)
    return (after if after is None or after is state else replace(after, epoch=after.id)), effects


def _epoch_kept(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """Generations of an instance are taken for the same."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    return (after if after is None else replace(after, epoch=state.epoch)), effects


mutant(
    "successor-haunted",
    "engine/children/purged-parent-not-haunted",
    "the end of a purged parent's child reaches the next instance with the parent's id",
    create=_epoch_of_the_id,
)
mutant(
    "generation-haunted",
    "engine/children/previous-generation-child",
    "the end of an earlier generation's child reaches the current one",
    continue_as_new=_epoch_kept,
)


def _counts_detached(history: History) -> tuple[str, ...]:
    """Detached workflows count as children."""
    bodies = [decode(HistoryEvent, data).body for data in split(history.frames)]
    made = [body for body in bodies if isinstance(body, ChildWorkflowInstanceCreated | DetachedWorkflowInstanceCreated)]
    return tuple(body.instance_id for body in made)


def _reports_back(state: Instance, action: WorkflowAction, event: HistoryEvent, done: Applied, by: Carrying) -> None:
    """A detached workflow tells its caller of its end."""
    before = len(done.effects)
    REFERENCE.carry_out(state, action, event, done, by)
    if isinstance(action.body, CreateDetachedWorkflow):
        caller = Parent(state.id, state.epoch, action.id)
        done.children.append(action.id)
        done.effects[before:] = [_owned(effect, caller) for effect in done.effects[before:]]


def _owned(effect: Effect, caller: Parent) -> Effect:
    match effect:
        case Post(instance_id, Create() as create):
            return Post(instance_id, replace(create, parent=caller))
        case _:
            return effect


mutant(
    "detached-goes-with-its-caller",
    "engine/children/detached-is-independent",
    "a recursive termination or purge reaches detached workflows",
    recorded_children=_counts_detached,
    is_child_of=lambda _state, _parent: True,
)
mutant(
    "detached-reports-back",
    "engine/children/detached-is-independent",
    "the end of a detached workflow reaches its caller",
    carry_out=_reports_back,
)


def _takes_nameless(state: Instance, action: WorkflowAction, rules: Decisions) -> str | None:
    """A detached start without an id is dropped, and the rest of the answer applied."""
    if isinstance(action.body, CreateDetachedWorkflow):
        return None
    return REFERENCE.refuse_action(state, action, rules)


def _not_delayed(action: CreateDetachedWorkflow, index: int, moment: Moment, rules: Decisions) -> Post:
    """A detached workflow starts at once, whatever its schedule says."""
    post = REFERENCE.create_detached(action, index, moment, rules)
    return replace(post, input=replace(post.input, due=None)) if isinstance(post.input, Create) else post


def _marked(action: CreateDetachedWorkflow, index: int, moment: Moment, rules: Decisions) -> Post:
    """A detached start that can be told from others."""
    post = REFERENCE.create_detached(action, index, moment, rules)
    return replace(post, input=replace(post.input, obstacle="detached")) if isinstance(post.input, Create) else post


def _yields_to_detached(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """A running instance gives way to a detached start with its id."""
    return None if create.obstacle == "detached" else REFERENCE.refuse_create(existing, create, rules)


def _without_execution(action: CreateDetachedWorkflow, moment: Moment, index: int) -> ExecutionStarted:
    """A detached workflow has the execution id of the action, also when that is empty."""
    body = REFERENCE.detached_started(action, moment, index)
    instance = WorkflowInstance(instance_id=action.instance_id, execution_id=action.execution_id)
    return replace(body, workflow_instance=instance)


def _cascades_to_children(
    state: Instance, order: ExecutionTerminated, moment: Moment, rules: Decisions
) -> tuple[Effect, ...]:
    """A termination goes where it should, whatever else counts as a child."""
    del rules
    return REFERENCE.cascade(state, order, moment, REFERENCE)


def _half_refused(state: Instance | None, input_: Answered, moment: Moment, rules: Decisions) -> Stepped:
    """An answer that is refused stands in history all the same."""
    after, effects = REFERENCE.answered(state, input_, moment, rules)
    if state is None or after is None or not any(isinstance(effect, RejectTurn) for effect in effects):
        return after, effects
    made, _ = REFERENCE.commit(state, input_, None, moment, rules)
    return (after if made is None else replace(after, history=made.history)), effects


mutant(
    "detached-without-an-execution-id",
    "engine/children/detached-fields",
    "a detached workflow without an execution id gets none",
    detached_started=_without_execution,
)
mutant(
    "detached-purged-with-its-caller",
    "engine/children/detached-is-independent",
    "a recursive purge reaches detached workflows",
    recorded_children=_counts_detached,
    is_child_of=lambda _state, _parent: True,
    cascade=_cascades_to_children,
)
mutant(
    "detached-refused-but-recorded",
    "engine/children/detached-needs-id",
    "an answer that detaches a workflow without an id is recorded, and its turn comes again",
    answered=_half_refused,
)
mutant(
    "detached-without-an-id-taken",
    "engine/children/detached-needs-id",
    "an answer that detaches a workflow without an id is applied",
    refuse_action=_takes_nameless,
)
mutant(
    "detached-not-delayed",
    "engine/children/detached-schedule",
    "a scheduled detached workflow starts at once",
    create_detached=_not_delayed,
)
mutant(
    "detached-replaces-the-occupant",
    "engine/children/detached-id-taken",
    "a detached workflow takes the place of the running instance on its id",
    create_detached=_marked,
    refuse_create=_yields_to_detached,
)


def _first_attempt_lost(
    action: CreateChildWorkflow, instance_id: str, trace: TraceContext | None
) -> ChildWorkflowInstanceCreated:
    """History does not say of which child this one is a second attempt."""
    return replace(REFERENCE.child_created(action, instance_id, trace), retry_parent_instance_info=None)


mutant(
    "first-attempt-lost",
    "engine/children/retry-parent-copied",
    "a second attempt's history does not name the first",
    child_created=_first_attempt_lost,
)
