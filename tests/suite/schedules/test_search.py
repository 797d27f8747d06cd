"""A search shrinks to what breaks the same rule, goes on for others, and ends when its time is up."""

from __future__ import annotations

import pytest

from dwconf.suite.schedules.operations import Drop, Pass, Purge, Raise, Schedule
from dwconf.suite.schedules.search import search


def always() -> bool:
    return True


def test_what_breaks_nothing_is_not_found() -> None:
    assert search(lambda _: [], seed=1, examples=30, patient=always) == []


def test_the_smallest_is_kept_and_played_again() -> None:
    (found,) = search(lambda s: ["r"] if Purge() in s else [], seed=1, examples=200, patient=always)
    assert (found.rule, found.schedule[2:], found.again) == ("r", (Purge(),), True)


def test_each_broken_rule_is_found_once() -> None:
    def play(schedule: Schedule) -> list[str]:
        kinds = {type(operation) for operation in schedule}
        return [rule for rule, kind in (("purge", Purge), ("drop", Drop), ("raise", Raise)) if kind in kinds]

    found = search(play, seed=1, examples=100, patient=always)
    assert {one.rule for one in found} == {"purge", "drop", "raise"}
    assert all(len(one.schedule) == 3 for one in found)
    assert len(search(play, seed=1, examples=100, patient=always, most=2)) == 2


def test_shrinking_keeps_to_the_rule_that_was_found() -> None:
    def play(schedule: Schedule) -> list[str]:
        return ["long"] if len(schedule) > 6 else ["other"] if Pass() in schedule else []

    found = {one.rule: one for one in search(play, seed=1, examples=200, patient=always)}
    assert len(found["long"].schedule) == 7


def test_a_finding_that_does_not_come_again_says_so() -> None:
    played: list[Schedule] = []

    def play(schedule: Schedule) -> list[str]:
        played.append(schedule)
        return ["race"] if len(played) == 3 else []

    (found,) = search(play, seed=1, examples=30, patient=always)
    assert not found.again


@pytest.mark.parametrize("moments", [0, 1, 25])
def test_a_search_ends_when_its_time_is_up(moments: int) -> None:
    left = iter([*[True] * moments])
    played: list[Schedule] = []

    def play(schedule: Schedule) -> list[str]:
        played.append(schedule)
        return []

    assert search(play, seed=1, examples=10_000, patient=lambda: next(left, False)) == []
    assert len(played) <= moments
