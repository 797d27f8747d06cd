"""`dwconf worker`: test an SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dwconf.suite.claims import Claims
from dwconf.suite.cli.exits import usage
from dwconf.suite.cli.settings import Settings, claims_options, run_options
from dwconf.suite.cli.starting import TargetCommand, checked, configured_command, given_command

if TYPE_CHECKING:
    from dwconf.suite.running.plan import TargetSpec

LISTEN = "127.0.0.1:50001"
"""Where an app of any SDK looks for its sidecar when nothing says otherwise."""


listen_option = click.option(
    "--listen",
    envvar="DWCONF_LISTEN",
    show_envvar=True,
    metavar="HOST:PORT",
    help=f"Where the app connects to. Without COMMAND: {LISTEN}; with it: a free port.",
)


@click.command(cls=TargetCommand, short_help="Test an SDK.")
@run_options
@claims_options
@listen_option
@click.argument("nothing", metavar="[-- COMMAND…]", required=False)
def command(settings: Settings, claims: Claims, listen: str | None, nothing: str | None) -> None:
    """Test an SDK: dwconf is the engine, and the SDK's conformance app connects to it.

    Name a command that starts the app, or start the app yourself. It takes its endpoint from DAPR_GRPC_ENDPOINT or
    DAPR_GRPC_PORT, which COMMAND finds in its environment; {host}, {port}, {endpoint} and {dir} are replaced in it.

    \b
    dwconf worker -- python conformance_app.py
    dwconf worker --listen 127.0.0.1:50001
    dwconf worker -- dwconf app
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
    refuse_words(nothing)
    ctx = click.get_current_context()
    target = worker_target(ctx, listen=listen or "", scale=settings.scale)
    if target.access == "attached":
        announce(target.address)
    from dwconf.suite.cli.running import carry_out  # noqa: PLC0415  (what a run needs is only loaded for a run)

    ctx.exit(carry_out("worker", (target,), settings, claims=claims))


def worker_target(ctx: click.Context, *, listen: str, scale: float = 1.0) -> TargetSpec:
    """The worker that is meant: a command that was typed or configured, or whoever connects."""
    from dwconf.suite.running.plan import TargetSpec  # noqa: PLC0415

    words = given_command(ctx) or configured_command(ctx)
    if words:
        return TargetSpec("worker", "started", address=checked(listen), command=words, scale=scale)
    return TargetSpec("worker", "attached", address=checked(listen) or LISTEN, scale=scale)


def announce(address: str) -> None:
    """Say where the app has to connect to."""
    click.echo(f"Waiting for the app at {address}: start it with DAPR_GRPC_ENDPOINT=http://{address}", err=True)


def refuse_words(word: str | None) -> None:
    """A word that is no option and does not stand after `--`."""
    if word is not None:
        hint = f"a command stands after --, as in `dwconf worker -- {word}`; an address after --listen"
        raise usage(f"{word!r} is neither an option nor a command", hint=hint)
