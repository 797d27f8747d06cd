"""Stalled instances: what keeps an instance from going on, what that leaves behind, and who is refused meanwhile.

An instance stalls when a turn of it cannot be done by whoever is there: its worker lacks the version that the instance
runs, or took other patches than history has (ENG-H-29, ENG-H-30), or the turn, or an activity that it asks for, would
not fit a message any more (ENG-C-33, ENG-D-14, ENG-H-31). Nothing of the answer counts then. History gets one
`executionStalled`, unless its last event says the same already (ENG-H-32); the queue stays as it is, so that the turn
can come again with the same events and with those that have come since (ENG-H-33).

It does not come again to the workers that are there: they would answer as before. It waits for a stream that is opened
later, or for an engine that is started again. So a stall ends in one way only, by a turn that is committed. A payload
that was too large is measured anew each time, and fits when the engine takes larger messages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dwconf.engine.core.instance import Instance, Stall
from dwconf.engine.core.messages import ActivityTask, Code, Effect, Hold, Refusal, Schedule
from dwconf.engine.core.moment import Moment
from dwconf.wire.codec import decode, encode
from dwconf.wire.values import (
    ActivityRequest,
    EventBody,
    ExecutionStalled,
    StalledReason,
    WorkflowResponse,
    WorkflowVersion,
    WorkflowVersionNotAvailable,
)

if TYPE_CHECKING:
    from dwconf.engine.core.decisions import Decisions

PERCENT = 95
"""How much of the largest message work may fill: the rest is for what a dispatch adds to it."""


# Causes.


def unsuitable(state: Instance, response: WorkflowResponse, rules: Decisions) -> Stall | None:
    """What of an answer shows that its worker cannot run this instance, or None."""
    return rules.version_unavailable(state, response) or rules.patch_mismatch(state, response.version)


def version_unavailable(state: Instance, response: WorkflowResponse) -> Stall | None:
    """ENG-H-30, VE-4: the worker does not have the version that the instance started with."""
    if not any(isinstance(action.body, WorkflowVersionNotAvailable) for action in response.actions):
        return None
    return Stall(StalledReason.VERSION_NOT_AVAILABLE, f"Version not available: {state.version_name or ''}")


def patch_mismatch(state: Instance, version: WorkflowVersion | None) -> Stall | None:
    """ENG-H-29, OL-6: an answer's patches begin with all those that history has, in their order."""
    current = version.patches if version is not None else ()
    if current[: len(state.patches)] == state.patches:
        return None
    recorded, taken = ", ".join(state.patches), ", ".join(current)
    description = f"Patch mismatch. History patches: [{recorded}], current patches: [{taken}]. "
    return Stall(StalledReason.PATCH_MISMATCH, description)


def turn_too_large(state: Instance, moment: Moment) -> Stall | None:
    """ENG-C-33, ENG-H-31: what a turn has to carry, whole, whatever of it this worker has already.

    The description does not tell how much that is: the stall itself adds to it, and what comes while it lasts, and with
    each of them the same cause would be news.
    """
    size = len(state.history.frames) + sum(len(event.data) for event in state.inbox) + len(state.incoming or b"")
    return None if _fits(size, moment) else _too_large("Workflow payload", moment)


def asks_too_much(effects: Iterable[Effect], moment: Moment, rules: Decisions) -> Stall | None:
    """ENG-D-14: the first of the activities that an answer asks for which is too large."""
    tasks = (effect.task for effect in effects if isinstance(effect, Schedule))
    return next((why for task in tasks if (why := rules.activity_too_large(task, moment)) is not None), None)


def activity_too_large(task: ActivityTask, moment: Moment) -> Stall | None:
    """ENG-D-14: an activity's request."""
    if _fits(len(task.request), moment):
        return None
    name = decode(ActivityRequest, task.request).name
    return _too_large(f"activity '{name}::{task.task_id}' payload", moment)


def _fits(size: int, moment: Moment) -> bool:
    limit = moment.site.max_message_bytes
    return limit is None or size <= limit * PERCENT // 100


def _too_large(what: str, moment: Moment) -> Stall:
    why = f"{what} exceeds {PERCENT}% of the largest message, {moment.site.max_message_bytes} bytes"
    return Stall(StalledReason.PAYLOAD_SIZE_EXCEEDED, f"{why}; restart the engine with a larger limit to resume")


# What a stall is.


def stall(state: Instance, why: Stall, moment: Moment, rules: Decisions) -> tuple[Instance, tuple[Effect, ...]]:
    """ENG-H-29, ENG-H-32: the answer is dropped, the cause recorded if it is news, and the turn held."""
    before = state.stalled
    body = rules.stalled_event(before, why)
    if body is None:
        return state, (Hold(),)
    event = encode(rules.inbound(body, moment, rules, None))
    return (
        replace(
            state,
            stalled=replace(why, recorded=1 if before is None else before.recorded + 1),
            updated_at=moment.now,
            history=rules.append(state.history, (event,)),
        ),
        (Hold(),),
    )


def stalled_event(before: Stall | None, why: Stall) -> ExecutionStalled | None:
    """ENG-H-32: reason and description; nothing when the last event of history says the same."""
    if before is not None and before.description == why.description:
        return None
    return ExecutionStalled(reason=why.reason, description=why.description)


def refuse_stalled(state: Instance, body: EventBody) -> Refusal | None:  # noqa: ARG001  (others look at the body)
    """ENG-F-09, ENG-H-32: nobody tells a stalled instance anything."""
    return None if state.stalled is None else Refusal(Code.FAILED_PRECONDITION, "workflow is stalled")


def news(recorded: Sequence[str], patches: Sequence[str]) -> tuple[str, ...]:
    """ENG-C-19: the patches that history has not yet, each as often as it was taken more often than there."""
    known = Counter(recorded)
    new = []
    for patch in patches:
        if known[patch]:
            known[patch] -= 1
        else:
            new.append(patch)
    return tuple(new)
