"""What a schedule is made of: operations on up to two instances, as plain data.

A schedule is a list of operations. It says nothing of ids, tokens or times: whoever plays it finds those in what the
engine sends. An operation that has no object when its turn comes (an answer while nothing is out) is passed over, so
that every part of a schedule is a schedule too, which is what shrinking needs.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

SLOTS = 2
"""How many instances a schedule may speak of."""


class Act(StrEnum):
    """One thing that an answer to a turn does."""

    TASK = "task"
    TIMER = "timer"
    END = "end"
    FAIL = "fail"
    AGAIN = "again"
    """Continue as new, and forget the events of this turn."""
    CARRY = "carry"
    """Continue as new, and carry over the raised events of this turn."""


ENDINGS = (Act.END, Act.FAIL, Act.AGAIN, Act.CARRY)


class Operation(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """One step of a schedule. `slot` says which instance."""

    slot: int = 0


class Start(Operation, frozen=True):
    """Start the instance; while it is active that has to be refused."""


class Raise(Operation, frozen=True):
    """Raise the next event."""


class Suspend(Operation, frozen=True):
    """Suspend it."""


class Resume(Operation, frozen=True):
    """Resume it."""


class Terminate(Operation, frozen=True):
    """Terminate it."""


class Purge(Operation, frozen=True):
    """Purge it; while it is active that has to be refused."""


class Answer(Operation, frozen=True):
    """Take the turn that is due, and answer it."""

    acts: tuple[Act, ...] = ()


class Hold(Operation, frozen=True):
    """Take the turn that is due, and leave it unanswered."""


class Repeat(Operation, frozen=True):
    """Send the last answer's token once more, with other actions."""


class Stale(Operation, frozen=True):
    """Answer a turn under the token of an earlier dispatch that was lost."""


class Wrong(Operation, frozen=True):
    """Answer the turn that is out under a token that nobody gave."""


class Settle(Operation, frozen=True):
    """Take the activity that is due, and give it an outcome."""

    fails: bool = False


class SettleAgain(Operation, frozen=True):
    """Give the activity that was settled last another outcome."""


class Open(Operation, frozen=True):
    """Open a stream; one that `remembers` offers stateful history."""

    remembers: bool = False


class Drop(Operation, frozen=True):
    """End the stream that was opened first, with whatever is out on it."""


class Pass(Operation, frozen=True):
    """Let time pass, by the `ticks` that timers are counted in."""

    ticks: int = 1


class Read(Operation, frozen=True):
    """Read the instance's state and history."""


AnyOperation = (
    Start
    | Raise
    | Suspend
    | Resume
    | Terminate
    | Purge
    | Answer
    | Hold
    | Repeat
    | Stale
    | Wrong
    | Settle
    | SettleAgain
    | Open
    | Drop
    | Pass
    | Read
)
Schedule = tuple[AnyOperation, ...]


def written(schedule: Schedule) -> str:
    """A schedule as JSON."""
    return msgspec.json.encode(schedule).decode()


def read(text: str | bytes) -> Schedule:
    """A schedule from JSON. Raises msgspec.ValidationError, with the place, for what is none."""
    return msgspec.json.decode(text, type=Schedule)
