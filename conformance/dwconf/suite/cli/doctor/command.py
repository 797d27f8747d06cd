"""The command `dwconf doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from dwconf.reports.text import visible
from dwconf.suite.cli.doctor.environment import Sign, environment
from dwconf.suite.cli.exits import Exit, usage
from dwconf.suite.cli.sidecar import sidecar_target
from dwconf.suite.cli.starting import TargetCommand, configured, configured_command, dapr_address, given_command
from dwconf.suite.cli.worker import announce, worker_target

if TYPE_CHECKING:
    from dwconf.suite.running.plan import TargetSpec

SIGNS = {"ok": "✓", "note": "·", "wrong": "✕"}


@click.command(cls=TargetCommand, short_help="What is here, is the target there, does an app keep its contract?")
@click.argument("words", metavar="[worker | HOST:PORT] [-- COMMAND…]", nargs=-1)
@click.option("--listen", metavar="HOST:PORT", help="Where the app connects to (with `worker`).")
@click.option("--address", metavar="HOST:PORT", help="Where a sidecar's command that chooses its own port serves.")
def command(words: tuple[str, ...], listen: str | None, address: str | None) -> None:
    """Say what is here, whether a sidecar is there and ready, or what is wrong with a conformance app.

    \b
    dwconf doctor                          versions, configuration, and the sidecar that Dapr's variables name
    dwconf doctor 127.0.0.1:50001          this sidecar
    dwconf doctor worker -- COMMAND        this app: its manifest, its activities, each operation that it declares
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
    problems = _show(environment())
    target = _target(words, listen=listen or "", address=address or "")
    if target is not None:
        problems += _examined(target)
    click.get_current_context().exit(Exit.NOT_CONFORMANT if problems else Exit.CONFORMANT)


def _target(words: tuple[str, ...], *, listen: str, address: str) -> TargetSpec | None:
    """What is to be examined; None for the environment alone."""
    ctx = click.get_current_context()
    if len(words) > 1:
        raise usage(f"{words[1]!r} is one word too many", hint="a command stands after --")
    ctx.default_map = configured("worker" if words == ("worker",) else "sidecar")
    if words == ("worker",):
        target = worker_target(ctx, listen=listen)
        if target.access == "attached":
            announce(target.address)
        return target
    address = address or str(ctx.default_map.get("address", ""))
    named = bool(words or address or given_command(ctx) or configured_command(ctx) or dapr_address())
    return sidecar_target(ctx, served=words[0] if words else "", address=address) if named else None


def _examined(target: TargetSpec) -> int:
    from dwconf.suite.cli.doctor.examination import examine  # noqa: PLC0415  (only a target needs it)
    from dwconf.suite.cli.running import stopping  # noqa: PLC0415

    async def look() -> int:
        return sum([_show([sign]) async for sign in examine(target)])

    with stopping():
        return asyncio.run(look())


def _show(signs: Iterable[Sign]) -> int:
    """Print signs as they come; how many of them are problems."""
    problems = 0
    for sign, text in signs:
        click.echo(f"{SIGNS[sign]} {visible(text)}")
        problems += sign == "wrong"
    return problems
