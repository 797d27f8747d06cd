"""How `dwconf` ends: its exit codes, and the errors that end it early with one message.

The codes never change. A message says what is wrong, where, and how to mend it; what a peer said in it is made harmless
before it reaches the terminal.
"""

from __future__ import annotations

import os
import tempfile
import traceback
from enum import IntEnum
from pathlib import Path
from typing import IO, Any

import click

from dwconf.reports.text import visible


class Exit(IntEnum):
    """The exit codes."""

    CONFORMANT = 0
    """Conformant, or exactly the known failures."""
    NOT_CONFORMANT = 1
    """Not conformant, or a known failure that passes."""
    USAGE = 2
    """Usage, configuration, nothing selected, an input file that cannot be used."""
    INCONCLUSIVE = 3
    """A rule that must be judged could not be."""
    OUR_ERROR = 4
    """A fault of dwconf."""
    UNREACHABLE = 5
    """The target is not reachable, not started, or never ready."""
    INTERRUPTED = 130
    """Interrupted; what there is of a report is marked incomplete."""


class Stopped(click.ClickException):
    """A command that cannot go on: the code it ends with, and the message."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message on standard error."""
        click.echo(f"dwconf: {visible(self.format_message())}", file=file, err=file is None)


def usage(problem: str, *, hint: str = "") -> Stopped:
    """An error of whoever typed the command or wrote its files."""
    return Stopped(Exit.USAGE, f"{problem}\n  hint: {hint}" if hint else problem)


def crash(error: BaseException) -> Stopped:
    """An error of ours: the traceback goes to a file, and the message says where it lies."""
    what = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1][:300]
    where = _keep(traceback.format_exception(error))
    return Stopped(
        Exit.OUR_ERROR,
        f"an error of dwconf, not of the target: {what}\n"
        f"  the traceback is in {where}\n  hint: please report it, with that file",
    )


def _keep(lines: list[str]) -> str:
    try:
        handle, name = tempfile.mkstemp(prefix="dwconf-crash-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(lines)
    except OSError as error:
        return f"no file ({error.strerror})"
    return str(Path(name))
