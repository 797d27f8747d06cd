"""Workers that break rules of the chapter versioning."""

from __future__ import annotations

from collections.abc import Iterable

from dwconf.worker.mutants.registry import mutant


def only_once(answers: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Reports each patch once."""
    return tuple(dict.fromkeys(name for name, patched in answers if patched))


mutant(
    "repeated-patch-reported-once",
    "worker/versioning/patches-reported",
    "reports a patch once that the code checks twice",
    reported_patches=only_once,
)
