"""The command `dwconf init`, and `dwconf init app`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from dwconf.suite.cli.exits import usage
from dwconf.suite.cli.init.skeleton import APPS, configuration, skeleton

EXECUTABLE = 0o755
SHEBANG = "#!"


@click.group(invoke_without_command=True, short_help="Begin a configuration file, or a conformance app.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
@click.pass_context
def command(ctx: click.Context, *, force: bool) -> None:
    """Write a dwconf.toml into this folder, with every key in it and none of them set.

    `dwconf init app` writes a conformance app.
    """
    if ctx.invoked_subcommand is None:
        _write(Path(), configuration(), force=force)
        click.echo("dwconf.toml: every key is there as a comment; take the # away from those that you set")


@command.command("app", short_help="Write a conformance app to start from.")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default="conformance")
@click.option(
    "--language",
    type=click.Choice(list(APPS)),
    default="python",
    show_default=True,
    help="The SDK that it is written on. There are no others yet.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
def app(folder: Path, language: str, *, force: bool) -> None:
    """Write a conformance app into FOLDER (default: conformance).

    It runs as it is, on the SDK that Dapr publishes for the language, and is a start for one of your own. With it come
    scripts that build and start it, a list of known failures, and a pipeline for GitHub Actions.

    \b
    dwconf init app --language javascript
    cd conformance && ./build && dwconf doctor worker && dwconf worker
    """  # noqa: D301  (\b is click's mark for a paragraph that keeps its lines)
    _write(folder, skeleton(language, folder=_seen_from_here(folder)), force=force)
    click.echo(f"{folder}: a conformance app on {APPS[language].sdk}; its README.md says how to go on")
    click.echo(f"  cd {folder} && ./build && dwconf doctor worker && dwconf worker")


def _seen_from_here(folder: Path) -> str:
    """How a pipeline that starts where we are names the folder."""
    here = Path.cwd()
    within = folder.resolve().is_relative_to(here)
    return (folder.resolve().relative_to(here) if within else Path(folder.name)).as_posix()


def _write(folder: Path, files: Mapping[str, str], *, force: bool) -> None:
    """Write all files, or none: what is there already is only replaced by force."""
    there = [name for name in files if (folder / name).exists()]
    if there and not force:
        raise usage(f"already there: {', '.join(str(folder / name) for name in there)}", hint="--force replaces them")
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            if text.startswith(SHEBANG):
                path.chmod(EXECUTABLE)
    except OSError as error:
        raise usage(f"{error.filename}: cannot be written: {error.strerror}") from error
