"""Wrong about what queries and waits show, where it takes more than one look (ENG-H)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.frames import split
from dwconf.engine.core.instance import Instance
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.codec import decode
from dwconf.wire.values import (
    ExecutionResumed,
    ExecutionSuspended,
    HistoryEvent,
    ListInstanceIDsResponse,
    OrchestrationStatus,
    WorkflowState,
)


def _suspended_for_ever(state: Instance) -> OrchestrationStatus:
    """An instance that ended while it was suspended still shows as suspended."""
    bodies = [decode(HistoryEvent, data).body for data in split(state.history.frames)]
    control = [body for body in bodies if isinstance(body, ExecutionSuspended | ExecutionResumed)]
    return OrchestrationStatus.SUSPENDED if control and isinstance(control[-1], ExecutionSuspended) else state.status


def _ended_counts(state: Instance, rules: Decisions) -> bool:
    """The waits look behind what is shown."""
    return rules.is_terminal(state.status)


mutant(
    "suspension-outlasts-the-end",
    "engine/lifecycle/status-precedence",
    "an instance that ended while suspended still shows as suspended",
    visible_status=_suspended_for_ever,
    has_ended=_ended_counts,
)


def _timeless(state: Instance, rules: Decisions) -> WorkflowState:
    """A state has no times."""
    return replace(REFERENCE.workflow_state(state, rules), last_updated_timestamp=None)


def _only_what_runs(state: Instance, rules: Decisions) -> bool:
    """A wait for the start does not see an instance that has ended."""
    return rules.visible_status(state) in (OrchestrationStatus.RUNNING, OrchestrationStatus.SUSPENDED)


LAST = "~"
"""Sorts behind every id."""


def _endless(ids: Sequence[str], size: int | None) -> ListInstanceIDsResponse:
    """A list never says that it has ended."""
    answer = REFERENCE.page(ids, size)
    return answer if answer.continuation_token else replace(answer, continuation_token=LAST)


mutant(
    "update-time-not-shown",
    "engine/lifecycle/get-state-fields",
    "a state does not show when it was last updated",
    workflow_state=_timeless,
)
mutant(
    "wait-for-start-misses-the-ended",
    "engine/lifecycle/wait-for-start",
    "a wait for the start goes on for an instance that has ended",
    has_started=_only_what_runs,
)
mutant(
    "list-without-end",
    "engine/lifecycle/list-pages",
    "a list never says that it has ended",
    page=_endless,
)
