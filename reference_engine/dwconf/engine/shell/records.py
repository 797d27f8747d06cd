"""How instances, activities and timers are written into rows, and read back.

A row holds what its table is looked up by, and one compact blob. The blob of an instance leaves out its history and its
inbox, which have rows of their own, so that a turn writes what is new.
"""

from __future__ import annotations

from typing import Any

import msgspec

from dwconf.engine.core.frames import History
from dwconf.engine.core.instance import Instance, Kind, OpenTimer, Parent, Stall, queued
from dwconf.engine.core.messages import ActivityTask, Alarm, Timer
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import ExecutionCompleted, HistoryEvent, OrchestrationStatus, StalledReason, TaskRouter

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder()


def instance_row(state: Instance) -> bytes:
    """An instance without birth, history and inbox."""
    parent, stall = state.parent, state.stalled
    return _encoder.encode(
        (
            state.epoch,
            None if parent is None else (parent.instance_id, parent.epoch, parent.task_id),
            int(state.status),
            state.created_at,
            state.updated_at,
            state.started_at,
            None if state.due is None else str(state.due),
            state.custom_status,
            None if state.ending is None else encode(state.ending),
            tuple(state.open_tasks),
            tuple(state.open_children),
            tuple((timer.id, timer.event) for timer in state.open_timers),
            tuple((kind.value, number) for kind, number in state.settled_early),
            state.used_ids,
            state.patches,
            state.version_name,
            state.renewed,
            None if stall is None else (int(stall.reason), stall.description, stall.recorded),
        )
    )


def read_instance(
    instance_id: str,
    row: bytes,
    *,
    birth: bytes,
    history: History,
    first: int,
    inbox: list[bytes],
    incoming: bytes | None,
) -> Instance:
    """The instance that rows describe."""
    (
        epoch,
        parent,
        status,
        created_at,
        updated_at,
        started_at,
        due,
        custom_status,
        ending,
        tasks,
        children,
        timers,
        settled_early,
        used_ids,
        patches,
        version_name,
        renewed,
        stalled,
    ) = _decoder.decode(row)
    return Instance(
        id=instance_id,
        epoch=epoch,
        birth=decode(HistoryEvent, birth),
        parent=None if parent is None else Parent(*parent),
        status=OrchestrationStatus(status),
        created_at=created_at,
        updated_at=updated_at,
        started_at=started_at,
        due=None if due is None else int(due),
        custom_status=custom_status,
        ending=None if ending is None else decode(ExecutionCompleted, ending),
        history=history,
        inbox=tuple(queued(decode(HistoryEvent, data)) for data in inbox),
        first=first,
        open_tasks=frozenset(tasks),
        open_children=frozenset(children),
        open_timers=tuple(OpenTimer(number, event) for number, event in timers),
        settled_early=frozenset((Kind(kind), number) for kind, number in settled_early),
        used_ids=tuple((low, high) for low, high in used_ids),
        patches=tuple(patches),
        version_name=version_name,
        renewed=renewed,
        stalled=None if stalled is None else Stall(StalledReason(stalled[0]), *stalled[1:]),
        incoming=incoming,
    )


def activity_row(task: ActivityTask) -> bytes:
    """What of an activity is not in its key."""
    router = None if task.router is None else encode(task.router)
    return _encoder.encode((task.task_execution_id, router, task.request))


def read_activity(instance_id: str, epoch: str, task_id: int, row: bytes) -> ActivityTask:
    """The activity that a row describes."""
    task_execution_id, router, request = _decoder.decode(row)
    return ActivityTask(
        instance_id, epoch, task_id, task_execution_id, None if router is None else decode(TaskRouter, router), request
    )


def timer_row(timer: Timer) -> tuple[Any, ...]:
    """The columns of a timer, its times as text: they may exceed 64 bits."""
    fire_at = None if timer.fire_at is None else str(timer.fire_at)
    return (timer.instance_id, timer.alarm.value, timer.timer_id, timer.epoch, fire_at, str(timer.due))


def read_timer(row: tuple[Any, ...]) -> Timer:
    """The timer that a row describes."""
    instance_id, alarm, timer_id, epoch, fire_at, due = row
    return Timer(instance_id, epoch, Alarm(alarm), timer_id, None if fire_at is None else int(fire_at), int(due))
