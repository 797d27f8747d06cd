"""Wrong about how instances come into being (ENG-B)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Create, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.mutant import Mutant
from dwconf.wire.values import CreateInstanceRequest, ExecutionStarted, Nanos


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


MUTANTS = (
    Mutant(
        name="chooses-ids",
        breaks="engine/start/echoes-id",
        title="an instance gets another id than was asked for",
        decisions=replace(REFERENCE, choose_instance_id=_own_id),
    ),
    Mutant(
        name="start-does-not-wait",
        breaks="engine/start/waits-for-first-turn",
        title="a start is answered before the first turn",
        decisions=replace(REFERENCE, answers_at_once=_never_waits),
    ),
    Mutant(
        name="delayed-start-waits",
        breaks="engine/start/delayed-start-returns-at-once",
        title="a delayed start is answered only when it has started",
        decisions=replace(REFERENCE, answers_at_once=_always_waits),
    ),
    Mutant(
        name="starts-early",
        breaks="engine/start/delayed-start-not-early",
        title="a delayed start does not wait for its time",
        decisions=replace(REFERENCE, not_before=_no_delay),
    ),
    Mutant(
        name="start-loses-input",
        breaks="engine/start/started-event-fields",
        title="the input does not reach the workflow",
        decisions=replace(REFERENCE, started_body=_without_input),
    ),
    Mutant(
        name="start-sets-input",
        breaks="engine/start/input-presence-kept",
        title="an unset input becomes an empty one",
        decisions=replace(REFERENCE, started_body=_input_always_set),
    ),
    Mutant(
        name="start-without-instance",
        breaks="engine/start/started-event-fields",
        title="the started event does not say which instance it starts",
        decisions=replace(REFERENCE, started_body=_without_instance),
    ),
    Mutant(
        name="start-without-schedule",
        breaks="engine/start/started-event-schedule",
        title="the started event does not say when it was meant to start",
        decisions=replace(REFERENCE, started_body=_without_schedule),
    ),
    Mutant(
        name="start-drops-version-and-tags",
        breaks="engine/start/version-tags-execution-id-kept",
        title="version and tags of a start are dropped",
        decisions=replace(REFERENCE, started_body=_without_version_and_tags),
    ),
    Mutant(
        name="replaces-active-instance",
        breaks="engine/start/active-id-refused",
        title="a running instance is replaced by a new one of its id",
        decisions=replace(REFERENCE, refuse_create=_replaces_active),
    ),
    Mutant(
        name="ignores-uniqueness",
        breaks="engine/start/unique-id-flag",
        title="a finished instance's id is used again although uniqueness was asked for",
        decisions=replace(REFERENCE, refuse_create=_unique_ignored),
    ),
    Mutant(
        name="reuses-id-over-living-children",
        breaks="engine/start/running-descendants-block-reuse",
        title="an id is used again while children of the old run are alive",
        decisions=replace(REFERENCE, refuse_create=_descendants_ignored),
    ),
    Mutant(
        name="never-reuses-ids",
        breaks="engine/start/terminal-id-reused",
        title="a finished instance's id is not free again",
        decisions=replace(REFERENCE, refuse_create=_never_again),
    ),
    Mutant(
        name="takes-any-trace-parent",
        breaks="engine/start/bad-trace-parent-refused",
        title="a malformed trace parent is taken",
        decisions=replace(REFERENCE, refuse_request=_any_trace),
    ),
    Mutant(
        name="drops-trace",
        breaks="engine/start/trace-parent-passed-on",
        title="a trace context does not reach the workflow",
        decisions=replace(REFERENCE, traced=_untraced),
    ),
)
