"""Random programs find wrong workers, and what they show of each is small."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest

from dwconf.suite.looking import Look
from dwconf.suite.programs import Step
from dwconf.suite.running.outcome import Breach
from dwconf.suite.running.plan import TargetSpec, Work
from dwconf.suite.running.stagehand import Stagehand

RULE = "worker/replay/programs-do-what-they-mean"
CASE = "worker/programs/random"
FOUND = [
    "all-but-one",
    "last-one-wins",
    "newest-wait-first",
    "drops-unawaited-events",
    "timed-out-wait-stays",
    "resolves-the-next-task",
    "clock-stands-still",
    "timers-a-second-late",
    "timeout-is-a-time",
    "never-retries",
]
"""Mutants of other rules, whose own cases were written to find them."""
SMALL = 8
"""Steps of the smallest program, at most."""


@pytest.fixture(scope="module")
def stagehand() -> Iterator[Stagehand]:
    with Stagehand("quality", suite="0") as hand:
        yield hand


def breaches(stagehand: Stagehand, mutant: str, *, seed: int = 0) -> list[Breach]:
    outcome = stagehand.perform(
        Work(CASE, TargetSpec("worker", "embedded", mutant=mutant), (RULE,), look=Look(seed=seed))
    )
    assert outcome is not None
    assert outcome.status == "done", outcome.message
    return [breach for rule in outcome.rules for breach in rule.breaches]


def size(steps: Sequence[Step]) -> int:
    return sum(1 + size(step.get("steps", [])) + size(step.get("catch", [])) for step in steps)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_reference_does_what_programs_mean(stagehand: Stagehand, seed: int) -> None:
    assert not breaches(stagehand, "", seed=seed)


@pytest.mark.parametrize("mutant", FOUND)
def test_a_wrong_worker_is_shown_by_a_small_program(stagehand: Stagehand, mutant: str) -> None:
    (breach,) = breaches(stagehand, mutant)
    assert size(json.loads(breach.expected.split("in the program ")[1])) <= SMALL
