"""The stagehand: a target that ends during a case is a finding, and the next case has a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dwconf.suite.cases.registry import CASES, Case
from dwconf.suite.running.outcome import CaseOutcome
from dwconf.suite.running.plan import TargetSpec, Work
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.targets.errors import TargetError
from dwconf.suite.targets.sidecar import StartedSidecar
from dwconf.suite.trace.file import read_trace
from dwconf.wire.rpc import TASK_HUB

RULES = ("engine/start/echoes-id",)


@pytest.fixture
def stagehand(tmp_path: Path) -> Iterator[Stagehand]:
    with Stagehand("test", suite="1", traces=tmp_path) as hand:
        yield hand


def started(folder: Path) -> TargetSpec:
    return TargetSpec("engine", "started", command=("dwconf", "engine"), folder=str(folder / "target"))


async def ends_its_target(s: SidecarScene) -> None:
    """The target's process is ended while something is awaited."""
    assert isinstance(s.target, StartedSidecar)
    assert s.target.process is not None
    s.target.process.terminate()
    await s.turn("no such instance", step="never")


def test_a_target_that_ends_is_told_and_replaced(
    monkeypatch: pytest.MonkeyPatch, stagehand: Stagehand, tmp_path: Path
) -> None:
    spec = started(tmp_path)
    load = CASES["engine/start/plain"]
    monkeypatch.setitem(CASES, "engine/test/ends", Case("engine/test/ends", "engine", "ends", ends_its_target))
    lost = stagehand.perform(Work("engine/test/ends", spec, RULES))
    assert lost is not None
    assert lost.status == "crashed"
    assert "the target's process ended with code 0 during this case" in lost.message
    after = stagehand.perform(Work(load.id, spec, RULES))
    assert after is not None
    assert (after.status, [rule.breaches for rule in after.rules]) == ("done", [[]])


async def outlives_its_target(s: SidecarScene) -> None:
    """Beside the case that ends the target: a call is made on the connection that has been given up by then."""
    caller, connection = s._caller, s.target.channel
    while s.target.channel is connection:
        await s.settle(s.begin("Hello", b"", timeout=1))
    await s.settle(caller.begin(TASK_HUB.methods["Hello"], b"", timeout=1))


async def comes_through_all_the_same(s: SidecarScene) -> None:
    """The case is over as soon as its target answers no more, which may be before its process has ended."""
    assert isinstance(s.target, StartedSidecar)
    assert s.target.process is not None
    s.target.process.terminate()
    while (await s.call("Hello", b"")).code != "UNAVAILABLE":
        pass


def test_a_case_that_is_over_before_its_dying_target_has_lost_it(
    monkeypatch: pytest.MonkeyPatch, stagehand: Stagehand, tmp_path: Path
) -> None:
    ends = Case("engine/test/ends", "engine", "ends", comes_through_all_the_same)
    monkeypatch.setitem(CASES, ends.id, ends)
    outcome = stagehand.perform(Work(ends.id, started(tmp_path), RULES))
    assert outcome is not None
    assert outcome.status == "crashed"


def test_cases_beside_one_that_ends_the_target_have_lost_it_too(
    monkeypatch: pytest.MonkeyPatch, stagehand: Stagehand, tmp_path: Path
) -> None:
    drives = {"engine/test/ends": ends_its_target, "engine/test/beside": outlives_its_target}
    for name, drive in drives.items():
        monkeypatch.setitem(CASES, name, Case(name, "engine", name, drive))
    both = [Work(name, started(tmp_path), RULES) for name in drives]

    async def at_once() -> list[CaseOutcome]:
        return await asyncio.gather(*(stagehand._perform(work) for work in both))

    assert [outcome.status for outcome in stagehand.do(at_once())] == ["crashed", "crashed"]


def test_one_target_serves_case_after_case(stagehand: Stagehand) -> None:
    spec = TargetSpec("engine", "embedded")
    first = stagehand.target(spec)
    outcome = stagehand.perform(Work("engine/start/plain", spec, RULES))
    assert outcome is not None
    assert outcome.status == "done"
    assert stagehand.target(spec) is first
    assert stagehand.target(TargetSpec("engine", "embedded", mutant="chooses-ids")) is not first


def test_a_target_that_cannot_be_started_is_the_users_matter(stagehand: Stagehand, tmp_path: Path) -> None:
    spec = TargetSpec("engine", "started", command=("/no/such/program",), folder=str(tmp_path))
    with pytest.raises(TargetError, match="the command does not start"):
        stagehand.perform(Work("engine/start/plain", spec, RULES))


def test_what_crossed_the_wire_is_in_the_trace(tmp_path: Path) -> None:
    with Stagehand("test", suite="1", traces=tmp_path) as hand:
        hand.perform(Work("engine/start/plain", TargetSpec("engine", "embedded"), RULES))
    records = list(read_trace(tmp_path / "trace-0.dwt"))
    assert [r.number for r in records] == list(range(1, len(records) + 1))
    assert {r.method.rsplit("/", 1)[-1] for r in records} >= {"StartInstance", "GetWorkItems", "CompleteWorkflowTask"}
