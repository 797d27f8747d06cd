"""Wrong about chains of generations (ENG-H)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.instance import Instance, Queued, queued
from dwconf.engine.core.messages import Answered, RejectTurn
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.values import (
    CompleteWorkflow,
    EventRaised,
    ExecutionCompleted,
    ExecutionStarted,
    HistoryEvent,
    OrchestrationStatus,
    WorkflowAction,
)

TIRED = 20
"""Generations after which a wrong engine gives up."""
MARK = "#"
"""Counts generations at the end of an epoch, which nobody outside sees."""


def _tires(state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions) -> Stepped:
    """Twenty generations in a row are the end."""
    generation = state.epoch.count(MARK)
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    if generation >= TIRED:
        status = OrchestrationStatus.FAILED
        return replace(state, status=status, ending=ExecutionCompleted(workflow_status=status), inbox=()), effects
    return (after if after is None else replace(after, epoch=after.epoch + MARK * (generation + 1))), effects


def _sticks(state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions) -> Stepped:
    """After twenty generations in a row nothing is dispatched any more."""
    after, effects = _tires(state, input_, completion, moment, rules)
    return (after if after is None or after.ending is None else replace(state, inbox=())), effects


def _answers_twice(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """Every answer that continues a continued instance is asked for twice."""
    if state.renewed and not state.rejections:
        return replace(state, rejections=1), (RejectTurn("once more", 0),)
    return REFERENCE.continue_as_new(state, input_, completion, moment, rules)


def _carried_behind(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """Events that are carried over come behind those that are still queued."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    if after is None or not isinstance(completion.body, CompleteWorkflow):
        return after, effects
    carried = len(completion.body.carryover_events)
    birth, rest = after.inbox[:1], after.inbox[1:]
    return replace(after, inbox=(*birth, *rest[carried:], *rest[:carried])), effects


def _carried_twice(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """Events that are carried over twice are there twice."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    if after is None or not state.renewed or not isinstance(completion.body, CompleteWorkflow):
        return after, effects
    again = tuple(queued(event) for event in completion.body.carryover_events)
    return replace(after, inbox=(*after.inbox, *again)), effects


def _others_recorded(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """The other actions of an answer that continues as new stand in the next generation's history."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    if after is None:
        return after, effects
    others = [action for action in input_.response.actions if action is not completion]
    bodies = [(action.id, rules.record(state, action, moment, rules)) for action in others]
    events = (HistoryEvent(event_id=number, timestamp=moment.now, body=body) for number, body in bodies)
    return replace(after, inbox=(*after.inbox, *map(queued, events))), effects


def _queue_lost_later(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> Stepped:
    """Events that are still queued are lost from the second generation on."""
    after, effects = REFERENCE.continue_as_new(state, input_, completion, moment, rules)
    if after is None or not state.renewed or not isinstance(completion.body, CompleteWorkflow):
        return after, effects
    return replace(after, inbox=after.inbox[: 1 + len(completion.body.carryover_events)]), effects


mutant(
    "continuation-records-actions",
    "engine/lifecycle/continue-as-new-drops-actions",
    "the other actions of a response with continue-as-new are recorded",
    continue_as_new=_others_recorded,
)
mutant(
    "queue-lost-with-later-generations",
    "engine/lifecycle/events-across-generations",
    "events that are still queued are lost from the second generation on",
    continue_as_new=_queue_lost_later,
)
mutant(
    "generations-tire",
    "engine/lifecycle/thirty-generations",
    "an instance fails after twenty generations in a row",
    continue_as_new=_tires,
)
mutant(
    "generations-get-stuck",
    "engine/lifecycle/thirty-generations",
    "an instance gets stuck after twenty generations in a row",
    continue_as_new=_sticks,
)
mutant(
    "generations-come-twice",
    "engine/lifecycle/answered-generation-not-repeated",
    "each generation is dispatched a second time after its answer",
    continue_as_new=_answers_twice,
)
mutant(
    "carry-over-behind-the-queue",
    "engine/lifecycle/events-across-generations",
    "events that are carried over come behind those that are still queued",
    continue_as_new=_carried_behind,
)
mutant(
    "carry-over-doubled",
    "engine/lifecycle/events-across-generations",
    "events that are carried over more than once are doubled",
    continue_as_new=_carried_twice,
)


def _nameless(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """The next generation has no name."""
    return replace(REFERENCE.next_start(state, completion, moment), name="")


def _mangled(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """The input of the next generation is no JSON any more."""
    body = REFERENCE.next_start(state, completion, moment)
    return replace(body, input="{" + (body.input or ""))


def _restamped(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """Events that are carried over get another time."""
    return tuple(queued(replace(event, timestamp=(event.timestamp or 0) + 1)) for event in completion.carryover_events)


def _one_of_each_name(completion: CompleteWorkflow) -> tuple[Queued, ...]:
    """Of events with one name the first is carried over."""
    kept: dict[object, Queued] = {}
    for waiting in REFERENCE.carried(completion):
        body = waiting.event.body
        kept.setdefault(body.name if isinstance(body, EventRaised) else waiting, waiting)
    return tuple(kept.values())


mutant(
    "carries-one-of-each-name",
    "engine/lifecycle/carryover-kept",
    "of carried-over events with one name the first survives",
    carried=_one_of_each_name,
)
mutant(
    "generations-mangle-input",
    "engine/lifecycle/thirty-generations",
    "the input of the next generation cannot be read any more",
    next_start=_mangled,
)
mutant(
    "generations-swallow-input",
    "engine/lifecycle/events-across-generations",
    "the input of the next generation is no JSON any more",
    next_start=_mangled,
)
mutant(
    "generation-loses-name",
    "engine/lifecycle/continue-as-new-restarts",
    "the next generation has no name",
    next_start=_nameless,
)
mutant(
    "carry-over-restamped",
    "engine/lifecycle/carryover-kept",
    "events that are carried over get another time",
    carried=_restamped,
)
