"""`dwconf sidecar`: test an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from dwconf.suite.claims import Claims
from dwconf.suite.cli.exits import usage
from dwconf.suite.cli.settings import Settings, claims_options, run_options
from dwconf.suite.cli.starting import (
    TargetCommand,
    address_option,
    checked,
    configured_command,
    dapr_address,
    explicit,
    given_command,
)

if TYPE_CHECKING:
    from dwconf.suite.running.plan import TargetSpec


@click.command(cls=TargetCommand, short_help="Test an engine.")
@run_options
@claims_options
@address_option
@click.argument("served", metavar="[HOST:PORT | -- COMMAND…]", required=False)
def command(settings: Settings, claims: Claims, address: str | None, served: str | None) -> None:
    """Test an engine: dwconf is its client and its worker.

    Name a sidecar that serves already, or a command that starts one. In COMMAND, {host}, {port}, {endpoint} and {dir}
    are replaced; they also stand in DWCONF_HOST, DWCONF_PORT, DAPR_GRPC_ENDPOINT and DWCONF_DIR. Without either, the
    configuration file and then Dapr's own variables are asked. An API token is taken from DAPR_API_TOKEN.

    \b
    dwconf sidecar 127.0.0.1:50001
    dwconf sidecar -- ./my-sidecar --listen {host}:{port} --data {dir}
    dwconf sidecar -- dwconf engine
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
    ctx = click.get_current_context()
    target = sidecar_target(ctx, served=served or "", address=address or "", scale=settings.scale)
    from dwconf.suite.cli.running import carry_out  # noqa: PLC0415  (what a run needs is only loaded for a run)

    ctx.exit(carry_out("sidecar", (target,), settings, claims=claims))


def sidecar_target(ctx: click.Context, *, served: str, address: str, scale: float = 1.0) -> TargetSpec:
    """The sidecar that is meant: an address that was typed, a command that was typed, the configuration's, Dapr's.

    Raises Stopped when two are named, or none.
    """
    words, configured = given_command(ctx), configured_command(ctx)
    if served and words:
        hint = "with a command, --address says where it serves; else write HOST:PORT, or -- COMMAND"
        raise usage("both an address and a command are given", hint=hint)
    if not (served or words or configured or address or dapr_address()):
        raise usage("no sidecar is named", hint="write its address, HOST:PORT, or a command that starts it after --")
    from dwconf.suite.running.plan import TargetSpec  # noqa: PLC0415  (gRPC is only loaded for a target)

    if served:
        return TargetSpec("engine", "attached", address=checked(served), scale=scale)
    if words:
        own = address if explicit(ctx, "address") else ""
        return TargetSpec("engine", "started", address=checked(own), command=words, scale=scale)
    if configured:
        return TargetSpec("engine", "started", address=checked(address), command=configured, scale=scale)
    return TargetSpec("engine", "attached", address=checked(address or dapr_address()), scale=scale)
