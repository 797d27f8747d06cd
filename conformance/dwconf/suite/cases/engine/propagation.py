"""History that is passed on to activities and children."""

from __future__ import annotations

from dwconf.suite.cases.engine.rerun import again, ends, finished
from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.scene.actions import child, complete, continue_as_new, detached, schedule
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.turns import turn_after
from dwconf.wire.values import HistoryPropagationScope

NONE, OWN, LINEAGE = HistoryPropagationScope.NONE, HistoryPropagationScope.OWN_HISTORY, HistoryPropagationScope.LINEAGE
END = 9


async def over(s: SidecarScene, instance_id: str) -> None:
    """See an instance to its end, whatever it waits for."""
    await s.answer(await turn_after(s, instance_id, "end", step=f"{instance_id}/end"), complete(END))


@case(depth=Depth.FULL, needs=("history-propagation",))
async def activities(s: SidecarScene) -> None:
    """Four activities ask for their caller's history, for its lineage, for nothing, and not at all."""
    s.connect()
    wf, starting = s.start(name="caller")
    await s.turn_and_answer(
        wf,
        schedule(0, scope=OWN),
        schedule(1, scope=LINEAGE),
        schedule(2, scope=NONE),
        schedule(3),
        step="first",
    )
    await s.settle(starting, expects="an answer to StartInstance")
    for number, name in enumerate(("own", "lineage", "none", "unset")):
        await finished(s, wf, task_id=number, step=name)
    await s.history(wf, step="history")
    await ends(s, wf, *(("task", number) for number in range(4)))


@case(needs=("history-propagation",))
async def family(s: SidecarScene) -> None:
    """A child with its parent's lineage has two children and two activities: one passes all on, one its own."""
    s.connect()
    wf, starting = s.start(name="parent")
    kid, other, third = s.new_id("kid"), s.new_id("other"), s.new_id("third")
    await s.turn_and_answer(wf, child(0, "kid", instance_id=kid, scope=LINEAGE), step="parent")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(
        kid,
        child(0, "lineage", instance_id=other, scope=LINEAGE),
        child(1, "own", instance_id=third, scope=OWN),
        schedule(2, scope=LINEAGE),
        schedule(3, scope=OWN),
        child(4, "plain", instance_id=f"{kid}-plain"),
        step="kid",
    )
    await s.turn_and_answer(other, complete(0), step="grandchild-lineage")
    await s.turn_and_answer(third, complete(0), step="grandchild-own")
    await s.turn_and_answer(f"{kid}-plain", complete(0), step="grandchild-plain")
    await finished(s, kid, task_id=2, step="activity-lineage")
    await finished(s, kid, task_id=3, step="activity-own")
    turn = await turn_after(s, kid, "later", step="later")
    await s.history(wf, step="history")
    await s.history(kid, step="kid-history")
    await s.answer(turn, complete(END))
    await over(s, wf)


@case(depth=Depth.FULL, needs=("history-propagation",))
async def generations(s: SidecarScene) -> None:
    """An instance that was given nothing continues as new, and so does its child, which was given its lineage."""
    s.connect()
    wf, starting = s.start(name="parent")
    await s.turn_and_answer(wf, continue_as_new(0, '"next"'), step="parent-first")
    kid = s.new_id("kid")
    await s.turn_and_answer(wf, child(0, "kid", instance_id=kid, scope=LINEAGE), step="parent-next")
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, continue_as_new(0, '"next"'), step="kid-first")
    await s.turn_and_answer(kid, complete(0), step="kid-next")
    await over(s, wf)


@case(depth=Depth.FULL, needs=("history-propagation", "detached"))
async def from_a_child(s: SidecarScene) -> None:
    """A child that was given its lineage starts a detached workflow."""
    s.connect()
    wf, starting = s.start(name="parent")
    kid, apart = s.new_id("kid"), s.new_id("apart")
    await s.turn_and_answer(wf, child(0, "kid", instance_id=kid, scope=LINEAGE))
    await s.settle(starting, expects="an answer to StartInstance")
    await s.turn_and_answer(kid, detached(0, instance_id=apart), complete(END), step="kid")
    await s.turn_and_answer(apart, complete(0), step="detached")
    await over(s, wf)


@case(depth=Depth.FULL, needs=("history-propagation", "rerun"))
async def rerun(s: SidecarScene) -> None:
    """An activity that was given its caller's history is run again."""
    s.connect()
    wf, starting = s.start(name="caller")
    await s.turn_and_answer(wf, schedule(0, scope=LINEAGE))
    await s.settle(starting, expects="an answer to StartInstance")
    await finished(s, wf, task_id=0, step="given")
    await ends(s, wf, ("task", 0))
    new = await again(s, wf, 0)
    await finished(s, new, task_id=0, step="given-again")
    await ends(s, new, ("task", 0))
