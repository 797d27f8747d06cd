"""Wrong about the Dapr API: what it validates, what it does, what it tells (ENG-J, API)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.management import Asked, Verb
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.moment import Moment, Site
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    CreateInstanceRequest,
    EventBody,
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    GetWorkflowResponse,
    Nanos,
    OrchestrationStatus,
    PurgeInstanceFilter,
    PurgeInstancesRequest,
    RaiseEventWorkflowRequest,
    StartWorkflowRequest,
    StartWorkflowResponse,
    WorkflowState,
)

RULE = "engine/management/"
Options = Iterable[tuple[str, str]]
Pairs = tuple[tuple[str, str], ...]
ASKED: set[str] = set()
"""Ids that anybody asked to start."""
PURGED: set[str] = set()
"""Ids that anybody asked to purge."""


# Methods and versions.


def _one_left_out(method: str) -> Refusal | None:
    """An Alpha1 method is not served."""
    return Refusal(Code.UNIMPLEMENTED, "not implemented") if method == "PauseWorkflowAlpha1" else None


def _alpha_without_properties(method: str, data: bytes) -> Sequence[bytes]:
    """The older GetWorkflow has no properties."""
    if method != "GetWorkflowAlpha1":
        return (data,)
    return (encode(replace(decode(GetWorkflowResponse, data), properties=())),)


def _alpha_internal(method: str, refusal: Refusal) -> Refusal:
    """Every refusal of an Alpha1 method is INTERNAL."""
    return replace(refusal, code=Code.INTERNAL) if method.endswith("Alpha1") else refusal


mutant(
    "alpha-method-missing", f"{RULE}methods-served", "PauseWorkflowAlpha1 is not served", refuse_method=_one_left_out
)
mutant(
    "alpha-tells-less",
    f"{RULE}versions-agree",
    "GetWorkflowAlpha1 has no properties",
    faults=Faults(outgoing=_alpha_without_properties),
)
mutant(
    "alpha-has-other-codes",
    f"{RULE}versions-agree",
    "every refusal of an Alpha1 method is INTERNAL",
    faults=Faults(refused=_alpha_internal),
)


# Starts.


def _start_says_nothing(method: str, data: bytes) -> Sequence[bytes]:
    """The answer to a start is empty."""
    return (b"",) if method.startswith("StartWorkflow") else (data,)


def _id_demanded(requested: str, moment: Moment) -> str:
    """A start without an id is a start of nobody."""
    del moment
    return requested


def _id_numbered(requested: str, moment: Moment) -> str:
    """The id that is made is no UUID."""
    return requested or f"workflow-{moment.nonce.number}"


def _id_constant(requested: str, moment: Moment) -> str:
    """The id that is made is always the same."""
    del moment
    return requested or "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


def _input_quoted(request: StartWorkflowRequest, instance_id: str, due: Nanos | None) -> CreateInstanceRequest:
    """An input that is no JSON is made some."""
    made = REFERENCE.managed_start(request, instance_id, due)
    try:
        json.loads(made.input or "")
    except ValueError:
        return replace(made, input=json.dumps(made.input) if made.input else made.input)
    return made


def _input_unset(request: StartWorkflowRequest, instance_id: str, due: Nanos | None) -> CreateInstanceRequest:
    """Without input there is none."""
    made = REFERENCE.managed_start(request, instance_id, due)
    return replace(made, input=made.input or None)


def _name_lost(request: StartWorkflowRequest, instance_id: str, due: Nanos | None) -> CreateInstanceRequest:
    """The workflow has the component's name."""
    made = REFERENCE.managed_start(request, instance_id, due)
    return replace(made, name=request.workflow_component)


def _no_delay(options: Options) -> Nanos | Refusal | None:
    """A start time delays nothing."""
    due = REFERENCE.start_time(options)
    return due if isinstance(due, Refusal) else None


def _lenient_time(options: Options) -> Nanos | None:
    """A start time that is none is no start time."""
    due = REFERENCE.start_time(options)
    return None if isinstance(due, Refusal) else due


def _time_an_option(verb: Verb, about: str, refusal: Refusal) -> Refusal:
    """A start time that is none is an invalid argument."""
    said = REFERENCE.refused_call(verb, about, refusal)
    return replace(said, code=Code.INVALID_ARGUMENT) if "RFC3339" in said.message else said


def _strict_options(options: Options) -> Nanos | Refusal | None:
    """An option that is not known is refused."""
    unknown = [name for name, _ in options if name != "dapr.workflow.start_time"]
    return Refusal(Code.INTERNAL, f"unknown option {unknown[0]}") if unknown else REFERENCE.start_time(options)


def _known_components(method: str, data: bytes) -> bytes:
    """Only one component is known; whatever names another is taken for nonsense."""
    if not method.startswith("StartWorkflow") or decode(StartWorkflowRequest, data).workflow_component == "dapr":
        return data
    return b"\xff"


def _taken_accepted(method: str, refusal: Refusal) -> Refusal | bytes:
    """A start of a running instance is answered as if it had been done."""
    del method
    return encode(StartWorkflowResponse()) if "already exists" in refusal.message else refusal


def _taken_unknown(verb: Verb, about: str, refusal: Refusal) -> Refusal:
    """A start of a running instance fails with UNKNOWN."""
    said = REFERENCE.refused_call(verb, about, refusal)
    return replace(said, code=Code.UNKNOWN) if refusal.code is Code.ALREADY_EXISTS else said


mutant(
    "workflow-id-not-answered",
    f"{RULE}start-answers-id",
    "the answer to a start is empty",
    faults=Faults(outgoing=_start_says_nothing),
)
mutant("workflow-id-demanded", f"{RULE}start-makes-id", "a start without an id is refused", workflow_id=_id_demanded)
mutant(
    "workflow-id-numbered", f"{RULE}start-makes-id", "the id that a start makes is no UUID", workflow_id=_id_numbered
)
mutant("workflow-id-constant", f"{RULE}start-makes-id", "a start always makes the same id", workflow_id=_id_constant)
mutant(
    "workflow-start-waits",
    f"{RULE}start-does-not-wait",
    "a start waits for the first turn",
    start_waits=lambda: True,
)
mutant(
    "workflow-input-quoted", f"{RULE}start-event", "an input that is no JSON is made some", managed_start=_input_quoted
)
mutant("workflow-name-lost", f"{RULE}start-event", "the workflow has the component's name", managed_start=_name_lost)
mutant(
    "workflow-input-unset", f"{RULE}start-input-always-set", "without input there is none", managed_start=_input_unset
)
mutant("start-time-ignored", f"{RULE}start-time-delays", "a start time delays nothing", start_time=_no_delay)
mutant(
    "garbled-start-time-ignored",
    f"{RULE}start-time-format",
    "a start time that is none is ignored",
    start_time=_lenient_time,
)
mutant(
    "garbled-start-time-invalid",
    f"{RULE}start-time-format",
    "a start time that is none is an invalid argument",
    refused_call=_time_an_option,
)
mutant(
    "unknown-option-refused",
    f"{RULE}other-options-ignored",
    "an option that is not known is refused",
    start_time=_strict_options,
)
mutant(
    "unknown-component-refused",
    f"{RULE}component-not-looked-at",
    "a component that is not known is refused",
    faults=Faults(incoming=_known_components),
)
mutant(
    "taken-workflow-id-accepted",
    f"{RULE}duplicate-id-refused",
    "a start of a running instance is answered as if it had been done",
    faults=Faults(refused=_taken_accepted),
)
mutant(
    "taken-workflow-id-unknown",
    f"{RULE}duplicate-id-refused",
    "a start of a running instance fails with UNKNOWN",
    refused_call=_taken_unknown,
)


# Validation.


def _any_length(instance_id: str) -> Refusal | None:
    """Ids may have any length."""
    return REFERENCE.refuse_new_id(instance_id[:1])


def _child_ids(instance_id: str) -> Refusal | None:
    """Ids may look like those of children."""
    return REFERENCE.refuse_new_id(instance_id.replace(":", "_"))


def _no_dashes(instance_id: str) -> Refusal | None:
    """Ids have no dashes, as the message of the refusal says."""
    return REFERENCE.refuse_new_id(instance_id.replace("-", "."))


def _shorter(instance_id: str) -> Refusal | None:
    """Ids have fewer than 64 bytes."""
    return REFERENCE.refuse_new_id(f"{instance_id}x")


def _nameless(verb: Verb) -> Callable[[Asked], Refusal | None]:
    def refuse(asked: Asked) -> Refusal | None:
        """A name is not needed."""
        return None if asked.verb is verb else REFERENCE.refuse_no_name(asked)

    return refuse


def _backwards(asked: Asked, site: Site, rules: Decisions) -> Refusal | None:
    """The app is looked at first, then the name, then the id."""
    return (
        rules.refuse_app_id(asked.app_id)
        or rules.refuse_no_name(asked)
        or rules.refuse_no_id(asked.instance_id)
        or (rules.refuse_new_id(asked.instance_id) if asked.verb is Verb.START else None)
        or rules.refuse_other_app(asked, site, rules)
    )


def _remembers_asked(method: str, data: bytes) -> bytes:
    """Keeps the id of each start."""
    if method.startswith("StartWorkflow"):
        ASKED.add(decode(StartWorkflowRequest, data).instance_id)
    return data


def _shows_asked(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """Whatever anybody asked to start is there."""
    if state is None and instance_id in ASKED:
        return GetWorkflowResponse(instance_id=instance_id, runtime_status="PENDING")
    return REFERENCE.managed_state(state, instance_id, rules)


def _curt(verb: Verb, about: str, refusal: Refusal) -> Refusal:
    """No refusal says whom it is about."""
    return replace(REFERENCE.refused_call(verb, about, refusal), message="the operation failed")


mutant("no-id-passes", f"{RULE}missing-id-refused", "an id is not needed", refuse_no_id=lambda _: None)
mutant("any-id-length", f"{RULE}long-id-refused", "ids may have any length", refuse_new_id=_any_length)
mutant("any-id", f"{RULE}bad-id-refused", "ids may hold anything", refuse_new_id=lambda _: None)
mutant("child-ids-pass", f"{RULE}bad-id-refused", "ids may hold colons", refuse_new_id=_child_ids)
mutant("no-dashes-in-ids", f"{RULE}good-id-accepted", "ids with dashes are refused", refuse_new_id=_no_dashes)
mutant("ids-of-63-bytes", f"{RULE}good-id-accepted", "ids of 64 bytes are refused", refuse_new_id=_shorter)
mutant(
    "no-name-passes",
    f"{RULE}missing-name-refused",
    "a workflow needs no name",
    refuse_no_name=_nameless(Verb.START),
)
mutant(
    "no-event-name-passes",
    f"{RULE}missing-event-name-refused",
    "an event needs no name",
    refuse_no_name=_nameless(Verb.RAISE),
)
mutant("any-app-id", f"{RULE}bad-app-id-refused", "app ids may hold anything", refuse_app_id=lambda _: None)
mutant("looked-at-backwards", f"{RULE}validation-order", "the app is looked at first", refuse_call=_backwards)
mutant(
    "refused-start-shown",
    f"{RULE}refused-start-creates-nothing",
    "whatever anybody asked to start is there",
    faults=Faults(incoming=_remembers_asked),
    managed_state=_shows_asked,
)
mutant("curt-refusals", f"{RULE}refusals-name-their-cause", "no refusal says whom it is about", refused_call=_curt)


# Queries.


def _everybody_known(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """An unknown instance has an unknown status."""
    shown = REFERENCE.managed_state(state, instance_id, rules)
    return shown if state is not None else replace(shown, runtime_status="UNKNOWN")


def _nobody_named(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """Of an unknown instance there is not even the id."""
    return REFERENCE.managed_state(state, instance_id if state is not None else "", rules)


def _workflow_unnamed(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """The workflow's name is not told."""
    return replace(REFERENCE.managed_state(state, instance_id, rules), workflow_name="")


def _timeless(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """No times are told."""
    return replace(REFERENCE.managed_state(state, instance_id, rules), created_at=None, last_updated_at=None)


def _never_changed(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """The last change is said to be the creation."""
    shown = REFERENCE.managed_state(state, instance_id, rules)
    late = None if shown.created_at is None else shown.created_at + 1
    return replace(shown, last_updated_at=late)


def _whole_names(status: OrchestrationStatus) -> str:
    """A status has the whole name of its enum."""
    return f"ORCHESTRATION_STATUS_{status.name}"


def _cancelled(status: OrchestrationStatus) -> str:
    """CANCELED is spelt otherwise."""
    return REFERENCE.status_in_words(status).replace("CANCELED", "CANCELLED")


def _without(*names: str) -> Callable[[WorkflowState], Pairs]:
    def told(shown: WorkflowState) -> Pairs:
        """Some properties are not told."""
        return tuple(pair for pair in REFERENCE.properties(shown) if not pair[0].endswith(names))

    return told


def _unquoted(shown: WorkflowState) -> Pairs:
    """Texts are told without their quotes."""
    return tuple((name, value.strip('"')) for name, value in REFERENCE.properties(shown))


def _status_always(shown: WorkflowState) -> Pairs:
    """An instance without a custom status has an empty one."""
    return REFERENCE.properties(replace(shown, custom_status=shown.custom_status or ""))


def _all_fail(shown: WorkflowState) -> Pairs:
    """Instances that did not fail have an empty failure."""
    pairs = {"dapr.workflow.failure.error_type": "", **dict(REFERENCE.properties(shown))}
    return tuple(sorted(pairs.items()))


mutant("nobody-has-a-status", f"{RULE}get-unknown", "an unknown instance has a status", managed_state=_everybody_known)
mutant("nobody-has-no-id", f"{RULE}get-unknown", "of nobody there is not even the id", managed_state=_nobody_named)
mutant("workflow-unnamed", f"{RULE}get-fields", "the workflow's name is not told", managed_state=_workflow_unnamed)
mutant("workflow-timeless", f"{RULE}get-fields", "no times are told", managed_state=_timeless)
mutant("workflow-never-changed", f"{RULE}get-agrees", "the last change is not told", managed_state=_never_changed)
mutant("status-in-full", f"{RULE}status-strings", "a status has its whole name", status_in_words=_whole_names)
mutant("status-spelt-otherwise", f"{RULE}status-strings", "CANCELED is spelt otherwise", status_in_words=_cancelled)
mutant("no-output-property", f"{RULE}input-output-properties", "no output is told", properties=_without(".output"))
mutant("properties-unquoted", f"{RULE}input-output-properties", "texts are told unquoted", properties=_unquoted)
mutant(
    "no-custom-status-property",
    f"{RULE}custom-status-property",
    "no custom status is told",
    properties=_without(".custom_status"),
)
mutant(
    "custom-status-always-there",
    f"{RULE}custom-status-property",
    "an instance without a custom status has an empty one",
    properties=_status_always,
)
mutant(
    "no-stack-trace-property",
    f"{RULE}failure-properties",
    "no stack trace is told",
    properties=_without(".stack_trace"),
)
mutant("failure-always-there", f"{RULE}failure-properties", "every instance has a failure", properties=_all_fail)


# The other verbs.


def _never_not_found(verb: Verb, about: str, refusal: Refusal) -> Refusal:
    """Every refusal is INTERNAL."""
    return replace(REFERENCE.refused_call(verb, about, refusal), code=Code.INTERNAL)


def _nobody_paused(method: str, refusal: Refusal) -> Refusal | bytes:
    """To pause nobody is no error."""
    return b"" if method.startswith("PauseWorkflow") else refusal


def _untyped(verb: Verb, about: str, refusal: Refusal) -> Refusal:
    """What is not NOT_FOUND is UNKNOWN."""
    said = REFERENCE.refused_call(verb, about, refusal)
    return said if said.code is Code.NOT_FOUND else replace(said, code=Code.UNKNOWN)


def _data_quoted(request: RaiseEventWorkflowRequest) -> EventRaised:
    """The data are made JSON."""
    return replace(REFERENCE.managed_event(request), input=json.dumps(request.event_data.decode()))


def _data_always(request: RaiseEventWorkflowRequest) -> EventRaised:
    """An event without data has an empty input."""
    return replace(REFERENCE.managed_event(request), input=request.event_data.decode())


def _refuses_the_ended(state: Instance | None, body: EventBody, rules: Decisions) -> Refusal | None:
    """An ended instance cannot be terminated."""
    if state is not None and rules.is_terminal(state.status) and isinstance(body, ExecutionTerminated):
        return Refusal(Code.FAILED_PRECONDITION, "the instance has ended")
    return REFERENCE.refuse_event(state, body, rules)


def _purges_nothing(instance_id: str) -> PurgeInstancesRequest:
    """A purge removes nothing, and says that it did."""
    del instance_id
    return PurgeInstancesRequest(purge_instance_filter=PurgeInstanceFilter(created_time_to=0))


def _remembers_purged(instance_id: str) -> PurgeInstancesRequest:
    """What is purged is remembered."""
    PURGED.add(instance_id)
    return REFERENCE.managed_purge(instance_id)


def _refuses_purged(instance_id: str) -> Refusal | None:
    """A purged id is never free again."""
    if instance_id in PURGED:
        return Refusal(Code.INVALID_ARGUMENT, f"workflow instance ID '{instance_id}' was used")
    return REFERENCE.refuse_new_id(instance_id)


def _awaited(verb: Verb, rules: Decisions) -> Callable[[Instance, Decisions], bool] | None:
    """A pause is answered when the instance is suspended."""
    return rules.is_suspended if verb is Verb.PAUSE else None


mutant("nobody-is-internal", f"{RULE}unknown-not-found", "every refusal is INTERNAL", refused_call=_never_not_found)
mutant(
    "nobody-is-paused",
    f"{RULE}unknown-refused",
    "to pause nobody is no error",
    faults=Faults(refused=_nobody_paused),
)
mutant("nobody-is-unknown", f"{RULE}unknown-refused", "a refusal has the code UNKNOWN", refused_call=_untyped)
mutant("event-data-quoted", f"{RULE}raise-delivers", "the data of an event are made JSON", managed_event=_data_quoted)
mutant(
    "event-data-always-set",
    f"{RULE}raise-without-data",
    "an event without data has an empty input",
    managed_event=_data_always,
)
mutant(
    "pause-with-a-reason",
    f"{RULE}pause-and-resume",
    "a pause has a reason that nobody gave",
    managed_pause=lambda: ExecutionSuspended(input="paused"),
)
mutant(
    "resumption-with-a-reason",
    f"{RULE}pause-and-resume",
    "a resumption has a reason that nobody gave",
    managed_resumption=lambda: ExecutionResumed(input="resumed"),
)
mutant(
    "terminate-with-output",
    f"{RULE}terminate",
    "a terminated instance has an output that nobody gave",
    managed_termination=lambda: ExecutionTerminated(input='"terminated"', recurse=True),
)
mutant(
    "terminate-not-recursive",
    f"{RULE}terminate-reaches-children",
    "terminate spares the children",
    managed_termination=ExecutionTerminated,
)
mutant(
    "ended-not-terminated",
    f"{RULE}terminate-ended",
    "to terminate an ended instance is an error",
    refuse_event=_refuses_the_ended,
)
mutant("purge-without-effect", f"{RULE}purge", "a purge removes nothing", managed_purge=_purges_nothing)
mutant(
    "purge-not-recursive",
    f"{RULE}purge-reaches-children",
    "purge spares the children",
    managed_purge=lambda instance_id: PurgeInstancesRequest(instance_id=instance_id),
)
mutant(
    "purge-always-forced",
    f"{RULE}purge-running-refused",
    "a running instance is purged",
    managed_purge=lambda instance_id: PurgeInstancesRequest(instance_id=instance_id, force=True),
)
mutant(
    "purged-id-remembered",
    f"{RULE}purged-id-is-free",
    "a purged id is never free again",
    managed_purge=_remembers_purged,
    refuse_new_id=_refuses_purged,
)
mutant("pause-waits", f"{RULE}verbs-do-not-wait", "a pause is answered when it has come about", verb_waits=_awaited)


# The API token.


def _api_open(path: str, right: bool | None) -> bool:  # noqa: FBT001
    """The Dapr API needs no token."""
    return right is True or path.startswith("/dapr.")


def _any_token(path: str, right: bool | None) -> bool:  # noqa: FBT001
    """Any token will do."""
    del path
    return right is not None


def _streams_open(path: str, right: bool | None) -> bool:  # noqa: FBT001
    """Streams need no token."""
    return right is True or path.endswith("/GetWorkItems")


def _closed_to_all(path: str, right: bool | None) -> bool:  # noqa: FBT001
    """Events are raised by nobody, whatever token is shown."""
    return right is True and "RaiseEventWorkflow" not in path


mutant(
    "token-admits-nobody",
    f"{RULE}token-admits",
    "no token admits to RaiseEventWorkflow",
    faults=Faults(admitted=_closed_to_all),
)
mutant("open-dapr-api", f"{RULE}token-for-calls", "the Dapr API needs no token", faults=Faults(admitted=_api_open))
mutant("any-token", f"{RULE}token-for-calls", "any token will do", faults=Faults(admitted=_any_token))
mutant(
    "token-permission-denied",
    f"{RULE}token-for-calls",
    "who has no token is told PERMISSION_DENIED",
    faults=Faults(turned_away="PERMISSION_DENIED"),
)
mutant("open-streams", f"{RULE}token-for-streams", "streams need no token", faults=Faults(admitted=_streams_open))
