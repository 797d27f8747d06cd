"""A command that we start: its placeholders and environment, its output, and its end.

In the command, {host}, {port}, {endpoint} and {dir} are replaced; the same values stand in its environment. Each
process leads a group of its own, so that whatever it starts ends with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dwconf.suite.targets.endpoint import Endpoint
from dwconf.suite.targets.errors import TargetError

TAIL = 4000
"""How much of a command's output a message shows, in characters."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command line as the user gave it, and what to add to its environment."""

    words: tuple[str, ...]
    environment: Mapping[str, str | None] = field(default_factory=dict)
    """A variable that is None is taken away."""

    def __str__(self) -> str:
        return " ".join(self.words)

    def filled(self, endpoint: Endpoint, folder: Path) -> list[str]:
        """The words with their placeholders replaced."""
        known = {"host": endpoint.host, "port": str(endpoint.port), "endpoint": endpoint.url, "dir": str(folder)}
        return [_replace(word, known) for word in self.words]

    def variables(self, endpoint: Endpoint, folder: Path) -> dict[str, str]:
        """The environment that the command is started in."""
        ours = {"DWCONF_HOST": endpoint.host, "DWCONF_PORT": str(endpoint.port), "DWCONF_DIR": str(folder)}
        left = {name: value for name, value in os.environ.items() if name not in self.environment}
        return {**left, **ours, **self.told(endpoint)}

    def told(self, endpoint: Endpoint) -> dict[str, str]:
        """The variables that say where to connect, and what was added to them."""
        variables: dict[str, str | None] = {
            "DAPR_GRPC_ENDPOINT": endpoint.url,
            "DAPR_GRPC_PORT": str(endpoint.port),
            **({"DAPR_API_TOKEN": endpoint.token} if endpoint.token else {}),
            **self.environment,
        }
        return {name: value for name, value in variables.items() if value is not None}


def _replace(word: str, known: Mapping[str, str]) -> str:
    for name, value in known.items():
        word = word.replace("{" + name + "}", value)
    return word


class Process:
    """One running command."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path, command: str) -> None:
        self._process = process
        self._log = log
        self.command = command

    @classmethod
    async def start(cls, command: Command, endpoint: Endpoint, folder: Path) -> Process:
        """Start a command. Raises TargetError when there is no such program."""
        words = command.filled(endpoint, folder)
        folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240  (a local folder, before anything runs)
        log = folder / "output.log"
        try:
            with log.open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    *program(words),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=command.variables(endpoint, folder),
                    start_new_session=True,
                )
        except OSError as error:
            raise TargetError("the command does not start", f"{command} ({error.strerror})", HINT_COMMAND) from error
        return cls(process, log, str(command))

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode

    def tail(self) -> str:
        """The end of what it printed, with control characters made harmless."""
        with contextlib.suppress(OSError):
            text = self._log.read_bytes()[-TAIL:].decode("utf-8", "replace").expandtabs(4)
            return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text).strip()
        return ""

    async def wait(self) -> int:
        """Wait until it exits; its exit code."""
        return await self._process.wait()

    async def stop(self, *, kill: bool = False, grace: float = 5.0) -> None:
        """End it and whatever it started: with SIGTERM and, after `grace` seconds or with `kill`, SIGKILL."""
        if self.running and not kill:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), grace)
        self._signal(signal.SIGKILL)
        await self._process.wait()

    def terminate(self) -> None:
        """Ask it to stop, and do not wait (WRK-A-17)."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


HINT_COMMAND = (
    "check the path and that the program is executable; the words after -- are run as they are, without a shell"
)


def program(words: Sequence[str]) -> list[str]:
    """The words to run; our own command runs in this interpreter, so that it needs no PATH."""
    if words and words[0] == "dwconf":
        return [sys.executable, "-m", "dwconf.suite", *words[1:]]
    return list(words)
