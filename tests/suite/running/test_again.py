"""What is driven a second time: little, and only what would stay without a verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dwconf.suite.cases.registry import CASES, load_suite
from dwconf.suite.running.again import FEW, by_chance
from dwconf.suite.running.outcome import Breach, CaseOutcome, RuleOutcome
from dwconf.suite.running.phases import run_phases
from dwconf.suite.running.plan import Plan, TargetSpec, Work
from dwconf.suite.running.stagehand import Stagehand
from dwconf.suite.scene.sidecar import SidecarScene
from dwconf.suite.scene.stage import CaseOver
from dwconf.suite.targets.sidecar import StartedSidecar

BREACH = Breach("a check", "this", "that", [], [])


def ended(case: str, status: str, *rules: RuleOutcome) -> CaseOutcome:
    return CaseOutcome(case, "target", status, 0, 0, list(rules))


def unseen(rule: str, check: str = "one") -> RuleOutcome:
    return RuleOutcome(rule, check, untested="the case never reached it")


def kept(rule: str, check: str = "one") -> RuleOutcome:
    return RuleOutcome(rule, check)


def broken(rule: str, check: str = "one") -> RuleOutcome:
    return RuleOutcome(rule, check, breaches=[BREACH])


@pytest.mark.parametrize(
    ("outcomes", "again"),
    [
        ([ended("a", "over", unseen("r"))], ("a",)),
        ([ended("a", "done", unseen("r"))], ()),
        ([ended("a", "crashed", unseen("r"))], ()),
        ([ended("a", "over", kept("r"))], ()),
        ([ended("a", "over", unseen("r")), ended("b", "done", kept("r"))], ()),
        ([ended("a", "over", unseen("r")), ended("b", "done", kept("r", "another"))], ("a",)),
        ([ended("a", "over", unseen("r")), ended("b", "done", broken("r", "another"))], ()),
        ([ended("a", "over", unseen("r")), ended("b", "over", unseen("q"), kept("r"))], ("b",)),
        ([ended(str(n), "over", unseen(str(n))) for n in range(FEW)], tuple(map(str, range(FEW)))),
        ([ended(str(n), "over", unseen(str(n))) for n in range(FEW + 1)], ()),
    ],
    ids=[
        "over and open",
        "not over",
        "crashed",
        "settled",
        "settled elsewhere",
        "one check of two",
        "broken elsewhere",
        "the one that is open",
        "a few",
        "many",
    ],
)
def test_a_case_that_came_to_nothing_by_chance(outcomes: list[CaseOutcome], again: tuple[str, ...]) -> None:
    assert by_chance(outcomes) == again


def test_it_is_driven_once_more_and_what_either_drive_saw_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_suite()
    name = "engine/start/plain"
    right = CASES[name]
    driven: list[str] = []

    async def unlucky(s: SidecarScene) -> None:
        """What is awaited comes the second time only."""
        driven.append(s.prefix)
        if len(driven) == 1:
            raise CaseOver("it did not come")
        await right.drive(s)

    monkeypatch.setitem(CASES, name, replace(right, drive=unlucky, alone=True))
    monkeypatch.setattr(StartedSidecar, "shares", property(lambda _self: True))
    spec = TargetSpec("engine", "started", command=("dwconf", "engine"), folder=str(tmp_path / "target"))
    work = tuple(Work(one, spec, ("engine/start/echoes-id",)) for one in (name, "engine/activities/roundtrip"))
    with Stagehand("test", suite="1", traces=tmp_path) as hand:
        plan = Plan("test", "1", work)
        outcomes, interrupted = run_phases(plan, hand, spec, jobs=1, folder=tmp_path, tell=lambda _: None)
    assert not interrupted
    assert [outcome.status for outcome in outcomes if outcome.case == name] == ["over", "done"]
    assert len(set(driven)) == len(driven)
