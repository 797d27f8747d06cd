"""Searching for a schedule that an engine plays wrong, and for the smallest that plays wrong in the same way.

Hypothesis draws and shrinks. A search looks for one broken rule at a time: the first that is found is the one that
shrinking keeps to; afterwards it counts as known, and the search goes on for others. It ends when it finds nothing
more, has seen enough, or its time is up. What it returns was played once more, and says whether it broke the same rule
again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed as seeded, settings
from hypothesis.errors import Flaky

from dwconf.suite.schedules.generation import schedules
from dwconf.suite.schedules.operations import Schedule, written

MOST = 5
"""How many broken rules a search shows."""
Play = Callable[[Schedule], Iterable[str]]
"""Plays a schedule; the rules that were broken."""


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule that breaks a rule, the smallest that was seen to; `again` says whether it did so once more."""

    rule: str
    schedule: Schedule
    again: bool


class _Broken(Exception):
    """A rule was broken; Hypothesis shrinks what raises this."""


def search(play: Play, *, seed: int, examples: int, patient: Callable[[], bool], most: int = MOST) -> list[Found]:
    """Look for schedules that break rules. `patient` says whether there is time left."""
    found: list[Found] = []
    while len(found) < most and patient():
        one = _Search(play, {known.rule for known in found}, patient).first(seed + len(found), examples)
        if one is None:
            break
        found.append(one)
    return found


class _Search:
    """One search for one broken rule."""

    def __init__(self, play: Play, known: set[str], patient: Callable[[], bool]) -> None:
        self._play = play
        self._known = known
        self._patient = patient
        self._rule = ""
        self._best: Schedule | None = None

    def first(self, seed: int, examples: int) -> Found | None:
        """The smallest schedule for the first rule that is found to be broken."""

        @seeded(seed)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(schedules)
        def holds(schedule: Schedule) -> None:
            self._hold(schedule)

        with contextlib.suppress(_Broken, Flaky, SkipTest):
            holds()
        if self._best is None:
            return None
        return Found(self._rule, self._best, self._rule in set(self._play(self._best)))

    def _hold(self, schedule: Schedule) -> None:
        if not self._patient():
            raise SkipTest("time is up")  # the one exception with which Hypothesis ends at once, shrinking too
        broken = [rule for rule in self._play(schedule) if rule not in self._known]
        if not self._rule and broken:
            self._rule = broken[0]
        if self._rule and self._rule in broken:
            if self._best is None or _size(schedule) <= _size(self._best):
                self._best = schedule
            raise _Broken(self._rule)


def _size(schedule: Schedule) -> tuple[int, int]:
    return len(schedule), len(written(schedule))
