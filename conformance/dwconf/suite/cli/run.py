"""`dwconf run`: both references, each tested by the suite."""

from __future__ import annotations

import click

from dwconf.suite.cli.exits import usage
from dwconf.suite.cli.settings import Settings, run_options
from dwconf.suite.cli.starting import TargetCommand, given_command


@click.command(cls=TargetCommand, short_help="Test both references.")
@run_options
def command(settings: Settings) -> None:
    """Test both references, in this process and on a virtual clock.

    They keep every rule: a run that says otherwise has found a fault of dwconf.
    """
    from dwconf.suite.cli.running import carry_out  # noqa: PLC0415  (what a run needs is only loaded for a run)
    from dwconf.suite.running.plan import TargetSpec  # noqa: PLC0415

    ctx = click.get_current_context()
    if given_command(ctx):
        raise usage("`dwconf run` starts no command", hint="use `dwconf sidecar -- …` or `dwconf worker -- …`")
    targets = tuple(TargetSpec(side, "embedded", scale=settings.scale) for side in ("engine", "worker"))
    ctx.exit(carry_out("run", targets, settings))
