"""The commit of a turn's answer.

A commit is one value replaced by another. In this order it: refuses an answer that cannot be applied (and changes
nothing then), lets continue-as-new replace the generation, turns actions into events and effects (`actions`), ends the
instance if the answer or a termination says so, and appends turn and action events to history. Its effects (activities,
timers, posts) become real in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dwconf.engine.core import spans, stalling
from dwconf.engine.core.actions import Applied, apply
from dwconf.engine.core.instance import Instance, Kind, Queued, queued
from dwconf.engine.core.messages import (
    Answered,
    DropTimers,
    Effect,
    Post,
    RejectTurn,
    Turn,
)
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import encode
from dwconf.wire.values import (
    CompleteWorkflow,
    ExecutionCompleted,
    HistoryEvent,
    Nanos,
    OrchestrationStatus,
    TaskRouter,
    WorkflowAction,
    WorkflowResponse,
    WorkflowStarted,
    WorkflowVersion,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions


def answered(
    state: Instance | None, input_: Answered, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """Commit an answer, stall on it, or reject it whole; ENG-H-29: what continues as new leaves its patches behind."""
    turn, response = input_.turn, input_.response
    if state is None or state.epoch != turn.epoch:
        return state, ()
    completion = rules.completion_in(response.actions)
    continues = completion is not None and _continues(completion)
    leaves = continues and rules.may_continue(rules.termination_in(turn.events))
    why = None if leaves else rules.unsuitable(state, response, rules)
    if why is not None:
        return rules.stall(state, why, moment, rules)
    reason = rules.refuse_answer(state, response, rules)
    if reason is not None:
        rejections = state.rejections + 1
        return replace(state, rejections=rejections), (RejectTurn(reason, rules.retry_delay(rejections)),)
    if leaves and completion is not None:
        return rules.continue_as_new(state, input_, completion, moment, rules)
    return rules.commit(state, input_, None if continues else completion, moment, rules)


def discarded(state: Instance | None, response: WorkflowResponse, moment: Moment, rules: Decisions) -> tuple[Post, ...]:
    """ENG-A-12, ENG-A-14, ENG-G-09: what follows from an answer whose token is not the current one: nothing."""
    del state, response, moment, rules
    return ()


def _continues(completion: WorkflowAction) -> bool:
    body = completion.body
    return isinstance(body, CompleteWorkflow) and body.workflow_status == OrchestrationStatus.CONTINUED_AS_NEW


def refuse_answer(state: Instance, response: WorkflowResponse, rules: Decisions) -> str | None:
    """ENG-C-26, ENG-C-27: why an answer cannot be applied, or None."""
    for action in response.actions:
        reason = rules.refuse_action(state, action, rules)
        if reason is not None:
            return reason
    return None


def retry_delay(rejections: int) -> Nanos:
    """ENG-C-27: a rejected turn is dispatched again: at once, and ever more slowly if it goes on."""
    return min(max(0, rejections - 3) * 50_000_000, 2_000_000_000)


def recorded_version(state: Instance, version: WorkflowVersion | None) -> WorkflowVersion | None:
    """ENG-C-19: the patches that history has not yet; the name goes when some are left out."""
    if version is None or not (version.patches or version.name):
        return None
    new = stalling.news(state.patches, version.patches)
    if len(new) == len(version.patches):
        return version
    return WorkflowVersion(patches=new) if new else None


def committed_opening(turn: Turn, version: WorkflowVersion | None) -> HistoryEvent:
    """ENG-C-05, ENG-C-19: the turn's workflowStarted as it was sent, but for the version that the answer gave it."""
    if version is None:
        return turn.opening
    return replace(turn.opening, body=WorkflowStarted(version=version))


def committed(turn: Turn, opening: HistoryEvent, actions: Sequence[HistoryEvent]) -> list[bytes]:
    """ENG-C-05, ENG-C-09: what a commit appends: the turn's events, then the actions' events."""
    first = turn.data if opening is turn.opening else encode(opening)
    return [first, *[event.data for event in turn.events], *[encode(event) for event in actions]]


def remaining(inbox: tuple[Queued, ...], turn: Turn) -> tuple[Queued, ...]:
    """ENG-C-21, ENG-C-22: all that the turn carried is consumed; what came since stays, in order."""
    return inbox[len(turn.events) :]


def commit(
    state: Instance, input_: Answered, completion: WorkflowAction | None, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """ENG-C-24: history, status, custom status and effects, all at once."""
    order = rules.termination_in(input_.turn.events)
    done = apply(state, input_, completion, moment, rules)
    why = stalling.asks_too_much(done.effects, moment, rules)
    if why is not None:
        return rules.stall(state, why, moment, rules)
    forced = rules.forced_ending(order) if order is not None and done.ending is None else None
    if forced is not None:
        stamp = rules.action_timestamp(moment, input_.turn)
        done.events.append(HistoryEvent(event_id=rules.forced_ending_id(), timestamp=stamp, body=forced))
        done.ending = forced
    if not rules.keeps_effects(forced):
        done = done.without_effects()
    after = _after(state, input_, done, moment, rules)
    return after, (*done.effects, *_aftermath(after, state, input_.turn, moment, rules))


def _after(state: Instance, input_: Answered, done: Applied, moment: Moment, rules: Decisions) -> Instance:
    turn, response = input_.turn, input_.response
    ending = done.ending if done.ending is not None and rules.is_terminal(done.ending.workflow_status) else None
    beaten = rules.beaten(state.open_timers, turn.events)
    version = done.opening.body.version if isinstance(done.opening.body, WorkflowStarted) else None
    orphans = rules.orphans(state, turn.events, done.events)
    used = state.used_ids
    for event in done.events:
        used = spans.add(used, event.event_id) if not isinstance(event.body, ExecutionCompleted) else used
    return replace(
        state,
        status=rules.status_after(state.status, turn.events) if ending is None else ending.workflow_status,
        updated_at=moment.now,
        started_at=done.opening.timestamp if state.is_fresh else state.started_at,
        custom_status=rules.custom_status_after(state.custom_status, response.custom_status),
        ending=ending,
        stalled=None,
        history=rules.append(state.history, rules.committed(_without(turn, orphans, rules), done.opening, done.events)),
        inbox=rules.remaining(state.inbox, turn) if ending is None else (),
        first=state.first + len(turn.events),
        open_tasks=state.open_tasks.union(done.tasks) if done.tasks else state.open_tasks,
        open_children=state.open_children.union(done.children) if done.children else state.open_children,
        open_timers=(*[timer for timer in state.open_timers if timer not in beaten], *done.timers),
        settled_early=state.settled_early - orphans,
        used_ids=used,
        patches=(*state.patches, *version.patches) if version is not None else state.patches,
        version_name=state.version_name or (version.name if version is not None else None),
        rejections=0,
    )


def _without(turn: Turn, orphans: frozenset[tuple[Kind, int]], rules: Decisions) -> Turn:
    if not orphans:
        return turn
    return replace(turn, events=tuple(e for e in turn.events if rules.resolution(e.event.body) not in orphans))


def _aftermath(after: Instance, before: Instance, turn: Turn, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """What follows from the commit itself: timers dropped, parent told, termination passed on."""
    if after.ending is None:
        return rules.drop(before, rules.beaten(before.open_timers, turn.events))
    order = rules.termination_in(turn.events)
    cascade = rules.cascade(after, order, moment, rules) if order is not None else ()
    told = rules.tell_parent(after, after.ending, moment, rules)
    return (*rules.drop_at_end(after), *told, *cascade, *rules.keep(after, moment, rules))


def drop_at_end(state: Instance) -> tuple[Effect, ...]:
    """ENG-E-07, ENG-E-08: no timer outlives its generation."""
    return (DropTimers(state.id),)


def continue_as_new(
    state: Instance, input_: Answered, completion: WorkflowAction, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """ENG-H-14 to ENG-H-18: the next generation takes the place of this one, at once and durably.

    Its history is empty until its first turn is committed, which carries its start and what was carried over.
    """
    turn, response, body = input_.turn, input_.response, completion.body
    if not isinstance(body, CompleteWorkflow):
        raise TypeError(f"a {type(body).__name__} does not continue as new")
    birth = rules.birth_event(rules.next_start(state, body, moment), moment, rules)
    birth = replace(birth, router=rules.renewed_router(moment))
    carried = rules.carried(body)
    waiting = tuple(event for event in rules.remaining(state.inbox, turn) if rules.survives(event))
    after = Instance(
        id=state.id,
        epoch=moment.nonce.uuid(9),
        birth=birth,
        parent=state.parent,
        status=OrchestrationStatus.RUNNING,
        created_at=moment.now,
        updated_at=moment.now,
        started_at=state.started_at,
        custom_status=rules.custom_status_after(state.custom_status, response.custom_status),
        inbox=(queued(birth), *carried, *waiting),
        settled_early=frozenset(filter(None, (rules.resolution(event.event.body) for event in carried))),
        renewed=True,
        incoming=rules.inherited_history(state),
    )
    return after, (*rules.drop_at_end(state), *rules.beside_continuation(state, input_, moment, rules))


def renewed_router(moment: Moment) -> TaskRouter | None:
    """ENG-C-02: the start of a continued generation names the app, whoever started the first."""
    return TaskRouter(source_app_id=moment.site.app_id)


def beside_continuation(state: Instance, input_: Answered, moment: Moment, rules: Decisions) -> tuple[Effect, ...]:
    """ENG-H-15: nothing else in an answer that continues as new is carried out."""
    del state, input_, moment, rules
    return ()
