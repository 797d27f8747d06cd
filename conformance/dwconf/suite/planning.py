"""From a target and a scope to the work of a run: the profile that counts, and which cases run for which rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from dwconf.suite.claims import Claims
from dwconf.suite.judging.scope import Scope
from dwconf.suite.looking import Look
from dwconf.suite.probes.registry import PROBES
from dwconf.suite.rulebook.model import Capability, Profile, Side
from dwconf.suite.rulebook.rulebook import Rulebook
from dwconf.suite.running.plan import AnyTarget, TargetSpec, Work
from dwconf.suite.targets.sidecar import Sidecar
from dwconf.suite.targets.worker import Worker


def profile_of(rulebook: Rulebook, claims: Claims, spec: TargetSpec, target: AnyTarget) -> Profile:
    """The profile of a target: as asked, or the reference's for references and the plain one for others.

    Where the profile leaves that to the app's manifest, operations and features are claimed as it says.
    Raises UnknownProfile.
    """
    command = PurePath(spec.command[0]).stem if spec.access == "started" and spec.command else ""
    ours = spec.access == "embedded" or command == "dwconf"
    foreign = "daprd" if spec.side == "engine" else "sdk"
    profile = rulebook.profile(Side(spec.side), claims.profile or ("reference" if ours else foreign))
    claimed = dict(profile.capabilities)
    if profile.from_manifest and isinstance(target, Worker):
        own = [one for one in rulebook.capabilities.values() if one.side == profile.side]
        claimed = {one.name: _claims(target, one, otherwise=profile.capabilities[one.name]) for one in own}
    return replace(profile, capabilities=claimed | dict.fromkeys(claims.lacks, False))


def has_token(target: AnyTarget) -> bool:
    """Whether a target is one that we show an API token, so that we can also leave it out."""
    return isinstance(target, Sidecar) and bool(target.metadata)


def _claims(target: Worker, capability: Capability, *, otherwise: bool) -> bool:
    """Whether an app's manifest claims a capability; `otherwise` for those that a manifest does not speak of."""
    if not set(capability.operations) <= target.can:
        return False
    if capability.feature:
        return capability.name in target.features
    if capability.shown:
        return capability.name in target.shown
    return True if capability.operations else otherwise


def work_of(scope: Scope, spec: TargetSpec, profile: Profile, look: Look | None = None) -> tuple[Work, ...]:
    """The cases of a scope as work; a case that needs what the target lacks runs only to probe it.

    What a rule demands that needs it is not looked at: the profile has decided that rule (`judging/verdicts.py`).
    """
    undecided = [rule for rule in scope.judged if not {f"{rule.side}/{need}" for need in rule.needs} & scope.lacking]
    rules = tuple(rule.id for rule in (*undecided, *scope.recorded))
    probes = tuple(sorted(scope.to_probe))
    missing = {name.split("/", 1)[1] for name in scope.lacking}
    probing = {case for name in probes for case in PROBES[name].cases}
    choices = dict(profile.overrides)
    return tuple(
        Work(case.id, spec, rules, choices, probes, look or Look())
        for case in scope.cases
        if case.id in probing or not missing & set(case.needs)
    )
