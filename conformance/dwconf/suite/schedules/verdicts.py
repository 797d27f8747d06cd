"""What the search for counterexamples says of the rules: the records of the last time that each was played decide."""

from __future__ import annotations

from collections.abc import Iterator

from dwconf.suite.schedules.registry import Counterexample, Property, register
from dwconf.suite.schedules.witness import witnessed
from dwconf.suite.trace.record import Kind, Record

CASE = "engine/schedules/life"
RULES = (
    "engine/activities/completion-becomes-event",
    "engine/activities/failure-becomes-event",
    "engine/activities/failure-not-retried",
    "engine/activities/lost-activity-reruns",
    "engine/activities/previous-generation-result",
    "engine/activities/purge-forgets-activities",
    "engine/activities/request-fields",
    "engine/activities/second-completion-dropped",
    "engine/connection/each-item-once",
    "engine/connection/lost-turn-keeps-events",
    "engine/connection/lost-turn-returns",
    "engine/connection/stale-token-has-no-effect",
    "engine/connection/unasked-completion-changes-nothing",
    "engine/connection/wrong-token-is-discarded",
    "engine/events/fifo",
    "engine/events/name-forwarded",
    "engine/events/raised-event-delivered",
    "engine/lifecycle/continue-as-new-drops-actions",
    "engine/lifecycle/continue-as-new-restarts",
    "engine/lifecycle/events-across-generations",
    "engine/lifecycle/purge-ended",
    "engine/lifecycle/purge-running-fails",
    "engine/lifecycle/resume-event",
    "engine/lifecycle/status-precedence",
    "engine/lifecycle/suspend-event",
    "engine/lifecycle/suspend-is-a-turn",
    "engine/lifecycle/terminate-enforced",
    "engine/lifecycle/terminate-event",
    "engine/sequencing/first-resolution-wins",
    "engine/sequencing/one-start-per-execution",
    "engine/start/active-id-refused",
    "engine/start/input-presence-kept",
    "engine/timers/fires",
    "engine/timers/fires-once",
    "engine/timers/previous-generation-timer",
    "engine/turns/action-ids-kept",
    "engine/turns/action-order-kept",
    "engine/turns/commit-appends-new-events",
    "engine/turns/complete-recorded",
    "engine/turns/create-timer-recorded",
    "engine/turns/execution-started-present",
    "engine/turns/first-turn-events",
    "engine/turns/late-events-not-recorded",
    "engine/turns/late-events-wait",
    "engine/turns/no-event-lost",
    "engine/turns/nothing-after-the-end",
    "engine/turns/schedule-task-recorded",
    "engine/turns/terminal-statuses-end",
)
"""Every rule that the model speaks of."""
PLAYED = "played"
"""The text of a note before a schedule is played. Its fields: `schedule`, and the `rule` that it is said to break."""


def counterexamples(records: tuple[Record, ...]) -> tuple[Counterexample, ...]:
    """What each schedule that was played for a rule's sake said of that rule: the last word on each."""
    said = {rule: _read(rule, played, chapter) for rule, played, chapter in _chapters(records) if rule}
    return tuple(said.values())


def _chapters(records: tuple[Record, ...]) -> Iterator[tuple[str, str, tuple[Record, ...]]]:
    """The records of each schedule, with the rule that it was played for."""
    starts = [n for n, record in enumerate(records) if record.kind is Kind.NOTE and record.text == PLAYED]
    for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
        fields = records[start].fields
        yield str(fields["rule"]), str(fields["schedule"]), records[start:end]


def _read(rule: str, played: str, records: tuple[Record, ...]) -> Counterexample:
    found = tuple(finding for broken, finding in witnessed(iter(records)).findings if broken == rule)
    return Counterexample(rule, found, played)


register(Property(CASE, RULES, counterexamples))
