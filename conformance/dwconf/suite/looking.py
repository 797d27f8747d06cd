"""How closely a case that looks by chance looks: what it draws from, for how long, or what it is to play again."""

from __future__ import annotations

import msgspec

SHOWN = "counterexample"
"""The text of a note that a case leaves when it has found one. Its fields: `case` and `rule`, and what is `played`."""


class Look(msgspec.Struct, frozen=True):
    """`depth` is the run's; chance is drawn from `seed`; `again` is a counterexample to play instead, as JSON."""

    depth: str = "full"
    seed: int = 1
    again: str = ""
    rule: str = ""
    """What it is said to break."""
