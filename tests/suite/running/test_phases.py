"""What shares a sidecar and what does not."""

from __future__ import annotations

import asyncio
import sys
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
from dwconf.suite.targets.process import Process
from dwconf.suite.targets.sidecar import EmbeddedSidecar, StartedSidecar
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

    async def held() -> list[bool]:
        overlap = Overlap(never, [Work("worker/a/begun", spec, ())], width=1)
        try:
            return [overlap.holds(Work(f"worker/a/{name}", spec, ())) for name in ("begun", "other")]
        finally:
            await overlap.cancel()

    assert asyncio.run(held()) == [True, False]


def test_a_workers_cases_that_are_apart_begin_with_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan's order stays that of the outcomes; each case sees its own conversation, and none of the target's."""
    begun: list[str] = []
    right = Overlap.__init__

    def heard(
        self: Overlap, perform: object, work: Iterator[Work], *, width: int, long: float | None, lost: object
    ) -> None:
        works = list(work)
        begun.extend(one.case for one in works)
        assert long is None  # each is a process of its own: no more of them at a time than there are places
        right(self, perform, works, width=width, long=long, lost=lost)  # type: ignore[arg-type]

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


def foreign(folder: Path) -> TargetSpec:
    """The reference as somebody else's engine: in real time, so that cases share it."""
    command = ("env", "-u", "DWCONF_CLOCK", sys.executable, "-m", "dwconf.suite", "engine")
    return TargetSpec("engine", "started", command=command, folder=str(folder / "target"))


def test_a_case_that_ends_a_shared_sidecar_costs_those_that_had_not_begun_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Those under way are run by themselves, which shows whose fault it is; the others still beside each other."""
    driven: list[str] = []

    def process(s: SidecarScene) -> Process:
        assert isinstance(s.target, StartedSidecar)
        assert s.target.process is not None
        return s.target.process

    async def ends(s: SidecarScene) -> None:
        process(s).terminate()
        await s.turn("no such instance", step="never")

    async def goes_on(s: SidecarScene) -> None:
        driven.append(f"{s.tape.case}{'' if s.target.routed is None else ' beside others'}")
        if s.tape.case == "engine/test/b" and s.target.routed is not None:
            await process(s).wait()
        await s.call("Hello", b"")

    names = [f"engine/test/{name}" for name in "abcd"]
    for name in names:
        monkeypatch.setitem(CASES, name, Case(name, "engine", name, goes_on if name > "engine/test/a" else ends))
    spec = foreign(tmp_path)
    plan = Plan("test", "1", tuple(Work(name, spec, ("engine/start/echoes-id",)) for name in names))
    with Stagehand("test", suite="1", traces=tmp_path) as hand:
        found, interrupted = run_phases(plan, hand, spec, jobs=1, overlap=2, folder=tmp_path, tell=lambda _: None)
    assert not interrupted
    assert [(one.case[-1], one.status) for one in found] == [
        ("c", "done"),
        ("d", "done"),
        ("a", "crashed"),
        ("b", "done"),
    ]
    assert driven[0] == "engine/test/b beside others"
    assert set(driven[1:3]) == {"engine/test/c beside others", "engine/test/d beside others"}
    assert driven[3:] == ["engine/test/b"]


ENDS_WHEN_FILTERED = """
import os, sys
from dwconf.engine.mutants.registry import mutant
from dwconf.suite.cli import main

mutant("ends", "engine/lifecycle/purge-running-fails", "ends when it is to purge by a filter",
       purge_filtered=lambda *_: os._exit(9))
sys.argv[1:] = ["engine", "--mutant", "ends"]
main(prog_name="dwconf")
"""


def test_in_several_processes_the_case_that_ends_a_sidecar_is_found_and_the_others_come_through(tmp_path: Path) -> None:
    """Nobody saw in which case it ended beside others, so that all that did not come through are run by themselves."""
    command = ("env", "-u", "DWCONF_CLOCK", sys.executable, "-c", ENDS_WHEN_FILTERED)
    spec = TargetSpec("engine", "started", command=command, folder=str(tmp_path / "target"))
    load_suite()
    cases = ("engine/purge/filtered", "engine/purge/gone", "engine/purge/running", "engine/start/plain")
    plan = Plan("test", "1", tuple(Work(case, spec, ("engine/connection/items-carry-tokens",)) for case in cases))
    with Stagehand("test", suite="1", traces=tmp_path) as hand:
        found, interrupted = run_phases(plan, hand, spec, jobs=2, folder=tmp_path, tell=lambda _: None)
    assert not interrupted
    ended = {one.case: one.status for one in found}
    assert len(found) == len(ended)
    assert ended == {case: "crashed" if case == "engine/purge/filtered" else "done" for case in cases}
    (crash,) = (one.message for one in found if one.status == "crashed")
    assert "ended with code 9 during this case" in crash
