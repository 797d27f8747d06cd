"""Rules with everything that belongs to them: which cases, checks and mutants. What `list` and `explain` show."""

from __future__ import annotations

from dataclasses import dataclass

from dwconf.suite.cases.registry import load_suite
from dwconf.suite.checks.registry import checks_of
from dwconf.suite.judging.scope import cases_of
from dwconf.suite.monitors.registry import MONITORS
from dwconf.suite.rulebook import Rule, Rulebook, Side
from dwconf.suite.targets.references import mutants


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule, what gives evidence for it, what decides it, and who breaks it on purpose."""

    rule: Rule
    cases: tuple[str, ...]
    checks: tuple[str, ...]
    mutants: tuple[str, ...]


class Catalogue:
    """Looks a rule's belongings up."""

    def __init__(self, rulebook: Rulebook) -> None:
        load_suite()
        self._rulebook = rulebook
        self._mutants: dict[str, list[str]] = {}
        for mutant in (*mutants(Side.ENGINE), *mutants(Side.WORKER)):
            self._mutants.setdefault(mutant.breaks, []).append(mutant.name)

    def entry(self, rule: Rule) -> Entry:
        """Everything about one rule."""
        checks = [one.title for one in checks_of(rule.id)]
        if rule.id in MONITORS:
            checks.append(f"{MONITORS[rule.id].__name__} (a monitor: it watches every case)")
        return Entry(rule, cases_of(rule.id), tuple(checks), tuple(self._mutants.get(rule.id, ())))
