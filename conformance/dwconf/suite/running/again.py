"""Which cases are driven a second time: those that came to nothing by chance.

An engine in real time may lose a turn through a race of its own when a stream ends. The case that awaits it is over,
and rules that only this case looks at stay untested, now and then. Such a case is driven once more, on instances of
its own. What either drive saw counts: a breach stays one, and a rule passes when each of its checks saw it kept in
one of the two. A target that lets many cases down does so for a reason, which a second look does not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dwconf.suite.running.outcome import CaseOutcome, RuleOutcome, blind

FEW = 4
"""How many cases of a run may have come to nothing by chance."""


def by_chance(outcomes: Iterable[CaseOutcome]) -> tuple[str, ...]:
    """The cases to be driven once more, in their order: over, with a rule that no case decided, and not too many."""
    ended = list(outcomes)
    unsettled = frozenset(_undecided(ended))
    found = tuple(one.case for one in ended if one.status == "over" and _left_open(one) & unsettled)
    return found if len(found) <= FEW else ()


def _undecided(outcomes: Iterable[CaseOutcome]) -> Iterator[str]:
    """The rules that no case broke, and of which some check had evidence in none."""
    said: dict[str, list[RuleOutcome]] = {}
    for outcome in outcomes:
        for rule in outcome.rules:
            said.setdefault(rule.rule, []).append(rule)
    return (rule for rule, all_said in said.items() if blind(all_said) and not any(one.breaches for one in all_said))


def _left_open(outcome: CaseOutcome) -> frozenset[str]:
    return frozenset(rule.rule for rule in outcome.rules if rule.untested)
