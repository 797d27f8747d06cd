"""Patches and named versions (WRK-K, OL-6, OL-7).

A patch check is true when history says so. Otherwise it is false for code that replays a past without it, and true at
the frontier; the first answer holds for the execution. Every true answer is reported, in order, so that the engine can
compare the sequence with the one it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dwconf.wire import values as v
from dwconf.worker.core.registry import Registration, WorkflowFunction

if TYPE_CHECKING:
    from dwconf.worker.core.decisions import Decisions


def versions_of(events: Iterable[v.HistoryEvent]) -> tuple[v.WorkflowVersion, ...]:
    """WRK-K-01, WRK-K-06: what the WorkflowStarted events of a history say of versions and patches (VE-3)."""
    return tuple(
        event.body.version
        for event in events
        if isinstance(event.body, v.WorkflowStarted) and event.body.version is not None
    )


def recorded_patches(versions: Sequence[v.WorkflowVersion]) -> frozenset[str]:
    """WRK-K-01: the patches of all WorkflowStarted events of the history."""
    return frozenset(patch for version in versions for patch in version.patches)


def is_patched(name: str, recorded: frozenset[str], replaying: bool) -> bool:  # noqa: FBT001  (one of three inputs)
    """WRK-K-01, WRK-K-02, WRK-K-03: recorded, or met for the first time by code that is not replaying."""
    return name in recorded or not replaying


def remembers(decided: Mapping[str, bool], name: str) -> bool | None:
    """WRK-K-02: the first answer for a patch holds."""
    return decided.get(name)


def reported_patches(answers: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """WRK-K-04: every true answer, in call order, each time; false ones are not reported."""
    return tuple(name for name, patched in answers if patched)


def pinned_version(versions: Sequence[v.WorkflowVersion]) -> str | None:
    """WRK-K-06: the version name that history gives; one instance has one."""
    return next((version.name for version in reversed(versions) if version.name), None)


@dataclass(frozen=True, slots=True)
class Resolved:
    """The function to run, and the version name to report, if it has one."""

    function: WorkflowFunction
    version: str | None = None


@dataclass(frozen=True, slots=True)
class NotAvailable:
    """The instance needs a version that this worker does not have."""


def resolve(registration: Registration | None, pinned: str | None) -> Resolved | NotAvailable | None:
    """WRK-K-06, WRK-K-08: the unversioned function, else the pinned version, else the latest.

    None means that nothing can be run under this name (WRK-C-12, WRK-K-09, WRK-K-10).
    """
    if registration is None:
        return None
    if registration.unversioned is not None:
        return Resolved(registration.unversioned)
    name = registration.latest if pinned is None else pinned
    function = None if name is None else registration.versions.get(name)
    if function is not None:
        return Resolved(function, name)
    return None if pinned is None else NotAvailable()


def version_not_available() -> v.ActionBody:
    """WRK-K-08: the answer for a version that this worker does not have."""
    return v.WorkflowVersionNotAvailable()


def reported_version(name: str | None, patches: tuple[str, ...]) -> v.WorkflowVersion | None:
    """WRK-K-05, WRK-K-07: patches and version name on every turn, nothing when there are neither."""
    return v.WorkflowVersion(name=name, patches=patches) if name is not None or patches else None


class Patches:
    """The patch checks of one replay."""

    __slots__ = ("_answers", "_decided", "_recorded", "_rules")

    def __init__(self, rules: Decisions, versions: Sequence[v.WorkflowVersion]) -> None:
        self._rules = rules
        self._recorded = rules.recorded_patches(versions)
        self._decided: dict[str, bool] = {}
        self._answers: list[tuple[str, bool]] = []

    def check(self, name: str, *, replaying: bool) -> bool:
        """Whether code may take the patched path."""
        known = self._rules.remembers_patch(self._decided, name)
        answer = self._rules.is_patched(name, self._recorded, replaying) if known is None else known
        self._decided[name] = answer
        self._answers.append((name, answer))
        return answer

    def reported(self) -> tuple[str, ...]:
        """What the response lists."""
        return self._rules.reported_patches(self._answers)
