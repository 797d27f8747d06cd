"""What clients see: the state of an instance, what waits are waiting for, lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dwconf.engine.core.frames import HISTORY_EVENTS, History, joined, split
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Code, Refusal
from dwconf.wire.values import (
    GetInstanceResponse,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    OrchestrationStatus,
    WorkflowState,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

PAGE = 1024
"""Ids on a page when the caller does not say how many (ENG-H-45)."""


def get_instance(state: Instance | None, rules: Decisions, *, payloads: bool) -> GetInstanceResponse:
    """ENG-H-37: an unknown instance is not an error, it does not exist."""
    if state is None:
        return GetInstanceResponse(exists=False)
    shown = rules.workflow_state(state, rules)
    return GetInstanceResponse(exists=True, workflow_state=shown if payloads else rules.without_payloads(shown))


def workflow_state(state: Instance, rules: Decisions) -> WorkflowState:
    """ENG-G-12, ENG-H-39 to ENG-H-41: what there is to know; what is unset stays unset."""
    start, ending = state.start, state.ending
    parent = start.parent_instance
    return WorkflowState(
        instance_id=state.id,
        name=start.name,
        version=state.version_name,
        workflow_status=rules.visible_status(state),
        scheduled_start_timestamp=start.scheduled_start_timestamp,
        created_timestamp=state.created_at,
        last_updated_timestamp=state.updated_at,
        input=start.input,
        output=ending.result if ending is not None else None,
        custom_status=state.custom_status,
        failure_details=ending.failure_details if ending is not None else None,
        parent_instance_id=state.parent.instance_id if state.parent is not None else None,
        parent_app_id=parent.app_id if parent is not None else None,
        started_at=state.started_at,
    )


def visible_status(state: Instance) -> OrchestrationStatus:
    """ENG-H-13, ENG-H-20, ENG-H-32: the status that queries show: an end, else the stall, else what was before it."""
    return state.status if state.stalled is None or state.ending is not None else OrchestrationStatus.STALLED


def without_payloads(shown: WorkflowState) -> WorkflowState:
    """ENG-H-38: without inputs and outputs there is no custom status and no failure either."""
    return WorkflowState(
        instance_id=shown.instance_id,
        name=shown.name,
        version=shown.version,
        workflow_status=shown.workflow_status,
        scheduled_start_timestamp=shown.scheduled_start_timestamp,
        created_timestamp=shown.created_timestamp,
        last_updated_timestamp=shown.last_updated_timestamp,
        execution_id=shown.execution_id,
        completed_timestamp=shown.completed_timestamp,
        parent_instance_id=shown.parent_instance_id,
        tags=shown.tags,
        parent_app_id=shown.parent_app_id,
        started_at=shown.started_at,
    )


def has_started(state: Instance, rules: Decisions) -> bool:
    """ENG-B-03, ENG-H-42: anything but PENDING counts as started."""
    return rules.visible_status(state) != OrchestrationStatus.PENDING


def has_ended(state: Instance, rules: Decisions) -> bool:
    """ENG-H-42, ENG-H-27: the four terminal statuses count as completed."""
    return rules.is_terminal(rules.visible_status(state))


def is_suspended(state: Instance, rules: Decisions) -> bool:
    """ENG-H-08: a suspension is answered when it has happened, or cannot happen any more."""
    return rules.visible_status(state) == OrchestrationStatus.SUSPENDED or rules.has_ended(state, rules)


def is_resumed(state: Instance, rules: Decisions) -> bool:
    """ENG-H-08: a resumption is answered when the instance runs, or has ended."""
    return rules.visible_status(state) == OrchestrationStatus.RUNNING or rules.has_ended(state, rules)


def refuse_wait(instance_id: str) -> None:
    """ENG-H-43: a wait for an instance that does not exist waits until it does."""
    del instance_id


def history_events(state: Instance | None, instance_id: str, rules: Decisions) -> bytes | Refusal:
    """ENG-C-04, ENG-H-44: the committed events, as an encoded GetInstanceHistoryResponse."""
    if state is None:
        return rules.unknown_history(instance_id)
    return joined(HISTORY_EVENTS, split(rules.shown_history(state).frames))


def shown_history(state: Instance) -> History:
    """ENG-C-24: what is committed, and nothing else."""
    return state.history


def unknown_history(instance_id: str) -> bytes | Refusal:
    """ENG-H-44: the history of an unknown instance is an error."""
    return Refusal(Code.NOT_FOUND, f"workflow instance '{instance_id}' not found")


def page_size(request: ListInstanceIDsRequest) -> int | None:
    """ENG-H-45: how many ids a page has; None for all of them."""
    return request.page_size or PAGE


def page(ids: Sequence[str], size: int | None) -> ListInstanceIDsResponse:
    """MG-8: a page of ids, of which at most `size` are shown; the token is the last one shown, if more follow."""
    if size is None or len(ids) <= size:
        return ListInstanceIDsResponse(instance_ids=tuple(ids))
    return ListInstanceIDsResponse(instance_ids=tuple(ids[:size]), continuation_token=ids[size - 1])
