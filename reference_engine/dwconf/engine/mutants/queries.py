"""Wrong about what clients see, and about purge (ENG-H)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.frames import EMPTY, History
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.values import (
    GetInstanceResponse,
    ListInstanceIDsRequest,
    ListInstanceIDsResponse,
    OrchestrationStatus,
    PurgeInstancesRequest,
    WorkflowState,
)


def _purges_running(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """A running instance is purged without force."""
    return None if state is not None else REFERENCE.refuse_purge(state, rules, force=force)


def _purges_nobody(state: Instance | None, rules: Decisions, *, force: bool) -> Refusal | None:
    """To purge an instance that does not exist is no error."""
    return None if state is None else REFERENCE.refuse_purge(state, rules, force=force)


def _always_recursive(request: PurgeInstancesRequest) -> bool:
    """Every purge reaches the children."""
    del request
    return True


def _never_recursive(request: PurgeInstancesRequest) -> bool:
    """No purge reaches the children."""
    del request
    return False


def _force_ignored() -> bool:
    """Force has no meaning, which is not what the profile says."""
    return False


def _shows_continuation(state: Instance) -> OrchestrationStatus:
    """A continued instance shows that it has continued."""
    if state.renewed and state.status == OrchestrationStatus.RUNNING:
        return OrchestrationStatus.CONTINUED_AS_NEW
    return state.status


def _always_running(state: Instance) -> OrchestrationStatus:
    """A pending instance shows as running."""
    return OrchestrationStatus.RUNNING if state.status == OrchestrationStatus.PENDING else state.status


def _everybody_exists(state: Instance | None, rules: Decisions, *, payloads: bool) -> GetInstanceResponse:
    """An instance that does not exist is shown as an empty one."""
    if state is None:
        return GetInstanceResponse(exists=True, workflow_state=WorkflowState())
    return REFERENCE.get_instance(state, rules, payloads=payloads)


def _payloads_always(shown: WorkflowState) -> WorkflowState:
    """Inputs and outputs are shown to those who did not ask."""
    return shown


def _failure_shown(shown: WorkflowState) -> WorkflowState:
    """Failure details are shown to those who did not ask."""
    return replace(REFERENCE.without_payloads(shown), failure_details=shown.failure_details)


def _no_output(state: Instance, rules: Decisions) -> WorkflowState:
    """The output is never shown."""
    return replace(REFERENCE.workflow_state(state, rules), output=None)


def _no_custom_status(state: Instance, rules: Decisions) -> WorkflowState:
    """The custom status is never shown."""
    return replace(REFERENCE.workflow_state(state, rules), custom_status=None)


def _output_made_up(state: Instance, rules: Decisions) -> WorkflowState:
    """An output that is unset shows as null."""
    shown = REFERENCE.workflow_state(state, rules)
    return replace(shown, output="null" if shown.output is None else shown.output)


def _created_later(state: Instance, rules: Decisions) -> WorkflowState:
    """The creation moves with each change."""
    return replace(REFERENCE.workflow_state(state, rules), created_timestamp=state.updated_at + 1)


def _nameless(state: Instance, rules: Decisions) -> WorkflowState:
    """The name is not shown."""
    return replace(REFERENCE.workflow_state(state, rules), name="")


def _pending_nameless(state: Instance, rules: Decisions) -> WorkflowState:
    """The name and input of a pending instance are not shown."""
    shown = REFERENCE.workflow_state(state, rules)
    return replace(shown, name="", input=None) if state.status == OrchestrationStatus.PENDING else shown


def _started_at_once(state: Instance, rules: Decisions) -> WorkflowState:
    """A pending instance has a time of its start."""
    return replace(REFERENCE.workflow_state(state, rules), started_at=state.created_at)


def _parent_hidden(state: Instance, rules: Decisions) -> WorkflowState:
    """The parent of a child is not shown."""
    return replace(REFERENCE.workflow_state(state, rules), parent_instance_id=None, parent_app_id=None)


def _at_once(state: Instance, rules: Decisions) -> bool:
    """Does not wait for what it promises."""
    del state, rules
    return True


def _canceled_ignored(state: Instance, rules: Decisions) -> bool:
    """Waits for an end do not know CANCELED."""
    return state.status != OrchestrationStatus.CANCELED and REFERENCE.has_ended(state, rules)


def _wait_refused(instance_id: str) -> Refusal:
    """To wait for an instance that does not exist is an error, which is not what the profile says."""
    del instance_id
    return Refusal(Code.NOT_FOUND, "no such instance exists")


def _empty_history(instance_id: str) -> bytes:
    """The history of nobody is empty, which is not what the profile says."""
    del instance_id
    return b""


def _no_history(state: Instance) -> History:
    """History cannot be read."""
    del state
    return EMPTY


def _first_page_only(ids: Sequence[str], size: int | None) -> ListInstanceIDsResponse:
    """A list ends with its first page."""
    return replace(REFERENCE.page(ids, size), continuation_token=None)


def _first_left_out(ids: Sequence[str], size: int | None) -> ListInstanceIDsResponse:
    """The first instance is left out of every page."""
    shown = REFERENCE.page(ids, size)
    return replace(shown, instance_ids=shown.instance_ids[1:])


def _no_children(ids: Sequence[str], size: int | None) -> ListInstanceIDsResponse:
    """Children are left out of a list."""
    return REFERENCE.page([name for name in ids if ":" not in name], size)


def _one_page(request: ListInstanceIDsRequest) -> None:
    """A list has one page, whatever size was asked for."""
    del request


mutant(
    "purges-running",
    "engine/lifecycle/purge-running-fails",
    "a running instance is purged",
    refuse_purge=_purges_running,
)
mutant(
    "purges-nobody",
    "engine/lifecycle/purge-unknown-fails",
    "to purge an instance that does not exist is no error",
    refuse_purge=_purges_nobody,
)
mutant(
    "purge-always-recursive",
    "engine/lifecycle/purge-spares-children",
    "every purge reaches the children",
    purges_children=_always_recursive,
)
mutant(
    "purge-never-recursive",
    "engine/lifecycle/recursive-purge",
    "no purge reaches the children",
    purges_children=_never_recursive,
)
mutant(
    "purge-force-ignored",
    "engine/lifecycle/force-purge",
    "a forced purge is refused like any other",
    honours_force=_force_ignored,
)
mutant(
    "continuation-shown",
    "engine/lifecycle/continued-as-new-never-shown",
    "a continued instance shows as continued",
    visible_status=_shows_continuation,
)
mutant(
    "pending-not-shown",
    "engine/lifecycle/status-precedence",
    "a pending instance shows as running",
    visible_status=_always_running,
)
mutant(
    "everybody-exists",
    "engine/lifecycle/get-unknown",
    "an instance that does not exist is shown as an empty one",
    get_instance=_everybody_exists,
)
mutant(
    "payloads-always-shown",
    "engine/lifecycle/get-without-payloads",
    "inputs and outputs are shown to those who did not ask",
    without_payloads=_payloads_always,
)
mutant(
    "failure-always-shown",
    "engine/lifecycle/get-without-payloads",
    "failure details are shown to those who did not ask",
    without_payloads=_failure_shown,
)
mutant(
    "output-never-shown", "engine/lifecycle/get-with-payloads", "the output is never shown", workflow_state=_no_output
)
mutant(
    "custom-status-never-shown",
    "engine/lifecycle/get-with-payloads",
    "the custom status is never shown",
    workflow_state=_no_custom_status,
)
mutant(
    "unset-output-shown",
    "engine/lifecycle/unset-stays-unset",
    "an output that was never set is shown as null",
    workflow_state=_output_made_up,
)
mutant(
    "creation-moves",
    "engine/lifecycle/get-created-timestamp",
    "the creation moves with each change",
    workflow_state=_created_later,
)
mutant("name-not-shown", "engine/lifecycle/get-state-fields", "the name is not shown", workflow_state=_nameless)
mutant(
    "pending-name-not-shown",
    "engine/lifecycle/pending-state-shown",
    "the name and input of a pending instance are not shown",
    workflow_state=_pending_nameless,
)
mutant(
    "started-before-the-start",
    "engine/lifecycle/get-started-at",
    "a pending instance has a time of its start",
    workflow_state=_started_at_once,
)
mutant(
    "parent-not-shown",
    "engine/children/parent-id-shown",
    "the parent of a child is not shown",
    workflow_state=_parent_hidden,
)
mutant(
    "wait-for-start-returns-early",
    "engine/lifecycle/wait-for-start",
    "waits for a start return at once",
    has_started=_at_once,
)
mutant(
    "wait-for-completion-returns-early",
    "engine/lifecycle/wait-for-completion",
    "waits for an end return at once",
    has_ended=_at_once,
)
mutant(
    "wait-ignores-canceled",
    "engine/lifecycle/canceled-is-terminal",
    "waits for an end do not know CANCELED",
    has_ended=_canceled_ignored,
)
mutant(
    "wait-for-nobody-refused",
    "engine/lifecycle/wait-unknown",
    "to wait for nobody is an error, which is not what the profile says",
    refuse_wait=_wait_refused,
)
mutant(
    "history-of-nobody",
    "engine/lifecycle/history-unknown",
    "the history of nobody is empty, which is not what the profile says",
    unknown_history=_empty_history,
)
mutant("history-hidden", "engine/lifecycle/canonical-history", "history cannot be read", shown_history=_no_history)
mutant("list-ends-early", "engine/lifecycle/list-pages", "a list ends with its first page", page=_first_page_only)
mutant(
    "list-without-pages",
    "engine/lifecycle/list-pages",
    "a list has one page, which is not what the profile says",
    page_size=_one_page,
)
mutant("list-without-children", "engine/lifecycle/list-all", "children are left out of a list", page=_no_children)
mutant("list-incomplete", "engine/lifecycle/list-all", "the first instance is left out of a list", page=_first_left_out)
