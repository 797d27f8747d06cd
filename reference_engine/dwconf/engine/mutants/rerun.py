"""Wrong about what a re-run makes of its source (ENG-H-36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.dedup import creation, resolution
from dwconf.engine.core.frames import EMPTY, append, split
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Create, Effect, Fork, Post, Refusal, Schedule
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.rerun import Rerun
from dwconf.engine.core.store import Batch, Change
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.values import (
    ChildWorkflowInstanceCreated,
    ExecutionStarted,
    HistoryEvent,
    OrchestrationStatus,
    RerunWorkflowFromEventRequest,
    TaskScheduled,
    TimerCreated,
    WorkflowInstance,
)


def _any_id(request: RerunWorkflowFromEventRequest, moment: Moment) -> str:
    """The id that was asked for is not used."""
    return f"{request.new_instance_id}-{moment.nonce.uuid(0)[:4]}"


def _one_id(request: RerunWorkflowFromEventRequest, moment: Moment) -> str:
    """An id that was not given is always the same."""
    del moment
    return request.new_instance_id or f"{request.source_instance_id}-again"


mutant(
    "rerun-under-another-id",
    "engine/rerun/new-instance",
    "a re-run does not use the id that was asked for",
    choose_rerun_id=_any_id,
)
mutant(
    "rerun-id-not-fresh",
    "engine/rerun/fresh-id",
    "re-runs that name no id all have the same one",
    choose_rerun_id=_one_id,
)


def _pending(state: Instance | None, input_: Fork, moment: Moment, rules: Decisions) -> Stepped:
    """The new instance has not started until its first turn."""
    born, effects = REFERENCE.fork(state, input_, moment, rules)
    return (born if born is None else replace(born, status=OrchestrationStatus.PENDING)), effects


def _at_once(state: Instance, rules: Decisions) -> bool:
    """Nobody waits for a start."""
    del state, rules
    return True


mutant(
    "rerun-not-started",
    "engine/rerun/answers-when-started",
    "a re-run is answered while the new instance is PENDING",
    fork=_pending,
    has_started=_at_once,
)


def _all_kept(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """Operations without an outcome are kept as well as begun again."""
    return tuple(before)


def _start_kept(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """Nothing is kept but the first turn's start."""
    return tuple(before[:2])


def _another_start(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """The start is given an execution id of its own."""

    def renamed(event: HistoryEvent) -> HistoryEvent:
        body = event.body
        if not isinstance(body, ExecutionStarted):
            return event
        instance = replace(body.workflow_instance or WorkflowInstance(), execution_id="another")
        return replace(event, body=replace(body, workflow_instance=instance))

    return tuple(renamed(event) for event in REFERENCE.kept(before))


mutant(
    "rerun-keeps-the-unfinished",
    "engine/rerun/history-before-target",
    "what was unfinished before the target is in the new history twice",
    kept=_all_kept,
)
mutant(
    "rerun-keeps-the-start-alone",
    "engine/rerun/history-before-target",
    "of what was before the target the start alone is kept",
    kept=_start_kept,
)
mutant(
    "rerun-with-another-start",
    "engine/rerun/start-copied",
    "the start of the new instance has another execution id than that of its source",
    kept=_another_start,
)


def _nothing_unfinished(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """What was unfinished is left out."""
    del before
    return ()


def _everything_unfinished(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """What had its outcome counts as unfinished."""
    return tuple(event for event in before if creation(event) is not None)


def _unsettled(before: Sequence[HistoryEvent]) -> tuple[HistoryEvent, ...]:
    """Of what counts as unfinished, the outcome is left out."""
    return tuple(event for event in before if creation(event) is None and resolution(event.body) is None)


def _not_carried_out(state: Instance | None, input_: Fork, moment: Moment, rules: Decisions) -> Stepped:
    """Operations are recorded, and not carried out."""
    return REFERENCE.fork(state, input_, moment, rules)[0], ()


def _target_alone(state: Instance | None, input_: Fork, moment: Moment, rules: Decisions) -> Stepped:
    """Of the operations the target alone is carried out."""
    born, effects = REFERENCE.fork(state, input_, moment, rules)
    return born, effects[-1:]


mutant(
    "rerun-forgets-the-unfinished",
    "engine/rerun/unfinished-again",
    "what was unfinished before the target is forgotten",
    unfinished=_nothing_unfinished,
)
mutant(
    "rerun-carries-out-the-target-alone",
    "engine/rerun/unfinished-again",
    "what was unfinished before the target is recorded again, and not carried out",
    fork=_target_alone,
)
mutant(
    "rerun-redoes-the-finished",
    "engine/rerun/finished-not-again",
    "what had its outcome before the target is done again",
    unfinished=_everything_unfinished,
    kept=_unsettled,
)
mutant(
    "rerun-carries-out-nothing",
    "engine/rerun/target-again",
    "the target is recorded, and not carried out",
    fork=_not_carried_out,
)


def _of_then(event: HistoryEvent, asked: Rerun, moment: Moment, rules: Decisions) -> HistoryEvent:
    """What is done again keeps its time."""
    return replace(REFERENCE.redone(event, asked, moment, rules), timestamp=event.timestamp)


def _nameless(event: HistoryEvent, asked: Rerun, moment: Moment, rules: Decisions) -> HistoryEvent:
    """What is done again does not say for which instance's sake."""
    made = REFERENCE.redone(event, asked, moment, rules)
    if isinstance(made.body, TaskScheduled | TimerCreated | ChildWorkflowInstanceCreated):
        return replace(made, body=replace(made.body, rerun_parent_instance_info=None))
    return made


def _same_child(event: HistoryEvent, asked: Rerun, moment: Moment, rules: Decisions) -> HistoryEvent:
    """A child keeps the id that it had."""
    made = REFERENCE.redone(event, asked, moment, rules)
    given = asked.request.new_child_workflow_instance_id
    if isinstance(event.body, ChildWorkflowInstanceCreated) and isinstance(made.body, ChildWorkflowInstanceCreated):
        return replace(made, body=replace(made.body, instance_id=given or event.body.instance_id))
    return made


def _default_child(event: HistoryEvent, asked: Rerun, moment: Moment, rules: Decisions) -> HistoryEvent:
    """The id that the target's child is given is not used."""
    plain = replace(asked, request=replace(asked.request, new_child_workflow_instance_id=None))
    return REFERENCE.redone(event, plain, moment, rules)


mutant(
    "rerun-keeps-times",
    "engine/rerun/target-again",
    "the target has the time of its first run",
    redone=_of_then,
)
mutant(
    "rerun-names-no-source",
    "engine/rerun/names-source",
    "the target does not name the instance that is run again",
    redone=_nameless,
)
mutant(
    "rerun-keeps-child-ids",
    "engine/rerun/children-renamed",
    "a child that is run again has the id that it had",
    redone=_same_child,
)
mutant(
    "rerun-ignores-child-id",
    "engine/rerun/child-id-given",
    "the id that the target's child is given is not used",
    redone=_default_child,
)


def _always_overwritten(target: HistoryEvent, asked: Rerun) -> HistoryEvent:
    """The input of the request is used, whether it is to overwrite or not."""
    return REFERENCE.rerun_target(target, replace(asked, request=replace(asked.request, overwrite_input=True)))


def _never_overwritten(target: HistoryEvent, asked: Rerun) -> HistoryEvent:
    """The input is never overwritten."""
    del asked
    return target


def _never_cleared(target: HistoryEvent, asked: Rerun) -> HistoryEvent:
    """An input is overwritten by another one, and not by none."""
    return target if asked.request.input is None else REFERENCE.rerun_target(target, asked)


mutant(
    "rerun-always-overwrites",
    "engine/rerun/input-kept",
    "the input of the request is used although it is not to overwrite",
    rerun_target=_always_overwritten,
)
mutant(
    "rerun-never-overwrites",
    "engine/rerun/input-overwritten",
    "the target's input cannot be overwritten",
    rerun_target=_never_overwritten,
)
mutant(
    "rerun-never-clears",
    "engine/rerun/input-overwritten",
    "the target's input cannot be overwritten by none",
    rerun_target=_never_cleared,
)


def _deaf(state: Instance | None, input_: Fork, moment: Moment, rules: Decisions) -> Stepped:
    """The new instance takes no outcome."""
    born, effects = REFERENCE.fork(state, input_, moment, rules)
    if born is None:
        return born, effects
    return replace(born, open_tasks=frozenset(), open_children=frozenset(), open_timers=()), effects


def _source_restarted(state: Instance | None, input_: Fork, moment: Moment, rules: Decisions) -> Stepped:
    """The source begins anew as well."""
    born, effects = REFERENCE.fork(state, input_, moment, rules)
    start = input_.birth.body
    instance = start.workflow_instance if isinstance(start, ExecutionStarted) else None
    if instance is None or not any(isinstance(effect, Schedule) for effect in effects):
        return born, effects
    return born, (*effects, Post(instance.instance_id, Create(instance_id=instance.instance_id, birth=input_.birth)))


mutant(
    "rerun-hears-no-outcome",
    "engine/rerun/runs-on",
    "the outcome of the target does not reach the new instance",
    fork=_deaf,
)
mutant(
    "rerun-restarts-the-source",
    "engine/rerun/source-unchanged",
    "a re-run starts its source anew",
    fork=_source_restarted,
)


def _never_told(
    occupant: Instance, create: Create, refusal: Refusal, moment: Moment, rules: Decisions
) -> tuple[Effect, ...]:
    """That an id is taken is told to no parent."""
    del occupant, create, refusal, moment, rules
    return ()


mutant(
    "rerun-child-id-taken-unheard",
    "engine/rerun/child-id-taken",
    "that the id of a child is taken is not told to the new instance",
    child_refused=_never_told,
)


def _forks_forgotten(batch: Batch) -> Batch:
    """Instances that begin with a history are not written down."""
    kept = {
        name: change for name, change in batch.instances.items() if change.before is not None or not _forked(change)
    }
    return replace(batch, instances=kept)


def _forked(change: Change) -> bool:
    return change.after is not None and change.after.history.events > 0


def _targets_forgotten(batch: Batch) -> Batch:
    """Of instances that begin with a history, only what they have behind them is written down."""
    return replace(batch, instances={name: _without_last(change) for name, change in batch.instances.items()})


def _without_last(change: Change) -> Change:
    if change.after is None or not _forked(change):
        return change
    events = list(split(change.after.history.frames))[:-1]
    return Change(None, replace(change.after, history=append(EMPTY, events)))


mutant(
    "rerun-lost-by-a-kill",
    "engine/rerun/survives-a-kill",
    "the new instance of a re-run is not durable",
    faults=Faults(saved=_forks_forgotten),
)
mutant(
    "rerun-target-lost-by-a-kill",
    "engine/rerun/survives-a-kill",
    "what the new instance of a re-run begins with is not durable",
    faults=Faults(saved=_targets_forgotten),
)
