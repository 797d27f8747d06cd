"""Wrong about what clients see, and about purge (ENG-H)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.frames import EMPTY, History
from dwconf.engine.core.instance import Instance
from dwconf.engine.core.messages import Code, Refusal
from dwconf.engine.mutants.mutant import Mutant
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


def _one_page(request: ListInstanceIDsRequest) -> None:
    """A list has one page, whatever size was asked for."""
    del request


MUTANTS = (
    Mutant(
        name="purges-running",
        breaks="engine/lifecycle/purge-running-fails",
        title="a running instance is purged",
        decisions=replace(REFERENCE, refuse_purge=_purges_running),
    ),
    Mutant(
        name="purges-nobody",
        breaks="engine/lifecycle/purge-unknown-fails",
        title="to purge an instance that does not exist is no error",
        decisions=replace(REFERENCE, refuse_purge=_purges_nobody),
    ),
    Mutant(
        name="purge-always-recursive",
        breaks="engine/lifecycle/purge-spares-children",
        title="every purge reaches the children",
        decisions=replace(REFERENCE, purges_children=_always_recursive),
    ),
    Mutant(
        name="purge-never-recursive",
        breaks="engine/lifecycle/recursive-purge",
        title="no purge reaches the children",
        decisions=replace(REFERENCE, purges_children=_never_recursive),
    ),
    Mutant(
        name="purge-force-ignored",
        breaks="engine/lifecycle/force-purge",
        title="a forced purge is refused like any other",
        decisions=replace(REFERENCE, honours_force=_force_ignored),
    ),
    Mutant(
        name="continuation-shown",
        breaks="engine/lifecycle/continued-as-new-never-shown",
        title="a continued instance shows as continued",
        decisions=replace(REFERENCE, visible_status=_shows_continuation),
    ),
    Mutant(
        name="pending-not-shown",
        breaks="engine/lifecycle/status-precedence",
        title="a pending instance shows as running",
        decisions=replace(REFERENCE, visible_status=_always_running),
    ),
    Mutant(
        name="everybody-exists",
        breaks="engine/lifecycle/get-unknown",
        title="an instance that does not exist is shown as an empty one",
        decisions=replace(REFERENCE, get_instance=_everybody_exists),
    ),
    Mutant(
        name="payloads-always-shown",
        breaks="engine/lifecycle/get-without-payloads",
        title="inputs and outputs are shown to those who did not ask",
        decisions=replace(REFERENCE, without_payloads=_payloads_always),
    ),
    Mutant(
        name="failure-always-shown",
        breaks="engine/lifecycle/get-without-payloads",
        title="failure details are shown to those who did not ask",
        decisions=replace(REFERENCE, without_payloads=_failure_shown),
    ),
    Mutant(
        name="output-never-shown",
        breaks="engine/lifecycle/get-with-payloads",
        title="the output is never shown",
        decisions=replace(REFERENCE, workflow_state=_no_output),
    ),
    Mutant(
        name="custom-status-never-shown",
        breaks="engine/lifecycle/get-with-payloads",
        title="the custom status is never shown",
        decisions=replace(REFERENCE, workflow_state=_no_custom_status),
    ),
    Mutant(
        name="unset-output-shown",
        breaks="engine/lifecycle/unset-stays-unset",
        title="an output that was never set is shown as null",
        decisions=replace(REFERENCE, workflow_state=_output_made_up),
    ),
    Mutant(
        name="creation-moves",
        breaks="engine/lifecycle/get-created-timestamp",
        title="the creation moves with each change",
        decisions=replace(REFERENCE, workflow_state=_created_later),
    ),
    Mutant(
        name="name-not-shown",
        breaks="engine/lifecycle/get-state-fields",
        title="the name is not shown",
        decisions=replace(REFERENCE, workflow_state=_nameless),
    ),
    Mutant(
        name="pending-name-not-shown",
        breaks="engine/lifecycle/pending-state-shown",
        title="the name and input of a pending instance are not shown",
        decisions=replace(REFERENCE, workflow_state=_pending_nameless),
    ),
    Mutant(
        name="started-before-the-start",
        breaks="engine/lifecycle/get-started-at",
        title="a pending instance has a time of its start",
        decisions=replace(REFERENCE, workflow_state=_started_at_once),
    ),
    Mutant(
        name="parent-not-shown",
        breaks="engine/children/parent-id-shown",
        title="the parent of a child is not shown",
        decisions=replace(REFERENCE, workflow_state=_parent_hidden),
    ),
    Mutant(
        name="wait-for-start-returns-early",
        breaks="engine/lifecycle/wait-for-start",
        title="waits for a start return at once",
        decisions=replace(REFERENCE, has_started=_at_once),
    ),
    Mutant(
        name="wait-for-completion-returns-early",
        breaks="engine/lifecycle/wait-for-completion",
        title="waits for an end return at once",
        decisions=replace(REFERENCE, has_ended=_at_once),
    ),
    Mutant(
        name="wait-ignores-canceled",
        breaks="engine/lifecycle/canceled-is-terminal",
        title="waits for an end do not know CANCELED",
        decisions=replace(REFERENCE, has_ended=_canceled_ignored),
    ),
    Mutant(
        name="wait-for-nobody-refused",
        breaks="engine/lifecycle/wait-unknown",
        title="to wait for nobody is an error, which is not what the profile says",
        decisions=replace(REFERENCE, refuse_wait=_wait_refused),
    ),
    Mutant(
        name="history-of-nobody",
        breaks="engine/lifecycle/history-unknown",
        title="the history of nobody is empty, which is not what the profile says",
        decisions=replace(REFERENCE, unknown_history=_empty_history),
    ),
    Mutant(
        name="history-hidden",
        breaks="engine/lifecycle/canonical-history",
        title="history cannot be read",
        decisions=replace(REFERENCE, shown_history=_no_history),
    ),
    Mutant(
        name="list-ends-early",
        breaks="engine/lifecycle/list-pages",
        title="a list ends with its first page",
        decisions=replace(REFERENCE, page=_first_page_only),
    ),
    Mutant(
        name="list-without-pages",
        breaks="engine/lifecycle/list-pages",
        title="a list has one page, which is not what the profile says",
        decisions=replace(REFERENCE, page_size=_one_page),
    ),
    Mutant(
        name="list-incomplete",
        breaks="engine/lifecycle/list-all",
        title="the first instance is left out of a list",
        decisions=replace(REFERENCE, page=_first_left_out),
    ),
)
