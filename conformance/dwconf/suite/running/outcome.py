"""What one case gave: plain values that cross from a test process to the one that judges."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dwconf.reports.model import WireLine


class Breach(msgspec.Struct, frozen=True):
    """One finding of one check, with the wire log around it."""

    check: str
    expected: str
    seen: str
    log: list[WireLine]
    highlight: list[int]


class RuleOutcome(msgspec.Struct, frozen=True):
    """What one case says of one rule. No breach, nothing untested and no error: kept."""

    rule: str
    check: str = ""
    by_monitor: bool = False
    breaches: list[Breach] = []
    untested: str = ""
    error: str = ""
    value: str | None = None
    """What was observed, for a rule that is recorded and not judged."""


class Counterexample(msgspec.Struct, frozen=True):
    """What breaks a rule when it is played, as JSON."""

    case: str
    rule: str
    played: str


class CaseOutcome(msgspec.Struct, frozen=True):
    """One case on one target.

    `status` is "done", "over" (what it awaited did not come), "crashed" (the target's process ended), "unreachable" or
    "error" (our fault); `clock` is the target's time that passed, in seconds.
    """

    case: str
    target: str
    status: str
    seconds: float
    clock: float
    rules: list[RuleOutcome] = []
    probes: dict[str, bool] = {}
    """Whether a capability works, by `side/name`."""
    message: str = ""
    counterexamples: list[Counterexample] = []
    waited: float = 0
    """For how long, in seconds, nothing but the wall clock was waited for."""

    def to_json(self) -> str:
        """As a string that pytest's reports can carry; what no encoding has (a lone surrogate) is spelled out."""
        return msgspec.json.encode(_encodable(msgspec.to_builtins(self))).decode()


def blind(said: Sequence[RuleOutcome]) -> list[RuleOutcome]:
    """What checks of one rule said that had no evidence in any case.

    A monitor alone passes no rule that has a check of its own.
    """
    checks = [outcome for outcome in said if not outcome.by_monitor] or said
    saw = {outcome.check for outcome in checks if not outcome.untested}
    return [outcome for outcome in checks if outcome.check not in saw]


def _encodable(value: object) -> object:
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case list():
            return [_encodable(item) for item in value]
        case dict():
            return {str(_encodable(key)): _encodable(item) for key, item in value.items()}
        case _:
            return value
