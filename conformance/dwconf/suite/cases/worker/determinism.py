"""Deterministic helpers (chapter L)."""

from __future__ import annotations

from dwconf.suite.cases.registry import Depth, case
from dwconf.suite.programs import call, probe, program, return_, start, var
from dwconf.suite.scene.instance import Instance
from dwconf.suite.scene.worker import WorkerScene

IDS = [var(name) for name in ("one", "two", "three")]


@case(needs=("guid",))
async def generated_ids(s: WorkerScene) -> None:
    """Two instances make two unique ids in their first turn and one in the last, which is sent twice."""
    code = program(
        probe(as_="one", guid=True),
        probe(as_="two", guid=True),
        call("echo", [var("one"), var("two")]),
        probe(as_="three", guid=True),
        return_(IDS),
    )
    for name in ("wf", "other"):
        wf = Instance(s, code)
        first = await wf.turn(step=f"{name}/first")
        last = await wf.turn(wf.completed(first.task), step=f"{name}/last")
        await wf.again(last, step=f"{name}/again")


@case(depth=Depth.FULL, needs=("guid",))
async def calls_between(s: WorkerScene) -> None:
    """The second unique id of one instance, in a program with an activity between the two and in one without."""
    two = (probe(as_="one", guid=True), probe(as_="two", guid=True))
    ids = [var("one"), var("two")]
    plain = Instance(s, program(*two, return_(ids)))
    await plain.turn(step="without")
    between = program(two[0], start("echo", 1, as_="a"), two[1], return_(ids))
    await Instance(s, between, instance_id=plain.id).turn(step="with")
