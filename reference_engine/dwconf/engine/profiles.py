"""Profiles: engines that keep the protocol by the other of two legitimate contracts.

The reference does what daprd does. `durabletask-go` is what the engine of that name does on its own, with its SQLite
backend, where the protocol leaves the choice. A profile is not a mutant: it breaks no rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance, Kind, OpenTimer, Queued, Stall
from dwconf.engine.core.messages import ActivityTask, Code, Create, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.wire.values import (
    EventBody,
    EventRaised,
    HistoryEvent,
    HistoryPropagationScope,
    ListInstanceIDsRequest,
    PurgeInstanceFilter,
    PurgeInstancesResponse,
    RerunWorkflowFromEventRequest,
    WorkflowResponse,
    WorkflowState,
    WorkflowVersion,
)


def _unknown_turn(instance_id: str) -> Refusal:
    """ENG-A-15: an answer that nobody waits for is an error."""
    return Refusal(Code.UNKNOWN, f"unknown instance ID: {instance_id}")


def _unknown_activity(instance_id: str, task_id: int) -> Refusal:
    """ENG-A-15: as for turns."""
    return Refusal(Code.UNKNOWN, f"unknown instance ID/task ID combo: {instance_id}/{task_id}")


def _no_router(moment: Moment) -> None:
    """ENG-B-05: a client's start names no app."""
    del moment


def _no_reuse(existing: Instance, create: Create, rules: Decisions) -> Refusal:
    """ENG-B-10: an id is free again only after a purge."""
    del existing, create, rules
    return Refusal(Code.ALREADY_EXISTS, "orchestration instance already exists")


def _version_verbatim(state: Instance, version: WorkflowVersion | None) -> WorkflowVersion | None:
    """ENG-C-19: the version of each answer is kept as it came."""
    del state
    return version if version is not None and (version.patches or version.name) else None


def _status_kept(before: str | None, answered: str | None) -> str | None:
    """ENG-C-20: an answer without a custom status leaves the one that is there."""
    return before if answered is None else answered


def _nothing_beaten(timers: tuple[OpenTimer, ...], events: tuple[Queued, ...]) -> tuple[OpenTimer, ...]:
    """ENG-E-05: a timer fires, whether its event has come or not."""
    del timers, events
    return ()


def _unknown_instance(body: EventBody) -> Refusal | None:
    """ENG-F-07, ENG-H-06: an event for nobody is taken and forgotten; a control event is an error."""
    return None if isinstance(body, EventRaised) else Refusal(Code.UNKNOWN, "no such instance exists")


def _force_ignored() -> bool:
    """ENG-H-25: force has no meaning."""
    return False


def _no_filter(hub: object, wanted: PurgeInstanceFilter) -> PurgeInstancesResponse | Refusal:
    """ENG-H-26: purging by filter is not served."""
    del hub, wanted
    return Refusal(Code.UNKNOWN, "multi-instance purge is not implemented")


def _refuse_purge(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """ENG-H-23: refusals have no code of their own."""
    refusal = REFERENCE.refuse_purge(state, rules, force=force)
    return None if refusal is None else replace(refusal, code=Code.UNKNOWN)


def _unknown_wait(instance_id: str) -> Refusal:
    """ENG-H-43: to wait for nobody is an error."""
    del instance_id
    return Refusal(Code.UNKNOWN, "no such instance exists")


def _no_history(instance_id: str) -> bytes:
    """ENG-H-44: nobody's history is empty."""
    del instance_id
    return b""


def _one_page(request: ListInstanceIDsRequest) -> None:
    """ENG-H-45: everything is on one page."""
    del request


def _empty_version(state: Instance, rules: Decisions) -> WorkflowState:
    """ENG-H-39: the version is always there, and empty."""
    return replace(REFERENCE.workflow_state(state, rules), version="")


def _orphans_kept(
    state: Instance, events: Sequence[Queued], made: Sequence[HistoryEvent]
) -> frozenset[tuple[Kind, int]]:
    """ENG-I-07: a resolution that matches nothing stays in history."""
    del state, events, made
    return frozenset()


def _never_early(state: Instance, kind: Kind, number: int) -> bool:
    """ENG-D-13: an operation whose resolution came early is carried out all the same."""
    del state, kind, number
    return False


def _never_unsuitable(state: Instance, response: WorkflowResponse, rules: Decisions) -> Stall | None:
    """ENG-H-34: whatever version or patches an answer tells of, it is committed."""
    del state, response, rules
    return None


def _turn_unmeasured(state: Instance, moment: Moment) -> Stall | None:
    """ENG-H-34: a turn is sent, however large it is."""
    del state, moment
    return None


def _activity_unmeasured(task: ActivityTask, moment: Moment) -> Stall | None:
    """ENG-D-14: an activity is sent, however large it is."""
    del task, moment
    return None


def _no_rerun(request: RerunWorkflowFromEventRequest, new_id: str) -> Refusal:
    """ENG-H-36: not served."""
    del request, new_id
    return Refusal(Code.UNIMPLEMENTED, "not implemented")


def _keeps_history_to_itself(scope: HistoryPropagationScope | None) -> bool:
    """ENG-A-33: the scope is recorded, and no history is passed on."""
    del scope
    return False


def _no_dapr_api(method: str) -> Refusal:
    """MG-1: only the task hub is served."""
    return Refusal(Code.UNIMPLEMENTED, f"unknown method {method}")


DURABLETASK_GO = replace(
    REFERENCE,
    refuse_method=_no_dapr_api,
    unknown_turn=_unknown_turn,
    unknown_activity=_unknown_activity,
    started_router=_no_router,
    refuse_create=_no_reuse,
    recorded_version=_version_verbatim,
    custom_status_after=_status_kept,
    beaten=_nothing_beaten,
    unknown_instance=_unknown_instance,
    honours_force=_force_ignored,
    purge_filtered=_no_filter,
    refuse_purge=_refuse_purge,
    refuse_wait=_unknown_wait,
    unknown_history=_no_history,
    page_size=_one_page,
    workflow_state=_empty_version,
    orphans=_orphans_kept,
    resolved_early=_never_early,
    unsuitable=_never_unsuitable,
    turn_too_large=_turn_unmeasured,
    activity_too_large=_activity_unmeasured,
    refuse_rerun=_no_rerun,
    passes_on=_keeps_history_to_itself,
)

PROFILES: Mapping[str, Decisions] = {"reference": REFERENCE, "daprd": REFERENCE, "durabletask-go": DURABLETASK_GO}
"""Decisions by profile."""
