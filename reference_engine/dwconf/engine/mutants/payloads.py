"""Wrong about what it must not touch: names, inputs, results, failures, and the length of what it keeps.

Each keeps what is short and plain (ENG-B-05, ENG-C-04, ENG-C-13, ENG-D-01 to ENG-D-03, ENG-F-01, ENG-G-03, ENG-H-14).
"""

from __future__ import annotations

from dataclasses import replace

from dwconf.engine.core.decisions import REFERENCE, Decisions
from dwconf.engine.core.frames import PAST_EVENTS, History, joined, skip, split
from dwconf.engine.core.instance import Instance, Parent, Queued
from dwconf.engine.core.messages import ActivityTask, Turn
from dwconf.engine.core.moment import Moment
from dwconf.engine.mutants.registry import mutant
from dwconf.wire.values import (
    ActivityRequest,
    ActivityResponse,
    ChildWorkflowInstanceCompleted,
    ChildWorkflowInstanceFailed,
    CompleteWorkflow,
    CreateInstanceRequest,
    EventRaised,
    ExecutionCompleted,
    ExecutionStarted,
    RaiseEventRequest,
    TaskCompleted,
    TaskFailed,
    TaskFailureDetails,
    TaskScheduled,
    TraceContext,
    WorkflowState,
)

COLUMN = 65_535
"""What a text column of the common kind holds."""
PAGE, BATCH = 100, 16


def cut(text: str | None) -> str | None:
    """A text is stored in a column."""
    return text if text is None else text[:COLUMN]


def trimmed(text: str | None) -> str | None:
    """Blanks around a text are lost."""
    return text if text is None else text.strip()


def shallow(details: TaskFailureDetails | None) -> TaskFailureDetails | None:
    """Of a failure's causes the first is kept."""
    if details is None or details.inner_failure is None:
        return details
    return replace(details, inner_failure=replace(details.inner_failure, inner_failure=None))


def _start_trimmed(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """The input of a start loses the blanks around it."""
    body = REFERENCE.started_body(request, instance_id, execution_id)
    return replace(body, input=trimmed(body.input))


def _start_cut(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """The input of a start is cut."""
    body = REFERENCE.started_body(request, instance_id, execution_id)
    return replace(body, input=cut(body.input))


def _without_namespace(request: CreateInstanceRequest, instance_id: str, execution_id: str) -> ExecutionStarted:
    """Of a workflow's name the last part counts."""
    body = REFERENCE.started_body(request, instance_id, execution_id)
    return replace(body, name=body.name.rpartition(".")[2])


def _activity_cut(
    state: Instance, scheduled: TaskScheduled, task_id: int, trace: TraceContext | None
) -> ActivityRequest:
    """The input of an activity is cut."""
    body = REFERENCE.activity_request(state, scheduled, task_id, trace)
    return replace(body, input=cut(body.input))


def _result_cut(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """The result of an activity is cut."""
    body = REFERENCE.outcome(task, response)
    return replace(body, result=cut(body.result)) if isinstance(body, TaskCompleted) else body


def _line_ends(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """The line ends of a result are made those of Unix."""
    body = REFERENCE.outcome(task, response)
    if isinstance(body, TaskCompleted) and body.result is not None:
        return replace(body, result=body.result.replace("\r\n", "\n"))
    return body


def _failure_shallow(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """Of a failure's causes the first is kept."""
    body = REFERENCE.outcome(task, response)
    return replace(body, failure_details=shallow(body.failure_details)) if isinstance(body, TaskFailed) else body


def _stack_cut(task: ActivityTask, response: ActivityResponse) -> TaskCompleted | TaskFailed:
    """A stack trace is cut."""
    body = REFERENCE.outcome(task, response)
    if isinstance(body, TaskFailed) and body.failure_details is not None:
        details = body.failure_details
        return replace(body, failure_details=replace(details, stack_trace=(details.stack_trace or "")[:1024] or None))
    return body


def _raised_cut(request: RaiseEventRequest) -> EventRaised:
    """The payload of an event is cut."""
    return replace(REFERENCE.raised(request), input=cut(request.input))


def _ending_shallow(action: CompleteWorkflow) -> ExecutionCompleted:
    """Of a workflow's failure the first cause is recorded."""
    body = REFERENCE.execution_completed(action)
    return replace(body, failure_details=shallow(body.failure_details))


def _no_result_beside_failure(action: CompleteWorkflow) -> ExecutionCompleted:
    """A failure leaves no result."""
    body = REFERENCE.execution_completed(action)
    return body if body.failure_details is None else replace(body, result=None)


def _child_shallow(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """A parent is told no cause of its child's failure."""
    body = REFERENCE.child_outcome(parent, ending)
    if isinstance(body, ChildWorkflowInstanceFailed) and body.failure_details is not None:
        return replace(body, failure_details=replace(body.failure_details, inner_failure=None))
    return body


def _child_without_empty(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """A child's empty result is none."""
    body = REFERENCE.child_outcome(parent, ending)
    return replace(body, result=body.result or None) if isinstance(body, ChildWorkflowInstanceCompleted) else body


def _child_always_empty(
    parent: Parent, ending: ExecutionCompleted
) -> ChildWorkflowInstanceCompleted | ChildWorkflowInstanceFailed:
    """A child without a result has an empty one."""
    body = REFERENCE.child_outcome(parent, ending)
    return replace(body, result=body.result or "") if isinstance(body, ChildWorkflowInstanceCompleted) else body


def _input_kept(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """A generation that is given no input has the one before's."""
    body = REFERENCE.next_start(state, completion, moment)
    return replace(body, input=state.start.input) if body.input is None else body


def _input_never_unset(state: Instance, completion: CompleteWorkflow, moment: Moment) -> ExecutionStarted:
    """A generation that is given no input has an empty one."""
    body = REFERENCE.next_start(state, completion, moment)
    return replace(body, input=body.input or "")


def _shown_shallow(state: Instance, rules: Decisions) -> WorkflowState:
    """Of a failure's causes a query shows the first."""
    shown = REFERENCE.workflow_state(state, rules)
    return replace(shown, failure_details=shallow(shown.failure_details))


def _output_early(state: Instance, rules: Decisions) -> WorkflowState:
    """What runs shows its custom status as its output."""
    shown = REFERENCE.workflow_state(state, rules)
    return shown if state.ending is not None else replace(shown, output=shown.custom_status)


def _never_updated(state: Instance, rules: Decisions) -> WorkflowState:
    """The last update is the creation."""
    shown = REFERENCE.workflow_state(state, rules)
    return replace(shown, last_updated_timestamp=shown.created_timestamp)


def _newest_only(history: History) -> bytes:
    """Of a long past the newest hundred events are sent."""
    return skip(history.frames, max(0, history.events - PAGE))


def _first_page(state: Instance) -> History:
    """Of a long history the first hundred events are shown."""
    frames = list(split(state.history.frames))[:PAGE]
    return replace(state.history, frames=joined(PAST_EVENTS, frames), events=len(frames))


def _sixteen(inbox: tuple[Queued, ...]) -> tuple[Queued, ...]:
    """A turn takes sixteen events."""
    return REFERENCE.batch(inbox)[:BATCH]


def _none_left(inbox: tuple[Queued, ...], turn: Turn) -> tuple[Queued, ...]:
    """Whatever a full turn did not take is forgotten with what it took."""
    return REFERENCE.remaining(inbox, turn) if len(turn.events) < BATCH else ()


mutant(
    "start-input-trimmed",
    "engine/start/input-presence-kept",
    "blanks around the input of a start are lost",
    started_body=_start_trimmed,
)
mutant(
    "start-input-cut",
    "engine/start/input-presence-kept",
    "the input of a start is cut at 65535 characters",
    started_body=_start_cut,
)
mutant(
    "names-without-namespace",
    "engine/start/started-event-fields",
    "of a workflow's name the last part counts",
    started_body=_without_namespace,
)
mutant(
    "activity-input-cut",
    "engine/activities/request-fields",
    "the input of an activity is cut at 65535 characters",
    activity_request=_activity_cut,
)
mutant(
    "activity-result-cut",
    "engine/activities/completion-becomes-event",
    "the result of an activity is cut at 65535 characters",
    outcome=_result_cut,
)
mutant(
    "activity-line-ends",
    "engine/activities/completion-becomes-event",
    "line ends in a result are written anew",
    outcome=_line_ends,
)
mutant(
    "activity-failure-shallow",
    "engine/activities/failure-becomes-event",
    "of a failure's causes the first is kept",
    outcome=_failure_shallow,
)
mutant(
    "activity-stack-cut",
    "engine/activities/failure-becomes-event",
    "the stack trace of a failure is cut",
    outcome=_stack_cut,
)
mutant(
    "event-payload-cut",
    "engine/events/raised-event-delivered",
    "the payload of an event is cut at 65535 characters",
    raised=_raised_cut,
)
mutant(
    "ending-shallow",
    "engine/turns/complete-recorded",
    "of a workflow's failure the first cause is recorded",
    execution_completed=_ending_shallow,
)
mutant(
    "no-result-beside-failure",
    "engine/turns/complete-recorded",
    "a result beside a failure is lost",
    execution_completed=_no_result_beside_failure,
)
mutant(
    "child-failure-without-cause",
    "engine/children/child-failure",
    "a parent is told no cause of its child's failure",
    child_outcome=_child_shallow,
)
mutant(
    "child-empty-result-lost",
    "engine/children/child-completion",
    "a child's empty result is none",
    child_outcome=_child_without_empty,
)
mutant(
    "child-result-always-set",
    "engine/children/child-completion",
    "a child without a result has an empty one",
    child_outcome=_child_always_empty,
)
mutant(
    "generation-input-kept",
    "engine/lifecycle/continue-as-new-restarts",
    "a generation without input has the one before's",
    next_start=_input_kept,
)
mutant(
    "generation-input-always-set",
    "engine/lifecycle/continue-as-new-restarts",
    "a generation without input has an empty one",
    next_start=_input_never_unset,
)
mutant(
    "shown-failure-shallow",
    "engine/lifecycle/get-with-payloads",
    "of a failure's causes a query shows the first",
    workflow_state=_shown_shallow,
)
mutant(
    "output-before-the-end",
    "engine/lifecycle/unset-stays-unset",
    "what runs shows an output",
    workflow_state=_output_early,
)
mutant(
    "never-updated",
    "engine/lifecycle/get-state-fields",
    "the last update is the creation",
    workflow_state=_never_updated,
)
mutant(
    "long-past-cut",
    "engine/turns/past-is-history",
    "of a long past the newest hundred events are sent",
    past_events=_newest_only,
)
mutant(
    "long-history-cut",
    "engine/turns/past-is-history",
    "of a long history the first hundred events are shown",
    shown_history=_first_page,
)
mutant(
    "batch-forgets-the-rest",
    "engine/turns/no-event-lost",
    "of many events that wait sixteen are taken, and the rest is forgotten",
    batch=_sixteen,
    remaining=_none_left,
)
