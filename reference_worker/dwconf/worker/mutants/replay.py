"""Workers that break rules of the chapter replay."""

from __future__ import annotations

from collections.abc import Iterable

from dwconf.wire import values as v
from dwconf.worker.core.decisions import Actions
from dwconf.worker.core.ledger import Issued, Record
from dwconf.worker.core.settlement import Settlement
from dwconf.worker.mutants.registry import mutant


def same_id_for_all(used: int) -> int:
    """Gives every action the same id."""
    return used


def repeats_recorded(issued: Iterable[Issued]) -> Actions:
    """Sends actions again that history has, until they are settled."""
    return tuple(entry.action for entry in issued if not entry.settled)


def any_kind_will_do(action: v.ActionBody, record: Record) -> bool:
    """Takes every record for the one it expects."""
    return True


def any_name_will_do(action: v.ActionBody, record: Record) -> bool:
    """Does not compare names."""
    return True


def nothing_must_be_issued(record: Record) -> bool:
    """Overlooks recorded work that the code never asked for."""
    return False


def last_resolution_wins(settlement: Settlement) -> bool:
    """Takes a task's second completion as well."""
    return True


def first_turn_time(before: v.Nanos, started: v.Nanos | None) -> v.Nanos:
    """Lets the clock stand still at the first turn."""
    return before or started or 0


def another_token(token: str) -> str:
    """Sends a token that nobody gave it."""
    return f"{token}-other"


mutant(
    "one-id-for-all",
    "worker/replay/action-ids-unique",
    "gives every action the same id",
    next_id=same_id_for_all,
)
mutant(
    "repeats-recorded-actions",
    "worker/replay/recorded-actions-not-repeated",
    "sends actions that history has already",
    unrecorded=repeats_recorded,
)
mutant(
    "any-kind-matches",
    "worker/replay/other-kind-fails",
    "does not notice another kind of action in history",
    same_kind=any_kind_will_do,
    same_name=any_name_will_do,
)
mutant(
    "any-name-matches",
    "worker/replay/other-name-fails",
    "does not notice another name in history",
    same_name=any_name_will_do,
)
mutant(
    "overlooks-missing-actions",
    "worker/replay/missing-action-fails",
    "does not notice recorded work that the code never asked for",
    must_be_issued=nothing_must_be_issued,
)
mutant(
    "last-resolution-wins",
    "worker/replay/duplicate-resolution-ignored",
    "lets a second completion replace the first",
    takes_repeated=last_resolution_wins,
)
mutant(
    "clock-stands-still",
    "worker/replay/workflow-clock",
    "shows the time of the first turn for ever",
    turn_time=first_turn_time,
)
mutant(
    "foreign-turn-token",
    "worker/replay/no-foreign-token",
    "answers turns with a token of its own making",
    answered_token=another_token,
)
