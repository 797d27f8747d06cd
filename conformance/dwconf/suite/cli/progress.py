"""Progress of work that has no report of its own: a counter on standard error, and only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dwconf.suite.running.outcome import CaseOutcome


@contextmanager
def counting(what: str) -> Iterator[Callable[[CaseOutcome], None]]:
    """Gives the function that hears of each case."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  (only a terminal pays for it)

    with Console(stderr=True, highlight=False).status(f"0 {what}") as status:
        done = 0

        def tell(outcome: CaseOutcome) -> None:
            nonlocal done
            done += 1
            status.update(f"{done} {what}, last {outcome.case}".replace("[", "\\["))

        yield tell
