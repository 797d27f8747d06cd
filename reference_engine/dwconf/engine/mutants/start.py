"""Wrong about how instances come into being (ENG-B)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.hub import Hub
from dwconf.engine.core.instance import Instance, queued
from dwconf.engine.core.messages import Code, Create, Effect, Refusal, Refuse
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.values import (
    CreateInstanceRequest,
    ExecutionStarted,
    HistoryEvent,
    Nanos,
    OrchestrationStatus,
    TraceContext,
)


def _own_id(requested: str, moment: Moment) -> str:
    """Chooses an id of its own, whatever was asked for."""
    del requested
    return moment.nonce.uuid(0)


def _never_waits(request: CreateInstanceRequest) -> bool:
    """A start is answered before the first turn."""
    del request
    return True


def _always_waits(request: CreateInstanceRequest) -> bool:
    """A delayed start is answered after its first turn only."""
    del request
    return False


def _no_delay(scheduled: Nanos | None) -> None:
    """Starts at once, whatever time was asked for."""
    del scheduled


def _without_input(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """The input is lost."""
    return replace(REFERENCE.started_body(request, instance_id, execution_id), input=None)


def _input_always_set(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """An unset input becomes an empty one."""
    return replace(REFERENCE.started_body(request, instance_id, execution_id), input=request.input or "")


def _without_instance(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """The started event does not say which instance it starts."""
    return replace(REFERENCE.started_body(request, instance_id, execution_id), workflow_instance=None)


def _without_schedule(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """The started event does not say when it was meant to start."""
    body = REFERENCE.started_body(request, instance_id, execution_id)
    return replace(body, scheduled_start_timestamp=None)


def _without_version_and_tags(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """Version and tags are dropped on the way."""
    return replace(REFERENCE.started_body(request, instance_id, execution_id), version=None, tags=())


def _replaces_active(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """A running instance is replaced by a new one of its id."""
    return REFERENCE.refuse_create(existing, create, rules) if rules.is_terminal(existing.status) else None


def _unique_ignored(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """A finished instance's id is used again, though uniqueness was asked for."""
    return REFERENCE.refuse_create(existing, replace(create, unique=False), rules)


def _descendants_ignored(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """An id is used again while children of the old run are still alive."""
    return REFERENCE.refuse_create(existing, replace(create, obstacle=None), rules)


def _never_again(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """An id is never free again, which is not what the profile says."""
    return REFERENCE.refuse_create(existing, replace(create, unique=True), rules)


def _any_trace(request: CreateInstanceRequest, moment: Moment) -> Refusal | None:
    """A malformed trace parent is taken."""
    return REFERENCE.refuse_request(replace(request, parent_trace_context=None), moment)


def _untraced(body: ExecutionStarted, moment: Moment) -> ExecutionStarted:
    """A trace context is dropped."""
    del moment
    return replace(body, parent_trace_context=None)


def _started_id_zero(body: ExecutionStarted, moment: Moment, rules: Decisions) -> HistoryEvent:
    """The started event has an id like an action's."""
    return replace(REFERENCE.birth_event(body, moment, rules), event_id=0)


def _same_execution_id(requested: str | None, moment: Moment) -> str:
    """Every instance has the same execution id."""
    del moment
    return requested or "execution"


def _without_name(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """The name is folded to lower case."""
    body = REFERENCE.started_body(request, instance_id, execution_id)
    return replace(body, name=body.name.lower().replace(" ", "-"))


def _input_never_empty(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """An empty input counts as none."""
    return replace(REFERENCE.started_body(request, instance_id, execution_id), input=request.input or None)


def _own_execution_id(requested: str | None, moment: Moment) -> str:
    """The execution id that was asked for is not used."""
    del requested
    return moment.nonce.uuid(1)


def _sampled_only(body: ExecutionStarted, moment: Moment) -> ExecutionStarted:
    """A trace that is not sampled is dropped."""
    context = body.parent_trace_context
    kept = context if context is not None and context.trace_parent.endswith("-01") else None
    return REFERENCE.traced(replace(body, parent_trace_context=kept), moment)


def _traces_everything(body: ExecutionStarted, moment: Moment) -> ExecutionStarted:
    """An instance that nobody traces is given a trace."""
    span = moment.nonce.span(7)
    own = TraceContext(trace_parent=f"00-{span}{span}-{span}-00", span_id=span)
    return REFERENCE.traced(replace(body, parent_trace_context=body.parent_trace_context or own), moment)


def _spanless(body: ExecutionStarted, moment: Moment) -> ExecutionStarted:
    """A traced instance has no span of its own in its first turn."""
    del moment
    return body


def _strict_ids(request: CreateInstanceRequest, moment: Moment) -> Refusal | None:
    """Ids are held to the limits of the Dapr API."""
    if len(request.instance_id) > LONGEST_ID:
        return Refusal(Code.INVALID_ARGUMENT, f"the workflow instance ID exceeds {LONGEST_ID} characters")
    return REFERENCE.refuse_request(request, moment)


def _name_required(request: CreateInstanceRequest, moment: Moment) -> Refusal | None:
    """A start needs a name."""
    return REFERENCE.refuse_request(request, moment) if request.name else Refusal(Code.INVALID_ARGUMENT, "no name")


def _past_is_never(scheduled: Nanos | None) -> Nanos | None:
    """A start time that has passed is a year ahead."""
    return None if scheduled is None else scheduled + 365 * 86_400_000_000_000 if scheduled < THIS_YEAR else scheduled


def _message_starts(state: Instance, rules: Decisions) -> bool:
    """A message to an instance that is not yet due starts it."""
    return REFERENCE.wants_turn(replace(state, due=None if len(state.inbox) > 1 else state.due), rules)


def _not_due_takes_nothing(state: Instance, rules: Decisions) -> bool:
    """A message to an instance that is not yet due is dropped."""
    return state.due is None and REFERENCE.takes_events(state, rules)


def _registered_names_only(request: CreateInstanceRequest, moment: Moment) -> Refusal | None:
    """Only names of workflows that it has heard of are taken."""
    if request.name.startswith("nobody-registered"):
        return Refusal(Code.NOT_FOUND, f"no workflow named {request.name!r} is registered")
    return REFERENCE.refuse_request(request, moment)


def _refusal_leaves_a_mark(
    state: Instance | None, input_: Create, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """A refused start is queued with the instance that has the id."""
    after, effects = REFERENCE.create(state, input_, moment, rules)
    if after is not None and any(isinstance(effect, Refuse) for effect in effects):
        after = replace(after, inbox=(*after.inbox, queued(input_.birth)))
    return after, effects


def _refusal_replaces_input(
    state: Instance | None, input_: Create, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """A refused start replaces what the instance that has the id was started with."""
    after, effects = REFERENCE.create(state, input_, moment, rules)
    if after is not None and any(isinstance(effect, Refuse) for effect in effects):
        after = replace(after, birth=input_.birth)
    return after, effects


def _keeps_custom_status(
    state: Instance | None, input_: Create, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """A new run of an id begins with the history of the one before."""
    after, effects = REFERENCE.create(state, input_, moment, rules)
    if state is not None and after is not None and after.epoch != state.epoch:
        after = replace(after, history=state.history, custom_status=state.custom_status)
    return after, effects


def _active_taken_back(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """The id of an active instance is refused with the wrong code."""
    refusal = REFERENCE.refuse_create(existing, create, rules)
    return None if refusal is None else Refusal(Code.UNKNOWN, refusal.message)


def _suspended_is_free(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """The id of a suspended instance is free."""
    suspended = existing.status == OrchestrationStatus.SUSPENDED
    return None if suspended else REFERENCE.refuse_create(existing, create, rules)


def _ended_is_taken(existing: Instance, create: Create, rules: Decisions) -> Refusal | None:
    """A finished instance is refused, but the profile says that it restarts."""
    del create, rules
    return Refusal(Code.ALREADY_EXISTS, f"'{existing.id}' is taken")


def _notes_the_purged(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """Notes which ids were purged."""
    refusal = REFERENCE.refuse_purge(state, rules, force=force)
    if state is not None and refusal is None:
        PURGED.add(state.id)
    return refusal


def _purged_is_taken(request: CreateInstanceRequest, moment: Moment) -> Refusal | None:
    """A purged id is taken for ever."""
    if request.instance_id in PURGED:
        return Refusal(Code.ALREADY_EXISTS, f"'{request.instance_id}' was used before")
    return REFERENCE.refuse_request(request, moment)


def _forgets_abandoned(hub: Hub, instance_id: str) -> None:
    """An instance whose client gave up waiting is deleted."""
    hub.remove(instance_id)


PURGED: set[str] = set()
LONGEST_ID = 64
THIS_YEAR: Nanos = 1_767_225_600_000_000_000
"""Where virtual time begins."""

mutant(
    "chooses-ids",
    "engine/start/echoes-id",
    "an instance gets another id than was asked for",
    choose_instance_id=_own_id,
)
mutant(
    "start-does-not-wait",
    "engine/start/waits-for-first-turn",
    "a start is answered before the first turn",
    answers_at_once=_never_waits,
)
mutant(
    "delayed-start-waits",
    "engine/start/delayed-start-returns-at-once",
    "a delayed start is answered only when it has started",
    answers_at_once=_always_waits,
)
mutant(
    "starts-early",
    "engine/start/delayed-start-not-early",
    "a delayed start does not wait for its time",
    not_before=_no_delay,
)
mutant(
    "start-loses-input",
    "engine/start/input-presence-kept",
    "the input does not reach the workflow",
    started_body=_without_input,
)
mutant(
    "start-sets-input",
    "engine/start/input-presence-kept",
    "an unset input becomes an empty one",
    started_body=_input_always_set,
)
mutant(
    "start-without-instance",
    "engine/start/started-event-fields",
    "the started event does not say which instance it starts",
    started_body=_without_instance,
)
mutant(
    "start-without-schedule",
    "engine/start/started-event-schedule",
    "the started event does not say when it was meant to start",
    started_body=_without_schedule,
)
mutant(
    "start-drops-version-and-tags",
    "engine/start/version-tags-execution-id-kept",
    "version and tags of a start are dropped",
    started_body=_without_version_and_tags,
)
mutant(
    "replaces-active-instance",
    "engine/start/active-id-refused",
    "a running instance is replaced by a new one of its id",
    refuse_create=_replaces_active,
)
mutant(
    "ignores-uniqueness",
    "engine/start/unique-id-flag",
    "a finished instance's id is used again although uniqueness was asked for",
    refuse_create=_unique_ignored,
)
mutant(
    "reuses-id-over-living-children",
    "engine/start/running-descendants-block-reuse",
    "an id is used again while children of the old run are alive",
    refuse_create=_descendants_ignored,
)
mutant(
    "never-reuses-ids",
    "engine/start/terminal-id-reused",
    "a finished instance's id is not free again",
    refuse_create=_never_again,
)
mutant(
    "takes-any-trace-parent",
    "engine/start/bad-trace-parent-refused",
    "a malformed trace parent is taken",
    refuse_request=_any_trace,
)
mutant(
    "started-event-has-action-id",
    "engine/start/started-event-fields",
    "the started event has the id 0",
    birth_event=_started_id_zero,
)
mutant(
    "one-execution-id-for-all",
    "engine/start/started-event-fields",
    "every instance has the same execution id",
    choose_execution_id=_same_execution_id,
)
mutant(
    "start-folds-names",
    "engine/start/no-name-validation",
    "names are folded to lower case without spaces",
    started_body=_without_name,
)
mutant(
    "start-drops-empty-input",
    "engine/start/input-presence-kept",
    "an empty input becomes an unset one",
    started_body=_input_never_empty,
)
mutant(
    "start-drops-execution-id",
    "engine/start/version-tags-execution-id-kept",
    "the execution id of a start is not used",
    choose_execution_id=_own_execution_id,
)
mutant(
    "drops-unsampled-trace",
    "engine/start/trace-parent-passed-on",
    "a trace that is not sampled is dropped",
    traced=_sampled_only,
)
mutant(
    "no-span-in-first-turn",
    "engine/start/trace-parent-passed-on",
    "a traced instance has no span in its first turn",
    traced=_spanless,
)
mutant(
    "traces-everything",
    "engine/start/no-trace-stays-unset",
    "an instance that nobody traces is given a trace",
    traced=_traces_everything,
)
mutant(
    "start-limits-ids",
    "engine/start/no-name-validation",
    "ids longer than 64 characters are refused",
    refuse_request=_strict_ids,
)
mutant(
    "start-needs-a-name",
    "engine/start/no-name-validation",
    "a start without a name is refused",
    refuse_request=_name_required,
)
mutant(
    "knows-names",
    "engine/start/unregistered-name-dispatched",
    "a name that nobody registered is refused",
    refuse_request=_registered_names_only,
)
mutant(
    "past-start-waits",
    "engine/start/past-start-runs-at-once",
    "a start that is scheduled in the past is put off",
    not_before=_past_is_never,
)
mutant(
    "message-starts-early",
    "engine/start/message-before-delayed-start",
    "a message to an instance that is not yet due starts it",
    wants_turn=_message_starts,
)
mutant(
    "message-before-start-lost",
    "engine/start/message-before-delayed-start",
    "a message to an instance that is not yet due is dropped",
    takes_events=_not_due_takes_nothing,
)
mutant(
    "refused-start-queued",
    "engine/start/active-run-untouched",
    "a refused start is queued with the instance that has the id",
    create=_refusal_leaves_a_mark,
    accepts=lambda *_: True,
)
mutant(
    "refused-start-replaces-input",
    "engine/start/active-run-untouched",
    "a refused start replaces the input of the instance that has the id",
    create=_refusal_replaces_input,
)
mutant(
    "active-id-refused-as-unknown",
    "engine/start/active-id-refused",
    "the id of an active instance is refused with UNKNOWN",
    refuse_create=_active_taken_back,
)
mutant(
    "replaces-suspended-instance",
    "engine/start/active-id-refused",
    "a suspended instance is replaced by a new one of its id",
    refuse_create=_suspended_is_free,
)
mutant(
    "reuse-keeps-history",
    "engine/start/terminal-id-reused",
    "a new run of an id begins with the history of the old one",
    create=_keeps_custom_status,
)
mutant(
    "ended-ids-refused",
    "engine/start/terminal-id-answer",
    "a finished instance's id is refused, which is not what the profile says",
    refuse_create=_ended_is_taken,
)
mutant(
    "purged-ids-refused",
    "engine/start/purged-id-reused",
    "a purged id is refused for ever",
    refuse_purge=_notes_the_purged,
    refuse_request=_purged_is_taken,
)
mutant(
    "forgets-abandoned-starts",
    "engine/start/deadline-keeps-instance",
    "an instance whose client gave up waiting is deleted",
    faults=Faults(abandoned=_forgets_abandoned),
)
mutant(
    "drops-trace",
    "engine/start/trace-parent-passed-on",
    "a trace context does not reach the workflow",
    traced=_untraced,
)
