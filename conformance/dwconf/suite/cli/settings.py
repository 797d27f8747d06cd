"""The options that every run takes, and the run that they ask for."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from dwconf.suite.claims import Claims

P = ParamSpec("P")
SEED = 1
"""Quick and full runs of one version draw the same numbers."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options of a run say."""

    rules: tuple[str, ...]
    skip: tuple[str, ...]
    levels: tuple[str, ...]
    requirements: str | None
    depth: str
    given_seed: int | None
    jobs: int
    timeout_scale: float
    out: Path
    known: Path | None
    update_known: bool
    fail_on: str
    allow_unsafe: bool
    durations: int
    debug: str

    @property
    def seed(self) -> int:
        """The seed: as given, else this version's; a soak run draws a fresh one."""
        if self.given_seed is not None:
            return self.given_seed
        return secrets.randbits(31) if self.depth == "soak" else SEED

    @property
    def scale(self) -> float:
        """The factor of all deadlines; a run under the debugger has none to speak of."""
        return self.timeout_scale * (NO_DEADLINE if self.debug else 1)


NO_DEADLINE = 10_000


def run_options(callback: Callable[Concatenate[Settings, P], None]) -> Callable[P, None]:
    """Give a command the options of a run; it gets them as its `settings`."""

    @functools.wraps(callback)
    def command(*args: Any, **given: Any) -> None:  # noqa: ANN401  (click passes each parameter by its name)
        settings = Settings(**{each.name: given.pop(each.name) for each in fields(Settings)})
        callback(settings, *args, **given)

    for option in reversed(_OPTIONS):
        option(command)
    return command


_PROFILE = click.option(
    "--profile", envvar="DWCONF_PROFILE", show_envvar=True, metavar="NAME", help="What the target claims to support."
)
_LACKS = click.option(
    "--lacks",
    multiple=True,
    envvar="DWCONF_LACKS",
    show_envvar=True,
    metavar="CAPABILITY",
    help="What it lacks beside what that denies: a limit that is set higher, say. Repeatable.",
)


def claims_options(callback: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say what its target claims; it gets them as its `claims`."""

    @functools.wraps(callback)
    def command(*args: Any, profile: str | None, lacks: tuple[str, ...], **given: Any) -> None:  # noqa: ANN401
        callback(*args, claims=Claims(profile, lacks), **given)

    return _PROFILE(_LACKS(command))


_OPTIONS = (
    click.option(
        "--rule",
        "rules",
        multiple=True,
        envvar="DWCONF_RULES",
        show_envvar=True,
        metavar="PATTERN",
        help="Judge these rules: an id, a chapter (engine/timers), the beginning of ids, or a glob. Repeatable.",
    ),
    click.option(
        "--skip",
        multiple=True,
        envvar="DWCONF_SKIP",
        show_envvar=True,
        metavar="PATTERN",
        help="Leave these rules out. Repeatable.",
    ),
    click.option(
        "--level",
        "levels",
        multiple=True,
        envvar="DWCONF_LEVEL",
        show_envvar=True,
        type=click.Choice(["MUST", "SHOULD", "MAY", "INFO"]),
        metavar="LEVEL",
        help="Judge rules of this level alone: MUST, SHOULD. MAY and INFO are recorded. Repeatable.",
    ),
    click.option(
        "--requirements",
        envvar="DWCONF_REQUIREMENTS",
        show_envvar=True,
        metavar="RELEASE",
        help="The rules of a Dapr release: 1.18.",
    ),
    click.option(
        "--depth",
        envvar="DWCONF_DEPTH",
        show_envvar=True,
        type=click.Choice(["quick", "full", "soak"]),
        default="full",
        show_default=True,
        help="How long to look.",
    ),
    click.option(
        "--seed",
        "given_seed",
        envvar="DWCONF_SEED",
        show_envvar=True,
        type=click.IntRange(0),
        help="What random choices are drawn from.",
    ),
    click.option(
        "--jobs",
        envvar="DWCONF_JOBS",
        show_envvar=True,
        type=click.IntRange(1),
        default=1,
        show_default=True,
        help="Processes: on one sidecar, or each with a reference or app of its own.",
    ),
    click.option(
        "--timeout-scale",
        envvar="DWCONF_TIMEOUT_SCALE",
        show_envvar=True,
        type=click.FloatRange(0, min_open=True),
        default=1.0,
        show_default=True,
        help="Multiply every deadline, for a slow target.",
    ),
    click.option(
        "--out",
        envvar="DWCONF_OUT",
        show_envvar=True,
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("dwconf-report"),
        show_default=True,
        help="Where the report goes; an old report there is replaced.",
    ),
    click.option(
        "--known",
        envvar="DWCONF_KNOWN",
        show_envvar=True,
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Known failures, as YAML: rule, reason, link, expires.",
    ),
    click.option("--update-known", is_flag=True, help="Rewrite that file from this run, keeping reasons."),
    click.option(
        "--fail-on",
        envvar="DWCONF_FAIL_ON",
        show_envvar=True,
        type=click.Choice(["fail", "warn", "regressions"]),
        default="fail",
        show_default=True,
        help="What makes the exit code 1: failures and known ones that pass; warnings too; new failures alone.",
    ),
    click.option(
        "--allow-unsafe",
        is_flag=True,
        envvar="DWCONF_ALLOW_UNSAFE",
        show_envvar=True,
        help="Run cases that may end an attached target's process.",
    ),
    click.option("--durations", type=click.IntRange(0), default=0, metavar="N", help="Show the N slowest cases."),
    click.option(
        "--debug", default="", metavar="CASE", help="Run this case alone, without deadlines, and keep the target."
    ),
)
