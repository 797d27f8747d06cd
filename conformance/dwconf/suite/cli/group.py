"""The command group: it imports a command when it is asked for, and maps errors to exit codes."""

from __future__ import annotations

import importlib
import io
import sys

import click

from dwconf.suite.cli.exits import Exit, Stopped, crash

COMMANDS = {
    "run": "run",
    "sidecar": "sidecar",
    "worker": "worker",
    "selftest": "selftest",
    "replay": "replay",
    "list": "listing",
    "explain": "explain",
    "doctor": "doctor",
    "init": "init",
    "engine": "engine",
    "app": "app",
}
"""Command name → the module of this package that holds it as `command`."""


class Commands(click.Group):
    """Imports a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dwconf.suite.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. What it raises beyond click's own errors is an interrupt, or a fault of ours."""
        _never_fail_on_a_character()
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            raise Stopped(Exit.INTERRUPTED, "interrupted") from None
        except Exception as error:
            raise crash(error) from error


def _never_fail_on_a_character() -> None:
    """A terminal that lacks a character shows another one instead of ending the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dwconf")
def main() -> None:
    """Does a sidecar, or an SDK, keep the Dapr Workflow protocol? Rule by rule, with the messages that prove it.

    \b
    dwconf run                     both references against each other
    dwconf sidecar HOST:PORT       an engine: dwconf is its client and its worker
    dwconf worker -- COMMAND…      an SDK: dwconf is the engine that its app connects to

    Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 inconclusive, 4 an error of dwconf, 5 target not
    reachable, 130 interrupted.
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
