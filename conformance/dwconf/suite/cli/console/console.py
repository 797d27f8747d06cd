"""The two consoles: live progress on a terminal, plain lines everywhere else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from dwconf.reports.model import Report
from dwconf.reports.text import one_line
from dwconf.suite.cli.console.annotations import workflow_commands
from dwconf.suite.cli.console.report import STYLES, Line, closing

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from dwconf.suite.running.outcome import CaseOutcome

LIMIT = 160


def console_for(
    *, durations: int = 0, stream: IO[str] | None = None, environment: Mapping[str, str] = os.environ
) -> Plain | Live:
    """The console that suits where the output goes."""
    to = stream or sys.stdout
    github = environment.get("GITHUB_ACTIONS") == "true"
    if to.isatty() and environment.get("TERM") != "dumb" and not github:
        return Live(to, durations=durations)
    return Plain(to, durations=durations, github=github)


def troubles(outcome: CaseOutcome) -> list[str]:
    """What is worth a line while the run goes on."""
    if outcome.status in ("crashed", "error", "unreachable"):
        said = outcome.message.strip().splitlines() or [""]
        return [f"{outcome.status} in {outcome.case}: {one_line(said[-1], limit=LIMIT)}"]
    broken = [rule.rule for rule in outcome.rules if rule.breaches]
    return [f"{rule} is broken in {outcome.case}" for rule in dict.fromkeys(broken)]


def still_there(address: str, outcomes: Sequence[CaseOutcome]) -> Iterator[str]:
    """What is said while the target of a case that is debugged is kept."""
    for outcome in outcomes:
        yield f"{outcome.case} is over ({outcome.status}) after {outcome.seconds:.3f} s"
    yield f"its target is kept, at {address}: press Ctrl-C to end it and to write the report"


class Plain:
    """Lines for a log: no colour, nothing is overwritten."""

    def __init__(self, stream: IO[str], *, durations: int = 0, github: bool = False) -> None:
        self._stream = stream
        self._durations = durations
        self._github = github

    def planned(self, cases: int, rules: int) -> None:
        self._say(f"{cases} cases for {rules} rules")

    def case_done(self, outcome: CaseOutcome) -> None:
        for line in troubles(outcome):
            self._say(f"  {line}")

    def kept(self, address: str, outcomes: Sequence[CaseOutcome]) -> None:
        for text in still_there(address, outcomes):
            self._say(text)

    def finished(self, report: Report, out: Path) -> None:
        for _, text in closing(report, out, durations=self._durations):
            self._say(text)
        if self._github:
            for command in workflow_commands(report):
                self._say(command)

    def _say(self, text: str) -> None:
        print(text, file=self._stream, flush=True)


class Live:
    """A terminal: a progress bar while the cases run, then the closing lines in colour (unless NO_COLOR is set)."""

    def __init__(self, stream: IO[str], *, durations: int = 0) -> None:
        from rich.console import Console  # noqa: PLC0415  (only a terminal pays for it)

        self._console = Console(file=stream, highlight=False, markup=False, soft_wrap=True)
        self._durations = durations
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_progress()

    def planned(self, cases: int, rules: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

        self._end_progress()
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
        )
        self._progress = Progress(*columns, console=self._console, transient=True)
        self._task = self._progress.add_task(f"{rules} rules", total=cases)
        self._progress.start()

    def case_done(self, outcome: CaseOutcome) -> None:
        if self._progress is None or self._task is None:
            return
        for line in troubles(outcome):
            self._progress.console.print(f"  {line}", style="red")
        self._progress.update(self._task, advance=1, description=outcome.case)

    def kept(self, address: str, outcomes: Sequence[CaseOutcome]) -> None:
        self._end_progress()
        for text in still_there(address, outcomes):
            self._print(("", text))

    def finished(self, report: Report, out: Path) -> None:
        self._end_progress()
        for line in closing(report, out, durations=self._durations):
            self._print(line)

    def _print(self, line: Line) -> None:
        style, text = line
        self._console.print(text, style=STYLES[style] or None)

    def _end_progress(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
