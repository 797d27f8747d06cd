"""Taking turns until one brings what the case is about.

An engine batches events as it likes: what was sent one after the other may come in one turn or in several. A case that
waits for an event answers the turns before it with nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from dwconf.suite.evidence import Item
from dwconf.suite.evidence.events import without_openings
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.wire.values import ActivityRequest, EventRaised, Value, WorkflowVersion

TURNS = 20
"""No engine needs more turns than this to bring what is queued."""


def raised(name: str) -> Callable[[Item], bool]:
    """Whether a turn brings the external event of this name."""

    def brings(item: Item) -> bool:
        return any(isinstance(e.body, EventRaised) and e.body.name == name for e in item.turn.new_events)

    return brings


def anything(item: Item) -> bool:
    """Whether a turn brings any event at all; a turn with its workflowStarted alone is allowed (ENG-C-31)."""
    return bool(without_openings(item.turn.new_events))


def event(kind: type[Value]) -> Callable[[Item], bool]:
    """Whether a turn brings an event of this kind."""
    return lambda item: bool(item.new(kind))


async def turn_with(
    s: SidecarScene,
    instance_id: str,
    brings: Callable[[Item], bool],
    *,
    step: str,
    within: float | None = None,
    version: WorkflowVersion | None = None,
) -> Item:
    """The next turn that brings something; earlier ones are answered with no actions, this one is not answered.

    `version` is what the worker says of itself in each answer.
    """
    for _ in range(TURNS):
        item = await s.turn(instance_id, step=step, within=within)
        if brings(item):
            return item
        await s.answer(item, version=version)
    s.missed(step, f"within {TURNS} turns of {instance_id}, the one that brings it")
    raise CaseOver(f"{TURNS} turns of {instance_id} without what was awaited")


async def either_activity(s: SidecarScene, instance_id: str, *, own: int, stale: int) -> bool:
    """Wait for the first activity that one of two answers asked for; whether it is that of our own.

    Where an answer counted that should not have, what follows would wait for what cannot come.
    """

    def came() -> bool | None:
        requests = [item.item.request for item in s.items if item.instance_id == instance_id]
        wanted = [request.task_id for request in requests if isinstance(request, ActivityRequest)]
        return next((number == own for number in wanted if number in (own, stale)), None)

    return await s.until(came, step="", expects=f"activity {own} of {instance_id}")


async def brought(s: SidecarScene, instance_id: str, brings: Callable[[Item], bool], *, step: str, since: int) -> None:
    """See to it that something has come and its turn is answered, in whichever turn after record `since` that was."""
    for item in s.items:
        if item.instance_id == instance_id and item.number > since and brings(item):
            s.reached(step, item.number)
            return
    await s.answer(await turn_with(s, instance_id, brings, step=step))


async def turn_after(s: SidecarScene, instance_id: str, name: str, *, step: str) -> Item:
    """Raise an event as a fence, and take the turn that brings it: all that was queued before has come by then."""
    await s.settle(s.raise_event(instance_id, name), step=f"{step}/raised", expects="an answer to RaiseEvent")
    return await turn_with(s, instance_id, raised(name), step=step)


async def started(s: SidecarScene, *, name: str = "wf", input: str | None = '"in"', step: str = "first") -> str:  # noqa: A002
    """Start an instance and commit its first turn without actions; its id. The step is the first turn."""
    wf, starting = s.start(name=name, input=input)
    turn = await s.turn(wf, step=step)
    await s.answer(turn)
    await s.settle(starting, expects="an answer to StartInstance")
    return wf
