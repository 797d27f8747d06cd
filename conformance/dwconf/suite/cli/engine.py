"""`dwconf engine`: the reference engine as a sidecar."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import click

from dwconf.suite.cli.exits import Exit, Stopped

PEM = click.Path(path_type=Path, dir_okay=False)
STATUSES = {"any": "any_terminal", "completed": "completed", "failed": "failed", "terminated": "terminated"}
UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
POLICY = re.compile(rf"({'|'.join(STATUSES)})=(\d+)({'|'.join(UNITS)})")


def kept_for(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, int]:
    """Policies such as `completed=30s`, as nanoseconds by status."""
    read = {}
    for policy in given:
        found = POLICY.fullmatch(policy)
        if found is None:
            words = f"{policy!r} is none: write any, completed, failed or terminated with a time, such as failed=30s"
            raise click.BadParameter(words, ctx, param)
        status, number, unit = found.groups()
        read[STATUSES[status]] = int(number) * UNITS[unit]
    return read


@click.command(short_help="Serve the reference engine.")
@click.option("--host", metavar="HOST", help="Where to listen; else DWCONF_HOST, else 127.0.0.1.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="The port; else DWCONF_PORT, else 4001. 0 takes a free one."
)
@click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A SQLite file; else one in DWCONF_DIR, else memory.",
)
@click.option("--memory", is_flag=True, help="Keep everything in memory.")
@click.option(
    "--durable",
    type=click.Choice(["normal", "full"]),
    default="normal",
    show_default=True,
    help="What the file survives: the end of the process, or a power cut.",
)
@click.option(
    "--max-message-bytes",
    type=click.IntRange(1024),
    default=4 * 1024 * 1024,
    show_default=True,
    metavar="BYTES",
    help="The largest message taken; work above 95 % of it stalls its instance.",
)
@click.option("--tls-cert", type=PEM, help="Serve with TLS: a certificate, with its chain, in PEM.")
@click.option("--tls-key", type=PEM, help="The certificate's key, in PEM.")
@click.option(
    "--retention",
    metavar="STATUS=TIME",
    multiple=True,
    callback=kept_for,
    help="Remove instances some time after they have ended, as in `any=168h` or `failed=30s`; may be repeated.",
)
@click.option("--mutant", metavar="NAME", help="Break one rule on purpose; `dwconf explain RULE` names mutants.")
@click.option("--profile", metavar="NAME", default="reference", show_default=True, help="Serve another contract.")
def command(
    *,
    host: str | None,
    port: int | None,
    store: Path | None,
    memory: bool,
    durable: Literal["normal", "full"],
    max_message_bytes: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    retention: dict[str, int],
    mutant: str | None,
    profile: str,
) -> None:
    """Serve the reference engine, until Ctrl-C or SIGTERM.

    It is a Dapr workflow sidecar for tests: apps reach it with DAPR_GRPC_ENDPOINT. A token in DAPR_API_TOKEN is
    demanded of every call.
    """
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together")
    from dwconf.suite.targets.serving import ServingError, serve_engine  # noqa: PLC0415  (`--help` does not need it)

    try:
        serve_engine(
            host=host,
            port=port,
            path=store,
            memory=memory,
            durable=durable,
            max_message_bytes=max_message_bytes,
            tls=(tls_cert, tls_key) if tls_cert is not None and tls_key is not None else None,
            retention=retention,
            mutant=mutant,
            profile=profile,
            announce=lambda address: click.echo(f"dwconf engine serves at {address}"),
        )
    except ServingError as error:
        raise Stopped(Exit.UNREACHABLE if error.unreachable else Exit.USAGE, str(error)) from error
