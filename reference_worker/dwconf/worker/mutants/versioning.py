"""Workers that break rules of the chapter versioning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dwconf.wire import values as v
from dwconf.worker.core import versioning
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.registry import Registration
from dwconf.worker.mutants.registry import mutant

Found = versioning.Resolved | versioning.NotAvailable | None


def only_once(answers: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Reports each patch once."""
    return tuple(dict.fromkeys(name for name, patched in answers if patched))


def none_recorded(versions: Sequence[v.WorkflowVersion]) -> frozenset[str]:
    """Overlooks the patches of history."""
    return frozenset()


def always_patched(name: str, recorded: frozenset[str], replaying: bool) -> bool:  # noqa: FBT001
    """Takes every patch."""
    return True


def only_recorded(name: str, recorded: frozenset[str], replaying: bool) -> bool:  # noqa: FBT001
    """Takes only patches that history lists."""
    return name in recorded


def any_will_do(name: str, recorded: frozenset[str], replaying: bool) -> bool:  # noqa: FBT001
    """Takes a patch when history lists any."""
    return bool(recorded) or versioning.is_patched(name, recorded, replaying)


def forgets(decided: Mapping[str, bool], name: str) -> bool | None:
    """Decides about a patch anew each time."""
    return None


def refused_too(answers: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Reports the patches that were not taken as well."""
    return tuple(name for name, _ in answers)


def backwards(answers: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Reports the newest patch first."""
    return tuple(reversed(versioning.reported_patches(answers)))


def always_something(name: str | None, patches: tuple[str, ...]) -> v.WorkflowVersion | None:
    """Reports a version where there is none."""
    return v.WorkflowVersion(name="1.0" if name is None else name, patches=patches)


def no_name(name: str | None, patches: tuple[str, ...]) -> v.WorkflowVersion | None:
    """Does not report the version."""
    return versioning.reported_version(None, patches)


def first_found(registration: Registration | None, pinned: str | None) -> Found:
    """Runs the oldest version when history names none."""
    if registration is None or registration.unversioned is not None or pinned is not None:
        return versioning.resolve(registration, pinned)
    name = min(registration.versions)
    return versioning.Resolved(registration.versions[name], name)


def no_pin(versions: Sequence[v.WorkflowVersion]) -> str | None:
    """Overlooks which version history names."""
    return None


def pin_first(registration: Registration | None, pinned: str | None) -> Found:
    """Wants a version that history names also of a workflow without versions."""
    if registration is not None and pinned is not None and pinned not in registration.versions:
        return versioning.NotAvailable()
    return versioning.resolve(registration, pinned)


def latest_instead(registration: Registration | None, pinned: str | None) -> Found:
    """Runs the latest version instead of one that it does not have."""
    found = versioning.resolve(registration, pinned)
    return versioning.resolve(registration, None) if isinstance(found, versioning.NotAvailable) else found


def refuses_stalls(body: v.EventBody) -> None:
    """Fails after a stall."""
    if isinstance(body, v.ExecutionStalled):
        raise NonDeterminismError("the workflow is stalled")


class AllThatIsRecorded:
    """Reports what history lists, whether or not the code still asks for it."""

    def __init__(self) -> None:
        self._recorded: tuple[str, ...] = ()

    def remember(self, versions: Sequence[v.WorkflowVersion]) -> frozenset[str]:
        """Keep what this replay's history lists."""
        self._recorded = tuple(patch for version in versions for patch in version.patches)
        return versioning.recorded_patches(versions)

    def report(self, answers: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
        """Put what was kept in front."""
        taken = versioning.reported_patches(answers)
        return (*(patch for patch in self._recorded if patch not in taken), *taken)


ALL_THAT_IS_RECORDED = AllThatIsRecorded()


mutant(
    "repeated-patch-reported-once",
    "worker/versioning/patches-reported",
    "reports a patch once that the code checks twice",
    reported_patches=only_once,
)
mutant(
    "overlooks-recorded-patches",
    "worker/versioning/recorded-patch-is-true",
    "overlooks the patches of history",
    recorded_patches=none_recorded,
)
mutant(
    "takes-every-patch",
    "worker/versioning/unrecorded-patch",
    "takes a patch that the past did not take",
    is_patched=always_patched,
)
mutant(
    "takes-no-new-patch",
    "worker/versioning/unrecorded-patch",
    "takes only patches that history lists",
    is_patched=only_recorded,
)
mutant(
    "any-patch-will-do",
    "worker/versioning/unrecorded-patch",
    "takes a patch when history lists any",
    is_patched=any_will_do,
)
mutant(
    "decides-patches-anew",
    "worker/versioning/patch-decided-once",
    "decides about a patch anew each time",
    remembers_patch=forgets,
)
mutant(
    "reports-refused-patches",
    "worker/versioning/patches-reported",
    "reports patches that it did not take",
    reported_patches=refused_too,
)
mutant(
    "reports-patches-backwards",
    "worker/versioning/patches-reported",
    "reports the newest patch first",
    reported_patches=backwards,
)
mutant(
    "version-out-of-nowhere",
    "worker/versioning/no-patch-no-version",
    "reports a version for workflows that have none",
    reported_version=always_something,
)
mutant(
    "version-not-reported",
    "worker/versioning/version-reported",
    "does not report the version that ran",
    reported_version=no_name,
)
mutant(
    "oldest-version",
    "worker/versioning/version-resolution",
    "runs the oldest version in a new instance",
    resolve_version=first_found,
)
mutant(
    "overlooks-the-pin",
    "worker/versioning/version-resolution",
    "overlooks the version that history names",
    pinned_version=no_pin,
)
mutant(
    "pins-what-has-no-version",
    "worker/versioning/version-resolution",
    "wants a version of a workflow without versions",
    resolve_version=pin_first,
)
mutant(
    "latest-instead",
    "worker/versioning/version-not-available",
    "runs the latest version instead of one that it lacks",
    resolve_version=latest_instead,
)
mutant(
    "fails-after-a-stall",
    "worker/versioning/stall-ignored",
    "fails after a stall",
    neutral=refuses_stalls,
)
mutant(
    "reports-whatever-is-recorded",
    "worker/versioning/patches-reported",
    "reports patches of history that the code no longer asks for",
    recorded_patches=ALL_THAT_IS_RECORDED.remember,
    reported_patches=ALL_THAT_IS_RECORDED.report,
)
