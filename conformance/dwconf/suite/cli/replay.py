"""`dwconf replay`: play a saved counterexample again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from dwconf.suite.claims import Claims
from dwconf.suite.cli.settings import Settings, claims_options, run_options
from dwconf.suite.cli.sidecar import sidecar_target
from dwconf.suite.cli.starting import TargetCommand, address_option, explicit


@click.command(cls=TargetCommand, short_help="Play a saved counterexample again.")
@run_options
@claims_options
@address_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("served", metavar="[HOST:PORT | -- COMMAND…]", required=False)
def command(settings: Settings, claims: Claims, address: str | None, file: Path, served: str | None) -> None:
    """Play a counterexample, counterexample-….json of a report directory, on an engine, and judge the rule it is of.

    The engine is named as for `dwconf sidecar`. Exit code 1: the rule is broken again.

    \b
    dwconf replay dwconf-report/counterexample-engine-events-fifo.json -- dwconf engine
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
    ctx = click.get_current_context()
    target = sidecar_target(ctx, served=served or "", address=address or "", scale=settings.scale)
    from dwconf.suite.cli.running import carry_out, counterexample  # noqa: PLC0415  (only a run needs it)

    document = counterexample(file)
    out = settings.out if explicit(ctx, "out") else Path(f"{settings.out}-replay")
    settings = replace(settings, rules=(document.rule,), skip=(), levels=(), out=out)
    ctx.exit(carry_out("sidecar", (target,), settings, claims=claims, replay=document))
