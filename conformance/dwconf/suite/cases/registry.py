"""The case registry.

A case is an async function of one scene. It drives the conversation and names its steps; the checks judge afterwards.
Its id is its chapter and its name: `engine/start/plain` is `plain` in `cases/engine/start.py`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

Drive = Callable[[Any], Awaitable[None]]
F = TypeVar("F", bound=Drive)


class Depth(StrEnum):
    """How long a run looks."""

    QUICK = "quick"
    FULL = "full"
    SOAK = "soak"

    def covers(self, other: Depth) -> bool:
        """Whether a run of this depth includes what needs `other`."""
        order = list(Depth)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its id, what it says of itself, and what it needs.

    `alone`: it is about streams or needs the target for itself, so it runs when no other does (see `running.phases`).
    `apart`: it brings an engine and a process of its own, so other cases may run meanwhile.
    `launches`: it starts a process of the app's, as those that are apart all do; so the target must be ours.
    `unsafe`: it may kill the target; it runs last, and only where the target was started by us or the user allows it.
    `restarts`: it stops and starts the target, so the target must be ours.
    `token`: it is about the API token, so the target must have one.
    `last`: it goes on from what the other cases have made, and runs after those of its phase.
    `slow`: in real time it takes seconds of any target, and begins before the others of its phase.
    """

    id: str
    side: str
    title: str
    drive: Drive
    depth: Depth = Depth.QUICK
    alone: bool = False
    unsafe: bool = False
    restarts: bool = False
    token: bool = False
    needs: tuple[str, ...] = field(default=())
    apart: bool = False
    last: bool = False
    slow: bool = False
    launches: bool = False


CASES: dict[str, Case] = {}
"""All cases by id, in the order of their files."""


def case(
    *,
    depth: Depth = Depth.QUICK,
    alone: bool = False,
    unsafe: bool = False,
    restarts: bool = False,
    token: bool = False,
    needs: tuple[str, ...] = (),
    apart: bool = False,
    last: bool = False,
    slow: bool = False,
    launches: bool = False,
) -> Callable[[F], F]:
    """Register an async function of one scene as a case. `needs` names capabilities without which it is pointless."""

    def register(drive: F) -> F:
        side, chapter = drive.__module__.rsplit(".", 2)[-2:]
        case_id = f"{side}/{chapter.replace('_', '-')}/{drive.__name__.replace('_', '-')}"
        if case_id in CASES:
            raise TypeError(f"two cases are called {case_id}")
        title = first_sentence(drive.__doc__) or case_id
        CASES[case_id] = Case(
            case_id,
            side,
            title,
            drive,
            depth=depth,
            alone=alone or apart,
            unsafe=unsafe,
            restarts=restarts,
            token=token,
            needs=needs,
            apart=apart,
            last=last,
            slow=slow,
            launches=launches or apart,
        )
        return drive

    return register


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, in one line, without its full stop."""
    paragraph = " ".join((text or "").strip().split("\n\n")[0].split())
    return paragraph.split(". ")[0].removesuffix(".")


def load_suite() -> None:
    """Import every module of cases, checks and monitors, so that the registries are full."""
    for name in (
        "cases.engine",
        "cases.worker",
        "checks.engine",
        "checks.worker",
        "fingerprint",
        "monitors",
        "probes",
        "schedules",
    ):
        package = importlib.import_module(f"dwconf.suite.{name}")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"dwconf.suite.{name}.{module.name}")
