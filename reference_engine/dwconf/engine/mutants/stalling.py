"""Wrong about instances that cannot go on (ENG-H-29 to ENG-H-33, ENG-C-33, ENG-D-14, ENG-F-09)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions, Stepped
from dwconf.engine.core.instance import Instance, Stall
from dwconf.engine.core.messages import ActivityTask, Answered, Code, Create, Hold, Refusal, Schedule
from dwconf.engine.core.moment import Moment
from dwconf.engine.core.store import Batch, Change
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.values import (
    EventBody,
    EventRaised,
    ExecutionResumed,
    ExecutionStalled,
    ExecutionSuspended,
    ExecutionTerminated,
    OrchestrationStatus,
    StalledReason,
    WorkflowResponse,
    WorkflowState,
    WorkflowVersion,
)
from dwconf.wire.values.shape import Value

# What stalls.


def _goes_on_without_version(state: Instance, response: WorkflowResponse) -> Stall | None:
    """An answer that the version is not available is taken as one without actions."""
    del state, response
    return None


def _goes_on_with_any_patch(state: Instance, version: WorkflowVersion | None) -> Stall | None:
    """Patches are not compared."""
    del state, version
    return None


def _goes_on_without_patches(state: Instance, version: WorkflowVersion | None) -> Stall | None:
    """An answer that tells of no patches is not compared."""
    return REFERENCE.patch_mismatch(state, version) if version is not None else None


def _ignores_order(state: Instance, version: WorkflowVersion | None) -> Stall | None:
    """Patches are compared as sets."""
    taken = version.patches if version is not None else ()
    return None if set(state.patches) <= set(taken) else REFERENCE.patch_mismatch(state, version)


def _wants_the_same(state: Instance, version: WorkflowVersion | None) -> Stall | None:
    """Patches must be exactly those of history."""
    taken = version.patches if version is not None else ()
    if not state.patches or taken == state.patches:
        return None
    return Stall(StalledReason.PATCH_MISMATCH, f"Patch mismatch: [{', '.join(taken)}]")


mutant(
    "missing-version-is-committed",
    "engine/stalling/version-not-available-stalls",
    "an answer that the version is not available is committed without actions",
    version_unavailable=_goes_on_without_version,
)
mutant(
    "patches-are-not-compared",
    "engine/stalling/patch-mismatch-stalls",
    "an answer with other patches than history has is committed",
    patch_mismatch=_goes_on_with_any_patch,
)
mutant(
    "no-patches-fit-any",
    "engine/stalling/patch-mismatch-stalls",
    "an answer without patches is committed, whatever history has",
    patch_mismatch=_goes_on_without_patches,
)
mutant(
    "patches-in-any-order",
    "engine/stalling/patch-order-stalls",
    "patches are compared without regard to their order",
    patch_mismatch=_ignores_order,
)
mutant(
    "further-patches-stall",
    "engine/stalling/further-patches-accepted",
    "an answer that adds a patch stalls the instance",
    patch_mismatch=_wants_the_same,
)


# What a stall leaves behind.


def _unrecorded(state: Instance, why: Stall, moment: Moment, rules: Decisions) -> Stepped:
    """A stall is shown, and history does not tell of it."""
    del moment, rules
    return replace(state, stalled=replace(why, recorded=0)), (Hold(),)


def _without_reason(before: Stall | None, why: Stall) -> ExecutionStalled | None:
    """Every stall has the reason PATCH_MISMATCH."""
    event = REFERENCE.stalled_event(before, why)
    return None if event is None else replace(event, reason=StalledReason.PATCH_MISMATCH)


def _without_description(before: Stall | None, why: Stall) -> ExecutionStalled | None:
    """A stall does not say what is missing."""
    event = REFERENCE.stalled_event(before, why)
    return None if event is None else replace(event, description=None)


def _carries_out(state: Instance | None, input_: Answered, moment: Moment, rules: Decisions) -> Stepped:
    """The activities of an answer that stalls are dispatched all the same."""
    after, effects = REFERENCE.answered(state, input_, moment, rules)
    if state is None or Hold() not in effects:
        return after, effects
    _, others = rules.commit(state, input_, None, moment, rules)
    return after, (*effects, *(effect for effect in others if isinstance(effect, Schedule)))


def _commits_too(state: Instance | None, input_: Answered, moment: Moment, rules: Decisions) -> Stepped:
    """The turn of an answer that stalls is committed first, but for what it would carry out."""
    after, effects = REFERENCE.answered(state, input_, moment, rules)
    if state is None or after is None or Hold() not in effects:
        return after, effects
    committed, _ = rules.commit(state, input_, None, moment, rules)
    if committed is None or after.stalled is None:
        return after, effects
    return rules.stall(replace(committed, inbox=state.inbox), after.stalled, moment, rules)


mutant(
    "stalls-are-not-recorded",
    "engine/stalling/recorded",
    "history does not tell of a stall",
    stall=_unrecorded,
)
mutant(
    "stalls-without-reason",
    "engine/stalling/recorded",
    "every executionStalled has the reason PATCH_MISMATCH",
    stalled_event=_without_reason,
)
mutant(
    "stalls-without-description",
    "engine/stalling/recorded",
    "an executionStalled does not say what is missing",
    stalled_event=_without_description,
)
mutant(
    "stalled-answers-are-carried-out",
    "engine/stalling/answer-discarded",
    "the activities of an answer that stalls are dispatched",
    answered=_carries_out,
)
mutant(
    "stalled-answers-are-recorded",
    "engine/stalling/answer-discarded",
    "the events of an answer that stalls stay in history",
    answered=_commits_too,
)


# While it is stalled.


def _unnamed(state: Instance, rules: Decisions) -> WorkflowState:
    """A stalled instance has lost its name and its input."""
    shown = REFERENCE.workflow_state(state, rules)
    return shown if state.stalled is None else replace(shown, name="", input=None)


def _history_hidden(state: Instance | None, instance_id: str, rules: Decisions) -> bytes | Refusal:
    """The history of a stalled instance is not answered."""
    if state is not None and state.stalled is not None:
        return Refusal(Code.FAILED_PRECONDITION, "workflow is stalled")
    return REFERENCE.history_events(state, instance_id, rules)


def _tells(*kinds: type[Value]) -> Callable[[Instance, EventBody], Refusal | None]:
    """A stalled instance is told these, and nobody learns that it is stalled."""

    def refuse(state: Instance, body: EventBody) -> Refusal | None:
        return None if isinstance(body, kinds) else REFERENCE.refuse_stalled(state, body)

    return refuse


def _will_not_say(state: Instance, body: EventBody) -> Refusal | None:
    """Who tells a stalled instance something is refused without the reason."""
    refusal = REFERENCE.refuse_stalled(state, body)
    return None if refusal is None else replace(refusal, message="not now")


def _purges(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """A stalled instance counts as ended for a purge."""
    return REFERENCE.refuse_purge(state, rules, force=force or (state is not None and state.stalled is not None))


def _never_purges(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """A stalled instance is not purged, by force neither."""
    return REFERENCE.refuse_purge(state, rules, force=force and (state is None or state.stalled is None))


def _no_words(status: OrchestrationStatus) -> str:
    """STALLED has no word, not even UNKNOWN."""
    return "" if status == OrchestrationStatus.STALLED else REFERENCE.status_in_words(status)


def _accepted_by_the_dapr_api(method: str, refusal: Refusal) -> Refusal | bytes:
    """Who raises an event through the Dapr API is told that it is done."""
    return b"" if method.startswith("RaiseEventWorkflow") and "stalled" in refusal.message else refusal


def _reuses(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """The id of a stalled instance is free."""
    return REFERENCE.refuse_create(existing, create, rules) if existing.stalled is None else None


def _suspended_first(state: Instance) -> OrchestrationStatus:
    """A suspended instance is not shown as stalled."""
    return state.status if state.status == OrchestrationStatus.SUSPENDED else REFERENCE.visible_status(state)


mutant(
    "stalled-instances-have-no-name",
    "engine/stalling/can-be-queried",
    "the state of a stalled instance has neither name nor input",
    workflow_state=_unnamed,
)
mutant(
    "stalled-histories-are-hidden",
    "engine/stalling/can-be-queried",
    "the history of a stalled instance is not answered",
    history_events=_history_hidden,
)
mutant(
    "stalled-instances-take-events",
    "engine/stalling/raise-refused",
    "an event for a stalled instance is accepted",
    refuse_stalled=_tells(EventRaised),
)
mutant(
    "stalled-instances-refuse-in-silence",
    "engine/stalling/raise-refused",
    "who raises an event is not told that the instance is stalled",
    refuse_stalled=_will_not_say,
)
mutant(
    "stalled-instances-are-suspended",
    "engine/stalling/control-refused",
    "a suspension of a stalled instance is accepted",
    refuse_stalled=_tells(ExecutionSuspended),
)
mutant(
    "stalled-instances-are-resumed",
    "engine/stalling/control-refused",
    "a resumption of a stalled instance is accepted",
    refuse_stalled=_tells(ExecutionResumed),
)
mutant(
    "stalled-instances-are-terminated",
    "engine/stalling/control-refused",
    "a termination of a stalled instance is accepted",
    refuse_stalled=_tells(ExecutionTerminated),
)
mutant(
    "stalled-instances-are-purged",
    "engine/stalling/purge-refused",
    "a purge without force removes a stalled instance",
    refuse_purge=_purges,
)
mutant(
    "stalled-instances-stay",
    "engine/stalling/force-purge",
    "a purge by force does not remove a stalled instance",
    refuse_purge=_never_purges,
)
mutant(
    "stalled-is-a-status-of-no-name",
    "engine/stalling/dapr-api-shows",
    "the Dapr API shows a stalled instance without a status",
    status_in_words=_no_words,
)
mutant(
    "stalled-instances-take-anything-by-the-dapr-api",
    "engine/stalling/dapr-api-refuses",
    "a stalled instance takes what the Dapr API tells it, and nobody learns of it",
    faults=Faults(refused=_accepted_by_the_dapr_api),
)
mutant(
    "stalled-ids-are-free",
    "engine/stalling/id-taken",
    "a start with the id of a stalled instance replaces it",
    refuse_create=_reuses,
)
mutant(
    "suspended-before-stalled",
    "engine/stalling/shown-before-suspended",
    "a suspended instance that stalls is shown as SUSPENDED",
    visible_status=_suspended_first,
)


def _pending_first(state: Instance) -> OrchestrationStatus:
    """An instance that stalls before its first commit is PENDING."""
    return state.status if state.status == OrchestrationStatus.PENDING else REFERENCE.visible_status(state)


mutant(
    "pending-before-stalled",
    "engine/stalling/first-turn-stalls",
    "an instance that stalls on its first turn is shown as PENDING",
    visible_status=_pending_first,
)


# How it goes on.


def _held_for_ever(held: int | None, opened: int) -> bool:
    """The turn of a stalled instance waits for good."""
    del opened
    return held is not None


def _ended_by_stall(state: Instance, rules: Decisions) -> bool:
    """A stall counts as an end for who waits for one."""
    return state.stalled is not None or REFERENCE.has_ended(state, rules)


def _forgets_the_first(state: Instance, why: Stall, moment: Moment, rules: Decisions) -> Stepped:
    """The first event of a turn that stalls is lost."""
    after, effects = REFERENCE.stall(state, why, moment, rules)
    return replace(after, inbox=after.inbox[1:], first=after.first + 1) if after is not None else None, effects


def _always_recorded(before: Stall | None, why: Stall) -> ExecutionStalled | None:
    """A stall is recorded each time."""
    del before
    return REFERENCE.stalled_event(None, why)


def _first_recorded(before: Stall | None, why: Stall) -> ExecutionStalled | None:
    """Only the first stall in a row is recorded."""
    return None if before is not None else REFERENCE.stalled_event(None, why)


def _saved_as_running(batch: Batch) -> Batch:
    """What is saved does not tell that an instance is stalled."""
    running = {
        instance_id: Change(change.before, replace(change.after, stalled=None))
        for instance_id, change in batch.instances.items()
        if change.after is not None
    }
    return replace(batch, instances={**batch.instances, **running})


mutant(
    "stalled-for-good",
    "engine/stalling/goes-on",
    "the turn of a stalled instance is not given to another worker",
    stays_held=_held_for_ever,
)
mutant(
    "stalls-end-waits",
    "engine/stalling/wait-outlasts-stall",
    "a wait for the end is answered when the instance is stalled",
    has_ended=_ended_by_stall,
)
mutant(
    "a-stall-loses-an-event",
    "engine/stalling/events-kept",
    "the first event of a turn that stalls does not come again",
    stall=_forgets_the_first,
)
mutant(
    "each-stall-is-recorded",
    "engine/stalling/same-cause-recorded-once",
    "a stall for the same cause is recorded again",
    stalled_event=_always_recorded,
)
mutant(
    "only-the-first-stall-is-recorded",
    "engine/stalling/other-cause-recorded",
    "a stall for another cause is not recorded",
    stalled_event=_first_recorded,
)
mutant(
    "a-restart-forgets-stalls",
    "engine/stalling/survives-restart",
    "a stalled instance is shown as RUNNING after a restart",
    faults=Faults(saved=_saved_as_running),
)


# Sizes.


def _any_turn(state: Instance, moment: Moment) -> Stall | None:
    """A turn is sent, however large it is."""
    del state, moment
    return None


def _half_a_message(state: Instance, moment: Moment) -> Stall | None:
    """A turn may fill half of a message."""
    limit = moment.site.max_message_bytes
    site = replace(moment.site, max_message_bytes=None if limit is None else limit // 2)
    return REFERENCE.turn_too_large(state, replace(moment, site=site))


def _any_activity(task: ActivityTask, moment: Moment) -> Stall | None:
    """An activity is sent, however large it is."""
    del task, moment
    return None


mutant(
    "large-turns-are-sent",
    "engine/stalling/large-turn-stalls",
    "a turn that fills more than the largest message is sent",
    turn_too_large=_any_turn,
)
mutant(
    "half-a-message-is-too-large",
    "engine/stalling/large-turn-stalls",
    "a turn that fills half of a message stalls its instance",
    turn_too_large=_half_a_message,
)
mutant(
    "large-activities-are-sent",
    "engine/stalling/large-activity-stalls",
    "an activity that nearly fills a message is sent",
    activity_too_large=_any_activity,
)
