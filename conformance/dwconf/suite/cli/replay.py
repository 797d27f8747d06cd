"""`dwconf replay`: play a saved counterexample again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from dwconf.suite.claims import Claims
from dwconf.suite.cli.exits import usage
from dwconf.suite.cli.settings import Settings, claims_options, run_options
from dwconf.suite.cli.sidecar import sidecar_target
from dwconf.suite.cli.starting import TargetCommand, address_option, explicit
from dwconf.suite.cli.worker import announce, listen_option, worker_target

if TYPE_CHECKING:
    from dwconf.reports.model import Mode

ENGINE = "an engine is named by its address, HOST:PORT, or by the command that starts it, after --"
WORKER = "an app connects to dwconf: write the command that starts it after --, or say with --listen where it connects"


@click.command(cls=TargetCommand, short_help="Play a saved counterexample again.")
@run_options
@claims_options
@address_option
@listen_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("served", metavar="[HOST:PORT | -- COMMAND…]", required=False)
def command(
    settings: Settings, claims: Claims, *, address: str | None, listen: str | None, file: Path, served: str | None
) -> None:
    """Play a counterexample, counterexample-….json of a report directory, and judge the rule it is of.

    One of an engine is played on an engine, named as for `dwconf sidecar`; one of a worker on an app, named as for
    `dwconf worker`. Exit code 1: the rule is broken again, a SHOULD too.

    \b
    dwconf replay dwconf-report/counterexample-engine-events-fifo.json -- dwconf engine
    dwconf replay dwconf-report/counterexample-worker-replay-any-cut-same-actions.json -- dwconf app
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
    ctx = click.get_current_context()
    from dwconf.suite.cli.running import carry_out, counterexample  # noqa: PLC0415  (only a run needs it)

    document = counterexample(file)
    if document.side == "engine":
        _no_option(ctx, "listen", "the file is of an engine", hint=ENGINE)
        target = sidecar_target(ctx, served=served or "", address=address or "", scale=settings.scale)
    else:
        if served:
            raise usage(f"{served!r} names an engine, but the file is of a worker", hint=WORKER)
        _no_option(ctx, "address", "the file is of a worker", hint=WORKER)
        target = worker_target(ctx, listen=listen or "", scale=settings.scale)
        if target.access == "attached":
            announce(target.address)
    out = settings.out if explicit(ctx, "out") else Path(f"{settings.out}-replay")
    settings = replace(settings, rules=(document.rule,), skip=(), levels=(), out=out, fail_on="warn")
    mode: Mode = "sidecar" if document.side == "engine" else "worker"
    ctx.exit(carry_out(mode, (target,), settings, claims=claims, replay=document))


def _no_option(ctx: click.Context, option: str, why: str, *, hint: str) -> None:
    """Refuse an option for targets of the other side that was typed; what the environment holds may be for others."""
    if ctx.get_parameter_source(option) is ParameterSource.COMMANDLINE:
        raise usage(f"--{option} does not fit: {why}", hint=hint)
