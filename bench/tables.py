"""What was measured, as Markdown tables: figures by engine and load, and the ratios that were aimed at."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """One load on one engine: workflows a second, and milliseconds of the engine's processor for each of them.

    `generator` is which part of the time the load itself was on the processor: near 1, it was the load that was slow.
    """

    rate: float
    cpu: float | None
    generator: float


Rounds = Sequence[Measured | None]
"""One load on one engine, round by round; None is one that failed."""
Figures = Mapping[tuple[str, str], Rounds]
"""By engine and load."""
REFERENCE = "reference, SQLite"
AIMS = {"canned server": "0.80", "PyPI in-memory": "over 1", "durabletask-go, SQLite": "10 on no-op"}
NOTHING = "-"


def tables(figures: Figures, engines: Sequence[str], loads: Mapping[str, int]) -> str:
    """All tables; `loads` says of each load how many of its instances are open at a time."""
    titles = [f"{load} ({count} open)" for load, count in loads.items()]

    def absolute(title: str, of: Callable[[Measured], float | None]) -> str:
        cells = [[name, *[_middle(figures[name, load], of) for load in loads]] for name in engines]
        return _table([title, *titles], cells)

    def compared(title: str, speed: Callable[[Measured], float | None]) -> str:
        others = [name for name in engines if name != REFERENCE]
        cells = [
            [
                name,
                AIMS.get(name, ""),
                *[_times(figures[REFERENCE, load], figures[name, load], speed) for load in loads],
            ]
            for name in others
        ]
        return _table([title, "aim", *titles], cells)

    parts = [
        absolute("workflows a second", lambda one: one.rate),
        absolute("ms of the engine's processor for each", lambda one: one.cpu),
        absolute("part of the time that the load was on the processor", lambda one: one.generator),
    ]
    if REFERENCE in engines:
        parts += [
            compared(f"{REFERENCE}: speed, over that of", lambda one: one.rate),
            compared(f"{REFERENCE}: speed by the processor's time alone, over that of", _by_processor),
        ]
    return "\n\n".join(parts)


def _by_processor(one: Measured) -> float | None:
    return 1 / one.cpu if one.cpu else None


def _middle(rounds: Rounds, of: Callable[[Measured], float | None]) -> str:
    """The median of the rounds."""
    known = [value for one in rounds if one is not None and (value := of(one)) is not None]
    return _short(statistics.median(known)) if known else NOTHING


def _times(ours: Rounds, theirs: Rounds, speed: Callable[[Measured], float | None]) -> str:
    """How many times as fast the first is as the second: the median of the rounds, and the least and most of them."""
    ratios = [
        mine / others
        for one, other in zip(ours, theirs, strict=True)
        if one is not None and other is not None and (mine := speed(one)) and (others := speed(other))
    ]
    if not ratios:
        return NOTHING
    middle = _short(statistics.median(ratios))
    return middle if len(ratios) == 1 else f"{middle} ({_short(min(ratios))} to {_short(max(ratios))})"


def _short(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
