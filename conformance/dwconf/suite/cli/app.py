"""`dwconf app`: the reference worker's conformance app."""

from __future__ import annotations

import click

from dwconf.suite.cli.exits import Exit, Stopped


@click.command(short_help="Serve the reference worker's conformance app.")
@click.option("--address", metavar="HOST:PORT", help="The engine; else DAPR_GRPC_ENDPOINT, else DAPR_GRPC_PORT.")
@click.option("--mutant", metavar="NAME", help="Break one rule on purpose; `dwconf explain RULE` names mutants.")
def command(address: str | None, mutant: str | None) -> None:
    """Serve the reference worker's conformance app, until Ctrl-C or SIGTERM.

    It connects to an engine, again and again if need be, and shows the token in DAPR_API_TOKEN.
    """
    from dwconf.suite.targets.serving import ServingError, serve_app  # noqa: PLC0415  (`--help` does not need it)

    try:
        serve_app(address=address, mutant=mutant)
    except ServingError as error:
        raise Stopped(Exit.USAGE, str(error)) from error
