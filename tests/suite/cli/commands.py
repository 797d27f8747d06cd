"""How these tests call `dwconf`: in this process where that is cheap, as a process where its exit code is the point."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from dwconf.suite.cli import main

LIMIT = 60
"""No command of these tests may take longer, in seconds: bad input ends in time."""


@dataclass(frozen=True)
class Ended:
    """A command that ended."""

    code: int
    out: str
    err: str


def here(*words: str, environment: Mapping[str, str | None] | None = None) -> Ended:
    """Run a command in this process, without the environment's own settings."""
    clean = dict.fromkeys(ours())
    result = CliRunner().invoke(main, words, prog_name="dwconf", env={**clean, **(environment or {})})
    return Ended(result.exit_code, result.stdout, result.stderr)


def process(*words: str, cwd: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """Run a command as a process of its own."""
    env = {name: value for name, value in os.environ.items() if name not in ours()}
    ended = subprocess.run(
        [sys.executable, "-m", "dwconf.suite", *words],
        cwd=cwd,
        env={**env, **(environment or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def ours() -> list[str]:
    """Variables that change what `dwconf` does."""
    return [name for name in os.environ if name.startswith(("DWCONF_", "DAPR_", "GITHUB_", "PYTEST_"))]
