"""What shares a sidecar and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from dwconf.suite.cases.registry import CASES, Case, load_suite
from dwconf.suite.running.phases import needs_all
from dwconf.suite.running.plan import TargetSpec, Work
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.targets.sidecar import EmbeddedSidecar
from dwconf.suite.trace.record import Actor, Kind, Record, Tape


def sharing() -> Iterator[Case]:
    load_suite()
    spec = TargetSpec("engine", "attached")
    return (case for case in CASES.values() if case.side == "engine" and not needs_all(Work(case.id, spec, ())))


def about_streams(records: list[Record]) -> bool:
    """Whether a conversation opens a second stream, asks for capabilities, or ends a stream before its own end."""
    opened = [r for r in records if r.kind is Kind.OPEN]
    ended = any(r.kind is Kind.END and r.actor is Actor.SUITE for r in records)
    return ended or len(opened) > 1 or any(r.payload for r in opened)


def test_cases_that_share_a_sidecar_are_not_about_streams() -> None:
    """One that is could not be kept apart from the others by a router: it has to be registered as alone."""

    async def conversations() -> list[str]:
        target = EmbeddedSidecar()
        await target.start()
        found = []
        for number, case in enumerate(sharing()):
            tape = Tape(case.id, clock=target.now)
            scene = SidecarScene(target, tape, f"dwtest-{number}")
            await case.drive(scene)
            if about_streams(tape.records) or scene._channels or scene._adopted:
                found.append(case.id)
            await scene.close()
        await target.stop()
        return found

    found = asyncio.run(conversations())
    assert not found, " ".join(found)
