"""What an engine keeps in memory: what is open, and nothing of what has ended or was only asked for."""

from __future__ import annotations

import pytest

from dwconf.wire.values import (
    CreateChildWorkflow,
    CreateTimer,
    GetInstanceRequest,
    PurgeInstancesRequest,
    RaiseEventResponse,
    ScheduleTask,
    TimerOriginExternalEvent,
    WorkerCapability,
)
from dwconf.wire.values.history import EventRaised
from tests.engine.rig import Rig, complete

NEVER = 253_402_300_799_999_999_999


def kept(rig: Rig) -> dict[str, int]:
    """How many things the engine and its parts hold, by the names of what holds them; the empty not."""
    holders = [rig.hub, rig.hub._held, rig.hub._held.agenda, rig.hub.dispatcher, *rig.hub.dispatcher._streams.values()]
    sizes = dict[str, int]()
    for holder in holders:
        for name in getattr(holder, "__slots__", None) or vars(holder):
            value = getattr(holder, name)
            if isinstance(value, dict | set | list) and value:
                sizes[f"{type(holder).__name__}.{name}"] = len(value)
    return sizes


def one_of_everything(rig: Rig, name: str) -> None:
    """A workflow with an activity, a child, and a timer that is never due."""
    rig.start(name)
    rig.answer(
        ScheduleTask(name="a"),
        CreateChildWorkflow(name="n", instance_id=f"{name}-child"),
        CreateTimer(fire_at=NEVER, origin=TimerOriginExternalEvent(name="E")),
    )
    rig.items.sort(key=lambda item: type(item[1].request).__name__)
    rig.perform()
    turns = {item.request.instance_id: item for _, item in rig.items}  # type: ignore[union-attr]
    rig.items[:] = [(1, turns[f"{name}-child"]), (1, turns[name])]
    rig.answer(complete())
    rig.answer()
    rig.answer(complete(), first=3)


@pytest.mark.parametrize("capabilities", [(), (WorkerCapability.STATEFUL_HISTORY,)], ids=["plain", "stateful"])
def test_nothing_is_kept_of_instances_that_have_ended(capabilities: tuple[WorkerCapability, ...]) -> None:
    rig = Rig()
    rig.connect(*capabilities)
    bare = kept(rig)
    for number in range(200):
        one_of_everything(rig, f"i{number}")
    after = kept(rig)
    assert after.pop("Agenda._heap", 0) < 200
    assert after == bare


def test_nothing_is_kept_of_what_was_only_asked_for() -> None:
    rig = Rig()
    rig.connect()
    bare = kept(rig)
    for number in range(100):
        rig.hub.get(GetInstanceRequest(instance_id=f"nobody-{number}"))
        rig.hub.history(f"nobody-{number}")
        rig.hub.tell(f"nobody-{number}", EventRaised(name="E"), rig.now, response=RaiseEventResponse())
        rig.purge(PurgeInstancesRequest(instance_id=f"nobody-{number}"))
    assert kept(rig) == bare
