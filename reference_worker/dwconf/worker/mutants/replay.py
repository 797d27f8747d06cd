"""Workers that break rules of the chapter replay."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count

from dwconf.wire import values as v
from dwconf.worker.core.children import child_instance_id
from dwconf.worker.core.clock import turn_time
from dwconf.worker.core.connection import endpoint_address
from dwconf.worker.core.decisions import Actions
from dwconf.worker.core.failures import NonDeterminismError
from dwconf.worker.core.jsontext import Json, write_input, write_result
from dwconf.worker.core.ledger import Issued, Record, must_be_issued, subject, unrecorded
from dwconf.worker.core.settlement import Settlement
from dwconf.worker.mutants.registry import mutant


def same_id_for_all(issued: Iterable[Issued]) -> Actions:
    """Gives every action of an answer the same id."""
    actions = unrecorded(issued)
    return tuple(replace(action, id=actions[0].id) for action in actions)


def counts_each_turn(issued: Iterable[Issued]) -> Actions:
    """Numbers the actions of every answer from nought."""
    return tuple(replace(action, id=number) for number, action in enumerate(unrecorded(issued)))


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


def first_turn_time(before: v.Nanos, event: v.HistoryEvent) -> v.Nanos:
    """Lets the clock stand still at the first turn."""
    return before or turn_time(before, event)


def time_of_any_event(before: v.Nanos, event: v.HistoryEvent) -> v.Nanos:
    """Sets the clock by every event that has a time."""
    return event.timestamp or before


def keeping_the_last_status() -> Callable[[str | None, bool], str | None]:
    """Shows the custom status that was set last, whichever instance set it."""
    last: list[str] = []

    def shown(status: str | None, suspended: bool) -> str | None:  # noqa: FBT001  (the decision's inputs)
        del suspended
        last[:] = last if status is None else [status]
        return last[0] if last else None

    return shown


def timers_need_not_be_issued(record: Record) -> bool:
    """Overlooks a recorded timer that the code never asked for."""
    return must_be_issued(record) and not isinstance(record, v.TimerCreated)


def children_need_not_be_issued(record: Record) -> bool:
    """Overlooks a recorded child that the code never asked for."""
    return must_be_issued(record) and not isinstance(record, v.ChildWorkflowInstanceCreated)


def the_last_id(used: int) -> int:
    """Completes under the id of the last action."""
    return max(used - 1, 0)


def backwards(actions: Actions) -> Actions:
    """Lists the newest action first."""
    return tuple(reversed(actions))


def the_next_one(settlement: Settlement) -> int:
    """Looks for the task of a completion one id further on."""
    return subject(settlement) + 1


def new_ids_each_time() -> Callable[[v.WorkflowRequest], int]:
    """Remembers which turns it has seen, and counts from a hundred in one that it sees again."""
    seen: set[tuple[str, int, int]] = set()

    def first_id(request: v.WorkflowRequest) -> int:
        turn = (request.instance_id, len(request.past_events), len(request.new_events))
        known = turn in seen
        seen.add(turn)
        return 100 if known else 0

    return first_id


def counted() -> Callable[[Json], str | None]:
    """Puts a number into every input that no other call has."""
    calls = count()
    return lambda value: write_input([value, next(calls)])


def never_replaying(in_past: bool) -> bool:  # noqa: FBT001  (that is the point)
    """Says that it never replays."""
    return False


def always_replaying(in_past: bool) -> bool:  # noqa: FBT001  (that is the point)
    """Says that it always replays."""
    return True


def only_when_new(in_past: bool) -> bool:  # noqa: FBT001  (the decision's one input)
    """Overlooks a start among past events."""
    return not in_past


def only_when_past(in_past: bool) -> bool:  # noqa: FBT001  (the decision's one input)
    """Overlooks a start among new events."""
    return in_past


def wall_clock(now: v.Nanos) -> v.Nanos:
    """Shows the time of the machine."""
    return time.time_ns()


def not_after_the_end(record: Record) -> bool:
    """Compares nothing once the code has ended."""
    return False


def drops_early(settlement: Settlement) -> bool:
    """Drops a completion for which nobody waits yet."""
    return False


def drops_early_timers(settlement: Settlement) -> bool:
    """Drops a timer that fires before the code has started it."""
    return not isinstance(settlement, v.TimerFired)


def drops_early_children(settlement: Settlement) -> bool:
    """Drops a child's completion for which nobody waits yet."""
    return not isinstance(settlement, v.ChildWorkflowInstanceCompleted)


def drops_early_failures(settlement: Settlement) -> bool:
    """Drops a failure for which nobody waits yet."""
    return not isinstance(settlement, v.TaskFailed)


def refuses_unknown(settlement: Settlement) -> bool:
    """Takes a completion of nothing for a contradiction."""
    raise NonDeterminismError(f"nobody asked for {settlement}")


def refuses(*kinds: type[v.EventBody]) -> Callable[[v.EventBody], None]:
    """Takes events of these kinds for contradictions."""

    def neutral(body: v.EventBody) -> None:
        if isinstance(body, kinds):
            raise NonDeterminismError(f"{type(body).__name__} is not expected")

    return neutral


def sent_events_too(record: Record) -> bool:
    """Wants to have sent every event that history says was sent."""
    return must_be_issued(record) or isinstance(record, v.EventSent)


def only_after_a_suspend(held: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Takes a resume for a contradiction when it kept nothing."""
    if not held:
        raise NonDeterminismError("a resume, and nothing to resume")
    return held


def wants_new_events(request: v.WorkflowRequest) -> str:
    """Refuses a turn without new events."""
    if not request.new_events:
        raise NonDeterminismError("a turn without new events")
    return request.instance_id


def first_result_for_all() -> Callable[[Json], str | None]:
    """Remembers the first result of all, and gives it to every other workflow as well."""
    results: list[str | None] = []

    def write(value: Json) -> str | None:
        results.append(write_result(value))
        return results[0]

    return write


def no_token(token: str) -> str:
    """Sends no token."""
    return ""


def silent_on_failure(response: v.WorkflowResponse) -> tuple[v.WorkflowResponse, ...]:
    """Does not answer a turn that failed."""
    ends = (a.body for a in response.actions if isinstance(a.body, v.CompleteWorkflow))
    return () if any(end.workflow_status == v.OrchestrationStatus.FAILED for end in ends) else (response,)


def answers_twice(response: v.WorkflowResponse) -> tuple[v.WorkflowResponse, ...]:
    """Answers every turn twice."""
    return response, response


def silent_without_actions(response: v.WorkflowResponse) -> tuple[v.WorkflowResponse, ...]:
    """Does not answer a turn in which nothing happened."""
    return (response,) if response.actions else ()


def another_token(token: str) -> str:
    """Sends a token that nobody gave it."""
    return f"{token}-other"


def refuses_repeated(settlement: Settlement) -> bool:
    """Takes a second completion for a contradiction."""
    raise NonDeterminismError(f"completed before: {settlement}")


def one_behind() -> Callable[[str], str]:
    """Answers with the token of the item before."""
    tokens: list[str] = []

    def answered(token: str) -> str:
        tokens.append(token)
        return tokens[-2] if len(tokens) > 1 else token

    return answered


def silent_on_contradiction(action: v.WorkflowAction) -> Actions:
    """Says nothing when code and history disagree."""
    end = action.body
    details = end.failure_details if isinstance(end, v.CompleteWorkflow) else None
    return () if details is not None and details.error_type == NonDeterminismError.__name__ else (action,)


def raised_last(events: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Takes what was raised after everything else in its turn."""
    return sorted(events, key=lambda event: isinstance(event.body, v.EventRaised))


def backwards_after_the_start(events: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Takes what comes with a start the last one first."""
    opening = 1 + any(isinstance(event.body, v.ExecutionStarted) for event in events)
    return (*events[:opening], *(reversed(events[opening:]) if opening > 1 else events[opening:]))


def one_of_each(events: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Takes one event of a name in a turn, and drops others."""
    names: dict[str, v.HistoryEvent] = {}
    raised = [event for event in events if isinstance(event.body, v.EventRaised)]
    for event in raised:
        if isinstance(event.body, v.EventRaised):
            names.setdefault(event.body.name, event)
    return [event for event in events if event not in raised or event in names.values()]


def lost_after_an_event(events: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Drops what follows a raised event in the same turn, unless that was raised too."""
    before = (None, *events)
    return [
        event
        for event, last in zip(events, before, strict=False)
        if last is None or not isinstance(last.body, v.EventRaised) or isinstance(event.body, v.EventRaised)
    ]


def two_outcomes(events: Sequence[v.HistoryEvent]) -> Sequence[v.HistoryEvent]:
    """Takes the beginning of a turn and two more events, and leaves the others to its next turn's past."""
    beginning = (v.WorkflowStarted, v.ExecutionStarted)
    further = [event for event in events if not isinstance(event.body, beginning)]
    return [event for event in events if event not in further[2:]]


def named_by_the_process(change: Callable[[str], str]) -> dict[str, Callable[..., str]]:
    """Names children by a number that each process has of its own, and that `change` makes part of the name."""
    processes = count()
    current = ""

    def address(environment: Mapping[str, str]) -> str:
        nonlocal current
        current = change(str(next(processes)))
        return endpoint_address(environment)

    def child(parent: str, action_id: int) -> str:
        return f"{child_instance_id(parent, action_id)}{current}"

    return {"endpoint_address": address, "child_instance_id": child}


mutant(
    "one-id-for-all",
    "worker/replay/action-ids-unique",
    "gives every action the same id",
    unrecorded=same_id_for_all,
)
mutant(
    "counts-ids-in-each-turn",
    "worker/replay/action-ids-unique",
    "begins to count ids anew in every turn",
    unrecorded=counts_each_turn,
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
    "status-of-any-instance",
    "worker/replay/no-state-between-items",
    "shows the custom status that another instance has set",
    shown_status=keeping_the_last_status(),
)
mutant(
    "overlooks-missing-timers",
    "worker/replay/missing-action-fails",
    "does not notice a recorded timer that the code never asked for",
    must_be_issued=timers_need_not_be_issued,
)
mutant(
    "overlooks-missing-children",
    "worker/replay/missing-action-fails",
    "does not notice a recorded child that the code never asked for",
    must_be_issued=children_need_not_be_issued,
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
    "clock-of-any-event",
    "worker/replay/workflow-clock",
    "takes the time of any event for that of the turn",
    turn_time=time_of_any_event,
)
mutant(
    "foreign-turn-token",
    "worker/replay/no-foreign-token",
    "answers turns with a token of its own making",
    answered_token=another_token,
)
mutant(
    "completes-under-last-id",
    "worker/replay/completion-id-unique",
    "gives the completion the id of the last action",
    completion_id=the_last_id,
)
mutant(
    "actions-backwards",
    "worker/replay/actions-in-id-order",
    "lists the newest action first",
    in_order=backwards,
)
mutant(
    "resolves-the-next-task",
    "worker/replay/created-events-retire-actions",
    "takes a completion for one of the next task",
    subject=the_next_one,
)
mutant(
    "other-ids-when-repeated",
    "worker/replay/redelivery-same-actions",
    "counts from another id in a turn that it has seen before",
    first_id=new_ids_each_time(),
)
mutant(
    "inputs-with-a-count",
    "worker/replay/same-history-same-actions",
    "adds a number to inputs that is another on each replay",
    write_activity_input=counted(),
)
mutant(
    "never-replaying",
    "worker/replay/replaying-flag",
    "says that it never replays",
    is_replaying=never_replaying,
)
mutant(
    "always-replaying",
    "worker/replay/replaying-flag",
    "says that it always replays",
    is_replaying=always_replaying,
)
mutant(
    "starts-from-new-events-only",
    "worker/replay/start-in-past-or-new",
    "overlooks a start among past events",
    takes_start=only_when_new,
)
mutant(
    "starts-from-past-events-only",
    "worker/replay/start-in-past-or-new",
    "overlooks a start among new events",
    takes_start=only_when_past,
)
mutant(
    "wall-clock",
    "worker/replay/workflow-clock",
    "shows code the time of the machine",
    shown_time=wall_clock,
)
mutant(
    "compares-nothing-after-the-end",
    "worker/replay/early-finish-not-completed",
    "completes though history holds work that the code never asked for",
    checks_after_end=not_after_the_end,
)
mutant(
    "drops-early-completions",
    "worker/replay/early-resolution-kept",
    "drops a completion for which nobody waits yet",
    keeps_early=drops_early,
)
EARLY = "worker/replay/early-resolution-kept"
mutant("drops-early-timers", EARLY, "drops a timer that fires early", keeps_early=drops_early_timers)
mutant("drops-early-children", EARLY, "drops a child's completion that comes early", keeps_early=drops_early_children)
mutant("drops-early-failures", EARLY, "drops a failure that comes early", keeps_early=drops_early_failures)
mutant(
    "refuses-unknown-completions",
    "worker/replay/unknown-resolution-ignored",
    "fails on a completion of nothing",
    keeps_early=refuses_unknown,
)
mutant(
    "fails-on-a-stall",
    "worker/replay/stalled-event-tolerated",
    "fails when history holds a stall",
    neutral=refuses(v.ExecutionStalled),
)
mutant(
    "fails-on-a-turn-end",
    "worker/replay/neutral-events-tolerated",
    "fails when history holds the note that ends a turn",
    neutral=refuses(v.WorkflowCompleted),
)
mutant(
    "fails-on-a-sent-event",
    "worker/replay/neutral-events-tolerated",
    "fails when history holds an event that the code did not send",
    must_be_issued=sent_events_too,
)
mutant(
    "fails-on-a-lone-resume",
    "worker/replay/lone-resume-ignored",
    "fails when it is resumed and kept nothing",
    release=only_after_a_suspend,
)
mutant(
    "fails-on-an-empty-turn",
    "worker/replay/empty-turn-tolerated",
    "fails in a turn without new events",
    shown_instance=wants_new_events,
)
mutant(
    "first-result-for-all",
    "worker/replay/no-state-between-items",
    "gives every workflow the first result of all",
    write_workflow_result=first_result_for_all(),
)
mutant(
    "no-turn-token",
    "worker/replay/token-echoed",
    "answers turns without a token",
    answered_token=no_token,
)
mutant(
    "silent-on-failure",
    "worker/replay/one-answer-per-item",
    "does not answer a turn in which the workflow failed",
    workflow_answers=silent_on_failure,
)
mutant(
    "silent-without-actions",
    "worker/replay/one-answer-per-item",
    "does not answer a turn in which nothing happened",
    workflow_answers=silent_without_actions,
)
mutant(
    "answers-turns-twice",
    "worker/replay/one-answer-per-item",
    "answers every turn twice",
    workflow_answers=answers_twice,
)
mutant(
    "refuses-repeated-completions",
    "worker/replay/duplicate-resolution-ignored",
    "fails on a second completion of a task",
    takes_repeated=refuses_repeated,
)
mutant(
    "one-token-behind",
    "worker/replay/no-foreign-token",
    "answers with the token of the item before",
    answered_token=one_behind(),
)
mutant(
    "silent-on-contradiction",
    "worker/replay/early-finish-not-completed",
    "says nothing when code and history disagree",
    completions=silent_on_contradiction,
)
mutant(
    "takes-raised-events-last",
    "worker/replay/any-turns-same-actions",
    "takes the events that were raised after everything else in a turn",
    taken_of_turn=raised_last,
)
mutant(
    "takes-the-first-turn-backwards",
    "worker/replay/any-turns-same-actions",
    "takes what comes with the start the last one first",
    taken_of_turn=backwards_after_the_start,
)
mutant(
    "takes-one-event-of-a-name",
    "worker/replay/any-turns-same-actions",
    "drops all but the first event of a name in a turn",
    taken_of_turn=one_of_each,
)
mutant(
    "finds-records-in-past-events-only",
    "worker/replay/any-cut-same-actions",
    "overlooks what new events record of its actions",
    counts_record=only_when_past,
)
mutant(
    "names-children-by-process",
    "worker/replay/same-history-same-actions",
    "gives children ids that are others in another process",
    **named_by_the_process(lambda number: f"-{number}"),
)
mutant(
    "loses-what-follows-an-event",
    "worker/replay/programs-do-what-they-mean",
    "drops the outcome that follows a raised event in its turn",
    taken_of_turn=lost_after_an_event,
)
mutant(
    "takes-two-outcomes-at-most",
    "worker/replay/programs-do-what-they-mean",
    "takes two outcomes in a turn at most, and sees the others when they are past",
    taken_of_turn=two_outcomes,
)
