"""The figures: every load ends on what it is measured on, and the tables say what was measured."""

from __future__ import annotations

import asyncio

import pytest

from bench.load import LOADS, Load, run
from bench.run import ENGINES, served
from bench.tables import Figures, Measured, tables

LIMIT = 60.0
SHORT = [load for load in LOADS if load.name != "1,000 events"]


@pytest.mark.parametrize("engine", ["canned server", "reference, SQLite"])
def test_every_load_ends(engine: str) -> None:
    async def test(address: str, load: Load) -> int:
        return (await asyncio.wait_for(run(address, load, 0), LIMIT)).finished

    with served(ENGINES[engine]) as started:
        assert [asyncio.run(test(started.address, load)) for load in SHORT] == [load.at_once for load in SHORT]


def test_engines_are_compared_round_by_round() -> None:
    """A machine that is slow for one round is slow for both; a round that failed compares with nothing."""
    slow, fast = Measured(rate=100, cpu=4, generator=0.5), Measured(rate=300, cpu=2, generator=0.5)
    half_slow, half_fast = Measured(rate=200, cpu=2, generator=0.9), Measured(rate=600, cpu=1, generator=0.9)
    figures: Figures = {
        ("reference, SQLite", "no-op"): [slow, fast, slow],
        ("canned server", "no-op"): [half_slow, half_fast, None],
    }
    lines = tables(figures, ["canned server", "reference, SQLite"], {"no-op": 50}).splitlines()
    assert "| canned server | 400 |" in lines
    assert "| canned server | 1.50 |" in lines
    assert lines.count("| canned server | 0.80 | 0.50 (0.50 to 0.50) |") == 2


def test_what_failed_in_every_round_has_no_figure() -> None:
    figures: Figures = {("reference, SQLite", "no-op"): [None], ("canned server", "no-op"): [None]}
    text = tables(figures, ["canned server", "reference, SQLite"], {"no-op": 50})
    assert "| canned server | - |" in text
    assert "| canned server | 0.80 | - |" in text
