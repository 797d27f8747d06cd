"""Wrong about refusals (ENG-J)."""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.instance import Instance, queued
from dwconf.engine.core.messages import Code, Create, Effect, Refusal
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.engine.shell.faults import Faults
from dwconf.wire.codec import decode
from dwconf.wire.values import EventRaised, ExecutionTerminated, HistoryEvent, RaiseEventRequest, TerminateRequest

GHOSTS: dict[str, ExecutionTerminated | EventRaised] = {}
"""What was told to instances that did not exist, by their ids."""


def _untyped(method: str, refusal: Refusal) -> Refusal:
    """Every refusal is UNKNOWN."""
    del method
    return replace(refusal, code=Code.UNKNOWN)


def _notes_terminates(method: str, data: bytes) -> bytes:
    """Keeps each terminate, whomever it is for."""
    if method == "TerminateInstance":
        GHOSTS[decode(TerminateRequest, data).instance_id] = ExecutionTerminated()
    return data


def _notes_events(method: str, data: bytes) -> bytes:
    """Keeps the first event for each id."""
    if method == "RaiseEvent":
        request = decode(RaiseEventRequest, data)
        GHOSTS.setdefault(request.instance_id, EventRaised(name=request.name, input=request.input))
    return data


def _haunted(
    state: Instance | None, input_: Create, moment: Moment, rules: Decisions
) -> tuple[Instance | None, tuple[Effect, ...]]:
    """A new instance gets what was refused before it existed."""
    after, effects = REFERENCE.create(state, input_, moment, rules)
    ghost = GHOSTS.pop(input_.instance_id, None)
    if state is None and after is not None and ghost is not None:
        event = HistoryEvent(event_id=-1, timestamp=moment.now, body=ghost)
        after = replace(after, inbox=(*after.inbox, queued(event)))
    return after, effects


mutant(
    "refusals-are-unknown",
    "engine/errors/typed-codes",
    "every refusal has the code UNKNOWN",
    faults=Faults(refused=_untyped),
)
mutant(
    "refused-terminate-is-kept",
    "engine/errors/failed-request-changes-nothing",
    "a terminate that was refused ends an instance that is started later",
    faults=Faults(incoming=_notes_terminates),
    create=_haunted,
)
mutant(
    "refused-event-is-kept",
    "engine/errors/failed-request-changes-nothing",
    "an event that was refused reaches an instance that is started later",
    faults=Faults(incoming=_notes_events),
    create=_haunted,
)
