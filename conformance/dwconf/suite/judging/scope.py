"""The scope of a run: the rules that are left to be judged, and for every other one the reason why not.

What narrows it, in this order: the side of the target, the requirement set, the selection, the level (MAY and INFO
rules are recorded, not judged), and for each rule whether any of its cases may run here: the depth, the access,
whether unsafe cases are allowed, and whether the target has an API token. What lies outside is neither passed nor
untested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from dwconf.suite.cases.registry import CASES, Case, Depth
from dwconf.suite.checks.registry import CHECKS
from dwconf.suite.fingerprint.registry import OBSERVATIONS
from dwconf.suite.monitors.registry import MONITORS
from dwconf.suite.probes.registry import PROBES
from dwconf.suite.rulebook.model import Level, Profile, Rule
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.schedules.registry import properties_of

JUDGED = (Level.MUST, Level.SHOULD)


@dataclass(eq=False)
class EmptySelection(Exception):
    """Nothing is left to judge (exit code 2)."""

    reasons: Mapping[str, str]

    def __str__(self) -> str:
        told = sorted(set(self.reasons.values()))[:5]
        why = f": {'; '.join(told)}" if told else ""
        return f"the selection leaves no rule to judge{why}\n  hint: `dwconf list` shows all rules and what they need"


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for. `rules` and `skip` are patterns; empty `rules` and `levels` mean all."""

    rules: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    requirements: str | None = None
    depth: Depth = Depth.FULL
    unsafe: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """The rules to judge, those to record, the cases that this takes, and what lies outside with its reason."""

    judged: tuple[Rule, ...]
    recorded: tuple[Rule, ...]
    cases: tuple[Case, ...]
    outside: Mapping[str, str] = field(default_factory=dict)
    lacking: frozenset[str] = frozenset()
    """Capabilities (`side/name`) that the profile denies."""

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(rule.id for rule in (*self.judged, *self.recorded))

    @property
    def to_probe(self) -> frozenset[str]:
        """Of what is lacking, that which decides a rule here.

        Nothing else is worth a probe: what a release line does not answer for may end an engine that never heard of it.
        """
        return _to_probe(self.judged, self.lacking)


def cases_of(rule: str) -> tuple[str, ...]:
    """The ids of the cases that give evidence for a rule, in order."""
    found = [case for one in CHECKS.values() if one.rule == rule for case in one.cases]
    found += MONITORS[rule].CASES if rule in MONITORS else ()
    found += OBSERVATIONS[rule].cases if rule in OBSERVATIONS else ()
    found += properties_of(rule)
    return tuple(dict.fromkeys(found))


def scope_of(
    rulebook: Rulebook, side: str, selection: Selection, *, access: str, profile: Profile, token: bool = False
) -> Scope:
    """The scope of a run; `token` says whether the target has an API token that we know.

    Raises UnknownPattern, UnknownRequirements or EmptySelection.
    """
    barred = partial(_barred, selection=selection, access=access, token=token)
    chosen = _chosen(rulebook, selection)
    outside: dict[str, str] = {}
    judged: list[Rule] = []
    recorded: list[Rule] = []
    wanted: list[Case] = []
    for rule in (r for r in rulebook.rules.values() if r.side == side):
        reason = chosen.get(rule.id, "not selected")
        cases = [CASES[case] for case in cases_of(rule.id)]
        allowed = [case for case in cases if not barred(case)]
        chance = properties_of(rule.id)
        deciding = [case for case in cases if case.id not in chance] or cases
        if not reason and all(map(barred, deciding)):  # what is found by chance fails a rule, and passes none
            reason = barred(deciding[0]) if deciding else "no check decides it yet"
        if reason:
            outside[rule.id] = reason
            continue
        (judged if rule.level in JUDGED else recorded).append(rule)
        wanted += allowed
    if not judged:
        raise EmptySelection(outside)
    lacking = frozenset(f"{side}/{name}" for name, claimed in profile.capabilities.items() if not claimed)
    probed = [CASES[case] for name in sorted(_to_probe(judged, lacking)) for case in PROBES[name].cases]
    allowed_probes = [case for case in probed if not barred(case)]
    return Scope(tuple(judged), tuple(recorded), _ordered([*wanted, *allowed_probes]), outside, lacking)


def _to_probe(judged: Iterable[Rule], lacking: frozenset[str]) -> frozenset[str]:
    rules = {rule.id: rule for rule in judged}
    needed = {f"{rule.side}/{need}" for rule in judged for need in rule.needs}
    needed |= {f"{rules[one.rule].side}/{need}" for one in CHECKS.values() if one.rule in rules for need in one.needs}
    return lacking & needed & PROBES.keys()


def _chosen(rulebook: Rulebook, selection: Selection) -> dict[str, str]:
    """For every rule that is named at all: empty, or the reason why it is out."""
    required = set(rulebook.requirement_set(selection.requirements).rules) if selection.requirements else None
    skipped = {rule.id for rule in rulebook.select(selection.skip)} if selection.skip else set()
    reasons = {}
    for rule in rulebook.select(selection.rules):
        if required is not None and rule.id not in required:
            reasons[rule.id] = f"not in requirement set {selection.requirements}"
        elif rule.id in skipped:
            reasons[rule.id] = "skipped"
        elif selection.levels and rule.level not in selection.levels and rule.level in JUDGED:
            reasons[rule.id] = f"level {rule.level} is not selected"
        else:
            reasons[rule.id] = ""
    return reasons


def _barred(case: Case, *, selection: Selection, access: str, token: bool) -> str:
    """Why a case may not run here; empty if it may."""
    if not selection.depth.covers(case.depth):
        return f"not in {selection.depth} depth"
    if (case.restarts or case.launches) and access == "attached":
        return "needs a target that we start"
    if case.restarts and access == "embedded" and case.side == "worker":
        return "needs a target that is a process of its own"
    if case.unsafe and access == "attached" and not selection.unsafe:
        return "may end the target's process: allow it with --allow-unsafe"
    if case.token and not token:
        return "needs a target with an API token: set DAPR_API_TOKEN"
    return ""


def _ordered(cases: Iterable[Case]) -> tuple[Case, ...]:
    """Each case once: the shared ones in the suite's order, then those that run alone, the unsafe ones last.

    In each of the three, cases that take long begin, and those that go on from what others have made come after them.
    """
    order = {case_id: place for place, case_id in enumerate(CASES)}
    unique = {case.id: case for case in cases}.values()
    return tuple(
        sorted(
            unique,
            key=lambda case: (case.unsafe, case.alone or case.restarts, case.last, not case.slow, order[case.id]),
        )
    )
