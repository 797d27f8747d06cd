"""Random schedules find wrong engines with few operations, and say which rule is broken; the reference plays them well.

Everything here runs on the reference's core in this process, on a clock of ours: no wire, no waiting.
"""

from __future__ import annotations

import pytest

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.mutants import MUTANTS
from dwconf.suite.cases.registry import load_suite
from dwconf.suite.monitors.registry import MONITORS, Watch
from dwconf.suite.schedules.operations import Act, Answer, Open, Raise, Schedule, Settle, Start, read, written
from dwconf.suite.schedules.player import Player
from dwconf.suite.schedules.search import search
from dwconf.suite.schedules.verdicts import RULES
from tests.suite.schedules.core_scene import CoreScene, run

load_suite()
WATCHED = tuple(rule for rule in MONITORS if rule.startswith("engine/"))
SMALL = 12
"""No shrunk schedule needs more operations, the stream and the start with which each begins among them."""


def broken(schedule: Schedule, rules: Decisions = REFERENCE) -> list[str]:
    """The rules that a schedule shows to be broken: the model's first, then those of the monitors."""
    watch = Watch(WATCHED)
    player = Player(CoreScene(rules, sinks=(watch,)), tick=1.0, quiet=0, cares=lambda _: True)
    witness = run(player.play(schedule))
    return [*(rule for rule, _ in witness.findings), *(d.rule for d in watch.decisions() if d.findings or d.error)]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_reference_plays_every_schedule_right(seed: int) -> None:
    assert search(broken, seed=seed, examples=120, patient=lambda: True) == []


FOUND = {
    "activity-with-wrong-id": "engine/activities/request-fields",
    "activity-result-lost": "engine/activities/completion-becomes-event",
    "failure-details-lost": "engine/activities/failure-becomes-event",
    "lost-activity-forgotten": "engine/activities/lost-activity-reruns",
    "loses-turns-with-the-stream": "engine/connection/lost-turn-returns",
    "newer-events-first": "engine/connection/lost-turn-keeps-events",
    "takes-strange-tokens": "engine/connection/wrong-token-is-discarded",
    "several-turns-at-a-time": "engine/connection/one-turn-at-a-time",
    "same-token": "engine/connection/tokens-are-fresh",
    "events-overtake": "engine/events/fifo",
    "events-doubled": "engine/events/raised-event-delivered",
    "carry-over-doubled": "engine/lifecycle/events-across-generations",
    "carry-over-lost": "engine/turns/no-event-lost",
    "queue-lost-with-generation": "engine/turns/no-event-lost",
    "generation-keeps-input": "engine/lifecycle/continue-as-new-restarts",
    "continuation-keeps-actions": "engine/lifecycle/continue-as-new-drops-actions",
    "suspended-for-good": "engine/lifecycle/resume-event",
    "purges-running": "engine/lifecycle/purge-running-fails",
    "history-restamps-events": "engine/persistence/history-rewritten-only-by-reset",
    "results-doubled": "engine/sequencing/first-resolution-wins",
    "start-loses-input": "engine/start/input-presence-kept",
    "timers-never": "engine/timers/fires",
    "timers-fire-twice": "engine/timers/fires-once",
    "timers-at-once": "engine/timers/never-early",
    "timers-cross-generations": "engine/timers/previous-generation-timer",
    "ended-wakes": "engine/turns/nothing-after-the-end",
    "late-events-recorded": "engine/turns/late-events-not-recorded",
    "late-events-lost": "engine/turns/no-event-lost",
    "actions-reversed": "engine/turns/action-order-kept",
    "own-action-ids": "engine/turns/action-ids-kept",
    "events-restamped": "engine/turns/commit-appends-new-events",
    "result-not-recorded": "engine/turns/complete-recorded",
    "end-shown-late": "engine/turns/terminal-statuses-end",
}
"""Wrong engines, and a rule by which a search finds them, as `--rule` would ask for it."""


@pytest.mark.parametrize("name", FOUND)
def test_a_search_finds_a_wrong_engine_with_few_operations(name: str) -> None:
    rules, rule = MUTANTS[name].decisions, FOUND[name]
    (one,) = search(
        lambda s: [seen for seen in broken(s, rules) if seen == rule],
        seed=1,
        examples=400,
        patient=lambda: True,
        most=1,
    )
    assert one.again
    assert len(one.schedule) <= SMALL
    assert rule in broken(read(written(one.schedule)), rules)
    assert broken(one.schedule) == []


def test_a_result_of_the_generation_before_is_told_from_its_own() -> None:
    """Rare by chance: the next generation has to schedule the same id, and the old activity to be settled first."""
    schedule = (
        Open(),
        Start(),
        Answer(acts=(Act.TASK,)),
        Raise(),
        Answer(acts=(Act.AGAIN,)),
        Answer(acts=(Act.TASK,)),
        Settle(),
    )
    rules = MUTANTS["results-cross-generations"].decisions
    assert broken(schedule, rules)[0] == "engine/activities/previous-generation-result"
    assert broken(schedule) == []


def test_a_search_goes_on_for_the_next_broken_rule() -> None:
    rules = MUTANTS["own-action-ids"].decisions
    several = search(lambda s: broken(s, rules), seed=1, examples=100, patient=lambda: True, most=2)
    assert len({one.rule for one in several}) == len(several) > 1


def test_every_rule_of_the_model_is_a_rule() -> None:
    from dwconf.suite.rulebook import load_rulebook  # noqa: PLC0415

    assert set(RULES) <= set(load_rulebook().rules)
