"""Purging: an instance by its id, with its descendants where that is asked for, or all that a filter selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dwconf.engine.core.children import descendants
from dwconf.engine.core.dispatch import ActivityWork
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Refusal
from dwconf.wire.values import PurgeInstanceFilter, PurgeInstancesRequest, PurgeInstancesResponse

if TYPE_CHECKING:
    from dwconf.engine.core.hub import Hub


def purge(hub: Hub, request: PurgeInstancesRequest) -> PurgeInstancesResponse | Refusal:
    """ENG-H-22 to ENG-H-26: remove all that is meant, or nothing; how many these were."""
    rules = hub.rules
    if request.purge_instance_filter is not None:
        return rules.purge_filtered(hub, request.purge_instance_filter)
    root, force = request.instance_id or "", bool(request.force)
    doomed = [root, *(descendants(hub.find, root, rules) if rules.purges_children(request) else ())]
    for instance_id in doomed:
        refusal = rules.refuse_purge(hub.find(instance_id), rules, force=force)
        if refusal is not None:
            return refusal
    for instance_id in doomed:
        hub.remove(instance_id)
    return PurgeInstancesResponse(deleted_instance_count=len(doomed))


def purges_children(request: PurgeInstancesRequest) -> bool:
    """ENG-H-22, ENG-H-24: children are purged only when that was asked for."""
    return request.recursive


def forgotten(activities: tuple[ActivityWork, ...]) -> tuple[ActivityWork, ...]:
    """ENG-D-10: the activities that go with a purged instance: all that have no outcome."""
    return activities


def timers_go_too() -> bool:
    """ENG-B-10: whether a purged instance's timers go with it."""
    return True


def selects(wanted: PurgeInstanceFilter, state: Instance) -> bool:
    """ENG-H-26: whether a filter selects an instance: by the time of its creation, and by its status."""
    if wanted.created_time_from is not None and state.created_at < wanted.created_time_from:
        return False
    if wanted.created_time_to is not None and state.created_at > wanted.created_time_to:
        return False
    return not wanted.runtime_status or state.status in wanted.runtime_status


def purge_filtered(hub: Hub, wanted: PurgeInstanceFilter) -> PurgeInstancesResponse | Refusal:
    """ENG-H-26: purge what a filter selects and what may be purged; how many these were."""
    count = 0
    for instance_id in tuple(hub.all_ids()):
        state = hub.find(instance_id)
        if state is not None and hub.rules.is_terminal(state.status) and hub.rules.selects(wanted, state):
            hub.remove(instance_id)
            count += 1
    return PurgeInstancesResponse(deleted_instance_count=count)
