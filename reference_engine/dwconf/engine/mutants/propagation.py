"""Wrong about history that is passed on to activities and children."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import ActivityTask, Post
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.propagation import with_child, with_task
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    CreateChildWorkflow,
    CreateDetachedWorkflow,
    HistoryEvent,
    HistoryPropagationScope,
    PropagatedHistory,
    PropagatedHistoryChunk,
    ScheduleTask,
    TaskScheduled,
    TraceContext,
)

OWN, LINEAGE = HistoryPropagationScope.OWN_HISTORY, HistoryPropagationScope.LINEAGE


def _lineage_only(scope: HistoryPropagationScope | None) -> bool:
    """Own history alone is never passed on."""
    return scope == LINEAGE


def _nothing_for_turns(state: Instance) -> None:
    """Children are given nothing, however they ask."""
    del state


def _child_named(state: Instance, events: Iterable[bytes], moment: Moment) -> PropagatedHistoryChunk:
    """A chunk is named after the instance alone."""
    return replace(REFERENCE.own_chunk(state, events, moment), workflow_name=state.id)


mutant(
    "own-history-not-passed-on",
    "engine/propagation/activity-history",
    "an activity that asks for its caller's own history is given none",
    passes_on=_lineage_only,
)
mutant(
    "chunk-without-its-workflow",
    "engine/propagation/activity-history",
    "a chunk does not name the workflow whose history it is",
    own_chunk=_child_named,
)
mutant(
    "children-given-nothing",
    "engine/propagation/child-history",
    "a child that asks for its parent's history is given none",
    history_for_turn=_nothing_for_turns,
)


def _committed_only(state: Instance, events: Iterable[bytes], moment: Moment) -> PropagatedHistoryChunk:
    """What the very turn brought is not passed on."""
    return REFERENCE.own_chunk(state, tuple(events)[: state.history.events], moment)


def _without_openings(state: Instance, events: Iterable[bytes], moment: Moment) -> PropagatedHistoryChunk:
    """Of the caller's events the first that says what it is about is left out."""
    return REFERENCE.own_chunk(state, (data for place, data in enumerate(events) if place != 1), moment)


mutant(
    "history-passed-on-too-early",
    "engine/propagation/own-events",
    "what the turn brought that creates the operation is not passed on",
    own_chunk=_committed_only,
)
mutant(
    "history-passed-on-without-start",
    "engine/propagation/own-events",
    "the caller's start is not passed on",
    own_chunk=_without_openings,
)


def _always(scope: HistoryPropagationScope | None) -> bool:
    """History is passed on, whether that was asked for or not."""
    del scope
    return True


def _whatever_the_scope(action: ScheduleTask, trace: TraceContext | None) -> TaskScheduled:
    """A scope that is not given is the widest."""
    made = REFERENCE.task_scheduled(action, trace)
    return replace(made, history_propagation_scope=made.history_propagation_scope or LINEAGE)


def _whatever_the_childs_scope(
    action: CreateChildWorkflow, instance_id: str, trace: TraceContext | None
) -> ChildWorkflowInstanceCreated:
    """A scope that is not given is the widest, for children."""
    made = REFERENCE.child_created(action, instance_id, trace)
    return replace(made, history_propagation_scope=made.history_propagation_scope or LINEAGE)


mutant(
    "history-passed-on-unasked",
    "engine/propagation/not-unasked",
    "an activity that does not ask is given its caller's history",
    task_scheduled=_whatever_the_scope,
)
mutant(
    "history-passed-on-to-any-child",
    "engine/propagation/not-unasked",
    "a child that does not ask is given its parent's history",
    child_created=_whatever_the_childs_scope,
)
mutant(
    "scope-none-passes-on",
    "engine/propagation/not-unasked",
    "the scope NONE passes history on",
    passes_on=_always,
)


def _no_ancestors(state: Instance, scope: HistoryPropagationScope) -> tuple[PropagatedHistoryChunk, ...]:
    """Lineage ends at the caller."""
    del state, scope
    return ()


def _always_ancestors(state: Instance, scope: HistoryPropagationScope) -> tuple[PropagatedHistoryChunk, ...]:
    """Own history is lineage."""
    del scope
    return REFERENCE.ancestors(state, LINEAGE)


def _emptied(state: Instance, scope: HistoryPropagationScope) -> tuple[PropagatedHistoryChunk, ...]:
    """Of the ancestors the names alone are passed on."""
    return tuple(replace(chunk, raw_events=()) for chunk in REFERENCE.ancestors(state, scope))


mutant(
    "lineage-ends-at-the-caller",
    "engine/propagation/lineage",
    "the chunks that a caller was given itself are not passed on",
    ancestors=_no_ancestors,
)
mutant(
    "lineage-without-events",
    "engine/propagation/lineage",
    "the chunks that a caller was given itself are passed on without their events",
    ancestors=_emptied,
)
mutant(
    "own-history-is-lineage",
    "engine/propagation/own-history-boundary",
    "own history passes on what the caller was given itself",
    ancestors=_always_ancestors,
)


def _first_turn_only(state: Instance) -> bytes | None:
    """History comes with the first turn alone."""
    return None if state.history.events else state.incoming


def _cut(state: Instance) -> None:
    """The next generation is given nothing."""
    del state


def _made_up(state: Instance) -> bytes:
    """The next generation is given what this one was, or else this one's name."""
    chunk = PropagatedHistoryChunk(instance_id=state.id, workflow_name=state.start.name)
    return state.incoming or encode(PropagatedHistory(scope=OWN, chunks=(chunk,)))


mutant(
    "history-with-the-first-turn-alone",
    "engine/propagation/every-turn",
    "the turns after the first do not have the history that the instance was given",
    history_for_turn=_first_turn_only,
)
mutant(
    "history-cut-by-continue-as-new",
    "engine/propagation/next-generation",
    "the next generation is not given what this one was",
    inherited_history=_cut,
)
mutant(
    "history-made-by-continue-as-new",
    "engine/propagation/next-generation",
    "the next generation is given the history of this one, which was given none",
    inherited_history=_made_up,
)


def _scope_lost(
    state: Instance, event: HistoryEvent, scheduled: TaskScheduled, moment: Moment, rules: Decisions
) -> ActivityTask:
    """Passes history on by itself, because the scope is not recorded."""
    task = REFERENCE.activity_task(state, event, scheduled, moment, rules)
    given = PropagatedHistory(scope=OWN, chunks=(rules.own_chunk(state, (), moment),))
    return with_task(task, encode(given))


def _no_scope(action: ScheduleTask, trace: TraceContext | None) -> TaskScheduled:
    """The scope is not recorded."""
    return replace(REFERENCE.task_scheduled(action, trace), history_propagation_scope=None)


def _told_all(action: CreateDetachedWorkflow, index: int, moment: Moment, rules: Decisions) -> Post:
    """A detached workflow is given a history as a child is."""
    post = REFERENCE.create_detached(action, index, moment, rules)
    chunk = PropagatedHistoryChunk(app_id=moment.site.app_id, workflow_name=action.name)
    return with_child(post, encode(PropagatedHistory(scope=LINEAGE, chunks=(chunk,))))


def _old_history(state: Instance, events: Iterable[bytes], moment: Moment) -> PropagatedHistoryChunk:
    """A chunk is named after the instance that the start names: after a re-run, that is its source."""
    made = REFERENCE.own_chunk(state, events, moment)
    instance = state.start.workflow_instance
    return made if instance is None else replace(made, instance_id=instance.instance_id)


mutant(
    "scope-not-recorded",
    "engine/propagation/scope-recorded",
    "the propagation scope of an activity is not recorded",
    task_scheduled=_no_scope,
    activity_task=_scope_lost,
)
mutant(
    "detached-told-all",
    "engine/propagation/detached-told-nothing",
    "a detached workflow is given a history",
    create_detached=_told_all,
)
mutant(
    "rerun-passes-on-its-source",
    "engine/propagation/rerun",
    "an activity that is run again is given the history of the source",
    own_chunk=_old_history,
)
