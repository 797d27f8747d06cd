"""What shares a sidecar and what does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dwconf.suite.cases.registry import CASES, Case, load_suite
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.overlap import Overlap
from dwconf.suite.running.phases import needs_all, run_phases
from dwconf.suite.running.plan import Plan, TargetSpec, Work
from dwconf.suite.running.stagehand import Stagehand
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


def test_what_was_not_begun_is_not_waited_for() -> None:
    spec = TargetSpec("worker", "started")

    async def never(_work: Work) -> CaseOutcome:
        await asyncio.Event().wait()
        raise AssertionError

    async def asked() -> CaseOutcome | None:
        overlap = Overlap(never, [Work("worker/a/begun", spec, ())], width=1)
        try:
            return await overlap.outcome(Work("worker/a/other", spec, ()))
        finally:
            await overlap.cancel()

    assert asyncio.run(asked()) is None


def test_a_workers_cases_that_are_apart_begin_with_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan's order stays that of the outcomes; each case sees its own conversation, and none of the target's."""
    begun: list[str] = []
    right = Overlap.__init__

    def heard(self: Overlap, perform: object, work: Iterator[Work], *, width: int, long: float | None) -> None:
        works = list(work)
        begun.extend(one.case for one in works)
        assert long is None  # each is a process of its own: no more of them at a time than there are places
        right(self, perform, works, width=width, long=long)  # type: ignore[arg-type]

    monkeypatch.setattr(Overlap, "__init__", heard)
    spec = TargetSpec("worker", "started", command=("dwconf", "app"), folder=str(tmp_path / "target"))
    apart = ["worker/connection/first-contact", "worker/connection/lost-stream", "worker/completion/panic"]
    cases = ["worker/replay/sequence", "worker/activities/echoed", "worker/replay/crowd", *apart]
    rules = ("worker/connection/reconnects-after-end", "worker/connection/results-of-lost-stream")
    outcomes: list[CaseOutcome] = []
    with Stagehand("test", suite="1", traces=tmp_path) as hand:
        plan = Plan("test", "1", tuple(Work(case, spec, rules) for case in cases))
        found, interrupted = run_phases(plan, hand, spec, jobs=1, folder=tmp_path, tell=outcomes.append)
    assert not interrupted
    assert begun == apart
    assert [outcome.case for outcome in found] == cases
    assert [(outcome.status, outcome.message) for outcome in found] == [("done", "")] * len(cases)
    assert not [rule for outcome in found for rule in outcome.rules if rule.breaches or rule.untested]
