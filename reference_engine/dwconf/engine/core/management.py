"""The Dapr API: the workflow methods of `dapr.proto.runtime.v1.Dapr`, and GetMetadata.

They tell an instance what the task hub's own verbs tell it, and differ from those in four ways. They look at a request
before they do anything: at the instance id first, then at the name that the verb needs, then at the app. They wait for
nothing but the store: a start is answered before its first turn, and a control event before it has had any effect.
They always reach the children. And they have words of their own for what goes wrong (`Verb`), and for a state, which
is a status in words and a map of properties.

Each function takes the hub and a request. Alpha1 and Beta1 of a method are one function.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.core.moment import Moment, Site
from dwconf.engine.core.outcome import Outcome, Reply, Until
from dwconf.engine.core.routing import is_plain
from dwconf.wire.values import (
    CreateInstanceRequest,
    EventBody,
    EventRaised,
    ExecutionResumed,
    ExecutionSuspended,
    ExecutionTerminated,
    GetMetadataRequest,
    GetMetadataResponse,
    GetWorkflowRequest,
    GetWorkflowResponse,
    MetadataWorkflows,
    Nanos,
    OrchestrationStatus,
    PauseWorkflowRequest,
    PurgeInstancesRequest,
    PurgeWorkflowRequest,
    RaiseEventWorkflowRequest,
    ResumeWorkflowRequest,
    StartWorkflowRequest,
    StartWorkflowResponse,
    TerminateResponse,
    TerminateWorkflowRequest,
    WorkflowState,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions
    from dwconf.engine.core.hub import Hub

LONGEST_ID = 64
"""Bytes that the id of a new instance may have."""
START_TIME = "dapr.workflow.start_time"
PROPERTY = "dapr.workflow."
RELEASE = "1.19.0"
"""The Dapr release whose API this is."""
NANOS = 1_000_000_000
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", re.ASCII)


class Verb(Enum):
    """What is asked for; its value is what a failure is called, with the name or id that it is about."""

    START = "starting workflow '{}'"
    GET = "while getting workflow info on instance '{}'"
    TERMINATE = "terminating workflow '{}'"
    RAISE = "raising event on workflow '{}'"
    PAUSE = "pausing workflow {}"
    RESUME = "resuming workflow {}"
    PURGE = "purging workflow {}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What there is to validate of a request. `name` is that of the workflow or event, where the verb needs one."""

    verb: Verb
    instance_id: str
    app_id: str | None
    name: str | None = None


# Validation.


def workflow_id(requested: str, moment: Moment) -> str:
    """MG-2: the id that was asked for, or a random UUID."""
    return requested or moment.nonce.uuid(0)


def refuse_call(asked: Asked, site: Site, rules: Decisions) -> Refusal | None:
    """API-05: the instance id is looked at first, then the name, then the app."""
    return (
        (rules.refuse_new_id(asked.instance_id) if asked.verb is Verb.START else None)
        or rules.refuse_no_id(asked.instance_id)
        or rules.refuse_no_name(asked)
        or rules.refuse_app_id(asked.app_id)
        or rules.refuse_other_app(asked, site, rules)
    )


def refuse_no_id(instance_id: str) -> Refusal | None:
    """ENG-J-10: who names no instance means none."""
    return None if instance_id else Refusal(Code.INVALID_ARGUMENT, "no instance ID was provided")


def refuse_new_id(instance_id: str) -> Refusal | None:
    """ENG-J-10, API-04: at most 64 bytes of letters, digits, underscores and dashes, of any script."""
    if len(instance_id.encode()) > LONGEST_ID:
        words = f"workflow instance ID exceeds the max length of {LONGEST_ID} characters"
        return Refusal(Code.INVALID_ARGUMENT, words)
    if not is_plain(instance_id):
        words = "only alphanumeric and underscore characters are allowed"
        return Refusal(Code.INVALID_ARGUMENT, f"workflow instance ID '{instance_id}' is invalid: {words}")
    return None


def refuse_no_name(asked: Asked) -> Refusal | None:
    """ENG-J-10: a start names its workflow, an event has a name."""
    if asked.name != "":
        return None
    words = "workflow name is not configured" if asked.verb is Verb.START else "missing workflow event name"
    return Refusal(Code.INVALID_ARGUMENT, words)


def refuse_other_app(asked: Asked, site: Site, rules: Decisions) -> Refusal | None:
    """API-06: no app id, or our own, means this app; there is no other one here."""
    if not asked.app_id or asked.app_id == site.app_id:
        return None
    about = (asked.name or "") if asked.verb is Verb.START else asked.instance_id
    return rules.refused_call(
        asked.verb, about, Refusal(Code.FAILED_PRECONDITION, f"no app with ID '{asked.app_id}' is reachable")
    )


def refused_call(verb: Verb, about: str, refusal: Refusal) -> Refusal:
    """ENG-J-12, ENG-J-14: what is not found is so for terminate and purge alone; all else is an internal error."""
    if verb in (Verb.TERMINATE, Verb.PURGE) and refusal.code is Code.NOT_FOUND:
        return Refusal(Code.NOT_FOUND, f"unable to find workflow with the provided instance ID: {about}")
    return Refusal(Code.INTERNAL, f"error {verb.value.format(about)}: {refusal.message}")


def refuse_method(method: str) -> None:
    """MG-1: each method is served, in both versions."""
    del method


# Start.


def start_workflow(hub: Hub, request: StartWorkflowRequest, now: Nanos) -> Outcome:
    """ENG-J-13, ENG-J-14: create an instance; the answer does not wait for its first turn."""
    rules, moment = hub.rules, hub.moment(now)
    instance_id = rules.workflow_id(request.instance_id, moment)
    asked = Asked(Verb.START, instance_id, request.app_id, request.workflow_name)
    refusal = rules.refuse_call(asked, moment.site, rules)
    if refusal is not None:
        return refusal
    due = rules.start_time(request.options)
    outcome = due if isinstance(due, Refusal) else hub.start(rules.managed_start(request, instance_id, due), now)
    if isinstance(outcome, Refusal):
        return rules.refused_call(Verb.START, request.workflow_name, outcome)
    response = StartWorkflowResponse(instance_id=instance_id)
    if isinstance(outcome, Until) and rules.start_waits():
        return replace(outcome, answer=lambda _: response)
    return Reply(response)


def start_waits() -> bool:
    """ENG-J-13: a start does not wait for the first turn."""
    return False


def managed_start(request: StartWorkflowRequest, instance_id: str, due: Nanos | None) -> CreateInstanceRequest:
    """ENG-J-13: the input is always set; the component and the other options are not looked at."""
    return CreateInstanceRequest(
        instance_id=instance_id, name=request.workflow_name, input=_text(request.input), scheduled_start_timestamp=due
    )


def start_time(options: Iterable[tuple[str, str]]) -> Nanos | Refusal | None:
    """ENG-J-13: the time before which no turn is dispatched, if one is given."""
    given = dict(options).get(START_TIME)
    if given is None:
        return None
    due = _instant(given)
    if due is None:
        return Refusal(Code.INTERNAL, 'start times must be in RFC3339 format (e.g. "2009-11-10T23:00:00Z")')
    return due


def _instant(text: str) -> Nanos | None:
    """A time of RFC 3339, to the nanosecond."""
    found = _RFC_3339.fullmatch(text)
    if found is None:
        return None
    seconds, fraction, offset = found.groups()
    try:
        since = dt.datetime.fromisoformat(seconds + ("+00:00" if offset == "Z" else offset)) - EPOCH
    except ValueError:
        return None
    return (since.days * 86_400 + since.seconds) * NANOS + int((fraction or "").ljust(9, "0")[:9])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


# Get.


def get_workflow(hub: Hub, request: GetWorkflowRequest, now: Nanos) -> Outcome:
    """ENG-J-11, ENG-J-15, ENG-J-16, MG-3."""
    rules = hub.rules
    refusal = _refused(hub, Asked(Verb.GET, request.instance_id, request.app_id), now)
    if refusal is not None:
        return refusal
    return Reply(rules.managed_state(hub.find(request.instance_id), request.instance_id, rules))


def managed_state(state: Instance | None, instance_id: str, rules: Decisions) -> GetWorkflowResponse:
    """ENG-J-11: of an unknown instance there is the id and nothing else."""
    if state is None:
        return GetWorkflowResponse(instance_id=instance_id)
    shown = rules.workflow_state(state, rules)
    return GetWorkflowResponse(
        instance_id=shown.instance_id,
        workflow_name=shown.name,
        created_at=shown.created_timestamp,
        last_updated_at=shown.last_updated_timestamp,
        runtime_status=rules.status_in_words(shown.workflow_status),
        properties=rules.properties(shown),
    )


def status_in_words(status: OrchestrationStatus) -> str:
    """ENG-J-16: the bare names; a stalled instance has none."""
    return status.name if status < OrchestrationStatus.STALLED else "UNKNOWN"


def properties(shown: WorkflowState) -> tuple[tuple[str, str], ...]:
    """ENG-J-15: texts as they are, and only what is set; a failure has no output."""
    failure = shown.failure_details
    values = {
        "custom_status": shown.custom_status,
        "input": shown.input,
        "output": shown.output if failure is None else None,
        "failure.error_type": failure.error_type if failure is not None else None,
        "failure.error_message": failure.error_message if failure is not None else None,
        "failure.stack_trace": failure.stack_trace if failure is not None else None,
    }
    return tuple(sorted((f"{PROPERTY}{name}", value) for name, value in values.items() if value is not None))


# The other verbs.


def raise_event(hub: Hub, request: RaiseEventWorkflowRequest, now: Nanos) -> Outcome:
    """MG-5, ENG-J-12."""
    asked = Asked(Verb.RAISE, request.instance_id, request.app_id, request.event_name)
    return _tell(hub, asked, hub.rules.managed_event(request), now)


def managed_event(request: RaiseEventWorkflowRequest) -> EventRaised:
    """API-12: the data as they are; none, unset."""
    return EventRaised(name=request.event_name, input=_text(request.event_data) if request.event_data else None)


def terminate_workflow(hub: Hub, request: TerminateWorkflowRequest, now: Nanos) -> Outcome:
    """MG-4, ENG-J-12, ENG-J-16."""
    asked = Asked(Verb.TERMINATE, request.instance_id, request.app_id)
    return _tell(hub, asked, hub.rules.managed_termination(), now)


def managed_termination() -> ExecutionTerminated:
    """ENG-J-16: always recursive, and without an output."""
    return ExecutionTerminated(recurse=True)


def pause_workflow(hub: Hub, request: PauseWorkflowRequest, now: Nanos) -> Outcome:
    """MG-6, ENG-J-12."""
    return _tell(hub, Asked(Verb.PAUSE, request.instance_id, request.app_id), hub.rules.managed_pause(), now)


def managed_pause() -> ExecutionSuspended:
    """API-14: without a reason."""
    return ExecutionSuspended()


def resume_workflow(hub: Hub, request: ResumeWorkflowRequest, now: Nanos) -> Outcome:
    """MG-6, ENG-J-12."""
    return _tell(hub, Asked(Verb.RESUME, request.instance_id, request.app_id), hub.rules.managed_resumption(), now)


def managed_resumption() -> ExecutionResumed:
    """API-14: without a reason."""
    return ExecutionResumed()


def _tell(hub: Hub, asked: Asked, body: EventBody, now: Nanos) -> Outcome:
    """Queue an event; the answer says that it is queued, and no more."""
    refusal = _refused(hub, asked, now)
    if refusal is not None:
        return refusal
    until = hub.rules.verb_waits(asked.verb, hub.rules)
    outcome = hub.tell(asked.instance_id, body, now, response=TerminateResponse(), until=until)
    if isinstance(outcome, Refusal):
        return hub.rules.refused_call(asked.verb, asked.instance_id, outcome)
    return outcome


def verb_waits(verb: Verb, rules: Decisions) -> None:
    """API-13: what the answer to a verb waits for: nothing."""
    del verb, rules


def purge_workflow(hub: Hub, request: PurgeWorkflowRequest, now: Nanos) -> Outcome:
    """MG-7, ENG-J-12, ENG-J-16."""
    refusal = _refused(hub, Asked(Verb.PURGE, request.instance_id, request.app_id), now)
    if refusal is not None:
        return refusal
    outcome = hub.purge(hub.rules.managed_purge(request.instance_id), now)
    if isinstance(outcome, Refusal):
        return hub.rules.refused_call(Verb.PURGE, request.instance_id, outcome)
    return Reply(b"")


def managed_purge(instance_id: str) -> PurgeInstancesRequest:
    """ENG-J-16: always recursive, and never forced."""
    return PurgeInstancesRequest(instance_id=instance_id, recursive=True)


def _refused(hub: Hub, asked: Asked, now: Nanos) -> Refusal | None:
    return hub.rules.refuse_call(asked, hub.moment(now).site, hub.rules)


# Metadata.


def get_metadata(hub: Hub, request: GetMetadataRequest, now: Nanos) -> Outcome:
    """ENG-A-34."""
    del request
    return Reply(hub.rules.metadata(hub.moment(now).site, hub.dispatcher.streams))


def metadata(site: Site, workers: int) -> GetMetadataResponse:
    """ENG-A-34, API-17: who we are, and how many work-item streams are open, if any is."""
    workflows = MetadataWorkflows(connected_workers=workers) if workers else None
    return GetMetadataResponse(id=site.app_id, runtime_version=RELEASE, workflows=workflows)
