"""Commands that take a target: what stands after `--`, and defaults from the configuration file."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.core import ParameterSource

from dwconf.suite.cli.exits import Exit, Stopped, usage
from dwconf.suite.config import ConfigError, defaults_for

COMMAND = "dwconf.command"
SEPARATOR = "--"
EXPLICIT = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


address_option = click.option(
    "--address",
    envvar="DWCONF_ADDRESS",
    show_envvar=True,
    metavar="HOST:PORT",
    help="Where a command that chooses its own port serves.",
)


class TargetCommand(click.Command):
    """Keeps what stands after `--` apart, and reads the configuration file before the options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the target's command off, lay the configuration under the options, and parse the rest."""
        own, words = split(args)
        if words is not None and not words:
            raise usage("nothing stands after --", hint="write the command that starts the target there")
        ctx.meta[COMMAND] = tuple(words or ())
        if not any(word in ctx.help_option_names for word in own):
            ctx.default_map = configured(ctx.info_name or "")
        return super().parse_args(ctx, own)


def split(args: list[str]) -> tuple[list[str], list[str] | None]:
    """The words before the first `--`, and those after it (None without one)."""
    if SEPARATOR not in args:
        return args, None
    place = args.index(SEPARATOR)
    return args[:place], args[place + 1 :]


def given_command(ctx: click.Context) -> tuple[str, ...]:
    """The words after `--`."""
    words: tuple[str, ...] = ctx.meta.get(COMMAND, ())
    return words


def configured_command(ctx: click.Context) -> tuple[str, ...]:
    """The target's command of the configuration file."""
    return tuple((ctx.default_map or {}).get("command", ()))


def explicit(ctx: click.Context, name: str) -> bool:
    """Whether an option was given on the command line or in the environment."""
    return ctx.get_parameter_source(name) in EXPLICIT


def dapr_address() -> str:
    """The sidecar that Dapr's own variables name; empty when they name none."""
    endpoint = os.environ.get("DAPR_GRPC_ENDPOINT", "")
    port = os.environ.get("DAPR_GRPC_PORT", "")
    host = os.environ.get("DAPR_RUNTIME_HOST", "") or "127.0.0.1"
    return endpoint or (f"{host}:{port}" if port else "")


def checked(address: str) -> str:
    """The address, if it is one; else that is an error of whoever wrote it. An empty one is none, and passes."""
    from dwconf.suite.targets.endpoint import Endpoint  # noqa: PLC0415  (gRPC is only loaded for a target)
    from dwconf.suite.targets.errors import TargetError  # noqa: PLC0415

    try:
        if address:
            Endpoint.parse(address)
    except TargetError as error:
        raise Stopped(Exit.USAGE, str(error)) from error
    return address


def configured(command: str) -> dict[str, object]:
    """What the configuration file says for a command."""
    try:
        return defaults_for(command, Path.cwd())
    except ConfigError as error:
        raise Stopped(Exit.USAGE, str(error)) from error
